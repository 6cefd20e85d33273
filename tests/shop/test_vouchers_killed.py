"""kill -9 of the desk in the middle of a batch, again and again: exactly as many users as were asked."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from ronda.routers.service.credentials import seal
from ronda.shop.models import Voucher
from ronda.shop.service import creating, ending, making
from ronda.simulator.routers.control import SimulatedRouters
from ronda.storage import sealing
from tests.routers.factories import make_router
from tests.shop.vouchers_made import make_package

FOLDER = Path(__file__).parents[2]
USERS = "/ip/hotspot/user"
COUNT = 120
pytestmark = [pytest.mark.slow, pytest.mark.database, pytest.mark.timeout(240)]


def live(folder: Path) -> "subprocess.Popen[bytes]":
    values = {name: value for name, value in os.environ.items() if not name.startswith("RONDA_")}
    values |= {
        "RONDA_DATA": str(folder),
        "RONDA_LOG_LEVEL": "error",
        "RONDA_LOCAL_TARGETS": "true",
        "RONDA_SEAL_KEYS": (settings.RONDA.data / sealing.FILE).read_text().split()[0],
        "DJANGO_SETTINGS_MODULE": "ronda.app.settings",
        "PYTHONPATH": f"{FOLDER / 'src'}{os.pathsep}{FOLDER}",
    }
    if connection.vendor == "postgresql":
        whole = settings.RONDA.database_url.get_secret_value()
        name = connection.settings_dict["NAME"]
        values["RONDA_DATABASE_URL"] = f"{whole.rsplit('/', 1)[0]}/{name}"
    elif not (folder / "ronda.sqlite3").exists():
        (folder / "ronda.sqlite3").symlink_to(connection.settings_dict["NAME"])
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("mortal_desk.py"))], env=values
    )


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.django_db(transaction=True)
def test_whenever_the_desk_is_killed_every_voucher_has_exactly_one_user(tmp_path):
    with SimulatedRouters("v7.16") as (simulated,):
        simulated.insert(USERS, name="tamu")
        others = [row["name"] for row in simulated.rows(USERS)]
        # Slow enough that a kill falls into the middle.
        simulated.fault("latency", ms=60)
        router = make_router(
            host=simulated.host,
            port=simulated.port,
            prefer="pinned",
            transport="api",
            user=simulated.user,
            secret=seal(simulated.password),
        )
        batch = making.make_batch(make_package(), router, COUNT, separate_password=True)

        def users() -> int:
            return len(simulated.rows(USERS))

        for share in (0.2, 0.7):
            desk = live(tmp_path)
            until(lambda share=share: users() > COUNT * share)
            desk.kill()
            desk.wait()
        desk = live(tmp_path)
        try:
            until(lambda: batch.vouchers.filter(state="ready").count() == COUNT)
            rows = simulated.rows(USERS)
            names = sorted(row["name"] for row in rows if row["name"] not in others)
            assert names == sorted(batch.vouchers.values_list("code", flat=True))
            passwords = {row["name"]: row.get("password") for row in rows}
            for voucher in batch.vouchers.all()[:20]:
                assert passwords[voucher.code] == making.credentials(voucher).password
            assert creating.look_after() == 0

            # The ends are told in the same way: to a desk that is killed while it tells them.
            Voucher.objects.update(state="active", expires_at=batch.made_at)
            ending.end_due()
            until(lambda: users() < COUNT)
            desk.kill()
            desk.wait()
            desk = live(tmp_path)
            until(lambda: not Voucher.objects.exclude(enforced_at=None).exists())
            assert [row["name"] for row in simulated.rows(USERS)] == others
        finally:
            desk.kill()
            desk.wait()
