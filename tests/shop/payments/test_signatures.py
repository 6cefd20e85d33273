"""Every gateway against recorded calls whose signatures other programs computed."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.shop.payments import duitku, tripay
from ronda.shop.payments.errors import GatewaySpokeNonsense, NotSetUp, NotTheirs
from ronda.shop.payments.port import Credentials, Gateway, Standing, Word
from ronda.shop.payments.reading import header, must_match, web_address, whole_idr
from ronda.shop.payments.registry import KINDS, open_gateway

VECTORS = {
    file.stem: json.loads(file.read_text(encoding="utf-8"))
    for file in sorted((Path(__file__).parent / "vectors").glob("*.json"))
}


#: JSON and forms that are well formed, with values that no gateway sends.
ODD = [
    b'{"order_id": "\\ud800", "status_code": "\\udfff", "gross_amount": "1", "signature_key": "\\ud800"}',
    b'{"id": "a\\u0000b", "external_id": "x", "status": "PAID"}',
    b'{"id": 1, "external_id": {"a": 1}, "status": ["PAID"]}',
    b'{"signature_key": true, "gross_amount": 1e400}',
    b"[" * 5000,
    b'{"amount": ' + b"9" * 5000 + b"}",
    "merchantCode=é&amount=٣&merchantOrderId=x&signature=ü".encode(),
    b"amount=1&amount=2&signature=0",
    b"&".join(b"a=1" for _ in range(200)),
]


def gateway(kind: str, **changed: str) -> Gateway:
    recorded = VECTORS[kind]
    values = {**recorded["credentials"], **changed}
    return open_gateway(kind, Credentials(values, recorded["channel"], live=False))


def cases(part: str) -> list[Any]:
    return [
        pytest.param(kind, case, id=f"{kind}: {case['name']}")
        for kind, recorded in VECTORS.items()
        for case in recorded[part]
    ]


def test_every_gateway_has_its_vectors():
    assert set(VECTORS) == set(KINDS)
    assert all(v["genuine"] and v["forged"] and v["nonsense"] for v in VECTORS.values())


@pytest.mark.parametrize(("kind", "case"), cases("genuine"))
def test_a_genuine_call_is_understood(kind: str, case: dict[str, Any]):
    told = case["word"]
    wanted = Word(**{**told, "standing": Standing(told["standing"])})

    assert gateway(kind).read_callback(case["headers"], case["body"].encode()) == wanted


@pytest.mark.parametrize(("kind", "case"), cases("forged"))
def test_a_forged_call_is_refused(kind: str, case: dict[str, Any]):
    with pytest.raises(NotTheirs):
        gateway(kind).read_callback(case["headers"], case["body"].encode())


@pytest.mark.parametrize(("kind", "case"), cases("nonsense"))
def test_a_genuine_call_without_sense_is_told_apart(kind: str, case: dict[str, Any]):
    with pytest.raises(GatewaySpokeNonsense):
        gateway(kind).read_callback(case["headers"], case["body"].encode())


@pytest.mark.parametrize("kind", list(VECTORS))
def test_another_key_refuses_what_was_genuine(kind: str):
    case = VECTORS[kind]["genuine"][0]
    last = KINDS[kind].needs[-1].name

    with pytest.raises(NotTheirs):
        gateway(kind, **{last: "another"}).read_callback(case["headers"], case["body"].encode())


@pytest.mark.parametrize("kind", list(VECTORS))
def test_an_empty_key_is_no_key(kind: str):
    for need in KINDS[kind].needs:
        with pytest.raises(NotSetUp):
            gateway(kind, **{need.name: ""})


@pytest.mark.parametrize("kind", list(VECTORS))
def test_even_a_gateway_opened_without_keys_believes_nobody(kind: str):
    empty = Credentials({need.name: "" for need in KINDS[kind].needs}, "", live=False)
    open_ = KINDS[kind].open(empty, "http://127.0.0.1:1")

    for case in [*VECTORS[kind]["genuine"], *VECTORS[kind]["forged"]]:
        with pytest.raises(NotTheirs):
            open_.read_callback(case["headers"], case["body"].encode())


@pytest.mark.parametrize("kind", list(VECTORS))
def test_its_own_example_is_genuine(kind: str):
    made = gateway(kind).example("SELFTEST-1", 5000)

    word = gateway(kind).read_callback(made.headers, made.body)

    assert (word.reference, word.standing, word.amount_idr) == ("SELFTEST-1", Standing.PAID, 5000)


@pytest.mark.parametrize("kind", list(VECTORS))
def test_no_secret_is_printed(kind: str):
    recorded = VECTORS[kind]
    shown = repr(gateway(kind)) + repr(Credentials(recorded["credentials"], "", live=False))

    for need in KINDS[kind].needs:
        if need.secret:
            assert recorded["credentials"][need.name] not in shown


@pytest.mark.parametrize("kind", list(VECTORS))
@given(st.one_of(st.binary(max_size=60), st.sampled_from(ODD)))
def test_nobodys_bytes_break_the_door(kind: str, raw: bytes):
    headers = {"X-Callback-Signature": "\u00ff", "x-callback-token": "\u00ff"}
    with pytest.raises((NotTheirs, GatewaySpokeNonsense)):
        gateway(kind).read_callback(headers, raw)


@pytest.mark.parametrize("raw", ODD)
def test_odd_values_of_somebody_who_knows_the_token_are_nonsense_at_worst(raw: bytes):
    with pytest.raises(GatewaySpokeNonsense):
        gateway("xendit").read_callback({"x-callback-token": "token-balik-7Yh3"}, raw)


def test_requests_are_signed_as_recorded():
    kept = VECTORS["tripay"]["credentials"]
    code, key = VECTORS["duitku"]["credentials"].values()

    assert (
        tripay.sign_request(kept["private_key"], kept["merchant_code"], "R-2611-0042-1", 5000)
        == VECTORS["tripay"]["requests"]["create"]
    )
    asked = VECTORS["duitku"]["requests"]
    assert duitku.sign_request(code, "R-2611-0042-1", 5000, key) == asked["create"]
    assert duitku.sign_status(code, "R-2611-0042-1", key) == asked["status"]


@pytest.mark.parametrize(
    "url", ["https://example.com", "http://127.0.0.1@example.com/", "http://localhost:1", "x"]
)
def test_a_fake_gateway_stands_on_this_machine_or_nowhere(url: str):
    values = VECTORS["tripay"]["credentials"]

    with pytest.raises(NotSetUp):
        open_gateway("tripay", Credentials(values, "QRIS", live=False, base_url=url))
    open_gateway("tripay", Credentials(values, "QRIS", live=False, base_url="http://127.0.0.1:9"))


def test_live_and_sandbox_have_addresses_of_their_own():
    for kind, told in KINDS.items():
        values = VECTORS[kind]["credentials"]
        bases = [
            open_gateway(kind, Credentials(values, "", live=live)).base  # type: ignore[attr-defined]
            for live in (True, False)
        ]
        assert bases == [told.live, told.sandbox]
        assert kind == "xendit" or bases[0] != bases[1]


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        (5000, 5000),
        ("5000", 5000),
        ("5000.00", 5000),
        (5000.0, 5000),
        ("5000.50", None),
        ("-1", None),
        ("1e99", None),
        ("NaN", None),
        ("Infinity", None),
        ("", None),
        (True, None),
        (None, None),
        ([5000], None),
        (3_000_000_000, None),
    ],
)
def test_only_whole_rupiah_are_an_amount(value: object, amount: int | None):
    assert whole_idr(value) == amount


def test_nothing_matches_an_empty_secret():
    for told, expected in (("", ""), ("a", ""), ("", "a"), ("a", "b")):
        with pytest.raises(NotTheirs):
            must_match(told, expected)
    must_match("a", "a")


def test_headers_are_found_in_any_case():
    assert header({"X-Callback-TOKEN": "t"}, "x-callback-token") == "t"
    assert header({}, "x-callback-token") == ""


def test_buyers_are_sent_to_web_pages_only():
    assert web_address({"url": "javascript:alert(1)"}, "url") == ""
    assert web_address({"url": "https://example.com/pay"}, "url") == "https://example.com/pay"
