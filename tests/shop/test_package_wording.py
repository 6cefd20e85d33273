"""A package in plain words, in Bahasa Indonesia and English."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import translation

from ronda.shop.rules import clocks
from ronda.shop.rules.clocks import Ending
from ronda.shop.rules.contradictions import Doubt
from ronda.shop.rules.terms import AtEnd, Span, SpanUnit, Terms
from ronda.shop.service import wording

MB, GB = 1024**2, 1024**3
MONTH = Span(1, SpanUnit.MONTH)
EVERYTHING = Terms(
    valid_for=MONTH,
    online_s=36 * 3600,
    quota_bytes=1536 * MB,
    rate_limit="1M/4M 2M/8M",
    devices=2,
    windows=[[[0, 1, 2, 4], 480, 1020], [[6], 0, 0]],
    zone="WITA",
    at_end=AtEnd.SLOW,
    slow_profile="lambat",
)


def test_everything_in_bahasa_indonesia() -> None:
    with translation.override("id"):
        assert wording.describe(EVERYTHING) == (
            "Berlaku 1 bulan sejak login pertama. Di dalamnya paling lama 1 hari 12 jam online; waktu "
            "dihitung hanya selama tersambung. Kuota 1,5 GB. Unduh sampai 4 Mb/s, unggah sampai 1 Mb/s, "
            "sesaat 8 Mb/s. Untuk 2 perangkat sekaligus. Hanya Sen-Rab, Jum 08:00-17:00; Min "
            "sepanjang hari WITA. Sesudah itu internet tetap jalan, tetapi lambat."
        ).replace("-", "\N{EN DASH}")
        assert wording.brief(EVERYTHING) == "1 bulan · 1 hari 12 jam online · 1,5 GB · 4 Mb/s"


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({}, "No limit of time. For 1 device at a time."),
        (
            {"online_s": 5400},
            (
                "1 hour 30 minutes online; time counts only while connected. For 1 device at a time. "
                "After that the code is removed."
            ),
        ),
        (
            {"quota_download_bytes": 500 * MB, "quota_upload_bytes": 100 * MB},
            (
                "500 MB of download. 100 MB of upload. For 1 device at a time. "
                "After that the code is removed."
            ),
        ),
        (
            {"rate_limit": "0/2M", "at_end": AtEnd.BLOCK, "valid_for": MONTH},
            (
                "Valid for 1 month from the first login. Download up to 2 Mb/s. For 1 device at a time. "
                "After that the code is blocked."
            ),
        ),
        (
            {"rate_limit": "512k/0"},
            "No limit of time. Upload up to 512 kb/s. For 1 device at a time.",
        ),
        ({"rate_limit": "fast"}, "No limit of time. For 1 device at a time."),
    ],
)
def test_only_what_is_limited_is_told(terms: dict[str, Any], said: str) -> None:
    with translation.override("en"):
        assert wording.describe(Terms(**terms)) == said


def test_a_package_without_limits_says_so_briefly() -> None:
    with translation.override("en"):
        assert wording.brief(Terms()) == "no limit"


def test_a_simulation_that_does_not_end_says_so() -> None:
    moment = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
    with translation.override("id"):
        told = wording.ending(Ending(None, None, 60), moment, moment, "WIB")
        assert told == {
            "text": "Dibeli Jum 20 Nov 2026 20:00 WIB, login Jum 20 Nov 2026 20:00 WIB: dengan "
            "pemakaian ini awet lebih dari dua tahun.",
            "ends": False,
        }


def test_the_example_of_the_promise_reads_well() -> None:
    bought = datetime(2026, 11, 20, 20, 0, tzinfo=clocks.offset("WIB"))
    login = datetime(2026, 11, 21, 9, 0, tzinfo=clocks.offset("WIB"))
    terms = Terms(valid_for=Span(1, SpanUnit.DAY))
    found = clocks.simulate(terms, login, clocks.Use(hours_a_day=3))
    with translation.override("id"):
        assert wording.ending(found, bought, login, "WIB")["text"] == (
            "Dibeli Jum 20 Nov 2026 20:00 WIB, login Sab 21 Nov 2026 09:00 WIB: habis Min 22 Nov 2026 "
            "09:00 WIB karena masa berlaku habis, setelah 3 jam online."
        )


def test_every_doubt_and_refusal_has_words() -> None:
    with translation.override("id"):
        for doubt in Doubt:
            assert wording.doubt(doubt)
        for why in wording.REFUSALS:
            assert "30" in wording.refusal(why, "30") or "%" not in wording.refusal(why, "30")
