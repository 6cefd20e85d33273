"""A series of dated files, `prefix-YYYYmmdd-HHMMSS.json`: whole or absent, thinned by retention."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from ronda.storage.files import replacing, stamped, sweep_parts
from ronda.storage.retention import kept


@dataclass(frozen=True, slots=True, order=True)
class Dated:
    """One file of a series; `number` tells several of one second apart."""

    at: datetime
    number: int
    path: Path

    @property
    def name(self) -> str:
        """The file's name, which is also its id on pages and in the API."""
        return self.path.name

    @property
    def moment(self) -> datetime:
        """`at`, made different for several files of one second."""
        return self.at.replace(microsecond=self.number)

    @property
    def size(self) -> int:
        """Bytes."""
        return self.path.stat().st_size


@dataclass(frozen=True, slots=True)
class Series:
    """All files of one prefix in one folder; times in names are in `zone`."""

    folder: Path
    prefix: str
    zone: tzinfo

    def listing(self) -> list[Dated]:
        """All files, newest first."""
        if not self.folder.is_dir():
            return []
        found = (self._named(path) for path in self.folder.iterdir())
        return sorted((file for file in found if file is not None), reverse=True)

    def find(self, name: str) -> Dated | None:
        """The file of this name; None when there is none, whatever the name tries to reach."""
        return next((file for file in self.listing() if file.name == name), None)

    def write(self, content: Iterable[bytes], at: datetime, keep: int) -> Dated:
        """Write a new file and drop what retention no longer keeps.

        Raises:
            OSError: the disk refused; nothing is half written.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        local = at.astimezone(self.zone)
        path = stamped(self.folder, self.prefix, ".json", local)
        with replacing(path) as file:
            for part in content:
                file.write(part)
        self.tidy(keep)
        return Dated(local.replace(microsecond=0), _number(path), path)

    def tidy(self, keep: int) -> int:
        """Remove files that retention no longer keeps and what crashed writers left; how many went."""
        sweep_parts(self.folder)
        found = self.listing()
        stay = kept((file.moment for file in found), keep)
        gone = [file for file in found[1:] if file.moment not in stay]
        for file in gone:
            file.path.unlink(missing_ok=True)
        return len(gone)

    def _named(self, path: Path) -> Dated | None:
        match = re.fullmatch(re.escape(self.prefix) + r"-(\d{8}-\d{6})(?:-(\d+))?\.json", path.name)
        if match is None:
            return None
        try:
            at = datetime.strptime(match[1], "%Y%m%d-%H%M%S").replace(tzinfo=self.zone)
        except ValueError:
            return None
        return Dated(at, int(match[2] or 1), path)


def _number(path: Path) -> int:
    last = path.stem.rpartition("-")[2]
    return int(last) if len(last) < 6 else 1
