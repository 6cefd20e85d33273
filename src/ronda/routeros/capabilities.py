"""What a RouterOS can do, from its version alone; pure."""

from ronda.routeros.port import Capabilities
from ronda.routeros.values import version_of


def capabilities_of(version: str) -> Capabilities:
    """From the version as `/system/resource` prints it; an unreadable one can do the least."""
    parts = version_of(version) or (0, 0, 0)
    return Capabilities(
        version=parts,
        iso_dates=parts >= (7, 10, 0),
        device_mode=parts >= (7, 17, 0),
        show_sensitive=parts >= (7, 21, 0),
    )


LARGE_BOARDS = ("CCR", "CHR", "RB5009", "x86", "RDS")
"""Boards that work off many commands at once; every other gets a smaller window."""


def window_cap(board: str) -> int:
    """How many commands may be under way at once: 128 on large boards, 32 on others."""
    return 128 if board.startswith(LARGE_BOARDS) else 32
