"""Parcels as `.eml` files in a folder, for somebody else to send, or to look at."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from briefing.errors import DeliveryFailed
from briefing.files import is_full, write_whole
from briefing.letters import Parcel, Receipt

_ID = re.compile(rb"^Message-ID:\s*<([^>\r\n]+)>", re.IGNORECASE | re.MULTILINE)


class Folder:
    """A `letters.Carrier`: a message is one file, for its owner alone, named after the message's id.

    Written again, it takes the place of the earlier one. Raises DeliveryFailed where the folder cannot be written to; a
    message that was noted down as under way and could not be written after all is tried `later`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, parcel: Parcel, is_wanted: Callable[[], bool], /) -> Receipt:
        """See `letters.Carrier`; the answer is the file's path."""
        path = self.folder / name_of(parcel)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder):
                pass
        except OSError as error:
            raise DeliveryFailed(self._told(error)) from error
        if not is_wanted():
            return Receipt("dropped")
        try:
            write_whole(path, parcel.data.decode(), private=True)
        except OSError as error:
            return Receipt("later", self._told(error))
        return Receipt("sent", str(path))

    def _told(self, error: OSError) -> str:
        fix = "make room" if is_full(error) else "set folder under [mail] to one that this program may write to"
        return f"cannot write to {self.folder}: {error.strerror or error}; {fix}"


def name_of(parcel: Parcel) -> str:
    """The file's name: the message's id, as far as letters, digits and dots go, and a hash that tells ids apart."""
    head, _, _ = parcel.data.partition(b"\r\n\r\n")
    found = _ID.search(head)
    mark = found[1] if found else parcel.data
    plain = re.sub(r"[^A-Za-z0-9.]+", "-", found[1].decode(errors="replace") if found else "").strip("-.")
    return f"{plain[:60]}{'-' if plain else ''}{hashlib.sha256(mark).hexdigest()[:12]}.eml"
