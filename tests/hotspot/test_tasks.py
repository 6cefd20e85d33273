"""What the routers' desk runs: readings and instructions, on simulated routers and with lines that are cut."""

import pytest
from django.utils import timezone

from ronda.hotspot import tasks
from ronda.hotspot.models import (
    Action,
    Condition,
    Drift,
    HotspotProfile,
    HotspotUser,
    Kind,
    Outcome,
    Reading,
    Verb,
    Wanted,
)
from ronda.hotspot.service import ages, asking
from ronda.hotspot.service.asking import Target
from ronda.routeros.errors import RouterError
from ronda.routeros.links import open_link
from ronda.routeros.port import Link, Transport
from ronda.routeros.port import Target as Where
from ronda.routers.desk.port import Visit
from ronda.routers.desk.rules import CallTimes
from ronda.simulator.routers.control import SimulatedRouters
from tests.hotspot.doing import Calls
from tests.hotspot.factories import furnish, make_router, read
from tests.hotspot.scripted import USER, ScriptedLink

pytestmark = [pytest.mark.django_db]


@pytest.fixture(autouse=True)
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Database work in the test's own transaction."""
    made = Calls()
    monkeypatch.setattr(tasks, "in_thread", made.in_thread)
    return made


class Said:
    """A `Progress` that remembers."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, int]] = []

    async def __call__(self, done: int, total: int = 0, text: str = "") -> None:
        self.steps.append((done, total))


def visit(router: int, link: Link) -> Visit:
    return Visit(router, link, CallTimes())


def test_a_long_instruction_is_done_in_groups_with_progress(calls: Calls) -> None:
    link = ScriptedLink()
    router = read(link)
    targets = [
        Target(router, f"u{n:03}", after={"profile": "default"}, password="x") for n in range(40)
    ]
    instruction = asking.ask(Verb.CREATE, targets, None)
    said = Said()
    calls.run(tasks.act(link, {"instruction": instruction.pk, "router": router.pk}, said))
    assert said.steps == [(16, 40), (32, 40), (40, 40)]
    assert HotspotUser.objects.count() == 40
    assert set(HotspotUser.objects.values_list("standing", flat=True)) == {"ours"}
    # As jobs called it that waited while Ronda was brought up to date.
    older = {"order": instruction.pk, "router": router.pk}
    assert calls.run(tasks.act(link, older, said)) == {"ended": 0}


@pytest.mark.parametrize("cut", [0, 9, 17])
@pytest.mark.parametrize("done", [True, False])
def test_a_line_cut_anywhere_loses_and_doubles_nothing(calls: Calls, cut: int, done: bool) -> None:
    link = ScriptedLink()
    router = read(link)
    targets = [
        Target(router, f"u{n}", after={"profile": "default"}, password="x") for n in range(8)
    ]
    instruction = asking.ask(Verb.CREATE, targets, None)
    payload = {"instruction": instruction.pk, "router": router.pk}
    link.fail_at(cut, done=done)
    with pytest.raises(RouterError):
        calls.run(tasks.act(link, payload, Said()))
    assert Action.objects.exclude(outcome=Outcome.DONE).exists()
    link.alive = True
    calls.run(tasks.act(link, payload, Said()))
    assert set(Action.objects.values_list("outcome", flat=True)) == {"done"}
    assert link.names(USER) == [f"u{n}" for n in range(8)]


def test_the_quick_reading_is_made_only_while_somebody_looks(calls: Calls) -> None:
    link = furnish()
    router = read(link, parts=())
    assert calls.run(tasks.quick(visit(router.pk, link))) == tasks.QUICK_S
    assert not Reading.objects.exists()
    ages.look_at([router.pk])
    calls.run(tasks.quick(visit(router.pk, link)))
    assert list(Reading.objects.values_list("part", flat=True)) == ["active"]
    Condition.objects.update(looked_at_until=timezone.now())
    assert not ages.looked_at(router.pk)


def test_the_log_is_asked_once_for_what_newly_differs(calls: Calls) -> None:
    link = furnish()
    link.put("/log", time="10:02:11", message="hotspot user budi changed by admin")
    router = read(link)
    Wanted.objects.create(
        router=router,
        kind=Kind.USER,
        name="budi",
        values={"profile": "1hari"},
        since=timezone.now(),
    )
    calls.run(tasks.whole(visit(router.pk, link)))
    assert Drift.objects.get().likely == "admin, 10:02:11"
    calls.run(tasks.whole(visit(router.pk, link)))
    assert link.asked.count("print /log") == 1


def test_a_reading_that_breaks_off_is_noted_and_told_to_the_desk(calls: Calls) -> None:
    link = furnish()
    router = read(link)
    link.fail_at(2)
    with pytest.raises(RouterError):
        calls.run(tasks.whole(visit(router.pk, link)))
    assert set(Reading.objects.values_list("trouble", flat=True)) == {"no answer"}


@pytest.mark.parametrize(
    "version", [pytest.param("v6.49.10", marks=pytest.mark.slow), pytest.param("v7.24")]
)
def test_users_and_profiles_on_a_simulated_router(calls: Calls, version: str) -> None:
    with SimulatedRouters(version) as routers:
        handle = routers[0]
        where = Where(
            handle.host,
            handle.user,
            handle.password,
            transport=Transport.API,
            port=handle.ports["api"],
        )

        async def story() -> None:
            link = await open_link(where)
            try:
                await _story(link, calls)
            finally:
                await link.close()

        calls.run(story())


async def _story(link: Link, calls: Calls) -> None:
    router = await calls.in_thread(make_router)
    await tasks.whole(visit(router.pk, link))
    profiles = await calls.in_thread(HotspotProfile.objects.filter(name="default").exists)
    assert profiles

    async def ask(verb: Verb, *targets: Target) -> list[tuple[str, str]]:
        instruction = await calls.in_thread(asking.ask, verb, targets, None)
        await tasks.act(link, {"instruction": instruction.pk, "router": router.pk}, Said())
        return await calls.in_thread(list, instruction.actions.values_list("outcome", "code"))

    done = [("done", "")]
    profile = {
        "rate-limit": "1M/2M 2M/4M 1M/1M 16/16",
        "shared-users": "2",
        "session-timeout": "1h",
    }
    assert await ask(Verb.CREATE, Target(router, "1 jam", "profile", after=profile)) == done
    values = {"profile": "1 jam", "limit-uptime": "7200s", "limit-bytes-total": "1073741824"}
    assert await ask(Verb.CREATE, Target(router, "007", after=values, password="x=y")) == done
    assert await ask(
        Verb.CREATE, Target(router, "ñandú", after={"profile": "1jm"}, password="x")
    ) == [("refused", "NoSuchReference")]
    row = await calls.in_thread(HotspotUser.objects.select_related("router").get, name="007")
    assert (row.limit_uptime_s, row.limit_bytes_total, row.standing) == (7200, 2**30, "ours")
    for verb, after in (
        (Verb.EXTEND, {"limit-uptime": "3h"}),
        (Verb.MOVE, {"profile": "default"}),
        (Verb.DISABLE, {"disabled": "true"}),
        (Verb.ENABLE, {"disabled": "false"}),
        (Verb.EDIT, {"limit-uptime": "", "comment": "lunas"}),
    ):
        assert await ask(verb, asking.target_of(row, after)) == done, verb
    assert await ask(Verb.RESET, asking.target_of(row)) == done
    assert await ask(Verb.KICK, Target(router, "007")) == done
    await tasks.whole(visit(router.pk, link))
    row = await calls.in_thread(HotspotUser.objects.get, name="007")
    assert (row.limit_uptime_s, row.profile, row.comment, row.standing) == (
        None,
        "default",
        "lunas",
        "ours",
    )
    assert not await calls.in_thread(Drift.objects.exists)
    assert await ask(Verb.DELETE, Target(router, "007", before={})) == done
    assert await ask(Verb.DELETE, Target(router, "1 jam", "profile", before={})) == done
    await tasks.whole(visit(router.pk, link))
    assert not await calls.in_thread(HotspotUser.objects.filter(name="007").exists)
    troubles = Reading.objects.exclude(trouble="").values_list("part", "trouble")
    assert await calls.in_thread(list, troubles) == []


def test_a_fault_in_one_item_keeps_what_its_neighbours_did(
    calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = ScriptedLink()
    router = read(link)
    targets = [
        Target(router, name, after={"profile": "default"}, password="x") for name in ("a", "b")
    ]
    instruction = asking.ask(Verb.CREATE, targets, None)
    perform = tasks.perform

    async def faulty(link: Link, task: tasks.performing.Task) -> tasks.Result:
        if task.name == "b":
            raise KeyError(task.name)
        return await perform(link, task)

    monkeypatch.setattr(tasks, "perform", faulty)
    with pytest.raises(KeyError):
        calls.run(tasks.act(link, {"instruction": instruction.pk, "router": router.pk}, Said()))
    assert list(instruction.actions.values_list("name", "outcome", "code")) == [
        ("a", "done", ""),
        ("b", "unknown", "internal"),
    ]
