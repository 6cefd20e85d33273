"""The start-up check of the embedded database: a damaged one is set aside and replaced, never deleted.

Runs before Django opens the database. What it did is returned, and kept in `repair.json` until
`devices.service.recovery` has brought the list of ONTs back and told people.
"""

import contextlib
import json
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone

from ronda.storage import embedded, snapshot
from ronda.storage.archive import ArchiveDamaged
from ronda.storage.files import replacing

MARK = "repair.json"


@dataclass(frozen=True, slots=True)
class Report:
    """What was found and done. `restored_from` None: no whole backup was fit, an empty one starts."""

    problem: str
    set_aside: tuple[Path, ...] = ()
    restored_from: Path | None = None
    made_at: str = ""

    def __str__(self) -> str:
        lines = [f"The check of the database found: {self.problem}"]
        if self.set_aside:
            lines.append("It was set aside as " + ", ".join(path.name for path in self.set_aside))
        if self.restored_from is not None:
            lines.append(
                f"The whole backup {self.restored_from.name} of {self.made_at} was put in its place."
            )
        elif self.set_aside:
            lines.append(
                "There is no whole backup that passes its checks; an empty database is made, "
                "and the list of ONTs is brought back from the newest onts-*.json."
            )
        return "\n".join(lines)


def check_and_repair(
    data: Path, *, at: datetime | None = None, known: Collection[str] | None = None
) -> Report | None:
    """Check the embedded database in `data`; None when it is sound or when there is none yet.

    Raises:
        OSError: the disk refused; the damaged file is where it was or has only been renamed.
    """
    moment = at or timezone.localtime()
    installation = snapshot.Installation(data)
    interrupted = _interrupted_restore(data)
    log_problem = embedded.log_problem_of(installation.sqlite)
    kept_log = _keep_log(installation.sqlite, moment) if log_problem else ()
    problem = embedded.problem_of(installation.sqlite)
    if problem is None:
        found = "; ".join(text for text in (log_problem, interrupted) if text)
        return _marked(data, Report(found, kept_log)) if found else None
    if problem == embedded.EMPTY and not any(installation.backups.glob("*")):
        return None  # a first start that was interrupted before it wrote anything
    moved = tuple(embedded.set_aside(installation.sqlite, moment))
    for path, manifest in snapshot.newest_good(installation, known):
        with contextlib.suppress(ArchiveDamaged):
            snapshot.take_database(path, installation)
            return _marked(data, Report(problem, moved, path, manifest.made_at))
    return _marked(data, Report(problem, moved))


def _interrupted_restore(data: Path) -> str:
    pending = data / snapshot.PENDING
    if not pending.exists():
        return ""
    try:
        source = json.loads(pending.read_bytes())["from"]
    except (OSError, ValueError, KeyError):
        source = "?"
    pending.unlink(missing_ok=True)
    return f"a restore from {source} was interrupted; run it again if it is still wanted"


def _keep_log(database: Path, at: datetime) -> tuple[Path, ...]:
    """A copy of a log that SQLite is about to throw away."""
    log = database.with_name(database.name + "-wal")
    aside = database.with_name(f"{database.name}.corrupt-{at:%Y%m%d-%H%M%S}-wal")
    shutil.copyfile(log, aside)
    aside.chmod(0o600)
    return (aside,)


def _marked(data: Path, report: Report) -> Report:
    with replacing(data / MARK) as file:
        file.write(
            json.dumps(
                {
                    "problem": report.problem,
                    "set_aside": [str(path) for path in report.set_aside],
                    "restored_from": report.restored_from and str(report.restored_from),
                    "made_at": report.made_at,
                }
            ).encode()
        )
    return report


def unfinished(data: Path) -> Report | None:
    """The report of a repair that nobody has followed up yet."""
    try:
        values: dict[str, Any] = json.loads((data / MARK).read_bytes())
        source = values["restored_from"]
        return Report(
            values["problem"],
            tuple(Path(path) for path in values["set_aside"]),
            Path(source) if source else None,
            values["made_at"],
        )
    except (OSError, ValueError, KeyError):
        return None


def finished(data: Path) -> None:
    """Say that the repair has been followed up."""
    (data / MARK).unlink(missing_ok=True)
