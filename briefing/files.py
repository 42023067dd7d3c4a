"""Files written in one step, so that a reader or a crash never sees half of one; and copies to be edited."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from briefing.errors import UsageError


def write_whole(path: Path, text: str, *, private: bool = False) -> None:
    """Write `text` as UTF-8, lone surrogates as they are, replacing the file; `private` is for its owner alone.

    Raises OSError.
    """
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode(errors="surrogatepass"))
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o600 if private else 0o666 & ~_umask())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


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
