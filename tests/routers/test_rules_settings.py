"""Which settings of a router fit, and what would make contradicting ones agree."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronda.routers.rules.settings import (
    USUAL_PORT,
    RouterSettings,
    contradictions_of,
    password_problems,
    problems_of,
)

GOOD = RouterSettings(name="Balai Desa", host="192.168.88.1", user="ronda")


def codes(**changes: object) -> list[tuple[str, str]]:
    return [(p.code, p.field) for p in problems_of(replace(GOOD, **changes))]  # type: ignore[arg-type] # any field


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"host": "127.0.0.1", "port": 8728}, []),
        ({"name": ""}, [("empty", "name")]),
        ({"user": " "}, [("empty", "user")]),
        ({"name": "x" * 81}, [("too_long", "name")]),
        ({"default_profile": "a\x00b"}, [("unprintable", "default_profile")]),
        ({"host": "-oProxy"}, [("address", "host")]),
        ({"port": 0}, [("range", "port")]),
        ({"port": 65_536}, [("range", "port")]),
        ({"timeout_ms": 999}, [("range", "timeout_ms")]),
        ({"timeout_ms": 60_001}, [("range", "timeout_ms")]),
        ({"poll_s": 29}, [("range", "poll_s")]),
        ({"prefer": "often"}, [("unknown", "prefer")]),
        ({"trust": "all"}, [("unknown", "trust")]),
        ({"version_hint": "v8"}, [("unknown", "version_hint")]),
        ({"prefer": "pinned"}, [("transport_missing", "transport")]),
        ({"prefer": "rest", "version_hint": "v6"}, [("rest_on_v6", "version_hint")]),
        ({"prefer": "rest", "version_hint": "v7"}, []),
    ],
)
def test_what_does_not_fit_is_named(
    changes: dict[str, object], expected: list[tuple[str, str]]
) -> None:
    assert codes(**changes) == expected


@pytest.mark.parametrize(
    ("transport", "port", "code", "proposal"),
    [
        ("api-ssl", 8728, "tls_on_plain_port", {"port": 8729}),
        ("rest-https", 80, "tls_on_plain_port", {"port": 443}),
        ("api", 8729, "plain_on_tls_port", {"transport": "api-ssl"}),
        ("rest-http", 443, "plain_on_tls_port", {"transport": "rest-https"}),
        ("rest-https", 8728, "port_of_other_service", {"port": 443}),
        ("api", 443, "port_of_other_service", {"port": 8728}),
    ],
)
def test_a_port_of_another_service_is_explained_and_repaired(
    transport: str, port: int, code: str, proposal: dict[str, object]
) -> None:
    pinned = replace(GOOD, prefer="pinned", transport=transport, port=port)
    (problem,) = problems_of(pinned)
    assert (problem.code, dict(problem.proposal)) == (code, proposal)
    assert problems_of(replace(pinned, **proposal)) == []  # type: ignore[arg-type] # fields by name


def test_rest_on_v6_is_repaired_by_finding_out() -> None:
    pinned = replace(GOOD, prefer="pinned", transport="rest-https", version_hint="v6")
    (problem,) = problems_of(pinned)
    assert problem.code == "rest_on_v6"
    assert problems_of(replace(pinned, **problem.proposal)) == []  # type: ignore[arg-type] # fields by name


@settings(max_examples=40)
@given(
    st.sampled_from(["auto", "rest", "pinned"]),
    st.sampled_from(sorted(USUAL_PORT)),
    st.one_of(st.none(), st.integers(1, 65_535), st.sampled_from(sorted(USUAL_PORT.values()))),
    st.sampled_from(["", "v6", "v7"]),
)
def test_taking_every_proposal_ends_without_contradiction(
    prefer: str, transport: str, port: int | None, version: str
) -> None:
    entered = replace(GOOD, prefer=prefer, transport=transport, port=port, version_hint=version)
    for _turn in range(3):
        for problem in contradictions_of(entered):
            entered = replace(entered, **problem.proposal)
    assert contradictions_of(entered) == []


@pytest.mark.parametrize(
    ("password", "codes_"),
    [
        (" spasi é ", []),
        ("x" * 201, ["too_long"]),
        ("a\x00", ["unprintable"]),
        ("\ud800", ["unprintable"]),
    ],
)
def test_a_password_is_any_visible_text(password: str, codes_: list[str]) -> None:
    assert [problem.code for problem in password_problems(password)] == codes_
