"""Classes by name: those of this package, loaded when they are first asked for, and any others."""

import importlib
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

from videoalignment.errors import OptionError

Kind = TypeVar("Kind")


class Registry(Mapping[str, Kind], Generic[Kind]):
    """Names of one kind of thing, e.g. models, and where each is defined.

    Listing the names imports nothing. A name of the form "package.module:Class" stands for that
    class of the user's own, whether or not it is listed.

    Args:
        kind: what is listed, one word for messages, e.g. "model".
        homes: "package.module:Class" by name.
    """

    def __init__(self, kind: str, homes: Mapping[str, str]) -> None:
        self._kind = kind
        self._homes = dict(homes)

    def __getitem__(self, name: str) -> Kind:
        """The class of that name.

        Raises:
            OptionError: there is none (a KeyError too), or a user's module cannot be imported.
        """
        home = self._homes.get(name, name)
        module_name, _, class_name = home.partition(":")
        if not class_name:
            raise UnknownNameError(
                f"no {self._kind} {name!r}; there are {', '.join(self._homes)}, "
                "and package.module:Class for one of your own"
            )
        try:
            return getattr(importlib.import_module(module_name), class_name)
        except ImportError as error:
            raise OptionError(
                f"{self._kind} {name!r}: {module_name} cannot be imported ({error})"
            ) from error
        except AttributeError:
            raise OptionError(f"{self._kind} {name!r}: {module_name} has no {class_name}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)


class UnknownNameError(OptionError, KeyError):
    """A name that is not listed."""

    def __str__(self) -> str:
        return str(self.args[0])
