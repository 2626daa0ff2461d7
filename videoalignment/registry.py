"""Classes by name: those of this package, loaded when they are first asked for, and any others."""

import importlib
import inspect
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from videoalignment.errors import OptionError

Kind = TypeVar("Kind")


class Registry(Mapping[str, Kind], Generic[Kind]):
    """Names of one kind of thing, e.g. models, and where each is defined.

    Listing the names imports nothing, and neither does `in`. A name of the form
    "package.module:Class" stands for that class of the user's own, whether or not it is listed.
    Its module may lie in the working folder.

    Args:
        kind: what is listed, one word for messages, e.g. "model".
        homes: "package.module:Class" by name.
        base: the class that all are subclasses of, as "package.module:Class"; anything goes where
            none is given.
    """

    def __init__(self, kind: str, homes: Mapping[str, str], base: str | None = None) -> None:
        self._kind = kind
        self._homes = dict(homes)
        self._base = base

    @property
    def homes(self) -> dict[str, str]:
        """The listed names, each with its "package.module:Class"."""
        return dict(self._homes)

    def __getitem__(self, name: str) -> Kind:
        """The class of that name.

        Raises:
            OptionError: there is none (a KeyError too), a user's module cannot be imported, or
                what it has under that name is no class of this kind.
        """
        home = self._homes.get(name, name)
        module_name, _, class_name = home.partition(":")
        if not (module_name and class_name):
            raise UnknownNameError(
                f"no {self._kind} {name!r}; there are {', '.join(self._homes)}, "
                "and package.module:Class for one of your own"
            )
        if name not in self._homes and (here := str(Path.cwd())) not in sys.path:
            sys.path.append(here)  # last, so that files there hide nothing that is installed
        try:
            module = importlib.import_module(module_name)
        except Exception as error:  # whatever a module does when it is imported
            why = "" if isinstance(error, ImportError) else f"{type(error).__name__}: "
            raise OptionError(
                f"{self._kind} {name!r}: {module_name} cannot be imported ({why}{error})"
            ) from error
        if not hasattr(module, class_name):
            raise OptionError(f"{self._kind} {name!r}: {module_name} has no {class_name}")
        found: Kind = getattr(module, class_name)
        self._check(name, found)
        return found

    def _check(self, name: str, found: Any) -> None:
        if self._base is None:
            return
        module_name, _, class_name = self._base.partition(":")
        base = getattr(importlib.import_module(module_name), class_name)
        if not (isinstance(found, type) and issubclass(found, base)):
            raise OptionError(
                f"{self._kind} {name!r}: expected a subclass of {module_name}.{class_name}"
            )
        if inspect.isabstract(found):
            lacking = ", ".join(sorted(found.__abstractmethods__))  # type: ignore[attr-defined]
            raise OptionError(f"{self._kind} {name!r}: the class lacks {lacking}")

    def __contains__(self, name: object) -> bool:
        """Whether a name is listed."""
        return name in self._homes

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)


class UnknownNameError(OptionError, KeyError):
    """A name that is not listed."""

    def __str__(self) -> str:
        return str(self.args[0])
