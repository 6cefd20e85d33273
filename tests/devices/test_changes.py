"""Changes of ONTs: all or none, recorded, told, undoable."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone, translation

from ronda.accounts.models import AuditRow
from ronda.devices.models import Area, Change, Ont, Site
from ronda.devices.service import backups
from ronda.devices.service.changes import RowChange, apply, undo
from ronda.devices.service.errors import (
    AlreadyUndone,
    ChangedSince,
    CustomerIdTaken,
    EditedMeanwhile,
    NothingToChange,
    OntMissing,
)
from ronda.devices.service.recording import FIELDS, unpack
from ronda.work import feed
from tests.devices.factories import make_area, make_ont, make_site, ont_values

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def _ground(data_folder: Any) -> Iterator[None]:
    with translation.override("en"):
        yield


def whole_list() -> list[dict[str, Any]]:
    return list(Ont.objects.order_by("pk").values("pk", *FIELDS))


def edit(*rows: RowChange, kind: str = "edit", **more: Any) -> Change:
    return apply(rows, kind=kind, summary="s", person=None, **more)


def test_a_new_ont_is_recorded_audited_and_told(people: dict[str, Any]) -> None:
    change = apply(
        [RowChange(None, ont_values(1))], kind="create", summary="Pos", person=people["admin"]
    )

    ont = Ont.objects.get()
    (record,) = unpack(change)
    assert (record.ont_id, record.before, record.after["customer_id"]) == (ont.pk, None, "XM000001")
    assert (change.count, change.kind, change.actor, change.person) == (
        1,
        "create",
        "budi",
        people["admin"],
    )
    assert [(e.topic, e.payload) for e in feed.read(0)] == [
        ("devices.changed", {"onts": [ont.pk], "kind": "create", "change": change.pk})
    ]
    assert AuditRow.objects.get().action == "ont.create"


def test_an_edit_keeps_only_what_it_set() -> None:
    ont = make_ont()
    change = edit(RowChange(ont.pk, {"name": "Baru", "location": ont.location}))

    assert unpack(change) == [(ont.pk, {"name": "Padukuhan RW 1 RT 1"}, {"name": "Baru"})]
    ont.refresh_from_db()
    assert ont.name == "Baru"


def test_creation_time_survives_an_edit_and_the_edit_time_moves() -> None:
    ont = make_ont()
    edit(RowChange(ont.pk, {"name": "Baru"}))
    after = Ont.objects.get()
    assert after.created_at == ont.created_at
    assert after.updated_at > ont.updated_at


def test_nothing_is_recorded_when_nothing_would_change() -> None:
    ont = make_ont()
    with pytest.raises(NothingToChange):
        edit(RowChange(ont.pk, {"name": ont.name}))
    assert not Change.objects.exists()


def test_one_wrong_row_leaves_everything_as_it_was() -> None:
    first = make_ont(1)
    before = whole_list()
    with pytest.raises(OntMissing) as refusal:
        edit(RowChange(first.pk, {"name": "Baru"}), RowChange(999, {"name": "x"}))
    assert refusal.value.ids == (999,)
    assert whole_list() == before
    assert (Change.objects.count(), feed.last_id(), AuditRow.objects.count()) == (0, 0, 0)


def test_an_unknown_field_is_a_fault_of_the_program() -> None:
    ont = make_ont()
    with pytest.raises(ValueError, match="no such field of an ONT: site"):
        edit(RowChange(ont.pk, {"site": 1}))


def test_a_customer_id_that_is_used_in_the_site_is_refused_by_name() -> None:
    make_ont(1)
    second = make_ont(2)
    with pytest.raises(CustomerIdTaken, match=r"XM000001 .* Sleman by Padukuhan RW 1 RT 1"):
        edit(RowChange(second.pk, {"customer_id": "XM000001"}))
    with pytest.raises(CustomerIdTaken):
        edit(RowChange(None, ont_values(3)), RowChange(None, ont_values(3)), kind="create")


def test_the_same_customer_id_in_another_site_is_fine() -> None:
    make_ont(1)
    edit(RowChange(None, ont_values(1, make_site("Bantul"))), kind="create")
    assert Ont.objects.count() == 2


def test_two_onts_can_swap_their_customer_ids() -> None:
    first, second = make_ont(1), make_ont(2)
    edit(
        RowChange(first.pk, {"customer_id": "XM000002"}),
        RowChange(second.pk, {"customer_id": "XM000001"}),
    )
    assert list(Ont.objects.order_by("pk").values_list("customer_id", flat=True)) == [
        "XM000002",
        "XM000001",
    ]
    assert Ont.objects.present().count() == 2


def test_a_deleted_ont_gives_its_customer_id_to_a_new_one_in_the_same_change() -> None:
    old = make_ont(1)
    edit(
        RowChange(old.pk, {"deleted_at": timezone.now()}),
        RowChange(None, ont_values(1)),
        kind="import",
    )
    assert Ont.objects.present().get().pk != old.pk


def test_the_second_of_two_editors_is_told_and_nothing_is_lost() -> None:
    ont = make_ont()
    seen = ont.updated_at
    edit(RowChange(ont.pk, {"name": "Pertama"}, expected=seen))
    with pytest.raises(EditedMeanwhile, match="changed by someone else"):
        edit(RowChange(ont.pk, {"name": "Kedua"}, expected=seen))
    assert Ont.objects.get().name == "Pertama"


def test_undoing_brings_back_every_field_and_can_be_undone() -> None:
    area = make_area()
    first, second, third = make_ont(1, area=area), make_ont(2), make_ont(3)
    before = whole_list()
    change = edit(
        RowChange(first.pk, {"name": "x", "area_id": None, "latitude": None, "notes": "n"}),
        RowChange(second.pk, {"deleted_at": timezone.now()}),
        RowChange(third.pk, {"monitored": False, "category": "csr", "customer_id": "Z"}),
        kind="import",
    )
    after = whole_list()

    undone = undo(change.pk, None)
    assert whole_list() == before
    redone = undo(undone.pk, None)
    assert whole_list() == after
    assert [(c.kind, c.undone_at is None) for c in Change.objects.order_by("pk")] == [
        ("import", True),
        ("undo", False),
        ("undo", True),
    ]
    assert redone.undoes == undone


def test_undoing_a_creation_deletes_softly() -> None:
    change = edit(RowChange(None, ont_values(1)), kind="create")
    undo(change.pk, None)
    assert (Ont.objects.present().count(), Ont.objects.count()) == (0, 1)


def test_a_change_is_undone_once() -> None:
    change = edit(RowChange(make_ont().pk, {"name": "Baru"}))
    undo(change.pk, None)
    with pytest.raises(AlreadyUndone):
        undo(change.pk, None)


def test_undoing_leaves_later_edits_of_other_fields_alone() -> None:
    ont = make_ont()
    change = edit(RowChange(ont.pk, {"monitored": False}))
    edit(RowChange(ont.pk, {"notes": "kabel baru"}))
    undo(change.pk, None)
    ont.refresh_from_db()
    assert (ont.monitored, ont.notes) == (True, "kabel baru")


def test_undoing_what_was_changed_again_names_the_onts_and_can_be_forced() -> None:
    ont, other = make_ont(1), make_ont(2)
    change = edit(RowChange(ont.pk, {"name": "a"}), RowChange(other.pk, {"name": "b"}))
    edit(RowChange(ont.pk, {"name": "c"}))
    before = whole_list()

    with pytest.raises(ChangedSince) as refusal:
        undo(change.pk, None)
    assert refusal.value.names == ("c (XM000001)",)
    assert whole_list() == before

    undo(change.pk, None, force=True)
    assert set(Ont.objects.values_list("name", flat=True)) == {ont.name, other.name}


def test_undoing_a_creation_that_was_edited_since_asks_first() -> None:
    change = edit(RowChange(None, ont_values(1)), kind="import")
    edit(RowChange(Ont.objects.get().pk, {"notes": "dicek"}))
    with pytest.raises(ChangedSince):
        undo(change.pk, None)


def test_undoing_a_deletion_is_refused_while_another_ont_has_the_customer_id() -> None:
    ont = make_ont(1)
    change = edit(RowChange(ont.pk, {"deleted_at": timezone.now()}), kind="delete")
    make_ont(1)
    for force in (False, True):
        with pytest.raises(CustomerIdTaken):
            undo(change.pk, None, force=force)
    assert Change.objects.get(pk=change.pk).undone_at is None


def test_undoing_makes_a_removed_area_and_site_again() -> None:
    area = make_area("Muka")
    other = make_site("Bantul")
    ont = make_ont(1, area=area)
    change = edit(RowChange(ont.pk, {"area_id": None, "site_id": other.pk}))
    area.delete()
    Site.objects.filter(name="Sleman").delete()

    undo(change.pk, None)

    ont.refresh_from_db()
    assert (ont.site.name, ont.area and ont.area.name) == ("Sleman", "Muka")
    assert Area.objects.get().site == ont.site


def test_feed_events_name_at_most_a_thousand_onts() -> None:
    change = edit(*(RowChange(None, ont_values(n)) for n in range(1, 1502)), kind="import")
    assert [(len(e.payload["onts"]), e.payload["change"]) for e in feed.read(0)] == [
        (1000, change.pk),
        (501, change.pk),
    ]


def test_an_id_is_never_given_twice() -> None:
    edit(RowChange(None, ont_values(1), make_as=70), kind="restore")
    edit(RowChange(None, ont_values(2)), kind="create")
    assert list(Ont.objects.order_by("pk").values_list("pk", flat=True)) == [70, 71]


def test_a_change_writes_a_backup_after_its_commit(
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        edit(RowChange(None, ont_values(1)), kind="create")
    (backup,) = backups.listing()
    (row,) = json.loads(backup.path.read_text())
    assert (row["id_ccbs"], row["ip"], row["site"]) == ("XM000001", "10.0.0.1", "Sleman")


@pytest.mark.slow
def test_ten_thousand_rows_cost_a_bounded_number_of_statements(
    django_assert_max_num_queries: Any,
) -> None:
    site = make_site()
    rows = [RowChange(None, ont_values(n, site)) for n in range(1, 10_001)]
    with django_assert_max_num_queries(500):
        edit(*rows, kind="import")
    ids = list(Ont.objects.values_list("pk", flat=True))
    with django_assert_max_num_queries(500):
        change = edit(*(RowChange(pk, {"category": "csr", "notes": "x"}) for pk in ids))
    with django_assert_max_num_queries(500):
        undo(change.pk, None)

    assert Ont.objects.filter(category="csr").count() == 0
