"""A configuration as the API shows it, quiet where nothing was changed and without secrets."""

from ronda.upkeep.rules.exports import Change, Kind, commands, difference
from ronda.upkeep.rules.listing import HEADER, listing

ROWS = [
    {".id": "*1", "name": "siti", "password": "rahasia", "bytes": "1/2", "rate-limit": "1M/2M"},
    {".id": "*2", "name": "dyn", "dynamic": "true"},
    {".id": "*3", "uptime": "1d"},
]


def test_rows_become_commands_without_counters_dynamic_rows_and_secrets():
    text = listing(
        [
            ("/ppp/secret", ROWS),
            ("/system/script", [{".id": "*1", "source": ':log "a\\b"\r\n'}]),
            ("/system/identity", [{"name": "Balai Desa"}]),
            ("/radius", []),
        ]
    )
    assert text.splitlines() == [
        *HEADER,
        "/ppp secret",
        "add name=siti rate-limit=1M/2M",
        "/system script",
        'add source=":log \\"a\\\\b\\"\\r\\n"',
        "/system identity",
        'set name="Balai Desa"',
    ]
    assert commands(text)[0] == "/ppp secret"


def test_names_that_hold_secrets_are_left_out_and_others_are_not():
    row = {
        ".id": "*1",
        "wpa2-pre-shared-key": "a",
        "mac-auth-password": "b",
        "secret": "c",
        "private-key": "d",
        "shared-users": "1",
        "keepalive-timeout": "2m",
        "session-timeout": "1h",
        "last-seen": "1s",
    }
    assert listing([("/x", [row])]).splitlines()[-1] == (
        "add keepalive-timeout=2m session-timeout=1h shared-users=1"
    )


def test_two_listings_differ_where_something_was_changed():
    older = listing([("/ppp/secret", ROWS)])
    newer = listing([("/ppp/secret", [ROWS[0] | {"rate-limit": "3M/3M", "bytes": "9/9"}])])
    assert difference(older, newer, context=0) == [
        Change(Kind.CUT, "/ppp secret"),
        Change(Kind.GONE, "add name=siti rate-limit=1M/2M"),
        Change(Kind.NEW, "add name=siti rate-limit=3M/3M"),
    ]
