"""Importing: look, decide, write all or nothing, undo."""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ronda.devices.events import CHANGED
from ronda.devices.formats import FormatError, Kind
from ronda.devices.models import Area, Change, ImportDraft, Ont, Site
from ronda.devices.rules.compare import Outcome
from ronda.devices.service import changes, drafts, takers
from ronda.devices.service.drafts import AlreadyImported, FileGone, ListChanged
from ronda.devices.service.errors import NothingToChange
from ronda.devices.service.import_at_once import import_file
from ronda.devices.service.imports import Choices, WrongKind, look, read
from ronda.simulator import lists, neighbourhood
from ronda.work import feed
from tests.devices.factories import make_ont, make_site

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ALL = Choices(("*",), ("*",))
NONE = Choices()


def record(number: int, **values: Any) -> dict[str, Any]:
    return {
        "id": number,
        "id_ccbs": f"WJ{number:06}",
        "name": f"Kali RW 1 RT {number}",
        "lokasi": "Pos Ronda",
        "latitude": -7.7 - number / 1000,
        "longitude": 110.36,
        "ip": f"198.18.1.{number}",
    } | values


def as_file(*records: dict[str, Any]) -> bytes:
    return json.dumps(records).encode()


FIVE = as_file(*[record(n) for n in range(1, 6)])


def bring_in(content: bytes, choices: Choices = NONE, **options: Any) -> Any:
    return import_file(
        content,
        file_name="list.json",
        site_name="Wringinjalu",
        choices=choices,
        actor="ronda import",
        **options,
    )


def draft_of(content: bytes, **options: Any) -> ImportDraft:
    return drafts.keep_draft(
        content, file_name="list.json", site=make_site("Wringinjalu"), person=None, **options
    )


@pytest.fixture(autouse=True)
def own_folder(data_folder: Path) -> Iterator[Path]:
    with translation.override("en"):
        yield data_folder


def test_a_dry_run_shows_the_counts_and_changes_nothing() -> None:
    preview, change = bring_in(FIVE, dry_run=True)
    assert preview.comparison.counts["new"] == 5
    assert change is None
    assert (Site.objects.count(), Ont.objects.count(), feed.last_id()) == (0, 0, 0)


def test_an_import_writes_all_rows_and_tells_the_feed() -> None:
    told: list[tuple[str, int]] = []
    _, change = bring_in(FIVE, ALL, progress=lambda *step: told.append(step))
    assert (change.kind, change.count, change.actor) == ("import", 5, "ronda import")
    assert list(Ont.objects.order_by("pk").values_list("customer_id", "area__name")) == [
        (f"WJ{n:06}", "Kali") for n in range(1, 6)
    ]
    [event] = feed.read(0, topics=[CHANGED])
    assert sorted(event.payload["onts"]) == list(Ont.objects.values_list("pk", flat=True))
    assert told == [("read", 5), ("compared", 5), ("written", 5)]
    site = Site.objects.get()
    assert (site.south, site.north) == pytest.approx((-7.705, -7.701))


def test_the_same_file_again_changes_nothing() -> None:
    bring_in(FIVE, ALL)
    preview, change = bring_in(FIVE, ALL)
    assert preview.comparison.counts["same"] == 5
    assert change is None
    assert Change.objects.count() == 1


def test_an_import_is_undone_in_one_step_and_redone_with_the_same_onts() -> None:
    _, change = bring_in(FIVE)
    ids = set(Ont.objects.values_list("pk", flat=True))
    changes.undo(change.pk, None)
    assert Ont.objects.present().count() == 0
    bring_in(FIVE)
    assert set(Ont.objects.present().values_list("pk", flat=True)) == ids


def test_only_changed_fields_are_written_and_undone() -> None:
    bring_in(FIVE)
    ont = Ont.objects.get(customer_id="WJ000001")
    changes.apply(
        [changes.RowChange(ont.pk, {"notes": "tiang 3"})],
        kind="edit",
        summary="edit",
        person=None,
    )
    _, change = bring_in(as_file(record(1, name="Kali RW 2", ip="")))
    ont.refresh_from_db()
    assert (ont.name, ont.address, ont.notes) == ("Kali RW 2", "198.18.1.1", "tiang 3")
    changes.undo(change.pk, None)
    ont.refresh_from_db()
    assert (ont.name, ont.notes) == ("Kali RW 1 RT 1", "tiang 3")


