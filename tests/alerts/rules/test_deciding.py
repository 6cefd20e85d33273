"""Who is told, who is not and why: every person once, and of the end whoever heard of the beginning."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.alerts.rules.deciding import BUDGET, Recipient, Told, World, decide
from ronda.alerts.rules.occurrences import By, Occurrence, Rule, Step, Target, What
from ronda.alerts.rules.quiet import Quiet
from ronda.alerts.rules.verdicts import Decision, Delivery, Held, Kind, Reason

NOON = datetime(2026, 11, 21, 5, tzinfo=UTC)  # 12:00 in Jakarta
NIGHT = Quiet(time(22), time(6), "Asia/Jakarta")
MINUTE = timedelta(minutes=1)
ON_CALL, NOC = Target(By.ROTA, "1"), Target(By.ROLE, "noc")
STEPS = (Step(timedelta(), (ON_CALL,)), Step(15 * MINUTE, (NOC,)))
RULE = Rule(1, frozenset({What.OUTAGE}), STEPS, NOON - timedelta(days=9), hold=2 * MINUTE)
OUTAGE = Occurrence("incident:1", What.OUTAGE, NOON, sites=frozenset({1}))
JOKO, TARNO, WAYAN = "person:1", "person:2", "person:3"


def recipient(key: str, role: str = "technician", **more: Any) -> Recipient:
    return Recipient(key, role, **more)


def world(*rules: Rule, **people: Recipient) -> World:
    known = {JOKO: recipient(JOKO), TARNO: recipient(TARNO), WAYAN: recipient(WAYAN, "noc")}
    known |= {one.key: one for one in people.values()}
    crew = frozenset({JOKO, TARNO})
    return World(rules or (RULE,), known, lambda _rota, _at: JOKO, {"1": crew})


def minutes(count: float) -> datetime:
    return NOON + count * MINUTE


def run(
    occurrence: Occurrence,
    place: World,
    at: float,
    told: Mapping[str, Told] | None = None,
) -> tuple[list[tuple[Kind, str]], dict[tuple[Kind, str], Reason]]:
    """What is told and held back at so many minutes after the beginning."""
    decision = decide(occurrence, place, told or {}, minutes(at))
    return (
        [(one.kind, one.to) for one in decision.deliveries],
        {(one.kind, one.to): one.reason for one in decision.held},
    )


def heard(at: float = 2, by: tuple[int, int] = (1, 0), **more: Any) -> Told:
    return Told(minutes(at), frozenset({by}), **more)


def test_nobody_is_told_before_the_hold_is_over():
    assert decide(OUTAGE, world(), {}, NOON) == Decision((), (), minutes(2))


def test_whoever_is_on_call_is_told_first_and_the_others_of_the_rota_know_why_not():
    assert decide(OUTAGE, world(), {}, minutes(2)) == Decision(
        (Delivery(Kind.ALARM, JOKO, 1, 0),),
        (Held(Kind.ALARM, TARNO, 1, 0, Reason.NOT_ON_CALL),),
        minutes(17),
    )


def test_the_next_step_is_told_when_nobody_acknowledged():
    told, _held = run(OUTAGE, world(), 17, {JOKO: heard()})

    assert told == [(Kind.ALARM, WAYAN)]


def test_nobody_more_is_told_once_somebody_acknowledged():
    seen = replace(OUTAGE, acknowledged_at=minutes(5))

    assert decide(seen, world(), {JOKO: heard()}, minutes(6)).look_at == minutes(17)
    told, held = run(seen, world(), 17, {JOKO: heard()})
    assert (told, held[Kind.ALARM, WAYAN]) == ([], Reason.ACKNOWLEDGED)


@pytest.mark.parametrize(
    ("change", "who", "reason"),
    [
        ({}, {"active": False}, Reason.INACTIVE),
        ({}, {"sites": frozenset({2})}, Reason.SCOPE),
        ({}, {"reachable": False}, Reason.NO_ADDRESS),
        ({"maintenance": True}, {}, Reason.MAINTENANCE),
        ({"parent": "incident:9"}, {}, Reason.PARENT),
        ({"acknowledged_at": NOON}, {}, Reason.ACKNOWLEDGED),
        ({"snoozed_until": NOON + timedelta(hours=1)}, {}, Reason.SNOOZED),
        ({}, {"quiet": Quiet(time(11), time(13), "Asia/Jakarta")}, Reason.QUIET),
        ({}, {"recent": (NOON,) * BUDGET}, Reason.RATE),
    ],
)
def test_each_hindrance_is_the_one_reason(
    change: dict[str, Any], who: dict[str, Any], reason: Reason
):
    place = world(joko=recipient(JOKO, **who))

    told, held = run(replace(OUTAGE, **change), place, 2)

    assert (told, held[Kind.ALARM, JOKO]) == ([], reason)


@pytest.mark.parametrize(
    ("change", "who", "until"),
    [
        ({"maintenance": True}, {}, minutes(7)),
        ({"parent": "incident:9"}, {}, minutes(7)),
        ({"snoozed_until": minutes(9)}, {}, minutes(9)),
        ({}, {"quiet": Quiet(time(11), time(12, 10), "Asia/Jakarta")}, minutes(10)),
        ({}, {"recent": (minutes(1), *(minutes(2),) * (BUDGET - 1))}, minutes(11)),
        ({}, {"reachable": False}, minutes(17)),
    ],
)
def test_what_ends_by_itself_is_looked_at_again_and_then_told(
    change: dict[str, Any], who: dict[str, Any], until: datetime
):
    occurrence, place = replace(OUTAGE, **change), world(joko=recipient(JOKO, **who))

    assert decide(occurrence, place, {}, minutes(2)).look_at == until
    if change.keys() <= {"snoozed_until"} and "reachable" not in who:
        later = decide(occurrence, place, {}, until)
        assert Delivery(Kind.ALARM, JOKO, 1, 0) in later.deliveries


def test_what_goes_out_in_a_message_that_is_written_anyway_meets_no_limit():
    full = recipient(JOKO, recent=(NOON,) * BUDGET, bundled=True)

    assert run(OUTAGE, world(joko=full), 2)[0] == [(Kind.ALARM, JOKO)]
    asleep = replace(full, quiet=Quiet(time(11), time(13), "Asia/Jakarta"))
    assert run(OUTAGE, world(joko=asleep), 2)[0] == []


def test_whoever_is_narrowed_to_sites_hears_of_theirs_and_of_nothing_that_has_no_site():
    blind = replace(OUTAGE, what=What.BLIND, sites=frozenset())
    rule = replace(RULE, whats=frozenset({What.BLIND}))

    told, held = run(blind, world(rule, joko=recipient(JOKO, sites=frozenset({2}))), 2)
    assert (told, held[Kind.ALARM, JOKO]) == ([], Reason.SCOPE)
    assert run(OUTAGE, world(joko=recipient(JOKO, sites=frozenset({1, 2}))), 2)[0]


def test_a_rule_that_wakes_disregards_quiet_hours_and_so_does_its_end():
    place = world(replace(RULE, wakes=True), joko=recipient(JOKO, quiet=NIGHT))
    midnight = replace(OUTAGE, opened_at=NOON + timedelta(hours=12))
    at = NOON + timedelta(hours=12, minutes=2)

    first = decide(midnight, place, {}, at).deliveries
    assert first == (Delivery(Kind.ALARM, JOKO, 1, 0, woken=True),)

    told = {JOKO: Told(at, frozenset({(1, 0)}), woken=True)}
    over = decide(replace(midnight, closed_at=at + MINUTE), place, told, at + MINUTE)
    assert over.deliveries == (Delivery(Kind.RECOVERY, JOKO, 0, 0, woken=True),)


def test_the_end_waits_for_the_end_of_quiet_hours_of_those_who_were_not_woken():
    place = world(joko=recipient(JOKO, quiet=NIGHT))
    at = NOON + timedelta(hours=11)  # 23:00
    over = replace(OUTAGE, closed_at=at)

    decision = decide(over, place, {JOKO: heard()}, at)

    morning = NOON + timedelta(hours=18)
    assert decision.deliveries == ()
    assert Held(Kind.RECOVERY, JOKO, 0, 0, Reason.QUIET, morning) in decision.held
    assert decision.look_at == morning
    assert run(over, place, 18 * 60, {JOKO: heard()})[0] == [(Kind.RECOVERY, JOKO)]


def test_the_end_is_told_to_those_who_were_told_and_to_nobody_else():
    over = replace(OUTAGE, closed_at=minutes(9))

    told, held = run(over, world(), 9, {JOKO: heard()})

    assert told == [(Kind.RECOVERY, JOKO)]
    assert held == {
        (Kind.ALARM, TARNO): Reason.NOT_ON_CALL,
        (Kind.ALARM, WAYAN): Reason.GONE,
    }
    assert run(over, world(), 10, {JOKO: heard(recovered=True)})[0] == []


def test_the_end_is_not_told_to_whom_the_beginning_never_reached_or_who_left():
    over = replace(OUTAGE, closed_at=minutes(9))

    assert run(over, world(), 9, {JOKO: heard(reached=False)}) == (
        [],
        {
            (Kind.RECOVERY, JOKO): Reason.NOT_REACHED,
            (Kind.ALARM, TARNO): Reason.NOT_ON_CALL,
            (Kind.ALARM, WAYAN): Reason.GONE,
        },
    )
    assert run(over, world(), 9, {"chat:gone": heard()})[1][Kind.RECOVERY, "chat:gone"] == (
        Reason.INACTIVE
    )


def test_what_was_over_before_its_turn_says_so_or_that_somebody_had_acknowledged():
    over = replace(OUTAGE, closed_at=minutes(1))
    assert run(over, world(), 2)[1][Kind.ALARM, JOKO] == Reason.GONE

    seen = replace(over, acknowledged_at=minutes(1))
    assert run(seen, world(), 2)[1][Kind.ALARM, JOKO] == Reason.ACKNOWLEDGED


def test_two_rules_tell_one_person_once():
    other = replace(RULE, id=2)

    told, held = run(OUTAGE, world(RULE, other), 2)
    assert (told, held[Kind.ALARM, JOKO]) == ([(Kind.ALARM, JOKO)], Reason.ALREADY)

    later, held = run(OUTAGE, world(RULE, other), 3, {JOKO: heard()})
    assert (later, held[Kind.ALARM, JOKO]) == ([], Reason.ALREADY)

    over = replace(OUTAGE, closed_at=minutes(4))
    told, held = run(over, world(RULE, other), 4, {JOKO: heard()})
    assert (told, held[Kind.ALARM, JOKO]) == ([(Kind.RECOVERY, JOKO)], Reason.ALREADY)


def test_a_rule_repeats_itself_while_it_is_open_and_nobody_acknowledged():
    rule = replace(RULE, repeat=timedelta(hours=1))
    place = world(rule, replace(rule, id=2))

    assert decide(OUTAGE, place, {}, minutes(2)).look_at == minutes(17)
    told, _held = run(OUTAGE, place, 62, {JOKO: heard(2), WAYAN: heard(17, (1, 1))})
    assert told == [(Kind.REPEAT, JOKO)]
    both = {JOKO: heard(62), WAYAN: heard(17, (1, 1))}
    assert decide(OUTAGE, place, both, minutes(63)).look_at == minutes(77)
    seen = replace(OUTAGE, acknowledged_at=minutes(70))
    again, held = run(seen, place, 130, both)
    assert (again, held[Kind.REPEAT, JOKO]) == ([], Reason.ACKNOWLEDGED)
    assert decide(seen, place, both, minutes(130)).look_at is None


def test_whoever_takes_over_hears_of_it_at_the_next_repetition():
    rule = replace(RULE, repeat=timedelta(hours=1))
    place = replace(world(rule), on_call=lambda _rota, at: JOKO if at < minutes(30) else TARNO)

    assert run(OUTAGE, place, 40, {JOKO: heard()})[0] == [(Kind.ALARM, WAYAN)]
    told, held = run(OUTAGE, place, 62, {JOKO: heard(), WAYAN: heard(40, (1, 1))})
    assert (told, held[Kind.ALARM, JOKO]) == ([(Kind.ALARM, TARNO)], Reason.NOT_ON_CALL)


def test_what_does_not_last_has_one_step_and_no_end():
    rule = replace(RULE, whats=frozenset({What.REPEATED}), repeat=MINUTE)
    once = replace(OUTAGE, what=What.REPEATED, lasting=False)

    assert decide(once, world(rule), {}, minutes(30)).deliveries == (
        Delivery(Kind.ALARM, JOKO, 1, 0),
    )
    assert decide(once, world(rule), {JOKO: heard()}, minutes(30)).deliveries == ()
    over = replace(once, closed_at=minutes(60))
    assert decide(over, world(rule), {JOKO: heard()}, minutes(60)).deliveries == ()


def test_a_rule_that_is_off_says_so_and_a_digest_does_not_speak_now():
    told, held = run(OUTAGE, world(replace(RULE, active=False)), 2)
    assert (told, held[Kind.ALARM, JOKO]) == ([], Reason.OFF)
    assert run(OUTAGE, world(replace(RULE, gathered=True)), 2) == ([], {})


def test_persons_and_chats_are_named_too_and_whoever_is_unknown_is_passed_over():
    step = Step(
        timedelta(),
        (
            ON_CALL,
            Target(By.PERSON, TARNO),
            Target(By.PERSON, TARNO),
            Target(By.CHAT, "chat:1"),
            Target(By.PERSON, "person:99"),
        ),
    )
    place = world(replace(RULE, steps=(step,)), chat=recipient("chat:1", ""))

    told, held = run(OUTAGE, place, 2)

    assert told == [(Kind.ALARM, JOKO), (Kind.ALARM, TARNO), (Kind.ALARM, "chat:1")]
    assert held == {}
    nobody = replace(
        world(), on_call=lambda _rota, _at: None, members={"1": frozenset({"person:98"})}
    )
    assert run(OUTAGE, nobody, 2) == ([], {})


@pytest.mark.parametrize(
    ("rule", "occurrence", "speaks"),
    [
        ({"whats": frozenset({What.MASS})}, {"size": 9}, False),
        ({"whats": frozenset({What.MASS})}, {"size": 10}, True),
        ({"whats": frozenset({What.MASS})}, {"what": What.ROUTER, "size": 10}, False),
        ({"sites": frozenset({1})}, {}, True),
        ({"sites": frozenset({2})}, {}, False),
        ({"areas": frozenset({5})}, {"areas": frozenset({5, 6})}, True),
        ({"areas": frozenset({7})}, {"areas": frozenset({5, 6})}, False),
        ({"categories": frozenset({"csr"})}, {"categories": frozenset({"csr"})}, True),
        ({"categories": frozenset({"csr"})}, {"categories": frozenset({"apbd"})}, False),
        ({"since": NOON + MINUTE}, {}, False),
    ],
)
def test_a_rule_speaks_of_what_where_and_not_of_what_is_older(
    rule: dict[str, Any], occurrence: dict[str, Any], speaks: bool
):
    told, _held = run(replace(OUTAGE, **occurrence), world(replace(RULE, **rule)), 2)

    assert bool(told) is speaks


@st.composite
def lives(draw: st.DrawFn) -> tuple[Occurrence, World, list[float]]:
    """A trouble with rules and people, and the minutes at which somebody looks."""
    quiet = draw(st.sampled_from([None, NIGHT, Quiet(time(11), time(14), "Asia/Jakarta")]))
    rules = tuple(
        Rule(
            number,
            frozenset({What.OUTAGE}),
            draw(st.permutations(STEPS).map(tuple)),
            NOON,
            active=draw(st.booleans()),
            hold=draw(st.integers(0, 5)) * MINUTE,
            repeat=draw(st.sampled_from([None, 30 * MINUTE])),
            wakes=draw(st.booleans()),
        )
        for number in range(1, draw(st.integers(2, 4)))
    )
    known = world(*rules, joko=recipient(JOKO, quiet=quiet))
    closed = draw(st.one_of(st.none(), st.integers(0, 900)))
    seen = draw(st.one_of(st.none(), st.integers(0, 900)))
    occurrence = replace(
        OUTAGE,
        closed_at=None if closed is None else minutes(closed),
        acknowledged_at=None if seen is None else minutes(seen),
    )
    return occurrence, known, sorted(draw(st.lists(st.integers(0, 2000), max_size=30)))


@given(lives())
def test_however_often_one_looks_everybody_is_alarmed_once_and_the_end_is_theirs_alone(
    life: tuple[Occurrence, World, list[float]],
):
    occurrence, place, looks = life
    told: dict[str, Told] = {}
    alarmed: list[str] = []
    ended: list[str] = []
    for look in looks:
        at = minutes(look)
        seen, closed = occurrence.acknowledged_at, occurrence.closed_at
        now = replace(
            occurrence,
            closed_at=closed if closed and closed <= at else None,
            acknowledged_at=seen if seen and seen <= at else None,
        )
        decision = decide(now, place, told, at)
        reasons = [(one.kind, one.to, one.rule, one.step) for one in decision.held]
        assert len(set(reasons)) == len(reasons)
        assert decision.look_at is None or decision.look_at > at
        for one in decision.deliveries:
            if one.kind == Kind.ALARM:
                alarmed.append(one.to)
            elif one.kind == Kind.RECOVERY:
                ended.append(one.to)
            told[one.to] = Told(at, frozenset({(one.rule, one.step)}), now.closed_at is not None)

    assert len(set(alarmed)) == len(alarmed)
    assert len(set(ended)) == len(ended)
    assert set(ended) <= set(alarmed)
