"""Runs apart from the tests, to be killed: writes sweeps, seals and packs as fast as it can.

One warm process forks a victim for each line on its standard input: `write N` writes sweeps from
number N on and says each on the file `committed` once its transaction is; `check N` counts every
sample up to sweep N and exits 0 when each is there exactly once.
"""

import os
import sys
import traceback
from array import array
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

EVERY_S = 300
ZERO = 1_790_035_200  # a midnight
ONTS = 40


class Column(NamedTuple):
    """One sweep."""

    started_at: float
    finished_at: float
    rtts: "array[int]"


def sweep(number: int) -> Column:
    """What sweep `number` found: known to the writer and to the checker."""
    at = float(ZERO + number * EVERY_S)
    return Column(at, at + 20, array("I", [0, *(rtt(ont, number) for ont in range(1, ONTS))]))


def rtt(ont: int, number: int) -> int:
    """The round trip of one probe; 1: silent."""
    return 1 if (ont + number) % 17 == 0 else 1000 + (37 * ont + 11 * number) % 5000


def write(number: int) -> None:
    """For ever: append a sweep, now and then seal and pack what is over."""
    from django.db import transaction

    from ronda.monitoring.events import moment
    from ronda.monitoring.history import store

    committed = os.open("committed", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    while True:
        with transaction.atomic():
            store.append([sweep(number)])
        os.write(committed, b"%d\n" % number)
        number += 1
        now = moment(ZERO + number * EVERY_S)
        if number % 7 == 0:
            store.seal(now)
        if number % 50 == 0:
            store.compact(now + timedelta(minutes=5))


def check(last: int) -> None:
    """Every sample of some ONTs up to sweep `last` is there once, and at most one sweep more."""
    from ronda.monitoring.events import moment
    from ronda.monitoring.history import charts
    from ronda.monitoring.history.packing import RTT_US, code_of

    for ont in (1, 6, ONTS - 1):
        for first in range(0, last + 2, 2000):
            count = min(2000, last + 2 - first)
            start = moment(ZERO + first * EVERY_S)
            end = moment(ZERO + (first + count) * EVERY_S)
            chart = charts.chart(ont, start, end, count, end)
            for number, point in enumerate(chart.points, first):
                if number == last + 1 and point.probes == 0:
                    continue
                answered = rtt(ont, number) != 1
                assert (point.probes, point.answered) == (1, int(answered)), (ont, number, point)
                if answered:
                    kept = RTT_US[code_of(rtt(ont, number))] / 1000
                    assert point.mean_ms == kept, (ont, number, point)


def make_tables() -> None:
    """Only what the history needs: the whole migrations would take seconds."""
    from django.db import connection

    from ronda.monitoring import models

    tables = (
        models.Sweep,
        models.HourChunk,
        models.DayChunk,
        models.HourColumn,
        models.Unobserved,
    )
    with connection.schema_editor() as editor:
        for table in tables:
            editor.create_model(table)
    connection.close()


def main() -> None:
    """Fork a victim for each order; a line of output is its process id, or "checked"/"wrong"."""
    import django

    django.setup()
    # Imported before forking, else the victims would die importing.
    import ronda.monitoring.history.charts  # noqa: F401 -- warms the process

    os.chdir(Path(os.environ["RONDA_DATA"]))
    make_tables()
    for line in sys.stdin:
        order, number = line.split()
        pid = os.fork()
        if pid == 0:
            try:
                {"write": write, "check": check}[order](int(number))
            except Exception:  # noqa: BLE001 -- whatever it is, the test must hear of it
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        if order == "write":
            print(pid, flush=True)  # noqa: T201 -- the answer to the test
        status = os.waitpid(pid, 0)[1]
        print("ended" if order == "write" else status, flush=True)  # noqa: T201 -- as above


if __name__ == "__main__":
    main()
