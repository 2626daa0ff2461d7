"""The house: which room imports from which. A new module belongs to a room; a new room, to ROOMS.

Imports are read from the source, wherever they stand: those within functions and for type checkers
count too, since an arrow that runs upwards now and then still ties the lower room to the upper one.
Names that are looked up while the program runs are no arrows: registries of "package.module:Class",
with which a lower room lists what others may bring, and `importlib.import_module`.
"""

import ast
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "videoalignment"

ROOMS = {
    "ground": (
        *("errors", "text", "files", "devices", "workers", "progress", "intervals"),
        *("configurable", "provenance", "registry", "time_map", "torch_files", "version"),
    ),
    "numbers": (
        *("pca", "spectrum", "offset_curve", "temporal_match_kernel"),
        *("circulant_temporal_encoding", "matching"),
        *("models", "metrics", "score_normalisation", "periods", "learnt_kernel", "lamv_weights"),
        *("tmk_files", "tmk_scores", "tmk_pairs", "tmk_clusters", "tmk_kernels", "tmk_unfold"),
    ),
    "media": ("media",),
    "features": ("features",),
    "datasets": ("datasets", "my_data"),
    "align": ("align",),
    "index": ("index",),
    "train": ("train",),
    "eval": ("eval",),
    "present": ("present",),
    "cli": ("cli", "__main__", "threatexchange"),
    "face": ("__init__",),
}
"""The rooms from the ground up, each with its modules and packages at the top of the package.

Each imports from itself and from those above it in this list. The face is `videoalignment` itself,
which lists the names of all rooms, so that no room may import from it.
"""

ENTRANCES = ("__init__", "__main__")
"""No floors of their own: the first lists names, the second calls `cli`."""

MOST_FLOORS = 9
"""Of the longest chain in which each module or package at the top imports from the next."""

Arrows = Mapping[str, set[str]]
"""Modules by the names that they import; "align.search" is videoalignment/align/search.py."""


def read_arrows(package: Path) -> Arrows:
    """Read which modules of a package import which others of it."""
    files = {_module_name(path.relative_to(package)): path for path in package.rglob("*.py")}
    return {
        name: set(_imported(name, path, package.name, files.keys())) - {name}
        for name, path in files.items()
    }


