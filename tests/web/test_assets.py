"""Static files are served under a name that stands for what they hold."""

import gzip
import os
import re
import time
from pathlib import Path

import brotli
import pytest
from django.conf import settings
from django.templatetags.static import static
from django.test import Client

import ronda
from ronda.web import assets
from ronda.web.static_files import compressed, forget_old
from ronda.web.vendored import vendored


def test_the_address_of_a_static_file_names_the_release_of_all_of_them() -> None:
    assert re.fullmatch(r"[0-9a-f]{10}", assets.digest())
    assert static("web/live.js") == f"/static/{assets.digest()}/web/live.js"


@pytest.mark.parametrize("name", ["web/live.js", "overview/map.js", "web/status.svg"])
def test_browsers_may_keep_a_static_file_for_ever(name: str) -> None:
    answer = Client().get(static(name))
    assert answer.status_code == 200
    assert "immutable" in answer["Cache-Control"]
    assert b"".join(answer).strip()


def test_every_script_that_a_script_imports_is_there() -> None:
    source = Path(ronda.__file__).parent
    missing = [
        f"{script.relative_to(source)}: {wanted}"
        for script in source.glob("*/static/**/*.js")
        if "vendor" not in script.parts
        for wanted in re.findall(r'(?:from|import\()\s*"(\.[^"]+)"', script.read_text())
        # Every slice's folder `static` is served as one.
        if not any(
            (folder / script.relative_to(_static_of(script)).parent / wanted).resolve().exists()
            for folder in source.glob("*/static")
        )
    ]
    assert missing == []


def _static_of(script: Path) -> Path:
    return next(folder for folder in script.parents if folder.name == "static")


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_static_files_travel_compressed(encoding: str) -> None:
    address = static(vendored("tabler/tabler.min.css"))
    plain = b"".join(Client().get(address))
    answer = Client(headers={"accept-encoding": encoding}).get(address)
    body = b"".join(answer)
    assert answer["Content-Encoding"] == encoding
    assert answer["Vary"] == "Accept-Encoding"
    assert int(answer["Content-Length"]) == len(body) < len(plain) / 6
    assert (gzip.decompress(body) if encoding == "gzip" else brotli.decompress(body)) == plain


def test_a_folder_that_cannot_be_written_costs_only_the_compression(tmp_path: Path) -> None:
    source = tmp_path / "a.js"
    source.write_text("let a = 1;\n" * 1000)
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert compressed(source, blocked / "deeper" / "a.js") == {}


def test_what_earlier_releases_left_is_removed_after_a_month(tmp_path: Path) -> None:
    for name, age_days in (("now", 100), ("recent", 2), ("old", 31)):
        (tmp_path / name).mkdir()
        moment = time.time() - age_days * 86400
        os.utime(tmp_path / name, (moment, moment))
    forget_old(tmp_path / "now")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["now", "recent"]


def test_the_scripts_import_each_other_by_relative_addresses_only() -> None:
    wrong = [
        (path.name, line)
        for path in assets.PACKAGE.glob("*/static/**/*.js")
        if "vendor" not in path.parts
        for line in re.findall(
            r"""^import .*?from ["']([^"']+)["']""", path.read_text(), re.MULTILINE
        )
        if not line.startswith(("./", "../"))
    ]
    assert wrong == []
    assert settings.STATIC_ROOT is None
