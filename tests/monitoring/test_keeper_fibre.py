"""End to end on a real interface: the real prober's process, the keeper, the database."""

import time
from collections.abc import Callable, Iterator

import pytest

from ronda.devices.models import Ont, Site
from ronda.monitoring.keeper.loop import Keeper
from ronda.monitoring.keeper.settings import KeeperSettings
from ronda.monitoring.models import Outage, Poller, Sweep, Transition, Unobserved, Watch
from ronda.monitoring.rules.policy import Policy
from ronda.monitoring.service import newest_rtt_ms
from ronda.probing.process import start_prober
from ronda.work import feed
from tests.fibre import open_fibre

pytestmark = [pytest.mark.django_db]

INTERVAL = 2.0
# The default waits up to 25 s to be sure; the order of steps is the same.
QUICK = (0.3, 0.7, 1.2, 1.8)
POLICY = Policy(
    confirm_after=QUICK, confirm_after_when_quiet=QUICK, extra_every=0.5, recover_after=0.6
)


class Scene:
    """Thirty ONTs on a fibre, watched."""

    def __init__(self, fibre, keeper: Keeper, onts: list[Ont]) -> None:
        self.fibre = fibre
        self.keeper = keeper
        self.onts = onts

    def until(self, fact: Callable[[], bool], within: float = 60.0) -> None:
        """Let the keeper work until the fact holds; fails when it does not in time."""
        deadline = time.monotonic() + within
        while not fact():
            assert time.monotonic() < deadline, "it did not happen in time"
            self.keeper.tick(0.1)

    def sweeps(self, count: int) -> None:
        """So many rounds more."""
        wanted = self.keeper.lookout.sweeps + count
        self.until(lambda: self.keeper.lookout.sweeps >= wanted)

    def told(self, after: int) -> list[tuple[int, str]]:
        """ONT and state of all transitions in the feed since then."""
        return [
            (entry["id"], entry["state"])
            for event in feed.read(after, topics={"monitoring.transitions"})
            for entry in event.payload["onts"]
        ]


@pytest.fixture
def scene() -> Iterator[Scene]:
    with open_fibre() as fibre:
        site = Site.objects.create(name="Sleman")
        onts = [
            Ont.objects.create(site=site, customer_id=f"XM{n}", name=f"Ronda {n}", address=address)
            for n, address in enumerate(fibre.layout.hosts(30))
        ]
        settings = KeeperSettings(
            interval=INTERVAL,
            canaries=fibre.layout.canaries(),
            policy=POLICY,
            canary_every=0.5,
            follow_every=0.2,
        )
        keeper = Keeper(settings, lambda: start_prober(interval=INTERVAL, timeout=0.6))
        keeper.begin()
        made = Scene(fibre, keeper, onts)
        try:
            made.until(lambda: Watch.objects.filter(state="up").count() == 30)
            made.sweeps(1)
            yield made
        finally:
            keeper.line.close()


def test_one_cut_ont_is_one_outage_from_its_first_missed_probe_and_two_replies_end_it(scene):
    cut = scene.onts[11]
    start = feed.last_id()

    cut_at = time.time()
    scene.fibre.cut([cut.address])
    scene.until(lambda: Outage.objects.exists())
    outage = Outage.objects.get()
    scene.sweeps(2)

    assert scene.told(start) == [(cut.pk, "suspect"), (cut.pk, "down")]
    assert outage.ont_id == cut.pk
    assert cut_at - 0.3 < outage.started_at.timestamp() < cut_at + INTERVAL + 30
    assert outage.started_at == Transition.objects.get(after="suspect").at
    assert outage.last_ok_at < outage.started_at

    down = feed.last_id()
    scene.fibre.mend()
    scene.until(lambda: Outage.objects.get().ended_at is not None)
    scene.sweeps(1)

    back = Transition.objects.get(before="down")
    assert back.after == "up"
    assert Outage.objects.get().ended_at == back.at
    assert (back.decided_at - back.at).total_seconds() >= POLICY.recover_after
    assert scene.told(down) == [(cut.pk, "up")]


def test_when_we_are_blind_nothing_is_down_and_the_time_is_unobserved(scene):
    start = feed.last_id()

    scene.fibre.blind(True)
    scene.until(lambda: Unobserved.objects.exists())
    scene.sweeps(2)
    blind = Poller.objects.get().blind_since
    scene.fibre.blind(False)
    scene.until(lambda: Unobserved.objects.filter(ended_at__isnull=False).exists())
    scene.sweeps(2)

    assert Outage.objects.count() == 0
    assert not any(state == "down" for _, state in scene.told(start))
    gap = Unobserved.objects.get()
    assert (gap.reason, gap.started_at) == ("blind", blind)
    assert Poller.objects.get().blind_since is None
    assert Watch.objects.filter(state="up").count() == 30


def test_a_new_ont_is_known_at_once_and_the_sweeps_are_remembered(scene):
    address = scene.fibre.layout.hosts(31)[-1]
    new = Ont.objects.create(
        site=scene.onts[0].site, customer_id="NEW", name="New", address=address
    )
    feed.append("devices.changed", {"onts": [new.pk]})

    scene.until(lambda: Watch.objects.filter(ont=new, state="up").exists())
    scene.sweeps(2)

    assert Sweep.objects.count() == Poller.objects.get().sweep
    rtts = sorted(newest_rtt_ms(ont.pk) or 0 for ont in scene.onts)
    assert 4.5 < rtts[15] < 100
