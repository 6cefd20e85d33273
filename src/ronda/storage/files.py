"""Files that are either whole or not there: written beside, flushed to the disk, then renamed."""

import contextlib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

#: Nobody but the account that runs the product reads backups: they hold customers' names.
PRIVATE = 0o600


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write into; it takes the place of `path` when the block ends without an error.

    A crash at any moment leaves either the former file or the new one, and at most a stray
    `.part` file, which `sweep_parts` removes.

    Raises:
        OSError: as from the disk; the former file is untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        flush_folder(path.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


def flush_folder(folder: Path) -> None:
    """Make renames in a folder survive a power cut; systems without that (Windows) do it themselves."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sweep_parts(folder: Path) -> int:
    """Remove what interrupted writers left; returns how many there were."""
    strays = [part for part in folder.glob(".*.part") if not _writer_lives(part)]
    for part in strays:
        part.unlink(missing_ok=True)
    return len(strays)


def _writer_lives(part: Path) -> bool:
    pid = part.name.split(".")[-2]
    if os.name != "posix" or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def stamped(folder: Path, prefix: str, suffix: str, at: datetime) -> Path:
    """A free name `prefix-YYYYmmdd-HHMMSS.suffix`; a second one in that second gets `-2`, and so on.

    A number is above all others of its second, also when retention has removed some of them: the
    highest number is the newest. `at` is written as it is: give it in the zone in which people read
    file names.
    """
    stem = f"{prefix}-{at:%Y%m%d-%H%M%S}"
    taken = [
        int(number) if (number := path.name[len(stem) + 1 : -len(suffix)]).isdigit() else 1
        for path in folder.glob(f"{stem}*{suffix}")
    ]
    return folder / (f"{stem}-{max(taken) + 1}{suffix}" if taken else f"{stem}{suffix}")
