"""Bahasa Indonesia is whole: no text missing or unsure, and every placeholder kept."""

import re
from pathlib import Path

import pytest

import ronda

PO = Path(ronda.__file__).parent / "locale" / "id" / "LC_MESSAGES" / "django.po"
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|\{[a-z_]+\}|</?[a-z]+>")


def entries() -> list[tuple[str, str, bool]]:
    """(source, translation, fuzzy) of each entry; of plurals, the plural form."""
    found = []
    for block in PO.read_text(encoding="utf-8").split("\n\n")[1:]:
        if block.startswith("#~"):
            continue
        texts: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            if match := re.match(r'(msgctxt|msgid|msgid_plural|msgstr|msgstr\[0\]) "(.*)"$', line):
                name = match[1]
                texts[name] = match[2]
            elif line.startswith('"'):
                texts[name] += line[1:-1]
        source = texts.get("msgid_plural") or texts["msgid"]
        found.append((source, texts.get("msgstr[0]", texts.get("msgstr", "")), "#, fuzzy" in block))
    return found


def test_no_text_is_missing_or_unsure():
    assert len(entries()) > 800
    assert [source for source, text, fuzzy in entries() if not text or fuzzy] == []


def test_every_placeholder_is_kept():
    wrong = [
        source
        for source, text, _fuzzy in entries()
        if sorted(set(PLACEHOLDER.findall(source))) != sorted(set(PLACEHOLDER.findall(text)))
    ]
    assert wrong == []


def test_indonesian_has_one_plural_form():
    assert "nplurals=1; plural=0;" in PO.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("source", "wanted"), [("Outages", "Gangguan"), ("Notices", "Pemberitahuan")]
)
def test_the_compiled_file_is_the_one_that_speaks(source: str, wanted: str):
    from django.utils import translation

    with translation.override("id"):
        assert translation.gettext(source) == wanted
