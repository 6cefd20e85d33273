"""Rows of long lists: what people wrote stays text, and words are those of the language."""

from datetime import UTC, datetime

from django.utils import translation

from ronda.devices.templatetags.ont_rows import ont_row
from ronda.shop.templatetags.voucher_rows import voucher_row

ONT = {
    "id": 1234,
    "name": "<b>RT</b> {address}",
    "location": 'Pos "Ronda" & co',
    "customer_id": "X{1}",
    "address": "10.0.0.7",
    "monitored": True,
    "area": "Atas",
    "state": "down",
    "since": datetime(2026, 11, 21, 12, 3, 5, tzinfo=UTC),
    "flapping": True,
    "degraded": False,
}


def test_a_row_escapes_what_people_wrote_and_takes_no_brace_of_it_for_a_place() -> None:
    html = ont_row(ONT, True)
    assert "&lt;b&gt;RT&lt;/b&gt; {address}</a>" in html
    assert '<small class="under">Pos &quot;Ronda&quot; &amp; co</small>' in html
    assert 'value="1234"' in html
    assert 'href="/onts/1234/"' in html
    assert "X{1}" in html
    assert "state-flapping" in html


def test_a_row_is_in_the_language_of_its_page_and_of_its_kind() -> None:
    with translation.override("en"):
        english = ont_row(ONT | {"address": "", "since": None, "state": "paused"}, False)
    with translation.override("id"):
        indonesian = ont_row(ONT, False)
    assert "no address" in english
    assert "<td></td>" in english
    assert "checkbox" not in english
    assert 'data-label="Area"' in english
    assert 'data-label="Alamat"' in indonesian


def test_the_row_of_a_voucher_names_its_batch_where_it_has_one() -> None:
    voucher = {
        "id": 7,
        "code": "a<b",
        "state": "ready",
        "batch": 1200,
        "batch__note": "<i>",
        "package__name": "1 jam",
        "router__name": "pos",
        "sold_at": None,
        "expires_at": None,
        "made_at": datetime(2026, 11, 21, 12, 3, 5, tzinfo=UTC),
    }
    with translation.override("en"):
        assert '<small class="under">batch 1200 &lt;i&gt;</small>' in voucher_row(voucher)
        assert "a&lt;b</a>" in voucher_row(voucher)
        assert "under" not in voucher_row(voucher | {"batch": None, "batch__note": None})
