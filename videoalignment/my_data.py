"""Where each dataset lies. Edit here, or leave this file alone and name a root by

- an environment variable: VIDEOALIGNMENT_CLIMBING, VIDEOALIGNMENT_MADONNA, VIDEOALIGNMENT_VCDB,
  VIDEOALIGNMENT_EVVE, VIDEOALIGNMENT_VCSL, VIDEOALIGNMENT_VSC, and VIDEOALIGNMENT_PARTY for a
  class of your own called Party; or
- a TOML file, `videoalignment.toml` in the working folder or the one that VIDEOALIGNMENT_CONFIG
  names, with a table `[datasets]` and lines such as `VCDB = "/data/VCDB"`.

The environment goes before the TOML file, and that before this file. Demo needs none of them: it is
made on first use, in the cache folder.
"""

import os
import re
import sys
from pathlib import Path
from typing import Any

from videoalignment.errors import VideoAlignmentError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DATASETS: dict[str, str | None] = {
    "Climbing": "data/Climbing",
    "Madonna": "data/Madonna",
    "VCDB": "data/VCDB",
    "EVVE": "data/EVVE",
    "VCSL": "data/VCSL",
    "VSC": "data/VSC",
    "Demo": None,  # makes its own: videoalignment/datasets/make_demo.py
}


def dataset_root(name: str) -> Path:
    """The folder of a dataset.

    Raises:
        VideoAlignmentError: no folder is named or it does not exist, or the TOML file cannot be
            used.
    """
    root = configured_root(name)
    if root is None:
        raise VideoAlignmentError(
            f"{name}: no root is named, the dataset makes its own; set {_variable(name)}=FOLDER"
        )
    return root


def configured_root(name: str) -> Path | None:
    """Like `dataset_root`, None for a dataset that makes its own folder unless one is named."""
    root, source = _configured(name)
    if root is not None and not root.is_dir():
        raise VideoAlignmentError(
            f"{root}: no such folder, the root of {name} as {source} says; "
            f"set {_variable(name)}=FOLDER, or fetch the data as docs/datasets.md says"
        )
    return root


def _variable(name: str) -> str:
    return "VIDEOALIGNMENT_" + re.sub(r"\W", "_", name.upper())  # as shells can set it


def _configured(name: str) -> tuple[Path | None, str]:
    """A dataset's root, None where it makes its own, and what says so."""
    if value := os.environ.get(_variable(name)):
        return Path(value).expanduser(), f"the environment variable {_variable(name)}"
    config, roots = _config_roots()
    if name in roots:
        if not isinstance(roots[name], str):
            raise VideoAlignmentError(f"{config}: datasets.{name} must be a string")
        return Path(roots[name]).expanduser(), str(config)
    if name not in DATASETS:
        raise VideoAlignmentError(
            f"{name}: no root is known; set {_variable(name)}=FOLDER or add it to my_data.DATASETS"
        )
    root = DATASETS[name]
    return (Path(root).expanduser() if root else None), "videoalignment/my_data.py"


def _config_roots() -> tuple[Path, dict[str, Any]]:
    """The TOML file and its table [datasets], empty where there is no such file."""
    named = os.environ.get("VIDEOALIGNMENT_CONFIG")
    config = Path(named or "videoalignment.toml").expanduser()
    if not named and not config.exists():
        return config, {}
    try:
        tables = tomllib.loads(config.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise VideoAlignmentError(f"{config}: cannot be read ({reason})") from None
    except tomllib.TOMLDecodeError as error:
        raise VideoAlignmentError(f"{config}: not valid TOML: {error}") from None
    roots = tables.get("datasets", {})
    if not isinstance(roots, dict):
        raise VideoAlignmentError(f"{config}: [datasets] must be a table")
    return config, roots
