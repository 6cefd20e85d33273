"""The live snapshot: versions, merged deltas, bytes built once."""

import gzip
import json
from dataclasses import replace

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.web.live import Row, Snapshot
from ronda.web.live.snapshot import PARTS

WATCH = {"state": "ok", "swept_at": 1000, "interval": 30}


def row(ont: int, **changes: object) -> Row:
    plain = Row(
        id=ont,
        name=f"Dukuh RT {ont}",
        customer_id=f"XM{ont:06}",
        location="Pos Ronda",
        address=f"100.64.0.{ont % 250 + 1}",
        lat=-7.5,
        lon=110.5,
        area=3,
        area_name="Dukuh",
        site="Kalisari",
        category=0,
        state=1,
        since=900,
        status="ON",
    )
    return replace(plain, **changes)


@pytest.fixture
def fleet() -> Snapshot:
    snapshot = Snapshot(1_000_000)
    snapshot.replace([row(1), row(2), row(5, area=None, area_name="")], at=1000, watch=WATCH)
    return snapshot


def read(snapshot: Snapshot, kind: str) -> dict:
    return json.loads(snapshot.encoded(kind, "identity")[0])


def test_columns_carry_differences_states_and_only_rows_with_something_to_say(fleet: Snapshot):
    fleet.apply(at=1001, rows=[row(2, state=3, since=990)])

    columns = read(fleet, "columns")

    assert columns["ids"] == [5, -4, 1]
    assert columns["lat"] == [-7500000, 0, 0]
    assert columns["areas"] == [[3, "Dukuh", "Kalisari"]]
    assert columns["area"] == [-1, 0, 0]
    assert columns["states"] == "113"
    assert columns["rows"] == [[2, 3, 0, 990, None]]
    assert columns["counts"] == {
        "total": 3,
        "unknown": 0,
        "up": 2,
        "suspect": 0,
        "down": 1,
        "unreachable": 0,
        "maintenance": 0,
        "paused": 0,
        "flapping": 0,
        "degraded": 0,
        "unlocated": 0,
    }


def test_the_older_list_has_the_exact_keys_of_the_older_system(fleet: Snapshot):
    assert json.loads(fleet.encoded("older", "identity")[0])[0] == {
        "id": 1,
        "id_ccbs": "XM000001",
        "name": "Dukuh RT 1",
        "lokasi": "Pos Ronda",
        "ip": "100.64.0.2",
        "latitude": -7.5,
        "longitude": 110.5,
        "status": "ON",
    }


def test_encodings_hold_the_same_bytes_and_have_their_own_etag(fleet: Snapshot):
    plain, plain_tag = fleet.encoded("older", "identity")
    br, br_tag = fleet.encoded("older", "br")
    gz, gz_tag = fleet.encoded("older", "gzip")

    assert brotli.decompress(br) == plain == gzip.decompress(gz)
    assert len({plain_tag, br_tag, gz_tag}) == 3


def test_the_older_list_keeps_its_etag_while_only_the_watch_moves_on(fleet: Snapshot):
    before = fleet.etag("older", "br")

    fleet.apply(at=1030, watch={**WATCH, "swept_at": 1030})

    assert fleet.etag("older", "br") == before
    assert read(fleet, "columns")["watch"]["swept_at"] == 1030


def test_names_keep_their_etag_while_only_states_change(fleet: Snapshot):
    before = fleet.etag("names", "br")
    fleet.apply(at=1001, rows=[row(1, state=3)])
    assert fleet.etag("names", "br") == before

    fleet.apply(at=1002, changed=[row(1, name="Baru")])
    assert fleet.etag("names", "br") != before


def test_strangers_are_told_neither_customer_ids_nor_addresses(fleet: Snapshot):
    start = fleet.now.number
    fleet.apply(at=1001, changed=[row(7, name="Masjid")])

    public = json.loads(fleet.delta(start, public=True))

    assert public["changed"][0]["name"] == "Masjid"
    assert public["changed"][0]["customer_id"] is None
    assert public["changed"][0]["address"] is None
    assert b"XM" not in fleet.encoded("names-public", "identity")[0]
    assert b"100.64" not in fleet.encoded("names-public", "identity")[0]


def test_a_version_out_of_the_ring_or_from_the_future_asks_for_a_new_start(fleet: Snapshot):
    start = fleet.now.number
    for n in range(1001):
        fleet.apply(at=1001 + n, rows=[row(1, since=n)])

    assert fleet.delta(start) is None
    assert fleet.delta(start + 1) is not None
    assert fleet.delta(fleet.now.number + 1) is None


