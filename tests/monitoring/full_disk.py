"""A keeper whose disk is really full for a while: run by test_full_disk.py in a mount namespace of its own.

The data folder is a small tmpfs; a ballast file takes what is left of it. Prints what is on record.
"""

import json
import os
from pathlib import Path

import django

django.setup()

from ronda.devices.models import Ont, Site  # noqa: E402 -- Django must be ready first
from ronda.monitoring.models import Outage, Sweep, Watch  # noqa: E402
from ronda.work.models import Event  # noqa: E402
from tests.monitoring.scripted import Stage  # noqa: E402
from tests.servers import migrated  # noqa: E402

FOLDER = Path(os.environ["RONDA_DATA"])
ONTS = 200


def fill() -> Path:
    """Take all the room that is left."""
    ballast = FOLDER / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65_536, 4096, 512):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return ballast


def main() -> None:
    """Watch, lose the disk and half the ONTs, get the disk back."""
    migrated.put_sqlite(FOLDER)
    site = Site.objects.create(name="Sleman")
    onts = Ont.objects.bulk_create(
        Ont(site=site, customer_id=f"XM{n}", name=f"Ronda {n}", address=f"10.0.0.{n}")
        for n in range(1, ONTS + 1)
    )
    stage = Stage().begin()
    stage.run(61)
    ballast = fill()
    stage.silent.update(ont.address for ont in onts[: ONTS // 2])
    stage.run(300)
    away = stage.keeper.writing.away_since is not None
    down_while_full = Watch.objects.filter(state="down").count()
    ballast.unlink()
    stage.run(61)
    told = Event.objects.filter(topic="monitoring.poller")
    print(  # noqa: T201 -- the answer to the test
        json.dumps(
            {
                "away": away,
                "down_while_full": down_while_full,
                "down": Watch.objects.filter(state="down").count(),
                "outages": Outage.objects.filter(ended_at=None).count(),
                "sweeps": Sweep.objects.count() - stage.keeper.lookout.sweeps,
                "told": [(event.payload["state"], event.payload["cause"]) for event in told],
            }
        )
    )


if __name__ == "__main__":
    main()
