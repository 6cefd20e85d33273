"""The smallest PMTiles files (version 3 of the specification): one tile for the whole world.

Written by hand, so that the tests need neither a tile tool nor somebody's map.
"""

import json
import struct
import zlib

PNG, MVT = 2, 1


def pmtiles(tile: bytes, kind: int) -> bytes:
    """An archive with `tile` at zoom 0; nothing is compressed."""
    directory = bytes([1, 0, 1]) + varint(len(tile)) + bytes([1])
    metadata = json.dumps({"name": "test"}).encode()
    at_metadata = 127 + len(directory)
    at_tiles = at_metadata + len(metadata)
    header = b"PMTiles\x03" + struct.pack(
        "<QQQQQQQQQQQBBBBBBiiiiBii",
        *(127, len(directory), at_metadata, len(metadata), at_tiles, 0, at_tiles, len(tile)),
        *(1, 1, 1),
        *(1, 1, 1, kind, 0, 0),
        *(-1_800_000_000, -850_000_000, 1_800_000_000, 850_000_000),
        *(0, 0, 0),
    )
    assert len(header) == 127
    return header + directory + metadata + tile


def png() -> bytes:
    """256 x 256 pixels of one grey."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        checked = kind + body
        return struct.pack(">I", len(body)) + checked + struct.pack(">I", zlib.crc32(checked))

    rows = (b"\x00" + b"\xcc" * 256) * 256
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 256, 256, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def mvt() -> bytes:
    """A vector tile whose layer `earth` covers everything."""
    ring = [9, zigzag(0), zigzag(0), 26]
    for dx, dy in ((4096, 0), (0, 4096), (-4096, 0)):
        ring += [zigzag(dx), zigzag(dy)]
    geometry = b"".join(varint(part) for part in [*ring, 15])
    feature = field(2, varint(0) + varint(0)) + bytes([0x18, 3]) + field(4, geometry)
    layer = bytes([0x78, 2]) + field(1, b"earth") + field(2, feature)
    layer += field(3, b"kind") + field(4, field(1, b"earth")) + bytes([0x28]) + varint(4096)
    return field(3, layer)


def field(number: int, body: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(body)) + body


def zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
