"""Who hears of what in a digest."""

from dataclasses import replace

from ronda.alerts.rules.digests import gather
from ronda.alerts.rules.occurrences import What
from tests.alerts.rules.test_deciding import (
    JOKO,
    NOON,
    OUTAGE,
    RULE,
    WAYAN,
    minutes,
    recipient,
    world,
)

DIGEST = replace(RULE, gathered=True)


def test_everybody_of_every_step_hears_of_what_the_rule_speaks_of():
    router = replace(OUTAGE, what=What.ROUTER)

    assert gather(DIGEST, [OUTAGE, router], world(), minutes(60)) == {
        JOKO: [OUTAGE],
        WAYAN: [OUTAGE],
    }
    assert gather(DIGEST, [router], world(), NOON) == {}


def test_whoever_left_or_does_not_see_the_site_hears_of_nothing():
    elsewhere = replace(OUTAGE, sites=frozenset({2}))
    place = world(
        joko=recipient(JOKO, active=False), wayan=recipient(WAYAN, "noc", sites=frozenset({2}))
    )

    assert gather(DIGEST, [OUTAGE, elsewhere], place, NOON) == {WAYAN: [elsewhere]}
