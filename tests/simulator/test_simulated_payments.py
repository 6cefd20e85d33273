"""The invented gateways: what they refuse, the page one pays on, and how they misbehave."""

import json

import httpx
import pytest
from click.testing import CliRunner

from ronda.cli.simulate import simulate
from ronda.simulator.payments.book import KEYS
from ronda.simulator.payments.dialects import Call
from ronda.simulator.payments.server import FakeGateways


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/tripay/transaction/create", {"merchant_ref": "A-1", "amount": 1}),
        ("/duitku/v2/inquiry", {"merchantCode": "DS00001", "signature": "0" * 32}),
        ("/midtrans/charge", {"transaction_details": {"order_id": "A-1"}}),
        ("/xendit/v2/invoices", {"external_id": "A-1"}),
    ],
)
def test_a_stranger_is_refused_as_the_real_ones_do(path: str, body: dict[str, object]):
    with FakeGateways() as fakes, httpx.Client(trust_env=False) as http:
        assert http.post(fakes.base + path, json=body).status_code == 401
        assert fakes.book.held == {}


def test_one_pays_on_the_page_and_the_merchant_is_called_as_often_as_was_said():
    calls: list[Call] = []
    with (
        FakeGateways(send=lambda call: calls.append(call) or 200) as fakes,  # type: ignore[func-returns-value]
        httpx.Client(trust_env=False) as http,
    ):
        fakes.book.behave(copies=2, backwards=True)
        fakes.book.dashboard_url = "http://127.0.0.1:9/callback"
        made = http.post(
            f"{fakes.base}/xendit/v2/invoices",
            json={"external_id": "A-1", "amount": 5000},
            auth=(KEYS["xendit"]["secret_key"], ""),
        ).json()
        before = http.get(made["invoice_url"]).text
        after = http.post(made["invoice_url"], data={"do": "pay"}).text
        fakes.settle()

    assert "Bayar sekarang" in before
    assert "sudah dibayar" in after
    assert [json.loads(call.body)["status"] for call in calls] == ["PAID", "PAID", "PENDING"]
    assert {call.url for call in calls} == {"http://127.0.0.1:9/callback"}


def test_the_command_says_how_to_reach_them():
    ran = CliRunner().invoke(simulate, ["payments", "--json", "--seconds", "0.01"])

    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.output.splitlines()[0])
    assert set(told["gateways"]) == set(KEYS)
    assert told["gateways"]["tripay"]["url"].startswith("http://127.0.0.1:")