def test_missing_onts_are_reported_and_deleted_only_when_asked() -> None:
    bring_in(FIVE)
    preview, change = bring_in(as_file(record(1)))
    assert (len(preview.comparison.missing), change) == (4, None)
    assert Ont.objects.present().count() == 5
    _, change = bring_in(as_file(record(1)), Choices(delete_missing=True))
    assert Ont.objects.present().count() == 1
    changes.undo(change.pk, None)
    assert Ont.objects.present().count() == 5


def test_an_empty_installation_keeps_the_older_systems_numbers() -> None:
    bring_in(as_file(record(3), record(7)))
    assert set(Ont.objects.values_list("pk", "customer_id")) == {(3, "WJ000003"), (7, "WJ000007")}


def test_numbers_that_are_not_dense_or_not_free_are_not_kept() -> None:
    bring_in(as_file(record(1, id=900_000_000), record(2, id=1)))
    assert max(Ont.objects.values_list("pk", flat=True)) < 900_000_000
    taken = set(Ont.objects.values_list("pk", flat=True))
    bring_in(as_file(*[record(n, id=n) for n in range(10, 20)]))
    assert Ont.objects.count() == 12
    assert taken < set(Ont.objects.values_list("pk", flat=True))


def test_the_same_customer_id_at_another_site_is_another_ont() -> None:
    make_ont(1, make_site("Kota"), customer_id="WJ000001", name="Kota")
    bring_in(as_file(record(1)))
    assert Ont.objects.filter(customer_id="WJ000001").count() == 2
    assert Ont.objects.get(site__name="Kota").name == "Kota"


def test_a_site_is_found_whatever_its_capitals() -> None:
    make_site("wringinjalu")
    bring_in(FIVE)
    assert Site.objects.count() == 1


def test_refused_and_held_rows_stay_out_and_the_rest_goes_in() -> None:
    content = as_file(
        record(1),
        record(2, name="<script>alert(1)</script>"),
        record(3, name="=cmd|'/c calc'!A0"),
        record(4, ip="127.0.0.1"),
    )
    preview, _ = bring_in(content)
    assert [line.outcome for line in preview.comparison.lines] == [
        Outcome.NEW,
        Outcome.HELD,
        Outcome.HELD,
        Outcome.REFUSED,
    ]
    assert [o.customer_id for o in Ont.objects.all()] == ["WJ000001"]
    bring_in(content, Choices(("held:*",)))
    assert Ont.objects.count() == 3


def test_a_repair_goes_in_when_it_is_accepted() -> None:
    content = as_file(*[record(n) for n in range(1, 6)], record(6, latitude="-7. 7689876"))
    bring_in(content)
    ont = Ont.objects.get(customer_id="WJ000006")
    assert (ont.latitude, ont.longitude, ont.address) == (None, None, "198.18.1.6")
    bring_in(content, Choices(("*",)))
    ont.refresh_from_db()
    assert (ont.latitude, ont.longitude) == (-7.7689876, 110.36)


def test_an_existing_area_is_used_and_a_missing_one_is_made() -> None:
    area = Area.objects.create(site=make_site("Wringinjalu"), name="KALI")
    bring_in(FIVE, ALL)
    assert list(Area.objects.all()) == [area]
    bring_in(as_file(record(8, padukuhan="Lor", kategori="CSR")))
    ont = Ont.objects.get(customer_id="WJ000008")
    assert (str(ont.area), ont.category) == ("Lor", "csr")


def test_the_box_of_an_empty_site_shows_a_missing_sign() -> None:
    site = make_site("Wringinjalu")
    site.south, site.north, site.west, site.east = -7.8, -7.6, 110.3, 110.4
    site.save()
    preview, _ = bring_in(as_file(record(1, latitude=7.7)), dry_run=True)
    [line] = preview.comparison.lines
    assert [f.code for f in line.findings] == ["sign_missing"]


