"""What was seen of a router, judged: causes, levels and the commands that repair it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ronda.routers.rules.entering import NotAProfile, read_profiles
from ronda.routers.rules.findings import Finding, Level, findings, worst
from ronda.routers.rules.findings.finding import nearest
from ronda.routers.rules.findings.system import clock_of
from ronda.routers.rules.guide import ProfilePlan
from ronda.routers.rules.observed import Observed, ReadSeen, StepSeen, from_json, to_json
from ronda.routers.service.finding_texts import STEPS, TEXTS
from ronda.routers.service.reports import repairs_of, report, said

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
OURS = "192.168.88.250"


def read(*rows: dict[str, str]) -> ReadSeen:
    return ReadSeen(rows)


GOOD_READS = {
    "/system/clock": read(
        {
            "date": "2026-11-21",
            "time": "19:00:20",
            "gmt-offset": "+07:00",
            "time-zone-name": "Asia/Jakarta",
        }
    ),
    "/system/license": read({"nlevel": "4"}),
    "/system/device-mode": read({"mode": "advanced", "hotspot": "yes", "scheduler": "yes"}),
    "/user": read({"name": "ronda", "group": "ronda", "address": f"{OURS}/32"}),
    "/user/group": read({"name": "ronda", "policy": "read,write,api,test,password,!ftp"}),
    "/ip/hotspot": read({"name": "hotspot1", "interface": "bridge", "profile": "hsprof1"}),
    "/ip/hotspot/profile": read({"name": "hsprof1", "use-radius": "no"}),
    "/ip/hotspot/user/profile": read({"name": "default"}, {"name": "1jam"}),
    "/ip/service": read(
        {"name": "api-ssl", "address": f"{OURS}/32"},
        {"name": "telnet", "disabled": "true"},
        {"name": "api-ssl", "dynamic": "true"},
        {"name": "www-other"},
    ),
    "/ip/firewall/filter": read({"chain": "forward", "action": "drop"}),
    "/log": read({"time": "19:00:00", "topics": "system,info", "message": "user logged in"}),
}
FINE = Observed(
    at=AT,
    host="192.168.88.1",
    user="ronda",
    pinned=True,
    server=OURS,
    steps=(StepSeen("api-ssl", 8729, "login", 12.0),),
    transport="api-ssl",
    certificate="ab" * 32,
    version="7.21.2 (stable)",
    release=(7, 21, 2),
    board="hAP",
    reads=GOOD_READS,
    counts={"/ip/hotspot/user": 300, "/ip/hotspot/active": 12},
)


def with_read(menu: str, *rows: dict[str, str], **changes: Any) -> Observed:
    return replace(FINE, reads=GOOD_READS | {menu: read(*rows)}, **changes)


def found(observed: Observed) -> dict[str, Finding]:
    return {finding.code: finding for finding in findings(observed)}


def commands(finding: Finding) -> str:
    return "\n".join(text for _versions, text in repairs_of(finding.repair))


def test_a_router_that_is_well_has_nothing_but_good_findings() -> None:
    assert {finding.level for finding in findings(FINE)} == {Level.GOOD}
    assert report(FINE).headline == "Everything works"
    assert report(FINE).troubles == []


def test_what_was_seen_survives_being_kept_as_json() -> None:
    assert from_json(to_json(FINE)) == FINE


def failed(stage: str, error: str, text: str = "", **changes: Any) -> Observed:
    steps = (
        StepSeen("api-ssl", 8729, "name", 1.0),
        StepSeen("api-ssl", 8729, stage, 10.0, error, text),
        StepSeen("api", 8728, "name", 1.0, "RouterUnreachable", "gone"),
    )
    return Observed(AT, "192.168.88.1", "ronda", steps=steps, **{"server": OURS} | changes)


@pytest.mark.parametrize(
    ("stage", "error", "text", "changes", "code", "commanded"),
    [
        ("port", "RouterUnreachable", "x: the connection was refused", {}, "port_refused",
         f"/ip service set api-ssl disabled=no port=8729 address={OURS}/32"),
        ("port", "RouterTimedOut", "no answer", {}, "port_silent",
         f"add chain=input action=accept protocol=tcp src-address={OURS} dst-port=8729"),
        ("port", "RouterTimedOut", "no answer", {"server": ""}, "port_silent", "disabled=no port=8729\n"),
        ("port", "RouterUnreachable", "there is no route to it", {}, "no_route", ""),
        ("tls", "RouterHasNoCertificate", "none", {}, "tls_none", "/certificate sign ronda-api"),
        ("tls", "RouterUntrusted", "other", {"pinned": True}, "tls_changed", "/certificate print detail"),
        ("tls", "RouterUntrusted", "self-signed", {"trust": "verify"}, "tls_untrusted", "/certificate"),
        ("tls", "RouterSpokeNonsense", "no TLS", {}, "not_tls", "/ip service print"),
        ("tls", "RouterTimedOut", "silent", {}, "hung", "/system resource print"),
        ("greeting", "RouterTimedOut", "silent", {}, "hung", "/system resource print"),
        ("greeting", "RouterSpokeNonsense", "HTTP", {}, "other_service", "/ip service print"),
        ("login", "WrongCredentials", "invalid user name or password (6)", {}, "login_wrong",
         "/user set [find name=ronda] disabled=no"),
        ("facts", "NotPermitted", "not enough permissions (9)", {}, "facts_failed",
         "policy=read,write,api,test"),
    ],
)  # fmt: skip
def test_why_there_is_no_connection_and_what_to_type(
    stage: str, error: str, text: str, changes: dict[str, Any], code: str, commanded: str
) -> None:
    seen = failed(stage, error, text, **changes)
    (finding,) = findings(seen)
    assert (finding.code, finding.level) == (code, Level.BAD)
    assert commanded in commands(finding) + "\n"
    assert report(seen).headline == "It cannot be connected to"


def test_the_furthest_step_tells_most_and_a_name_may_be_unknown() -> None:
    unknown = StepSeen("api-ssl", 8729, "name", 1.0, "RouterUnreachable", "no address")
    assert [f.code for f in findings(Observed(AT, "x", "u", steps=(unknown,)))] == ["name_unknown"]
    assert [f.code for f in findings(Observed(AT, "x", "u"))] == ["not_tried"]


def test_not_going_back_to_plain_is_said() -> None:
    seen = failed("port", "RouterTimedOut", kept_tls=True)
    assert [finding.code for finding in findings(seen)] == ["port_silent", "kept_tls"]


@pytest.mark.parametrize(
    ("changes", "code", "level"),
    [
        ({"transport": "api"}, "plain", Level.WARN),
        ({"trust": "verify"}, "tls_verified", Level.GOOD),
        ({"pinned": False}, "tls_first", Level.GOOD),
        ({"trust": "off"}, "tls_anybody", Level.WARN),
        ({"certificate": "", "server": ""}, "tls_anybody", Level.WARN),
    ],
)
def test_what_the_encryption_is_worth(changes: dict[str, Any], code: str, level: Level) -> None:
    assert found(replace(FINE, **changes))[code].level is level


def test_ways_that_failed_before_are_notes() -> None:
    first = StepSeen("api-ssl", 8729, "port", 3.0, "RouterUnreachable", "refused")
    last = StepSeen("api", 8728, "login", 5.0)
    seen = found(replace(FINE, transport="api", steps=(first, last)))
    assert seen["passed_over"].values["service"] == "api-ssl"
    assert seen["connected"].values["ms"] == 5
    assert "connected" in found(replace(FINE, steps=()))


def test_missing_rights_are_named_with_the_command_that_adds_them() -> None:
    seen = with_read("/user/group", {"name": "ronda", "policy": "read,!write,api"})
    finding = found(seen)["policy_missing"]
    assert finding.values["missing"] == "write, test"
    assert said(finding).lines == [
        "write: make, change and end hotspot users",
        "test: ping and measure from the router",
    ]
    assert commands(finding) == "/user group set [find name=ronda] policy=api,read,write,test"
    rest = found(replace(FINE, transport="rest-https"))["policy_missing"]
    assert rest.values["missing"] == "rest-api"


def test_too_many_rights_come_with_a_smaller_group() -> None:
    seen = with_read(
        "/user/group", {"name": "ronda", "policy": "read,write,api,test,policy,ftp,ssh"}
    )
    both = found(seen)
    assert both["policy_excess"].values["excess"] == "policy, ssh"
    assert commands(both["policy_excess"]).splitlines() == [
        "/user group add name=ronda policy=read,write,api,test,ftp",
        "/user set [find name=ronda] group=ronda",
    ]
    assert "policy_no_rotation" in both


def test_rights_that_cannot_be_read_are_unknown() -> None:
    assert "policy_unknown" in found(replace(FINE, user="radius"))
    denied = replace(FINE, reads=GOOD_READS | {"/user/group": ReadSeen((), "NotPermitted", "no")})
    assert "policy_unknown" in found(denied)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"release": (6, 42, 12)}, "version_old"),
        ({"release": ()}, "version_unknown"),
        ({"version_hint": "v6"}, "version_other"),
        ({"version_hint": "v7"}, "version_ok"),
    ],
)
def test_the_version_is_judged(changes: dict[str, Any], code: str) -> None:
    assert code in found(replace(FINE, **changes))


def test_the_version_that_was_entered_counts_where_nothing_was_read() -> None:
    assert [Observed(AT, "h", "u", version_hint=hint).major for hint in ("v6", "v7", "")] == [
        6,
        7,
        7,
    ]


@pytest.mark.parametrize(
    ("row", "time"),
    [
        ({"date": "nov/21/2026", "time": "12:00:00"}, AT),
        ({"date": "2026-11-21", "time": "07:00:00", "gmt-offset": "-05:00"}, AT),
        ({"date": "foo/21/2026", "time": "12:00:00"}, None),
        ({"date": "2026-11-21", "time": "noon"}, None),
        ({"date": "2026-02-31", "time": "12:00:00"}, None),
        ({"date": "2026-11-21", "time": "12:00:00", "gmt-offset": "WIB"}, None),
        ({}, None),
    ],
)
def test_the_routers_clock_is_read_in_both_forms(
    row: dict[str, str], time: datetime | None
) -> None:
    assert clock_of(row) == time


@pytest.mark.parametrize(
    ("row", "release", "code", "command"),
    [
        ({"date": "jan/02/1970", "time": "00:10:00"}, (6, 49, 10), "clock_unset",
         "/system ntp client set enabled=yes server-dns-names=id.pool.ntp.org"),
        ({"date": "2026-11-21", "time": "12:30:00", "time-zone-name": "UTC"}, (7, 21, 2), "clock_wrong",
         "/system ntp client set enabled=yes servers=id.pool.ntp.org"),
        ({}, (7, 21, 2), "clock_unread", ""),
    ],
)  # fmt: skip
def test_a_wrong_clock_gets_a_time_server(
    row: dict[str, str], release: tuple[int, ...], code: str, command: str
) -> None:
    lines = commands(found(with_read("/system/clock", row, release=release))[code])
    assert lines.splitlines()[-1:] == ([command] if command else [])
    assert ("time-zone-name=Asia/Jakarta" in lines) is (code == "clock_unset")


def test_device_mode_that_forbids_says_what_to_confirm() -> None:
    row = {"mode": "home", "hotspot": "no", "scheduler": "no"}
    finding = found(with_read("/system/device-mode", row))["device_mode_forbids"]
    assert commands(finding).startswith("/system device-mode update hotspot=yes scheduler=yes")
    only = found(with_read("/system/device-mode", {"hotspot": "true", "scheduler": "false"}))
    assert commands(only["device_mode_no_scheduler"]).startswith(
        "/system device-mode update scheduler=yes"
    )
    assert "device_mode_flagged" in found(with_read("/system/device-mode", {"flagged": "yes"}))
    assert not any(
        code.startswith("device_mode") for code in found(with_read("/system/device-mode"))
    )


@pytest.mark.parametrize(
    ("row", "active", "code"),
    [
        ({"nlevel": "4"}, 200, "licence_full"),
        ({"nlevel": "4"}, 160, "licence_near"),
        ({"nlevel": "4"}, 159, "licence_limit"),
        ({"level": "level1"}, 1, "licence_full"),
        ({"nlevel": "6"}, 900, "licence_ok"),
        ({"level": "p-unlimited"}, 900, "licence_ok"),
    ],
)
def test_the_licence_limits_users_at_once(row: dict[str, str], active: int, code: str) -> None:
    assert code in found(with_read("/system/license", row, counts={"/ip/hotspot/active": active}))


def test_a_board_without_licence_menu_is_not_judged() -> None:
    assert not any(code.startswith("licence") for code in found(with_read("/system/license")))


@pytest.mark.parametrize(
    ("row", "code", "command"),
    [
        ({"invalid": "true"}, "hotspot_invalid", "/interface print"),
        (
            {"disabled": "true"},
            "hotspot_disabled",
            "/ip hotspot set [find name=hotspot1] disabled=no",
        ),
        (
            {"profile": "radius"},
            "hotspot_radius",
            "/ip hotspot profile set [find name=radius] use-radius=no",
        ),
    ],
)
def test_a_hotspot_that_does_not_serve_is_explained(
    row: dict[str, str], code: str, command: str
) -> None:
    reads = GOOD_READS | {
        "/ip/hotspot": read({"name": "hotspot1", "interface": "bridge"} | row),
        "/ip/hotspot/profile": read({"name": "radius", "use-radius": "yes"}),
    }
    assert command in commands(found(replace(FINE, reads=reads))[code])


def test_names_that_do_not_exist_get_a_spelling_hint_and_the_profile_a_command() -> None:
    seen = found(
        replace(FINE, hotspot_name="Hot Spot1", hotspot_interface="ether9", default_profile="1 Jam")
    )
    assert seen["hotspot_unknown"].values["near"] == "hotspot1"
    assert seen["interface_other"].values["names"] == "bridge"
    assert seen["profile_unknown"].values["near"] == "1jam"
    assert said(seen["profile_unknown"]).hint == "Was 1jam meant?"
    assert (
        commands(seen["profile_unknown"])
        == '/ip hotspot user profile add name="1 Jam" shared-users=1'
    )
    assert nearest("xyz", ["default"]) == ""
    assert {*found(replace(FINE, hotspot_name="hotspot1", default_profile="1jam"))} == {
        *found(FINE)
    }


def test_a_hotspot_that_is_missing_or_cannot_be_read_is_said() -> None:
    assert "hotspot_none" in found(with_read("/ip/hotspot"))
    denied = ReadSeen((), "NotPermitted", "not enough permissions (9)")
    seen = replace(FINE, reads={"/ip/hotspot": denied})
    texts = [f.values["text"] for f in findings(seen) if f.code == "menu_unread"]
    assert texts == ["not enough permissions (9)", ""]


def test_services_open_to_everybody_are_named_and_closed() -> None:
    rows = (
        {"name": "api-ssl", "address": ""},
        {"name": "telnet", "address": "0.0.0.0/0"},
        {"name": "winbox", "address": "10.0.0.0/8,::/0"},
    )
    finding = found(with_read("/ip/service", *rows))["services_open"]
    assert finding.values["names"] == "api-ssl, telnet, winbox"
    assert commands(finding).splitlines() == [
        f"/ip service set api-ssl address={OURS}/32",
        "/ip service set telnet disabled=yes",
        "/ip service print",
    ]
    unknown = found(with_read("/ip/service", *rows, server=""))["services_open"]
    assert "address=" not in commands(unknown)
    denied = replace(FINE, reads=GOOD_READS | {"/ip/service": ReadSeen((), "NotPermitted", "no")})
    assert "services_unread" in found(denied)


@pytest.mark.parametrize(
    ("host", "transport", "bad"),
    [
        ("203.0.113.7", "api", False),
        ("8.8.8.8", "api", True),
        ("router.example.net", "rest-http", True),
        ("10.1.1.1", "api", False),
        ("8.8.8.8", "api-ssl", False),
    ],
)
def test_a_password_in_clear_over_the_internet_is_bad(host: str, transport: str, bad: bool) -> None:
    assert ("plain_in_public" in found(replace(FINE, host=host, transport=transport))) is bad


def test_a_user_without_address_gets_the_command_that_binds_it() -> None:
    seen = with_read("/user", {"name": "ronda", "group": "ronda"})
    finding = found(seen)["user_from_anywhere"]
    assert commands(finding) == f"/user set [find name=ronda] address={OURS}/32"
    assert "user_from_anywhere" not in found(replace(seen, server=""))


def test_dropping_rules_are_read_out_and_disabled_ones_passed_over() -> None:
    rows = (
        {"chain": "input", "action": "drop", "in-interface": "ether1", "comment": "dari luar"},
        {"chain": "input", "action": "reject", "disabled": "true"},
        {"chain": "input", "action": "accept"},
    )
    finding = found(with_read("/ip/firewall/filter", *rows))["firewall_drops"]
    assert finding.values["rules"] == ["action=drop in-interface=ether1 comment=dari luar"]
    assert said(finding).lines == finding.values["rules"]
    reads = {menu: seen for menu, seen in GOOD_READS.items() if menu != "/ip/firewall/filter"}
    assert not any(code.startswith("firewall") for code in found(replace(FINE, reads=reads)))


def test_failed_sign_ins_and_errors_in_the_log_are_told() -> None:
    failure = {
        "topics": "system,error,critical",
        "message": "login failure for user admin from 10.0.0.9 via winbox",
    }
    error = {"time": "12:00:00", "topics": "hotspot,error", "message": "inactivated"}
    seen = found(with_read("/log", failure, failure, error))
    assert seen["log_failures"].values["lines"] == ["admin ← 10.0.0.9 (winbox): 2"]
    assert seen["log_errors"].values["lines"] == ["12:00:00 inactivated"]
    reads = {menu: kept for menu, kept in GOOD_READS.items() if menu != "/log"}
    assert "log_unread" in found(replace(FINE, reads=reads))


def test_the_worst_finding_makes_the_headline() -> None:
    assert worst([]) is Level.GOOD
    note = report(replace(FINE, version_hint="v6"))
    warn = report(replace(FINE, at=AT + timedelta(minutes=10)))
    bad = report(with_read("/ip/hotspot"))
    assert [one.level for one in (note, warn, bad)] == ["note", "warn", "bad"]
    assert any("off by 9 min" in one.title for one in warn.said)


def test_every_finding_has_its_words() -> None:
    assert {code for code, (title, _text) in TEXTS.items() if not str(title)} == set()
    for seen in (FINE, failed("port", "RouterTimedOut"), with_read("/ip/hotspot")):
        for finding in findings(seen):
            assert finding.step in STEPS
            assert "%(" not in said(finding).title + said(finding).text


def test_profiles_are_read_in_any_order() -> None:
    assert read_profiles("1jam, 512k/2M, 1h\n\nkeluarga,3\n a b , , 7d") == (
        ProfilePlan("1jam", 1, "512k/2M", 3600),
        ProfilePlan("keluarga", 3),
        ProfilePlan("a b", 1, "", 604_800),
    )


@pytest.mark.parametrize("text", ["x, 2M", "x\nx", ", 1", "x, 0", "y" * 61, "a\x00"])
def test_a_line_that_is_no_profile_is_named(text: str) -> None:
    with pytest.raises(NotAProfile):
        read_profiles(text)
    with pytest.raises(NotAProfile):
        read_profiles("\n".join(f"p{number}" for number in range(51)))
