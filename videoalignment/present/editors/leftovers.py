"""What an earlier run wrote, and a later one with fewer groups would leave beside its own files.

A format that holds a single sequence gives a file a group. What was written is recorded with its
digest, so that only files that the program itself wrote, and nobody changed since, are removed.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from videoalignment.files import whole_file
from videoalignment.provenance import content_digest

_RECORD = ".written.json"
_MOST_BYTES = 1 << 20


def clear_leftovers(folder: Path, written: Sequence[Path]) -> list[Path]:
    """Remove the numbered files of an earlier run that this one did not write anew.

    Args:
        folder: that both runs wrote into; it gets the record, too.
        written: all files that this run wrote there, x.edl, x-2.edl, ...

    Returns:
        What was removed: files of the same kinds, recorded by an earlier run and unchanged since.

    Raises:
        UnusableFileError: the record cannot be written.
    """
    record, removed = _read(folder / _RECORD), []
    names = {path.name for path in written}
    kinds = {path.suffix for path in written}
    for name in sorted(record.keys() - names):
        path = folder / name
        if path.suffix in kinds and path.is_file() and content_digest(path) == record[name]:
            path.unlink()
            removed.append(path)
            del record[name]
    if not record and len(kinds) == len(written):
        return removed  # a file a format: nothing that a later run could leave
    record |= {path.name: content_digest(path) for path in written}
    with whole_file(folder / _RECORD, "w", encoding="utf-8") as file:
        json.dump(record, file, indent=1)
    return removed


def _read(path: Path) -> dict[str, str]:
    """Names in the folder and digests, as recorded; empty where there is no usable record."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            return {}
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(record, dict):
        return {}
    return {
        name: digest
        for name, digest in record.items()
        if Path(name).name == name and isinstance(digest, str)
    }
