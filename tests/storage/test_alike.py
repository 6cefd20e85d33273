"""Rows written at once are what Django would have written one by one."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from ronda.storage.alike import insert_alike
from ronda.work.models import Job

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_rows_share_all_but_what_is_named():
    now = timezone.now()
    template = Job(kind="make", payload={"harga": [5000, None]}, created_at=now, run_at=now)
    rows = [("router:1", "a", now), ("router:2", None, now + timedelta(days=1))]
    insert_alike(template, ("lock", "unique", "start_by"), rows)
    for lock, unique, start_by in rows:
        alike = {"payload": template.payload, "created_at": now, "run_at": now}
        Job.objects.create(
            kind="save", lock=lock, unique=unique and "b", start_by=start_by, **alike
        )

    besides = ("id", "kind", "unique")
    made, saved = (
        [
            {name: value for name, value in row.items() if name not in besides}
            for row in Job.objects.filter(kind=kind).order_by("lock").values()
        ]
        for kind in ("make", "save")
    )
    assert made == saved
    assert [job.unique for job in Job.objects.filter(kind="make").order_by("lock")] == ["a", None]


def test_one_that_cannot_be_leaves_none():
    now = timezone.now()
    template = Job(kind="make", payload={}, created_at=now, run_at=now, unique="once")
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_alike(template, ("lock",), [("router:1",), ("router:2",)])
    assert not Job.objects.exists()
