"""One process at a time writes a file: the operating system's own lock, which ends with the process that holds it, however that ends."""

from __future__ import annotations

import errno
import os
import sys
from io import FileIO
from pathlib import Path
from typing import Final

from batchgauge.errors import JournalError, JournalInUseError

TAKEN: Final = frozenset({errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK, 0})
"""What the systems say where another process holds the lock; Windows's C runtime gives no number under Wine."""
LOCKED_AT: Final = 1 << 40
"""Windows locks bytes, and others may not even read them: so one that no journal reaches. It need not be there."""


def lock_file(file: FileIO, path: Path, *, is_needed: bool) -> None:
    """Hold the lock of an open file until it is closed.

    Some network file systems have no locks: that is an error only where `is_needed`.

    Raises:
        JournalInUseError: another process holds it.
        JournalError: there are no locks here, and one is needed.
    """
    try:
        _lock(file)
    except OSError as error:
        if error.errno in TAKEN:
            raise JournalInUseError(path=str(path)) from error
        if is_needed:
            raise JournalError(path=str(path), reason=error.strerror or str(error)) from error


def is_locked(path: Path) -> bool:
    """Whether another process holds the lock of a file just now; False where it cannot be opened, or there are no locks."""
    try:
        file = path.open("rb", buffering=0)
    except OSError:
        return False
    with file:
        try:
            _lock(file)
        except OSError as error:
            return error.errno in TAKEN
    return False


if sys.platform == "win32":
    import msvcrt

    def _lock(file: FileIO) -> None:
        file.seek(LOCKED_AT)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def sync_folder(folder: Path) -> None:
        """Windows has nothing of the kind; NTFS keeps a journal of its folders."""

else:
    import fcntl

    def _lock(file: FileIO) -> None:
        # Of the open file, not of the process as POSIX's own are: closing another handle of the same file does not give it up.
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)

    def sync_folder(folder: Path) -> None:
        """Return when the folder's entries are on the disk: a file that is synced may still be in no folder after a crash."""
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
