"""The chain of the audit trail: what is changed, taken out, slipped in or cut off shows."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from ronda.accounts import doors, guard
from ronda.accounts.models import AuditKey, AuditRow, Person
from ronda.accounts.service import anchors, audit, chain, proving, seal_keys
from ronda.accounts.service.anchors import Anchor
from ronda.storage.sealing import FILE

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.database,
    pytest.mark.usefixtures("data_folder"),
]


def written(count: int, **values: Any) -> list[AuditRow]:
    rows = [audit.record(None, "ont.edit", f"ONT {n}", {"n": n}, values) for n in range(count)]
    chain.link()
    return rows


def trouble() -> str:
    return proving.check(timezone.now()).trouble


def past_the_guard(statement: str, *values: Any) -> None:
    """What somebody does who may write to the database and takes the guard off."""
    guard.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
    guard.put(connection)


def test_rows_get_places_and_fingerprints_in_the_order_they_are_linked() -> None:
    written(3)
    rows = AuditRow.objects.order_by("id")
    assert [row.position for row in rows] == [1, 2, 3]
    assert len({row.fingerprint for row in rows}) == 3
    assert proving.check(timezone.now()) == proving.Report(3, Anchor(3, rows[2].fingerprint))


@pytest.mark.parametrize(
    "values",
    [
        {"ratio": 1.10, "big": 10**30, "none": None, "yes": True, "huge": 1e22, "zero": -0.0},
        {"text": 'é "quoted" \\ \n 😀', "list": [1, {"b": 2, "a": [None]}]},
        {"at": datetime(2026, 11, 21, tzinfo=UTC), "whole": 3.0},
    ],
    ids=["numbers", "texts", "times"],
)
def test_what_the_database_makes_of_values_does_not_look_like_tampering(
    values: dict[str, Any],
) -> None:
    written(1, **values)
    assert AuditRow.objects.get().position == 1
    assert trouble() == ""


@pytest.mark.parametrize(
    ("column", "value"),
    [("actor", "nobody"), ("subject", "x"), ("after", '{"n": 99}'), ("source", "192.0.2.1")],
)
def test_a_changed_row_is_named(column: str, value: str) -> None:
    rows = written(3)
    past_the_guard(f'UPDATE accounts_auditrow SET "{column}" = %s WHERE id = %s', value, rows[1].pk)
    assert trouble().startswith(f"Row {rows[1].pk} (place 2, ")


def test_a_row_that_was_taken_out_is_missed() -> None:
    rows = written(3)
    past_the_guard("DELETE FROM accounts_auditrow WHERE id = %s", rows[1].pk)
    assert trouble() == f"Rows are missing between place 1 and place 3 (row {rows[2].pk})."


def test_a_first_row_that_was_taken_out_is_missed() -> None:
    rows = written(2)
    past_the_guard("DELETE FROM accounts_auditrow WHERE id = %s", rows[0].pk)
    assert trouble().startswith("Rows are missing between place 0 and place 2")


def test_an_end_that_was_cut_off_is_missed_by_an_anchor() -> None:
    rows = written(3)
    assert proving.prove().whole
    past_the_guard("DELETE FROM accounts_auditrow WHERE id >= %s", rows[1].pk)
    assert trouble() == (
        "The end of the trail is missing: it ends at place 1, and an anchor tells of place 3."
    )


def test_a_trail_written_anew_with_another_key_does_not_pass_an_anchor() -> None:
    written(2)
    assert proving.prove().whole
    past_the_guard("UPDATE accounts_auditrow SET position = NULL, fingerprint = ''")
    AuditKey.objects.all().delete()
    chain.link()
    assert trouble() == "The trail was written anew: at place 2 an anchor tells otherwise."


def test_a_row_that_somebody_else_wrote_is_not_linked_and_told() -> None:
    written(1)
    AuditRow.objects.create(
        at=timezone.now() - timedelta(hours=1), actor="sari", action="x", subject="", stamp="0" * 64
    )
    assert chain.link() == 0
    assert "is not in the chain: it was slipped in" in trouble()


def test_a_row_that_was_just_written_may_wait() -> None:
    written(1)
    audit.record(None, "ont.edit", "x")
    assert trouble() == ""
    late = proving.check(timezone.now() + timedelta(hours=1))
    assert "is not in the chain" in late.trouble


@pytest.mark.parametrize(
    "act",
    [
        lambda: AuditRow.objects.update(actor="nobody"),
        lambda: AuditRow.objects.update(after={"n": 5}),
        lambda: AuditRow.objects.update(position=None),
        lambda: AuditRow.objects.update(fingerprint=""),
        lambda: AuditRow.objects.all().delete(),
    ],
    ids=["actor", "after", "position", "fingerprint", "delete"],
)
def test_the_database_itself_refuses_to_change_the_trail(act: Callable[[], Any]) -> None:
    written(1)
    with pytest.raises(DatabaseError, match=guard.REFUSED), transaction.atomic():
        act()
    assert trouble() == ""


def test_a_missing_guard_is_told() -> None:
    written(1)
    guard.remove(connection)
    told = trouble()
    guard.put(connection)
    assert told.startswith("The database's guard against changes is missing.")


def test_a_person_may_be_deleted_and_the_trail_stays_whole(people: dict[str, Person]) -> None:
    audit.record(people["noc"], "ont.edit", "x")
    chain.link()
    people["noc"].delete()
    assert AuditRow.objects.get().person is None
    assert trouble() == ""


def test_old_rows_go_through_one_door_and_the_rest_is_still_proved() -> None:
    written(2)
    later = timezone.now()
    rows = written(2)
    with transaction.atomic():
        assert chain.trim(later) == 2
        audit.record(None, "audit.trim", "audit trail")
    chain.link()
    assert [row.position for row in AuditRow.objects.order_by("id")] == [3, 4, 5]
    assert trouble() == ""
    past_the_guard("DELETE FROM accounts_auditrow WHERE id = %s", rows[0].pk)
    assert "Rows are missing between place 2 and place 4" in trouble()


def test_nothing_old_enough_is_nothing_deleted() -> None:
    assert chain.trim(timezone.now()) == 0
    written(1)
    assert chain.trim(timezone.now() - timedelta(days=1)) == 0
    assert trouble() == ""


def test_a_mark_that_somebody_else_made_is_told() -> None:
    written(1)
    chain.trim(timezone.now() + timedelta(days=1))
    past_the_guard("UPDATE accounts_auditmark SET sealed = 'forged'")
    assert trouble().startswith("No key opens the mark")


def test_a_lost_key_holds_up_no_change_and_is_told(data_folder: Any) -> None:
    written(1)
    kept = (data_folder / FILE).read_bytes()
    (data_folder / FILE).unlink()
    with transaction.atomic():
        audit.record(None, "ont.edit", "goes on")
    assert AuditRow.objects.count() == 2
    assert trouble().startswith("Rows from place 1 on cannot be checked")
    assert not proving.prove().whole
    (data_folder / FILE).write_bytes(kept)
    chain.link()
    assert trouble() == ""


def test_after_a_loss_the_chain_begins_anew_and_says_so(data_folder: Any) -> None:
    written(2)
    proving.prove()
    (data_folder / FILE).unlink()
    with transaction.atomic():
        assert chain.begin_anew() == 2
        audit.record(None, "audit.begin_anew", "audit trail")
    anchors.set_aside()
    chain.link()
    assert proving.check(timezone.now()).rows == 1
    assert trouble() == ""


def test_a_new_seal_key_keeps_the_trail_provable() -> None:
    written(1)
    chain.trim(timezone.now() - timedelta(days=1))
    for _ in range(3):
        seal_keys.renew()
    chain.link()
    assert trouble() == ""


def test_half_an_anchor_is_none(data_folder: Any) -> None:
    anchors.drop(Anchor(1, "a"), timezone.now())
    with (data_folder / "audit.anchors").open("a") as file:
        file.write('{"position": 2, "finger')
    assert list(anchors.dropped()) == [Anchor(1, "a")]
    assert (data_folder / "audit.anchors").stat().st_mode & 0o777 == 0o600


def test_the_door_is_recorded() -> None:
    audit.record(None, "a.b", "x")
    with doors.through("api"):
        audit.record(None, "a.b", "x")
    assert [row.door for row in audit.rows()] == ["api", "work"]


@pytest.mark.parametrize(
    ("path", "door"),
    [
        ("/api/v1/onts", "api"),
        ("/api/pon/customers", "older"),
        ("/pay/3/callback", "callback"),
        ("/onts/", "page"),
    ],
)
def test_the_door_of_an_address(path: str, door: str) -> None:
    assert doors.of_path(path) == door


@pytest.mark.django_db(transaction=True)
def test_rows_are_linked_when_their_transaction_commits() -> None:
    with transaction.atomic():
        audit.record(None, "a.b", "one")
        audit.record(None, "a.b", "two")
        assert AuditRow.objects.filter(position=None).count() == 2
    assert list(audit.rows().values_list("subject", "position")) == [("two", 2), ("one", 1)]


@pytest.mark.django_db(transaction=True)
def test_many_writers_make_one_chain_and_none_waits_for_ever(people: dict[str, Person]) -> None:
    """Each changes two people in an order of its own and records in between: inside of the transaction,
    the chain's lock would close a circle."""
    turns = 6

    def write(number: int) -> None:
        pair = [people["noc"].pk, people["viewer"].pk]
        for turn in range(turns):
            with transaction.atomic():
                audit.record(None, "a.b", f"{number}.{turn}")
                Person.objects.filter(pk=pair[number % 2]).update(first_name=str(turn))
                audit.record(None, "a.c", f"{number}.{turn}")
        connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    chain.link()
    report = proving.check(timezone.now())
    assert (report.trouble, report.rows) == ("", 4 * turns * 2)
