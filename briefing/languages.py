"""Which language a text is in, as py3langid recognises it."""

from __future__ import annotations

import logging
import tempfile
import threading
from lzma import LZMAError
from zipfile import BadZipFile

_MODEL = threading.Lock()
_MISSING = threading.Event()  # set once the model could not be loaded: each try takes as long as the first

_log = logging.getLogger(__name__)


def ranked(text: str) -> dict[str, float]:
    """Every language's log likelihood by its ISO 639-1 code, the likeliest first.

    Empty where the model, which is unpacked into a temporary file, is not to be had; one warning says why.
    """
    with _MODEL:  # where twenty threads ask first, it would be loaded twenty times
        if _MISSING.is_set():
            return {}
        try:
            from py3langid import rank

            # a text of any kind has a language to the model, so that what is raised is of its loading
            return {str(code): float(score) for code, score in rank(text)}
        except OSError as error:
            _give_up(f"{error.strerror or error} in {_temporary()}", "make room there, or set TMPDIR to another folder")
        except (ImportError, EOFError, LZMAError, BadZipFile, KeyError, ValueError, MemoryError) as error:
            _give_up(f"{type(error).__name__}: {error}", "install py3langid anew")
        return {}


def _give_up(why: str, repair: str) -> None:
    _MISSING.set()
    _log.warning("languages that are not stated stay unknown, for their model cannot be unpacked: %s; %s", why, repair)


def _temporary() -> str:
    try:
        return tempfile.gettempdir()
    except OSError:  # there is none that can be written to
        return "any temporary folder"
