"""Files written in one step, so that a reader or a crash never sees half of one; and copies to be edited."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from briefing.errors import UsageError

_FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


def write_whole(path: Path, text: str, *, private: bool = False) -> None:
    """Write `text` as UTF-8, lone surrogates as they are, replacing the file; `private` is for its owner alone.

    Raises OSError.
    """
    write_together({path: text}, private=private)


def write_together(texts: Mapping[Path, str], *, private: bool = False) -> None:
    """Write several files, each as `write_whole` does: none takes its place before all are on the disk.

    Raises OSError, and then has left the earlier files as they were, unless a file could not even be renamed.
    """
    for path in texts:
        if path.is_dir() and not path.is_symlink():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    beside: dict[Path, Path] = {}
    try:
        for path, text in texts.items():
            descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
            beside[path] = Path(temporary)
            _fill(descriptor, text)
            beside[path].chmod(0o600 if private else 0o666 & ~_umask())
        for path, whole in beside.items():
            whole.replace(path)
    except BaseException:
        for left in beside.values():
            with suppress(OSError):  # the first error is the one to tell
                left.unlink(missing_ok=True)
        raise


def is_full(error: OSError) -> bool:
    """Whether there was no more room: on the disk, in a quota, or in what one file may hold."""
    return error.errno in _FULL


def _fill(descriptor: int, text: str) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(text.encode(errors="surrogatepass"))
        file.flush()
        os.fsync(file.fileno())


def copy_new(sources: Iterable[Path], target: Path) -> list[Path]:
    """Copies files into a folder to be edited there, all or none; the paths written, in the order given.

    Raises UsageError that names the file where one is there already, and the folder where it cannot be written to.
    """
    copies = {target / source.name: source for source in sources}
    for path in copies:
        if path.exists() or path.is_symlink():
            raise UsageError(f"{path} is there already: move it away, or name another folder")
    try:
        target.mkdir(parents=True, exist_ok=True)
        for path, source in copies.items():
            with path.open("xb") as file:
                file.write(source.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot copy to {target}: {error.strerror}") from error
    return list(copies)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
