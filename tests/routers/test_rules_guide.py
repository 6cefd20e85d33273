"""The set-up guide's commands: known to every version they are for, and accepted by its simulator."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronda.routers.rules.commands import Command, Look, change_found, quoted
from ronda.routers.rules.guide import (
    HotspotPlan,
    Plan,
    ProfilePlan,
    blocks_of,
    hotspot,
    policies_of,
)
from ronda.simulator.routers.router import VirtualRouter
from ronda.simulator.routers.schema import PROFILES, menus_of
from ronda.simulator.routers.traps import Trap

# The simulator has no such menus; these are their properties in the trees of 7.9 to 7.24 and in the
# manual of v6.
UNSIMULATED = {
    "/ip/firewall/filter/add": {
        *("chain", "action", "protocol", "src-address", "dst-port", "comment", "place-before")
    },
    "/ip/firewall/nat/add": {"chain", "action", "src-address", "comment"},
    "/ip/dhcp-server/network/add": {"address", "gateway", "dns-server"},
}


def plan(major: int, **changes: object) -> Plan:
    whole = {
        "server": "192.168.88.250",
        "host": "192.168.88.1",
        "password": 'p"a$s\\s',
        "rest": True,
        "more": ("password", "sensitive", "ftp", "reboot"),
        "hotspot": HotspotPlan("bridge hotspot", "10.5.50.1/24", "hotspot1", "login.example.net"),
        "profiles": (
            ProfilePlan("1jam", 1, "512k/2M", 3600),
            ProfilePlan("keluarga", 3),
        ),
    } | changes
    return Plan(major=major, **whole)  # type: ignore[arg-type] # fields by name


def commands(made: Plan) -> Iterator[Command]:
    for block in blocks_of(made):
        for line in block.lines:
            if isinstance(line, Command):
                yield line


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
@pytest.mark.parametrize("tls", [True, False])
def test_every_property_is_known_to_the_version(profile: object, tls: bool) -> None:
    known = menus_of(profile)  # type: ignore[arg-type] # one of PROFILES
    for command in commands(plan(profile.major, tls=tls)):  # type: ignore[attr-defined] # as above
        path = f"{command.menu}/{command.verb}"
        arguments = UNSIMULATED.get(path)
        if arguments is None:
            arguments = set(known[command.menu].commands[command.verb])
        assert {name for name, _value in command.values} <= arguments, path


def execute(router: VirtualRouter, command: Command) -> None:
    words = [f"={name}={value}" for name, value in command.values]
    if command.item:
        words.append(f"=numbers={command.item}")
    router.execute(f"{command.menu}/{command.verb}", words)


@pytest.mark.parametrize("name", ["v6.49.10", "v7.8", "v7.16", "v7.24"])
def test_a_router_takes_the_commands_in_their_order(name: str) -> None:
    router = VirtualRouter(name, name="balai", seed=1)
    major = 6 if name.startswith("v6") else 7
    interface = next(iter(router.menus["/interface"].read()))["name"]
    made = plan(major, hotspot=HotspotPlan(interface, "10.5.50.1/24"))
    for command in commands(made):
        path = f"{command.menu}/{command.verb}"
        if path in UNSIMULATED or command.menu == "/certificate":
            continue
        execute(router, command)
    (server,) = [row for row in router.menus["/ip/hotspot"].read() if row["name"] == "hotspot1"]
    assert server["profile"] == "hotspot1-profile"
    assert server["address-pool"] == "hotspot1-pool"
    names = {row["name"] for row in router.menus["/ip/hotspot/user/profile"].read()}
    assert names >= {"1jam", "keluarga"}
    (account,) = [row for row in router.menus["/user"].read() if row["name"] == "ronda"]
    assert (account["group"], account["address"]) == ("ronda", "192.168.88.250/32")


def test_the_hotspot_before_its_profile_would_be_refused() -> None:
    router = VirtualRouter("v7.16", name="balai", seed=1)
    interface = next(iter(router.menus["/interface"].read()))["name"]
    last = hotspot(HotspotPlan(interface, "10.5.50.1/24"))[-1]
    assert isinstance(last, Command)
    with pytest.raises(Trap, match="does not match any value"):
        execute(router, last)


def test_no_fault_of_the_manuals_examples_comes_back() -> None:
    for major in (6, 7):
        text = "\n".join(command.line() for command in commands(plan(major)))
        assert "0.0.0.0/0" not in text
        for wrong in ("uptime-limit", "auth-type", "limit-bytes", "group=full", "policy,"):
            assert wrong not in text
        for command in commands(plan(major)):
            if (
                command.menu in {"/ip/service", "/user"}
                and ("disabled", "yes") not in command.values
            ):
                assert ("address", "192.168.88.250/32") in command.values


def test_the_group_has_the_least_rights_and_rest_only_where_it_exists() -> None:
    assert policies_of(plan(6, more=("policy", "full"))) == ("read", "write", "api", "test")
    assert policies_of(plan(7, more=())) == ("read", "write", "api", "test", "rest-api")
    assert policies_of(plan(7, rest=False, more=("ftp",)))[-1] == "ftp"


def test_versions_differ_where_they_must() -> None:
    six, seven = ("\n".join(c.line() for c in commands(plan(major))) for major in (6, 7))
    assert "server-dns-names=id.pool.ntp.org" in six
    assert "servers=id.pool.ntp.org" in seven
    assert "www-ssl" not in six
    assert "/ip service set www-ssl disabled=no port=443" in seven


def test_lines_read_as_they_are_typed() -> None:
    lines = [line.line() for block in blocks_of(plan(7)) for line in block.lines]
    assert lines[0] == (
        "/certificate add name=ronda-api common-name=192.168.88.1 subject-alt-name=IP:192.168.88.1 "
        "key-usage=digital-signature,key-encipherment,tls-server key-size=2048 days-valid=3650"
    )
    assert lines[1:4] == [
        "/certificate sign ronda-api",
        "/user group add name=ronda policy=read,write,api,test,rest-api,password,sensitive,ftp,reboot",
        '/user add name=ronda group=ronda password="p\\"a\\$s\\\\s" address=192.168.88.250/32 comment=Ronda',
    ]
    assert "/ip firewall filter print" in lines
    assert 'interface="bridge hotspot"' in "\n".join(lines)
    assert Look("/log", 'where topics~"account"').line() == '/log print where topics~"account"'
    found = change_found("/user", {"name": "a b"}, disabled="no")
    assert found.line() == '/user set [find name="a b"] disabled=no'


def test_without_tls_only_plain_api_is_opened_and_nothing_else() -> None:
    made = plan(7, tls=False, hotspot=None, profiles=())
    assert [block.code for block in blocks_of(made)] == ["user", "service", "clock", "firewall"]
    text = "\n".join(command.line() for command in commands(made))
    assert "/ip service set api disabled=no port=8728 address=192.168.88.250/32" in text
    assert "certificate" not in text
    assert "dst-port=8728" in text


def test_a_name_becomes_an_alternative_name_and_the_password_is_in_no_repr() -> None:
    made = plan(7, host="router.example.net", server="2001:db8::5")
    text = "\n".join(command.line() for command in commands(made))
    assert "subject-alt-name=DNS:router.example.net" in text
    assert "address=2001:db8::5/128" in text
    assert 'p"a$s' not in repr(made)


@pytest.mark.parametrize(
    ("gateway", "ranges"),
    [
        ("10.5.50.1/24", "10.5.50.10-10.5.50.254"),
        ("10.5.50.254/24", "10.5.50.1-10.5.50.253"),
        ("10.5.50.100/24", "10.5.50.1-10.5.50.99,10.5.50.101-10.5.50.254"),
        ("10.5.50.1/29", "10.5.50.2-10.5.50.6"),
    ],
)
def test_guests_get_every_address_but_the_gateways(gateway: str, ranges: str) -> None:
    pool = hotspot(HotspotPlan("ether2", gateway))[1]
    assert isinstance(pool, Command)
    assert dict(pool.values)["ranges"] == ranges


def unquoted(text: str) -> str:
    """What RouterOS's console makes of a value, by the manual's table of escapes."""
    if not text.startswith('"'):
        return text
    data = bytearray()
    for match in re.finditer(r'\\([0-9A-F]{2})|\\(.)|([^\\"])', text[1:-1]):
        if match[1]:
            data.append(int(match[1], 16))
        elif match[2]:
            data += {"n": "\n", "r": "\r", "t": "\t"}.get(match[2], match[2]).encode()
        else:
            data += match[3].encode()
    return data.decode()


@settings(max_examples=40)
@given(st.text(max_size=40))
def test_any_text_stays_one_value(text: str) -> None:
    line = quoted(text)
    assert unquoted(line) == text
    assert line.isascii()
    assert "\n" not in line
    assert not re.search(r'(?<!\\)(?:\\\\)*["$]', line[1:-1] if line.startswith('"') else line)
