"""How much room a disk has left."""

import shutil
from pathlib import Path

LEAST_BYTES = 1_000_000_000
LEAST_SHARE = 1 / 20


def room(folder: Path) -> tuple[int, int]:
    """Free and all bytes of the disk that holds this folder.

    Raises:
        OSError: the system does not say.
    """
    size, _used, free = shutil.disk_usage(folder)
    return free, size


def is_short(free: int, size: int, margin: float = 1.0) -> bool:
    """Less than 1 GB or a twentieth of the disk is left; `margin` asks for so many times as much."""
    return free < max(LEAST_BYTES, size * LEAST_SHARE) * margin