@pytest.mark.parametrize("content", [FIVE[:-20], b"halo", FIVE[:40] + b"\xed" + FIVE[40:]])
def test_a_bad_file_changes_nothing_at_all(content: bytes, data_folder: Path) -> None:
    with pytest.raises(FormatError):
        bring_in(content)
    site = make_site("Wringinjalu")
    with pytest.raises(FormatError):
        drafts.keep_draft(content, file_name="x", site=site, person=None)
    assert (Ont.objects.count(), ImportDraft.objects.count(), feed.last_id()) == (0, 0, 0)
    assert not list(data_folder.rglob("*-*"))


def test_a_failure_in_the_middle_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(feed, "append_all", broken)
    with pytest.raises(OSError, match="disk full"):
        bring_in(FIVE, ALL)
    assert (Site.objects.count(), Area.objects.count(), Ont.objects.count()) == (0, 0, 0)


def test_a_draft_is_looked_at_decided_and_committed_once(people: dict[str, Any]) -> None:
    draft = draft_of(FIVE)
    preview = drafts.preview_of(draft)
    assert preview.comparison.counts["new"] == 5
    assert preview.remarks == []
    drafts.choose(draft, Choices(areas=("*",)))
    done = drafts.commit(draft.pk, person=people["admin"], seen=preview.fingerprint)
    assert done.change is not None
    assert (done.change.count, done.change.person) == (5, people["admin"])
    assert Area.objects.get().name == "Kali"
    for again in (
        lambda: drafts.commit(draft.pk, person=None),
        lambda: drafts.choose(draft, Choices()),
        lambda: drafts.discard(done),
    ):
        with pytest.raises(AlreadyImported):
            again()


def test_a_list_that_changed_since_the_preview_is_not_written() -> None:
    draft = draft_of(FIVE)
    seen = drafts.preview_of(draft).fingerprint
    make_ont(1, make_site("Wringinjalu"), customer_id="WJ000001")
    with pytest.raises(ListChanged):
        drafts.commit(draft.pk, person=None, seen=seen)
    assert Ont.objects.count() == 1


def test_a_draft_with_nothing_new_says_so() -> None:
    bring_in(FIVE)
    with pytest.raises(NothingToChange):
        drafts.commit(draft_of(FIVE).pk, person=None)


def test_a_draft_whose_bytes_are_gone_or_altered_is_refused(data_folder: Path) -> None:
    draft = draft_of(FIVE)
    [kept] = (data_folder / "imports").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    kept.write_bytes(FIVE + b" ")
    with pytest.raises(FileGone):
        drafts.preview_of(draft)
    kept.unlink()
    with pytest.raises(FileGone):
        drafts.preview_of(draft)


def test_a_discarded_draft_leaves_no_file(data_folder: Path) -> None:
    drafts.discard(draft_of(FIVE))
    assert list((data_folder / "imports").iterdir()) == []
    assert ImportDraft.objects.count() == 0


def test_old_drafts_are_forgotten_and_old_imports_lose_only_their_bytes(data_folder: Path) -> None:
    old = draft_of(FIVE)
    done = draft_of(as_file(record(9)))
    fresh = draft_of(as_file(record(8)))
    drafts.commit(done.pk, person=None)
    ImportDraft.objects.filter(pk__in=[old.pk, done.pk]).update(
        made_at=timezone.now() - timezone.timedelta(days=8)
    )
    stray = data_folder / "imports" / "99-abc"
    stray.write_bytes(b"x")
    os.utime(stray, (0, 0))
    assert drafts.tidy_drafts() == 1
    assert set(ImportDraft.objects.values_list("pk", flat=True)) == {done.pk, fresh.pk}
    assert len(list((data_folder / "imports").iterdir())) == 1


def test_file_names_lose_their_folders() -> None:
    draft = drafts.keep_draft(
        FIVE, file_name="C:\\data\\..\\li\x00st.json", site=make_site(), person=None
    )
    assert draft.file_name == "li?st.json"


NOTIFICATIONS = as_file(
    {"id": 1, "message": "x", "type": "success", "timestamp": "2025-09-03T09:54:31.407Z"}
)


OUTAGES = as_file({"ont_id": 1, "ont_name": "Kali", "start_time": "x", "end_time": None})


