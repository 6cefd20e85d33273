"""Simulated hotspots under rough hands: whatever clients do to the configuration, the world goes on."""

import contextlib

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ronda.simulator.routers.hotspot import script
from ronda.simulator.routers.hotspot.tables import (
    ACTIVE,
    BINDINGS,
    COOKIES,
    HOSTS,
    LEASES,
    POOLS,
    PROFILES,
    QUEUES,
    SERVER_PROFILES,
    SERVERS,
    USERS,
)
from ronda.simulator.routers.traps import Trap
from ronda.simulator.routers.web.http import NotHttp, Reader
from tests.simulator.routers.test_life import full, rows

MENUS = (
    ACTIVE, HOSTS, COOKIES, BINDINGS, LEASES, QUEUES, POOLS, PROFILES, SERVERS, SERVER_PROFILES, USERS,
)  # fmt: skip
CHANGES = (
    (SERVERS, "=disabled=yes"), (SERVERS, "=disabled=no"), (SERVERS, "=address-pool=none"),
    (SERVER_PROFILES, "=login-by=mac"), (SERVER_PROFILES, "=login-by=http-pap,trial"),
    (SERVER_PROFILES, "=login-by=cookie,http-chap,mac-cookie"),
    (PROFILES, "=shared-users=unlimited"), (PROFILES, "=shared-users=1"),
    (PROFILES, "=rate-limit=64k"), (PROFILES, "=rate-limit=nonsense"), (PROFILES, "=idle-timeout=1m"),
    (PROFILES, "=session-timeout=10m"), (PROFILES, "=keepalive-timeout=none"),
    (USERS, "=limit-bytes-total=1000000"), (USERS, "=limit-uptime=1m"), (USERS, "=disabled=yes"),
    (USERS, "=disabled=no"), (USERS, "=name=other"), (USERS, "=profile=default"),
    (LEASES, "=disabled=yes"), (LEASES, "=address=10.5.50.77"), (POOLS, "=ranges=10.5.50.9"),
)  # fmt: skip

deeds = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 4_000), st.just(0)),
    st.tuples(st.just("remove"), st.sampled_from(MENUS), st.integers(0, 50)),
    st.tuples(st.just("set"), st.sampled_from(CHANGES), st.integers(0, 50)),
    st.tuples(st.just("reboot"), st.just(0), st.just(0)),
    st.tuples(st.just("restore"), st.just(0), st.just(0)),
)


def perform(router, deed):
    kind, what, place = deed
    if kind == "wait":
        router.clock.advance(what)
        router.tick()
    elif kind == "reboot":
        router.reboot()
    elif kind == "restore":
        router.restore(router.snapshot())
    else:
        menu, words = (what, []) if kind == "remove" else (what[0], [what[1]])
        ids = [row[".id"] for row in rows(router, menu)]
        if ids:
            router.execute(f"{menu}/{kind}", [f"=.id={ids[place % len(ids)]}", *words])


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(deeds, max_size=25))
def test_whatever_is_removed_or_changed_sessions_hosts_and_queues_agree(story):
    router, _ = full(count=12)
    router.clock.advance(4 * 3_600)
    for deed in story:
        try:
            perform(router, deed)
        except Trap:
            continue
    router.clock.advance(3_600)
    active = rows(router, ACTIVE)
    hosts = {row["address"]: row for row in rows(router, HOSTS)}
    assert len({row[".id"] for row in active}) == len(active)
    assert {row["address"] for row in active} == {
        address for address, row in hosts.items() if row["authorized"] == "true"
    }
    targets = {f"{row['address']}/32" for row in active}
    assert {row["target"] for row in rows(router, QUEUES, "?dynamic=true")} <= targets


@given(st.text(alphabet='/ipfindgetwhere$i=[]{};"\\~! \n:c1', max_size=80))
def test_a_script_is_understood_or_refused_and_nothing_else(text):
    with contextlib.suppress(script.SyntaxTrouble):
        script.parsed(text)


@given(st.lists(st.binary(max_size=60), max_size=6))
def test_a_web_client_may_send_anything_in_any_pieces(pieces):
    reader = Reader()
    try:
        for piece in [b"GET /rest HTTP/1.1\r\n", *pieces]:
            list(reader.feed(piece))
    except NotHttp:
        pass
