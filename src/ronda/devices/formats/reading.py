"""One door for every file: the format is told from the content, not from the name."""

from __future__ import annotations

from ronda.devices.formats.archives import open_archive
from ronda.devices.formats.csv_files import read_csv
from ronda.devices.formats.encodings import decode
from ronda.devices.formats.errors import FileEmpty, FileTooLarge, FileUnreadable
from ronda.devices.formats.geojson_files import is_geojson, read_geojson
from ronda.devices.formats.json_files import parse_json, read_records
from ronda.devices.formats.kml_files import read_kml, read_kmz
from ronda.devices.formats.listing import MEGABYTE, Limits, Listing
from ronda.devices.formats.xlsx_files import read_xlsx

_ZIP = b"PK"
_XML_SPACE = b" \t\r\n"


def refuse_size(size: int, limits: Limits) -> None:
    """Refuse a file by its size alone, before a byte of it is read.

    Raises:
        FileTooLarge: naming both sizes in megabytes.
    """
    if size > limits.file_bytes:
        raise FileTooLarge(
            "file_too_large",
            megabytes=round(size / MEGABYTE, 1),
            limit=round(limits.file_bytes / MEGABYTE, 1),
        )


def read_listing(content: bytes, limits: Limits | None = None) -> Listing:
    """Read a whole file of any format we know.

    Raises:
        FormatError: and nothing else, whatever the bytes are.
    """
    limits = limits or Limits()
    refuse_size(len(content), limits)
    if not content.strip(b"\xef\xbb\xbf \t\r\n"):
        raise FileEmpty("empty_file")
    if content.startswith(_ZIP):
        return _read_archive(content, limits)
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip(_XML_SPACE)[:1]
    if start == b"<":
        return read_kml(content.removeprefix(b"\xef\xbb\xbf").lstrip(_XML_SPACE), limits)
    text, encoding = decode(content, windows=start not in (b"{", b"["))
    opening = text.lstrip()[:1]
    if opening == "<":
        return read_kml(text.lstrip().encode(), limits)
    if opening in ("{", "["):
        document = parse_json(text, limits)
        if is_geojson(document):
            return read_geojson(document, limits)
        return read_records(document, limits)
    return read_csv(text, limits, encoding)


def _read_archive(content: bytes, limits: Limits) -> Listing:
    names = [name.lower() for name in open_archive(content).namelist()]
    if "xl/workbook.xml" in names or any(n.startswith("xl/") for n in names):
        return read_xlsx(content, limits)
    if any(n.endswith(".kml") for n in names):
        return read_kmz(content, limits)
    raise FileUnreadable("zip_unknown")