def test_files_that_nobody_takes_are_named_and_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(takers, "_takers", {})
    with pytest.raises(WrongKind, match="outages"):
        bring_in(OUTAGES)
    with pytest.raises(WrongKind):
        draft_of(OUTAGES)
    assert ImportDraft.objects.count() == 0


def test_whoever_registered_takes_another_kind_of_file(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[Any] = []
    monkeypatch.setattr(takers, "_takers", {})
    takers.take_over(Kind.NOTIFICATIONS, lambda listing, _person: taken.append(listing) or 1)
    draft = drafts.commit(draft_of(NOTIFICATIONS).pk, person=None)
    assert draft.committed_at is not None
    assert draft.change is None
    assert taken[0].rows[0].values["message"] == "x"


@pytest.mark.parametrize(
    "name", [lists.MAIN, lists.FALLBACK, lists.TOWN, lists.SCHOOLS, lists.SPREADSHEET]
)
def test_every_list_of_the_invented_neighbourhood_comes_in_whole(name: str, tmp_path: Path) -> None:
    lists.write_lists(neighbourhood.build(), tmp_path)
    content = (tmp_path / name).read_bytes()
    preview, change = bring_in(content, ALL)
    counts = preview.comparison.counts
    assert counts["new"] == counts["rows"] == change.count > 0
    assert counts["refused"] == counts["held"] == 0
    again, nothing = bring_in(content)
    assert again.comparison.counts["same"] == counts["rows"]
    assert nothing is None


def test_the_neighbourhoods_faults_are_told() -> None:
    built = neighbourhood.build()
    content = json.dumps([lists.main_row(ont) for ont in built.onts]).encode()
    preview = look(read(content), Site(name="Wringinjalu"))
    found: dict[str, int] = {}
    for line in preview.comparison.lines:
        for finding in line.findings:
            found[finding.code] = found.get(finding.code, 0) + 1
    assert found["angle_with_spaces"] == 1
    assert found["address_missing"] == sum(not ont.address for ont in built.onts)
    assert found["damaged_text"] > 0
    assert found["address_repeated"] > 0


REAL = next(
    (
        found
        for folder in Path(__file__).parents
        if (found := folder / "shared/data/sleman/wifi_sleman.json").exists()
    ),
    None,
)


@pytest.mark.skipif(REAL is None, reason="the real list is not part of the repository")
def test_the_real_list_comes_in_as_counted() -> None:
    assert REAL is not None
    content = REAL.read_bytes()
    preview, _ = bring_in(content)
    assert preview.comparison.counts["new"] == 383
    watched = Ont.objects.watched()
    assert watched.count() == 372
    assert Ont.objects.filter(address="").count() == 11
    assert watched.values("address").distinct().count() == 369
    places = [
        f
        for line in preview.comparison.lines
        for f in line.findings
        if f.repair is not None and f.repair.keys() & {"latitude", "longitude"}
    ]
    assert [f.row for f in places] == [381]
    bring_in(content, ALL)
    assert Ont.objects.filter(latitude=None).count() == 0
    assert Area.objects.count() == 29


cells = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.integers(-200, 200),
    st.floats(),
    st.sampled_from(["-7. 7", "9 5", "110 BT", "7 LS", "7,7", "10.1.1.1", "10,1,1,1", "Kali RW 1"]),
)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(
        st.lists(
            st.fixed_dictionaries(
                {"id_ccbs": st.sampled_from(["WJ1", "WJ2", "WJ3", 4])},
                optional=dict.fromkeys(
                    ("nama", "lokasi", "lat", "lon", "ip", "area", "catatan", "dipantau"), cells
                ),
            ),
            max_size=4,
        ),
        min_size=1,
        max_size=3,
    )
)
def test_whatever_rows_say_an_import_writes_them_or_says_why_not(
    imports_: list[list[dict[str, Any]]],
) -> None:
    with transaction.atomic():
        for records in imports_:
            content = json.dumps(records).encode()
            with suppress(FormatError, WrongKind):
                bring_in(content, Choices(("*", "held:*"), ("*",)))
                # Areas are left out here: one made by the first import may fit a name of the second.
                again, _ = bring_in(content, Choices(("*", "held:*")))
                assert again.writes == 0
        transaction.set_rollback(True)


def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "devices", check=True, dry_run=True, verbosity=0)
