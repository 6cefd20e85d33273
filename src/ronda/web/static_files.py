"""Serves the static files compressed: a phone loads a fifth of the bytes.

Each file is compressed once per release, into the data folder, when a server starts; an
unwritable folder costs the compression and nothing else.
"""

import gzip
import os
import shutil
import time
from pathlib import Path
from typing import Any

import brotli
from django.conf import settings
from django.contrib.staticfiles.storage import StaticFilesStorage
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

from ronda.web import assets

KINDS = frozenset({".js", ".mjs", ".css", ".svg"})
# Below this a reply fits in one packet anyway.
LEAST_BYTES = 1000
OLD_S = 30 * 24 * 3600


class CompressedStaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]  # it has no types
    """WhiteNoise, with .gz and .br beside the files although the package folder is read-only."""

    def add_files_from_finders(self) -> None:
        """Find the files; compress what was not compressed yet."""
        self.folder = Path(settings.RONDA.data) / "cache" / "static" / assets.digest()
        forget_old(self.folder)
        super().add_files_from_finders()

    def get_static_file(self, path: str, url: str, stat_cache: dict[str, Any] | None = None) -> Any:
        """One file with the compressed forms that are smaller than it."""
        plain = super().get_static_file(path, url, stat_cache)
        if Path(path).suffix not in KINDS or not url.startswith(self.static_prefix):
            return plain
        forms = compressed(Path(path), self.folder / url.removeprefix(self.static_prefix))
        if not forms:
            return plain
        known = {path: Path(path).stat()} | {form: Path(form).stat() for form in forms.values()}
        _pattern, _path, headers = plain.alternatives[-1]
        kept = [(name, value) for name, value in headers if name != "Content-Length"]
        return StaticFile(path, kept, stat_cache=known, encodings=forms)


class StaticFiles(StaticFilesStorage):
    """Names the static files' addresses; each is put together once."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._addresses: dict[str | None, str] = {}

    def url(self, name: str | None) -> str:
        """The address of the file of this name, which templates ask for hundreds of times a page."""
        address = self._addresses.get(name)
        if address is None:
            address = self._addresses[name] = super().url(name)
        return address


def compressed(source: Path, target: Path) -> dict[str, str]:
    """The compressed forms of a file by encoding, made if they are not there; {} when not worth it."""
    if source.stat().st_size < LEAST_BYTES:
        return {}
    body = b""
    forms = {}
    for encoding, suffix in (("gzip", ".gz"), ("br", ".br")):
        form = target.with_name(target.name + suffix)
        try:
            if not form.exists():
                body = body or source.read_bytes()
                put(form, squeeze(encoding, body))
        except OSError:
            return {}
        forms[encoding] = str(form)
    return forms


def squeeze(encoding: str, body: bytes) -> bytes:
    """The body in that encoding, at qualities where all files of a release take about a second, once."""
    if encoding == "br":
        done: bytes = brotli.compress(body, quality=5)
        return done
    return gzip.compress(body, 6, mtime=0)


def put(path: Path, body: bytes) -> None:
    """Write in one step, for several servers may start at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_bytes(body)
    draft.replace(path)


def forget_old(folder: Path) -> None:
    """Remove what earlier releases left; a month later nobody runs them any more."""
    if not folder.parent.is_dir():
        return
    for other in folder.parent.iterdir():
        if other != folder and time.time() - other.stat().st_mtime > OLD_S:
            shutil.rmtree(other, ignore_errors=True)
