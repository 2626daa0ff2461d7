"""One writer at a time: an index that two processes add to would hold videos twice."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from videoalignment.errors import UnusableFileError

try:
    import fcntl
except ImportError:  # Windows: two writers are the user's to avoid
    fcntl = None  # type: ignore[assignment]


@contextmanager
def only_writer(name: str) -> Iterator[None]:
    """Hold an index's lock; the system lets go of it when the process ends, however it ends.

    Args:
        name: the index's address. Those of servers and object stores have no lock: there, adding a
            video twice at once writes the same rows (Milvus), or must be avoided (object stores).

    Raises:
        UnusableFileError: another process is writing, or nothing can be written there.
    """
    where = name.removeprefix("milvus:").partition("#")[0]
    if fcntl is None or "://" in where:
        yield
        return
    path = Path(where)
    lock = path.with_name(f".{path.name}.writer")
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise UnusableFileError(f"{name}: cannot be written ({error.strerror})") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UnusableFileError(
                f"{name}: another process is writing to it; wait until it is done"
            ) from None
        yield
    finally:
        os.close(descriptor)
