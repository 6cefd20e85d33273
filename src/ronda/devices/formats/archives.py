"""Zip files from strangers: XLSX and KMZ, opened with a hand on the tap."""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from ronda.devices.formats.errors import FileDangerous, FileTruncated, FileUnreadable
from ronda.devices.formats.listing import Limits

_BLOCK = 1 << 18
_MOST_MEMBERS = 2_000
#: Small members may shrink any amount (an empty sheet is mostly spaces); bombs are not small.
_RATIO_FROM = 1_000_000
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def open_archive(content: bytes) -> zipfile.ZipFile:
    """The archive's directory; nothing is unpacked.

    Raises:
        FileTruncated: the directory at the end is missing.
        FileDangerous: more members than any spreadsheet has.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeError):
        raise FileTruncated("zip_cut_off") from None
    if len(archive.infolist()) > _MOST_MEMBERS:
        raise FileDangerous("zip_members", members=len(archive.infolist()))
    return archive


def unpack(archive: zipfile.ZipFile, wanted: re.Pattern[str], limits: Limits) -> dict[str, bytes]:
    """The wanted members, after all members together were found to be of sane size.

    What the directory says about sizes is checked first, then the bytes really unpacked: a
    directory can lie.

    Raises:
        FileDangerous: too much, or unpacking to hundreds of times its size.
        FileUnreadable: encrypted, or packed in a way we do not know.
        FileTruncated: the packed bytes end early or fail their checksum.
    """
    declared = 0
    for info in archive.infolist():
        declared += info.file_size
        _check(info.filename, info.file_size, info.compress_size, declared, limits)
        if info.flag_bits & 0x1:
            raise FileUnreadable("protected_file")
    found: dict[str, bytes] = {}
    total = 0
    for info in archive.infolist():
        if not wanted.fullmatch(info.filename):
            continue
        content = _unpack_one(archive, info, total, limits)
        total += len(content)
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise FileUnreadable("zip_broken", member=info.filename)
        if _DOCTYPE.search(content):
            raise FileDangerous("xml_entities", member=info.filename)
        found[info.filename] = content
    return found


def _unpack_one(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, before: int, limits: Limits
) -> bytes:
    parts: list[bytes] = []
    size = 0
    try:
        with archive.open(info) as member:
            while block := member.read(_BLOCK):
                size += len(block)
                _check(info.filename, size, info.compress_size, before + size, limits)
                parts.append(block)
    except (zipfile.BadZipFile, EOFError, zlib.error, OSError, ValueError):
        raise FileTruncated("zip_broken", member=info.filename) from None
    except (NotImplementedError, RuntimeError):
        raise FileUnreadable("zip_broken", member=info.filename) from None
    return b"".join(parts)


def _check(name: str, size: int, packed: int, total: int, limits: Limits) -> None:
    if total > limits.unpacked_bytes:
        raise FileDangerous(
            "zip_bomb_size", member=name, megabytes=limits.unpacked_bytes // 1_000_000
        )
    if size > _RATIO_FROM and size > limits.ratio * max(packed, 1):
        raise FileDangerous("zip_bomb_ratio", member=name, ratio=size // max(packed, 1))
