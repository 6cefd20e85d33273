"""The older system's settings object: read from what people paste, and its contradictions explained."""

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronda.routers.rules.objects import NotAnObject, read_object
from ronda.routers.rules.older import DEFAULTS, Read, read_older, write_older
from ronda.routers.rules.settings import problems_of

SAMPLE = """
// MikroTik Settings Example
{
  "name": "Main Office Router",
  "host": "192.168.1.1",
  "port": 8728,
  "username": "mljnet-api",
  "password": "secure-api-password",
  "version": "v7",
  "useSSL": true,
  "timeout": 15000,
  "isActive": true,
  "hotspotInterface": "ether1",
  "hotspotName": "MLJ-NET Hotspot",
  "defaultProfile": "default"
}
"""


def test_the_manuals_sample_is_read_and_its_contradiction_named_with_a_repair() -> None:
    read = read_older(read_object(SAMPLE))
    assert [(p.code, p.field) for p in read.problems] == [("tls_on_plain_port", "port")]
    assert (read.password, read.unknown) == ("secure-api-password", ())
    assert "secure-api-password" not in repr(read)
    fine = read.repaired
    assert problems_of(fine) == []
    assert (fine.prefer, fine.transport, fine.port, fine.timeout_ms) == (
        "pinned",
        "api-ssl",
        8729,
        15_000,
    )
    assert (fine.user, fine.hotspot_name, fine.default_profile) == (
        "mljnet-api",
        "MLJ-NET Hotspot",
        "default",
    )


@pytest.mark.parametrize(
    "text",
    [
        "const settings = { name: 'Balai', port: 8729, /* TLS */ useSSL: true, };",
        "module.exports = {name: \"Balai\", 'port': 8729, useSSL: true}",
        "export default {\n  name: 'Balai', // hall\n  port: 8729,\n  useSSL: true\n};;",
    ],
)
def test_javascript_is_read_without_being_run(text: str) -> None:
    assert read_object(text) == {"name": "Balai", "port": 8729, "useSSL": True}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("[1]", 1),
        ("{\n name: run()\n}", 2),
        ("{a: 1} b", 1),
        ("{a: 1\n b: 2}", 2),
        ("{a 1}", 1),
        ("{1: 2}", 1),
        ("{a: [1 2]}", 1),
        ("{a: '\\x'}", 1),
        ("{a:", 1),
        ("{a: `x`}", 1),
        ("{a: foo}", 1),
        ("{a: " * 10 + "1" + "}" * 10, 1),
        ("x" * 20_001, 1),
        ("const a", 1),
    ],
)
def test_what_is_no_object_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(NotAnObject) as caught:
        read_object(text)
    assert caught.value.line == line


VALUES = st.one_of(
    *(st.text(max_size=12), st.integers(), st.booleans(), st.none()),
    st.lists(st.integers(), max_size=3),
)


@settings(max_examples=40)
@given(st.dictionaries(st.text(max_size=8), VALUES, max_size=6))
def test_every_json_object_is_read_as_json_reads_it(value: dict[str, object]) -> None:
    assert read_object(json.dumps(value)) == value


@settings(max_examples=40)
@given(st.text(max_size=60))
def test_any_text_is_an_object_or_refused(text: str) -> None:
    with contextlib.suppress(NotAnObject):
        assert isinstance(read_object(text), dict)


def test_quotes_and_escapes_are_kept() -> None:
    assert read_object(r"""{a: 'it\'s "so"', b: "\u0041\n", c: 1.5, d: undefined}""") == {
        "a": 'it\'s "so"',
        "b": "A\n",
        "c": 1.5,
        "d": None,
    }


def read(**given: object) -> Read:
    return read_older({"name": "Balai", "host": "10.0.0.1", "username": "ronda"} | given)


def test_what_is_left_out_has_the_stated_defaults() -> None:
    assert write_older(read().settings) == {
        "name": "Balai",
        "host": "10.0.0.1",
        "username": "ronda",
        "hotspotInterface": None,
        "hotspotName": None,
        "defaultProfile": None,
        **DEFAULTS,
    }


@pytest.mark.parametrize(
    ("given_", "way"),
    [
        ({}, ("auto", "", None)),
        ({"version": "V7"}, ("auto", "", None)),
        ({"port": "18728"}, ("pinned", "api", 18728)),
        ({"useSSL": True, "port": 8729}, ("pinned", "api-ssl", None)),
        ({"version": "v7", "port": 443, "useSSL": True}, ("pinned", "rest-https", None)),
        ({"version": "v7", "port": 443}, ("pinned", "rest-https", None)),
        ({"version": "v7", "port": 80}, ("pinned", "rest-http", None)),
    ],
)
def test_the_way_to_connect_follows_from_version_tls_and_port(
    given_: dict[str, object], way: tuple[str, str, int | None]
) -> None:
    settings = read(**given_).settings
    assert (settings.prefer, settings.transport, settings.port) == way
    assert read(**given_).problems == ()


@pytest.mark.parametrize(
    ("given_", "problem", "repaired"),
    [
        ({"useSSL": True}, ("tls_on_plain_port", "port"), ("pinned", "api-ssl", 8729)),
        ({"port": 8729}, ("plain_on_tls_port", "port"), ("pinned", "api-ssl", 8729)),
        ({"port": 443}, ("rest_on_v6", "version"), ("auto", "", None)),
        ({"port": 80}, ("rest_on_v6", "version"), ("auto", "", None)),
        (
            {"version": "v7", "port": 80, "useSSL": True},
            ("tls_on_plain_port", "port"),
            ("pinned", "rest-https", 443),
        ),
    ],
)
def test_a_contradiction_is_named_and_repaired(
    given_: dict[str, object], problem: tuple[str, str], repaired: tuple[str, str, int | None]
) -> None:
    found = read(**given_)
    assert [(p.code, p.field) for p in found.problems] == [problem]
    fine = found.repaired
    assert (fine.prefer, fine.transport, fine.port) == repaired
    assert problems_of(fine) == []


def test_wrong_types_are_named_and_nothing_is_guessed() -> None:
    wrong = {"name": 7, "port": "eight", "timeout": 1.5, "isActive": "yes", "useSSL": 1}
    found = read(**wrong, version="v8", password=["x"], hotspotname="typo")
    assert [(p.code, p.field) for p in found.problems] == [
        ("not_text", "name"),
        ("not_text", "password"),
        ("not_number", "port"),
        ("not_number", "timeout"),
        ("not_truth", "isActive"),
        ("unknown", "version"),
        ("not_truth", "useSSL"),
    ]
    assert found.unknown == ("hotspotname",)


@settings(max_examples=40)
@given(
    st.sampled_from(["v6", "v7"]),
    st.booleans(),
    st.one_of(st.integers(1, 65_535), st.sampled_from([80, 443, 8728, 8729])),
)
def test_what_fits_reads_back_as_it_was_given(version: str, tls: bool, port: int) -> None:
    given_ = {"version": version, "useSSL": tls, "port": port}
    found = read(**given_)
    if found.problems or port == 443:
        return
    written = write_older(found.settings)
    assert {name: written[name] for name in given_} == given_