def test_a_page_goes_on_at_another_process_where_the_first_one_left_it():
    first, second = Snapshot(), Snapshot()
    first.replace([row(1), row(2)], at=1000, watch=WATCH, number=100)
    second.replace([row(1), row(2)], at=1001, watch=WATCH, number=101)
    for number, moved in ((103, row(1, state=3)), (104, row(2, state=3))):
        first.apply(at=1002, rows=[moved], number=number)
    # The second takes both in one look, later than the first and among other news.
    second.apply(at=1003, rows=[row(1, state=3), row(2, state=3)], number=104)

    missed = json.loads(second.delta(103))

    assert (missed["base"], missed["version"]) == (103, 104)
    assert [2, 3, 0, 900, None] in missed["rows"]
    assert json.loads(second.delta(104)).get("rows", []) == []
    assert second.delta(100) is None  # before its time
    assert second.delta(105) is None  # not yet


def test_where_only_the_watch_moves_on_the_version_stays_and_the_bytes_are_new(fleet: Snapshot):
    number, tag = fleet.now.number, fleet.etag("columns", "br")

    fleet.apply(at=1030, watch={**WATCH, "swept_at": 1030})

    assert fleet.now.number == number
    assert fleet.etag("columns", "br") != tag
    assert json.loads(fleet.delta(number))["watch"]["swept_at"] == 1030


def test_bytes_of_another_release_have_another_etag():
    assert Snapshot(build="1").etag("names", "br") != Snapshot(build="2").etag("names", "br")


steps = st.lists(
    st.tuples(st.sampled_from(["move", "edit", "remove"]), st.integers(1, 6), st.integers(0, 6)),
    max_size=20,
)


@given(steps, st.integers(0, 20))
def test_applying_one_merged_delta_gives_what_the_server_has(actions: list, joined_at: int):
    snapshot = Snapshot(10)
    snapshot.replace([row(1), row(2), row(3)], at=0, watch=WATCH)
    client: dict[int, dict] = {}
    version = snapshot.now.number
    for number, (action, ont, state) in enumerate(actions):
        if number == min(joined_at, len(actions) - 1):
            client = {r.id: visible(r) for r in snapshot.now.rows.values()}
            version = snapshot.now.number
        if action == "move":
            known = snapshot.now.rows.get(ont)
            snapshot.apply(at=number, rows=[replace(known or row(ont), state=state)])
        elif action == "edit":
            snapshot.apply(at=number, changed=[row(ont, name=f"n{number}", state=state)])
        else:
            snapshot.apply(at=number, gone=[ont])
    if not actions:
        return

    delta = json.loads(snapshot.delta(version))
    for ont in delta["gone"]:
        client.pop(ont, None)
    for changed in delta["changed"]:
        client[changed["id"]] = {"name": changed["name"], "state": changed["state"]}
    for ont, state, *_rest in delta["rows"]:
        client[ont]["state"] = state

    assert client == {r.id: visible(r) for r in snapshot.now.rows.values()}


def visible(r: Row) -> dict:
    return {"name": r.name, "state": r.state}


def test_a_part_holds_the_rows_of_its_sites_and_what_left_them_is_gone():
    snapshot = Snapshot(1000)
    snapshot.replace([row(1, site_id=7), row(2, site_id=8)], at=1, watch=WATCH)
    part = snapshot.part(frozenset({7}))
    since = part.now.number
    assert (list(part.now.rows), part.now.counts["total"]) == ([1], 1)
    columns, tag = part.encoded("columns", "identity")
    assert json.loads(columns)["ids"] == [1]
    assert tag != snapshot.etag("columns", "identity")
    assert snapshot.part(frozenset({7})) is part
    snapshot.apply(at=2, rows=[row(2, state=3, site_id=8)])
    made = part.delta(since)
    assert made
    assert (json.loads(made)["rows"], json.loads(made)["counts"]["down"]) == ([], 0)
    snapshot.apply(at=3, changed=[row(1, site_id=8), row(2, site_id=7)], gone=[])
    moved = json.loads(part.delta(since) or b"")
    assert (moved["gone"], [one["id"] for one in moved["changed"]]) == ([1], [2])
    snapshot.apply(at=4, gone=[1, 2])
    assert json.loads(part.delta(since) or b"")["gone"] == [1, 2]
    assert part.delta(5) is None


def test_only_so_many_parts_are_kept():
    snapshot = Snapshot(1000)
    snapshot.replace([row(1, site_id=1)], at=1, watch=WATCH)
    first = snapshot.part(frozenset({1}))
    for number in range(2, PARTS + 2):
        snapshot.part(frozenset({number}))
    assert snapshot.part(frozenset({1})) is not first
    assert snapshot.part(frozenset({1})).now.rows == snapshot.now.rows
