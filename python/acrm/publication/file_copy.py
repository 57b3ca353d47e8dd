"""Copy a large file: at once where the file system can share blocks."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from acrm.disk import sync

# FICLONE of linux/fs.h: one ioctl makes the target share all blocks of the source.
_CLONE = 0x40049409
_CHUNK = 64 * 1024 * 1024
_CANNOT = frozenset(
    {
        errno.EOPNOTSUPP,
        errno.ENOTTY,
        errno.EXDEV,
        errno.EINVAL,
        errno.ENOSYS,
        errno.EPERM,
    }
)

ByteListener = Callable[[int, int], None]


def clone(source: Path, target: Path) -> bool:
    """Let a new file share the blocks of another, in no time and without their space.

    Returns
    -------
    bool
        False if the file system cannot; then there is no target.
    """
    with source.open("rb") as reader, target.open("xb") as writer:
        try:
            fcntl.ioctl(writer.fileno(), _CLONE, reader.fileno())
        except OSError as error:
            target.unlink()
            if error.errno not in _CANNOT:
                raise
            return False
    sync(target)
    return True


def copy_file(source: Path, target: Path, listener: ByteListener | None = None) -> None:
    """Copy a file as fast as the file system can.

    Parameters
    ----------
    source, target : Path
        The target must not exist.
    listener : callable, optional
        Told how many bytes are copied, of how many.
    """
    if clone(source, target):
        if listener is not None:
            size = target.stat().st_size
            listener(size, size)
        return
    with source.open("rb") as reader, target.open("xb") as writer:
        total = os.fstat(reader.fileno()).st_size
        done = 0
        while done < total:
            done += _copy_chunk(reader.fileno(), writer.fileno(), done)
            if listener is not None:
                listener(done, total)
        os.fsync(writer.fileno())


def _copy_chunk(reader: int, writer: int, offset: int) -> int:
    """Copy one chunk at an offset, and return its bytes."""
    if hasattr(os, "copy_file_range"):
        try:
            copied = os.copy_file_range(reader, writer, _CHUNK, offset, offset)
        except OSError as error:
            if error.errno not in _CANNOT:
                raise
        else:
            if copied:
                return copied
    data = os.pread(reader, _CHUNK, offset)
    if not data:
        raise OSError(errno.EIO, "the file became shorter while it was copied")
    return os.pwrite(writer, data, offset)