def _module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def _imported(name: str, path: Path, package: str, modules: Iterable[str]) -> Iterable[str]:
    """The modules of the package that one of its files imports."""
    inside = [] if name == "__init__" else name.split(".")
    if path.name != "__init__.py":
        inside = inside[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = [package, *inside][: len(inside) + 2 - node.level] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            targets = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        for target in targets:
            if re.match(rf"{package}(\.|$)", target):
                yield _nearest_module(target.split(".")[1:], modules)


def _nearest_module(parts: list[str], modules: Iterable[str]) -> str:
    """The module that a dotted name is, or is defined in."""
    while parts and ".".join(parts) not in modules:
        parts = parts[:-1]
    return ".".join(parts) or "__init__"


def upward_arrows(arrows: Arrows, rooms: Mapping[str, Iterable[str]]) -> list[str]:
    """Imports from a room higher up."""
    floor = {top: number for number, tops in enumerate(rooms.values()) for top in tops}
    names = list(rooms)
    return [
        f"{name} ({names[floor[_top(name)]]}) imports {other} ({names[floor[_top(other)]]})"
        for name, others in arrows.items()
        for other in sorted(others)
        if _top(name) in floor and _top(other) in floor
        if floor[_top(other)] > floor[_top(name)]
    ]


def homeless(arrows: Arrows, rooms: Mapping[str, Iterable[str]]) -> list[str]:
    """Modules and packages that no room has."""
    known = {top for tops in rooms.values() for top in tops}
    return sorted({_top(name) for name in arrows} - known)


def circle(arrows: Arrows) -> list[str]:
    """Names that import each other in a circle, which ends where it begins; empty if none do."""
    done: set[str] = set()

    def walk(name: str, way: list[str]) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name in done:
            return []
        for other in sorted(arrows.get(name, ())):
            if found := walk(other, [*way, name]):
                return found
        done.add(name)
        return []

    return next(filter(None, (walk(name, []) for name in arrows)), [])


def by_top(arrows: Arrows) -> Arrows:
    """The arrows between the modules and packages at the top of the package."""
    tops: dict[str, set[str]] = {}
    for name, others in arrows.items():
        tops.setdefault(_top(name), set()).update(map(_top, others))
    return {top: others - {top} for top, others in tops.items()}


def longest_chain(arrows: Arrows) -> list[str]:
    """The longest chain of names of which each imports from the next; there is no circle."""

    @cache
    def chain_from(name: str) -> tuple[str, ...]:
        below = map(chain_from, sorted(arrows.get(name, ())))
        return (name, *max(below, key=len, default=()))

    return list(max(map(chain_from, arrows), key=len))


def _top(name: str) -> str:
    return name.split(".")[0]


# ------------------------------------------------------------------ this house


@pytest.fixture(scope="module")
def house() -> Arrows:
    return read_arrows(PACKAGE)


def test_every_module_has_a_room(house):
    assert homeless(house, ROOMS) == []


def test_no_import_runs_upwards(house):
    assert upward_arrows(house, ROOMS) == []


def test_no_imports_run_in_a_circle(house):
    assert circle(house) == []
    assert circle(by_top(house)) == []


def test_the_house_has_few_floors(house):
    tops = by_top({name: house[name] for name in house if name not in ENTRANCES})
    assert circle(tops) == []
    chain = longest_chain(tops)
    assert len(chain) <= MOST_FLOORS, " imports ".join(chain)


# ------------------------------------------------------------------ would it be seen?


@pytest.fixture
def build(tmp_path):
    """Write a package and read its arrows: `build({"align/search.py": "import torch"})`."""

    def write(files: dict[str, str]) -> Arrows:
        for name, content in files.items():
            path = tmp_path / "tower" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
            (path.parent / "__init__.py").touch()
        return read_arrows(tmp_path / "tower")

    return write


TOWER = {"cellar": ("files",), "hall": ("hall",), "attic": ("attic",), "face": ("__init__",)}


@pytest.mark.parametrize(
    "line",
    [
        "import tower.attic.roof",
        "from tower.attic import roof",
        "from tower.attic.roof import Tile",
        "from tower.attic.roof import *",
        "from ..attic import roof",
        "from ..attic.roof import Tile",
        "from .. import attic\nfrom ..attic import roof",
        "def climb():\n    from tower.attic.roof import Tile",
        "if TYPE_CHECKING:\n    from tower.attic import roof",
        "try:\n    import os, tower.attic.roof as above\nexcept ImportError:\n    pass",
    ],
)
def test_an_arrow_upwards_is_seen_however_it_is_written(build, line):
    arrows = build({"hall/door.py": line, "attic/roof.py": ""})
    assert "hall.door (hall) imports attic.roof (attic)" in upward_arrows(arrows, TOWER)


def test_an_import_from_the_face_runs_upwards(build):
    arrows = build({"hall/door.py": "from tower import open_door\nfrom tower import hall"})
    assert upward_arrows(arrows, TOWER) == ["hall.door (hall) imports __init__ (face)"]


def test_downwards_and_to_other_packages_is_no_arrow_upwards(build):
    lines = "import os\nimport towering.attic\nfrom tower.files import write\nfrom . import wall"
    arrows = build(
        {
            "hall/door.py": lines,
            "hall/wall.py": "",
            "files.py": "NAMES = {'Roof': 'tower.attic.roof:Roof'}",
            "attic/roof.py": "",
        }
    )
    assert arrows["hall.door"] == {"files", "hall.wall"}
    assert upward_arrows(arrows, TOWER) == []
    assert circle(arrows) == []


def test_the_face_may_import_all(build):
    arrows = build({"__init__.py": "from .attic.roof import Tile", "attic/roof.py": ""})
    assert arrows["__init__"] == {"attic.roof"}
    assert upward_arrows(arrows, TOWER) == []


def test_a_module_without_a_room_is_seen(build):
    arrows = build({"shed.py": "", "stable/horse.py": "", "hall/door.py": ""})
    assert homeless(arrows, TOWER) == ["shed", "stable"]


def test_a_circle_is_seen_also_a_lazy_one_and_its_way_is_told(build):
    arrows = build(
        {
            "hall/a.py": "from tower.hall import b",
            "hall/b.py": "from tower.hall.c import name",
            "hall/c.py": "def f():\n    import tower.hall.a",
            "hall/d.py": "import tower.hall.a",
        }
    )
    assert circle(arrows) == ["hall.a", "hall.b", "hall.c", "hall.a"]


def test_packages_that_use_each_other_are_a_circle_though_their_modules_are_none(build):
    arrows = build(
        {
            "hall/a.py": "import tower.attic.b",
            "attic/b.py": "",
            "attic/c.py": "import tower.hall.a",
        }
    )
    assert circle(arrows) == []
    assert circle(by_top(arrows)) == ["hall", "attic", "hall"]


def test_floors_are_counted_along_the_longest_chain(build):
    arrows = build(
        {
            "attic/roof.py": "from tower.hall import stairs\nfrom tower import files",
            "hall/stairs.py": "from tower.hall import door",
            "hall/door.py": "from tower.files import write",
            "files.py": "",
        }
    )
    assert longest_chain(by_top(arrows)) == ["attic", "hall", "files"]
