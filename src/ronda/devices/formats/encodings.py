"""From bytes to text: UTF-8 (with or without mark), UTF-16, and Windows-1252 for tables."""

from __future__ import annotations

import codecs

from ronda.devices.formats.errors import FileTruncated, FileUnreadable, WrongEncoding

_BINARY = {
    b"\xd0\xcf\x11\xe0": "old_office_file",
    b"\x1f\x8b": "compressed_file",
    b"7z\xbc\xaf": "compressed_file",
    b"Rar!": "compressed_file",
    b"%PDF": "no_list",
    b"\x89PNG": "no_list",
    b"\xff\xd8\xff": "no_list",
    b"SQLite format 3\x00": "no_list",
}


def refuse_known_binaries(content: bytes) -> None:
    """Name the files that people upload by mistake."""
    for magic, code in _BINARY.items():
        if content.startswith(magic):
            raise FileUnreadable(code)


def decode(content: bytes, *, windows: bool) -> tuple[str, str]:
    """The text and the name of its encoding.

    Windows-1252 reads almost any bytes, so it is tried only for tables (`windows`), and only when
    the file has no other sign of being UTF-8: a mixed file would come out as nonsense.

    Raises:
        WrongEncoding: with the offset of the first byte that fits nothing, and its line.
        FileTruncated: the last character is cut in half.
    """
    refuse_known_binaries(content)
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise WrongEncoding("encoding_unknown", offset=0, encoding="UTF-32")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decode_utf16(content, "utf-16")
    if content[:1] == b"\x00" or content[1:2] == b"\x00":
        if b"\x00\x00" in content[:64]:
            raise FileUnreadable("no_list")
        return _decode_utf16(content, "utf-16-be" if content[:1] == b"\x00" else "utf-16-le")
    try:
        return _clean(content.decode("utf-8-sig")), "utf-8"
    except UnicodeDecodeError as wrong:
        # With a byte order mark the decoder counts from behind it.
        mark = len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0
        offset = wrong.start + mark
        cut = wrong.reason == "unexpected end of data"
    valid_before = any(b >= 0x80 for b in content[mark:offset])
    if cut and valid_before:
        raise FileTruncated("text_cut_off", row=_line(content, offset), offset=offset)
    if windows and not mark and not valid_before and not _has_utf8(content[offset:]):
        try:
            return _clean(content.decode("cp1252")), "cp1252"
        except UnicodeDecodeError as wrong:
            offset = wrong.start
    raise WrongEncoding(
        "encoding_wrong",
        row=_line(content, offset),
        column=_column(content, offset),
        offset=offset,
        byte=f"0x{content[offset]:02X}",
    )


def _decode_utf16(content: bytes, encoding: str) -> tuple[str, str]:
    try:
        return _clean(content.decode(encoding).lstrip("\ufeff")), "utf-16"
    except UnicodeDecodeError as wrong:
        if wrong.end >= len(content):
            raise FileTruncated("text_cut_off", offset=wrong.start) from None
        raise WrongEncoding("encoding_wrong", offset=wrong.start, byte="UTF-16") from None


def _clean(text: str) -> str:
    nul = text.find("\x00")
    if nul >= 0:
        line = text.count("\n", 0, nul) + 1
        raise FileUnreadable("nul_byte", row=line, column=nul - text.rfind("\n", 0, nul))
    return text


def _has_utf8(content: bytes) -> bool:
    """Is there any well-formed UTF-8 character of two bytes or more?"""
    text = content[:1_000_000].decode("utf-8", errors="ignore")
    return not text.isascii()


def _line(content: bytes, offset: int) -> int:
    return content.count(b"\n", 0, offset) + 1


def _column(content: bytes, offset: int) -> int:
    return offset - content.rfind(b"\n", 0, offset)
