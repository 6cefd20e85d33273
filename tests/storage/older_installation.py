"""An installation of before the squashed migrations, part of the way, with rows; then what this version starts.

A program: its data folder is that of its environment. It writes, as JSON, what became of the rows.
"""

import json
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from ronda.app import boot

#: Where it stopped: the last migration of the part, and what puts rows there.
STOPS: dict[tuple[str, str], Callable[[Any], None]] = {}


def _at(app: str, name: str) -> Callable[[Callable[[Any], None]], None]:
    return lambda put: STOPS.update({(app, name): put})


@_at("accounts", "0005_endings")
def _audit_rows(models: Any) -> None:
    for subject in ("olt-1", "olt-2"):
        models.get_model("accounts", "AuditRow").objects.create(
            at=datetime(2026, 1, 2, tzinfo=UTC), actor="sari", action="router.edit", subject=subject
        )


@_at("shop", "0013_finding_own_orders")
def _members(models: Any) -> None:
    site = models.get_model("devices", "Site").objects.create(name="Jakarta")
    router = models.get_model("routers", "Router").objects.create(
        name="north", host="192.0.2.1", user="ronda", site=site
    )
    package = models.get_model("shop", "Package").objects.create(
        name="Home", selling_price_idr=150_000, reseller_price_idr=140_000
    )
    for name, shut in (("Budi", True), ("Wati", False)):
        models.get_model("shop", "Member").objects.create(
            name=name,
            user=name.lower(),
            shut=shut,
            price_idr=150_000,
            starts=date(2026, 1, 1),
            until=date(2026, 2, 1),
            anchor=1,
            package=package,
            router=router,
        )


def _make_older() -> None:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.recorder import MigrationRecorder

    executor = MigrationExecutor(connection)
    for stop, put_rows in STOPS.items():
        executor.loader = MigrationLoader(connection, replace_migrations=False)
        replacing = executor.loader.replacements
        others = [key for key in executor.loader.graph.leaf_nodes() if key[0] != stop[0]]
        wanted = [stop] if stop[0] == "accounts" else [*others, stop]
        state = executor.migrate([key for key in wanted if key not in replacing])
        put_rows(state.apps)
    # No version of those days knew them.
    MigrationRecorder.Migration.objects.filter(name__contains="_squashed_").delete()


def _outcome() -> dict[str, Any]:
    from django.utils import timezone

    from ronda.accounts.service import proving
    from ronda.shop.models import Member

    return {
        "reach": dict(Member.objects.order_by("name").values_list("name", "reach")),
        "trail": proving.check(timezone.now()).trouble,
    }


if __name__ == "__main__":
    boot.django()
    _make_older()
    from ronda.app.database import prepare

    prepare()
    sys.stdout.write(json.dumps(_outcome()))
