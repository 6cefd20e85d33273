"""Troubles of routers become few notices, told once, in both languages."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from ronda.alerts.models import Notice
from ronda.alerts.rules.routers import tell
from ronda.alerts.service.listening_routers import tell_troubles
from ronda.alerts.service.wording import text_of
from ronda.upkeep.events import TROUBLE
from ronda.upkeep.rules.conditions import Kind
from ronda.work.models import Event

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def trouble(router: int, kind: str = "lost", on: bool = True, **more: object) -> dict[str, object]:
    return {
        "router": router,
        "name": f"R{router}",
        "kind": kind,
        "on": on,
        "since": NOW.isoformat(),
        "value": 95.4,
        "text": "",
    } | more


def heard(*payloads: dict[str, object]) -> list[Notice]:
    tell_troubles([Event(at=NOW, topic=TROUBLE, payload=payload) for payload in payloads])
    return list(Notice.objects.order_by("id"))


def test_what_ended_within_the_batch_is_not_told():
    batch = [trouble(1), trouble(2), trouble(1, on=False), trouble(3, on=False)]
    assert [(news.kind, news.on, len(news.items)) for news in tell(batch)] == [
        ("lost", True, 1),
        ("lost", False, 1),
    ]


def test_the_longest_troubled_is_named_first():
    (news,) = tell([trouble(1), trouble(2, since="2026-11-21T11:00:00+00:00"), trouble(3)])
    assert [item["router"] for item in news.items] == [2, 1, 3]


@pytest.mark.django_db
def test_ten_routers_lost_at_once_are_one_notice():
    (notice,) = heard(*(trouble(number) for number in range(1, 11)))
    assert (notice.type, notice.kind) == ("danger", "router")
    assert notice.text.startswith("10 routers cannot be reached since ")
    assert notice.text.endswith(": R1, R2, R3, R4, R5 and 5 more.")
    assert len(notice.details["routers"]) == 10


@pytest.mark.django_db
def test_a_single_router_is_named_with_the_reason():
    notices = heard(
        trouble(1, text="no route to host"), trouble(2, "disk"), trouble(3, "cpu", on=False)
    )
    assert [notice.type for notice in notices] == ["danger", "warning", "success"]
    assert notices[0].text.endswith("no route to host")
    assert notices[1].text == "The storage of router R2 is 95 % full."
    assert notices[2].text == "The processor is no longer overloaded: R3."


@pytest.mark.django_db
@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("on", [True, False])
def test_every_kind_has_its_words_in_both_languages(kind, count, on):
    (notice,) = heard(*(trouble(number, kind, on) for number in range(count)))
    with translation.override("en"):
        english = text_of(notice)
    with translation.override("id"):
        indonesian = text_of(notice)
    assert "R0" in english
    assert "R0" in indonesian
    assert english != indonesian
