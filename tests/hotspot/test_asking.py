"""What people ask of routers: done, refused with the reason, or unknown until it was looked at."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ronda.accounts.models import AuditRow
from ronda.hotspot.models import (
    Action,
    ActiveUser,
    Drift,
    HotspotUser,
    Instruction,
    Outcome,
    Verb,
    Wanted,
)
from ronda.hotspot.service import asking, forgetting, secrets, wording
from ronda.hotspot.service.asking import Target
from ronda.routeros.errors import NotPermitted, RouterUnreachable
from ronda.work import jobs
from ronda.work.models import Job
from tests.hotspot.doing import do
from tests.hotspot.factories import furnish, make_router, read
from tests.hotspot.scripted import ACTIVE, COOKIE, PROFILE, USER, ScriptedLink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def link() -> ScriptedLink:
    return furnish()


@pytest.fixture
def router(link: ScriptedLink) -> Any:
    return read(link)


def ask(verb: Verb, *targets: Target, person: Any = None) -> Instruction:
    return asking.ask(verb, targets, person, source="10.0.0.1")


def user(name: str) -> HotspotUser:
    return HotspotUser.objects.select_related("router").get(name=name)


def outcomes(instruction: Instruction) -> list[tuple[str, str, str]]:
    return list(instruction.actions.values_list("name", "outcome", "code"))


def test_an_instruction_is_audited_and_handed_over_in_one_transaction(
    people: Any, router: Any
) -> None:
    instruction = ask(
        Verb.KICK, Target(router, "budi"), Target(router, "007"), person=people["noc"]
    )
    assert outcomes(instruction) == [("budi", "waiting", ""), ("007", "waiting", "")]
    assert [(row.action, row.subject, row.actor, row.source) for row in AuditRow.objects.all()] == [
        ("hotspot-user.kick", "007 @ Balai Desa", "wayan", "10.0.0.1"),
        ("hotspot-user.kick", "budi @ Balai Desa", "wayan", "10.0.0.1"),
    ]
    job = Job.objects.get()
    assert (job.kind, job.lock, job.payload) == (
        "hotspot.act",
        f"router:{router.pk}",
        {"instruction": instruction.pk, "router": router.pk},
    )


def test_a_kick_ends_session_and_cookie(link: ScriptedLink, router: Any) -> None:
    instruction = ask(Verb.KICK, Target(router, "budi"))
    do(instruction, router.pk, link)
    assert outcomes(instruction) == [("budi", "done", "")]
    assert link.names(ACTIVE) == ["007"]
    assert link.menus[COOKIE] == []
    assert link.names(USER) == ["007", "budi", "sari", "true"]


def test_kicking_who_is_gone_already_is_done(link: ScriptedLink, router: Any) -> None:
    link.menus[ACTIVE].clear()
    instruction = ask(Verb.KICK, Target(router, "budi"))
    do(instruction, router.pk, link)
    assert outcomes(instruction) == [("budi", "done", "")]


def test_disabling_ends_the_session_too_and_the_tables_know_at_once(
    link: ScriptedLink, router: Any
) -> None:
    instruction = ask(Verb.DISABLE, asking.target_of(user("budi"), {"disabled": "true"}))
    do(instruction, router.pk, link)
    assert outcomes(instruction) == [("budi", "done", "")]
    assert user("budi").disabled
    assert link.names(ACTIVE) == ["007"]
    verb, targets = asking.undo_targets(instruction) or (None, [])
    assert verb is Verb.EDIT
    again = asking.ask(Verb.EDIT, targets, None, undoes=instruction)
    do(again, router.pk, link)
    assert not user("budi").disabled


@pytest.mark.parametrize(
    ("verb", "after"),
    [
        (Verb.ENABLE, {"disabled": "false"}),
        (Verb.DISABLE, {"disabled": "true"}),
        (Verb.MOVE, {"profile": "1hari"}),
        (Verb.EXTEND, {"limit-uptime": "2h"}),
        (Verb.REPAIR, {"profile": "1hari", "limit-uptime": "2h"}),
    ],
)
def test_a_user_who_is_gone_is_not_made_anew_without_a_password(
    link: ScriptedLink, router: Any, verb: Verb, after: dict[str, str]
) -> None:
    target = asking.target_of(user("budi"), after)
    link.menus[USER] = [row for row in link.menus[USER] if row["name"] != "budi"]
    instruction = ask(verb, target)
    do(instruction, router.pk, link)
    assert "budi" not in link.names(USER)
    code = "NoPassword" if verb is Verb.REPAIR else "NoSuchItem"
    assert outcomes(instruction) == [("budi", "refused", code)]
    assert "does not have" in wording.refusal(instruction.actions.get())


def test_extending_is_absolute_so_that_twice_is_once(link: ScriptedLink, router: Any) -> None:
    instruction = ask(Verb.EXTEND, asking.target_of(user("budi"), {"limit-uptime": "2h"}))
    link.fail_at(1, done=True)  # the set is done, the answer never comes
    do(instruction, router.pk, link)
    assert outcomes(instruction) == [("budi", "unknown", "")]
    assert user("budi").limit_uptime_s == 3600
    link.alive = True
    do(instruction, router.pk, link)
    assert outcomes(instruction) == [("budi", "done", "")]
    assert link.menus[USER][0]["limit-uptime"] == "2h"
    assert link.asked.count(f"set {USER}") == 1
    assert user("budi").limit_uptime_s == 7200


def test_a_user_whose_making_was_cut_is_neither_lost_nor_doubled(
    link: ScriptedLink, router: Any
) -> None:
    for cut in range(1, 4):
        for done in (True, False):
            name = f"u{cut}{done}"
            target = Target(router, name, after={"profile": "1jam"}, password="rahasia")
            instruction = ask(Verb.CREATE, target)
            link.fail_at(cut - 1, done=done)
            do(instruction, router.pk, link)
            link.alive = True
            link._failures.clear()
            do(instruction, router.pk, link)
            assert outcomes(instruction) == [(name, "done", "")]
            assert [row["name"] for row in link.menus[USER]].count(name) == 1
            assert Wanted.objects.get(name=name).values["profile"] == "1jam"


def test_a_line_that_is_cut_before_anything_was_done_leaves_it_waiting(
    link: ScriptedLink, router: Any
) -> None:
    instruction = ask(Verb.DISABLE, asking.target_of(user("budi"), {"disabled": "true"}))
    link.fail_at(0, RouterUnreachable("cut"))
    do(instruction, router.pk, link)
    assert outcomes(instruction) == [("budi", "waiting", "")]


def test_the_routers_reason_is_told_in_words(link: ScriptedLink, router: Any) -> None:
    target = asking.target_of(user("budi"), {"profile": "1jm"})
    instruction = ask(Verb.MOVE, target)
    do(instruction, router.pk, link)
    assert outcomes(instruction) == [("budi", "refused", "NoSuchReference")]
    assert "does not know the profile" in wording.refusal(instruction.actions.get())
    assert user("budi").profile == "1jam"
    link.fail_at(1, NotPermitted("not enough permissions (9)"))
    instruction = ask(Verb.DISABLE, asking.target_of(user("budi"), {"disabled": "true"}))
    do(instruction, router.pk, link)
    assert "lacks a right" in wording.refusal(instruction.actions.get())
    assert "(not enough permissions (9))" in wording.refusal(instruction.actions.get())


def test_a_name_that_is_taken_is_refused(link: ScriptedLink, router: Any) -> None:
    instruction = ask(Verb.CREATE, Target(router, "budi", after={"profile": "1hari"}, password="x"))
    do(instruction, router.pk, link)
    assert outcomes(instruction) == [("budi", "refused", "AlreadyThere")]
    assert not Wanted.objects.exists()
    assert Action.objects.get().secret == ""


def test_a_user_whom_somebody_else_made_alike_is_not_taken_over(
    link: ScriptedLink, router: Any
) -> None:
    link.put(USER, name="tono", profile="1jam", password="milik-tono")
    instruction = ask(Verb.CREATE, Target(router, "tono", after={"profile": "1jam"}, password="x"))
    do(instruction, router.pk, link)
    assert outcomes(instruction) == [("tono", "refused", "AlreadyThere")]
    assert link.menus[USER][-1]["password"] == "milik-tono"
    assert not Wanted.objects.exists()


def test_deleting_a_user_of_one_server_leaves_his_namesake_online(
    link: ScriptedLink, router: Any
) -> None:
    link.put(USER, name="tono", profile="1jam", server="hs1")
    for server in ("hs1", "hs2"):
        link.put(ACTIVE, user="tono", server=server, uptime="5m")
    instruction = ask(Verb.DELETE, Target(router, "tono", server="hs1"))
    do(instruction, router.pk, link)
    assert outcomes(instruction) == [("tono", "done", "")]
    assert [row["server"] for row in link.menus[ACTIVE] if row["user"] == "tono"] == ["hs2"]


def test_resetting_sets_the_counters_to_nought(link: ScriptedLink, router: Any) -> None:
    instruction = ask(Verb.RESET, asking.target_of(user("budi")))
    do(instruction, router.pk, link)
    assert outcomes(instruction) == [("budi", "done", "")]
    assert (user("budi").bytes_in, user("budi").uptime_s) == (0, 0)


def test_a_deleted_user_comes_back_with_the_password_that_the_router_told(
    link: ScriptedLink, router: Any
) -> None:
    link.menus[USER][0]["password"] = "rahasia-budi"
    instruction = ask(Verb.DELETE, asking.target_of(user("budi")))
    do(instruction, router.pk, link)
    assert outcomes(instruction) == [("budi", "done", "")]
    assert not HotspotUser.objects.filter(name="budi").exists()
    assert "rahasia" not in Action.objects.get().secret
    verb, targets = asking.undo_targets(instruction) or (Verb.KICK, [])
    again = asking.ask(verb, targets, None, undoes=instruction)
    do(again, router.pk, link)
    assert outcomes(again) == [("budi", "done", "")]
    row = next(row for row in link.menus[USER] if row["name"] == "budi")
    assert (row["password"], row["profile"], row["limit-uptime"]) == ("rahasia-budi", "1jam", "1h")
    assert "rahasia" not in str(list(AuditRow.objects.values_list("before", "after")))


def test_a_deleted_user_without_a_password_cannot_come_back(
    link: ScriptedLink, router: Any
) -> None:
    instruction = ask(Verb.DELETE, asking.target_of(user("budi")))
    do(instruction, router.pk, link)
    assert asking.undo_targets(instruction) is None


def test_a_profile_in_use_is_not_deleted(link: ScriptedLink, router: Any) -> None:
    instruction = ask(Verb.DELETE, Target(router, "1jam", kind="profile"))
    do(instruction, router.pk, link)
    assert outcomes(instruction) == [("1jam", "refused", "ProfileInUse")]
    assert "1jam" in link.names(PROFILE)


def test_two_users_of_one_name_on_two_servers_are_told_apart(
    link: ScriptedLink, router: Any
) -> None:
    link.put(USER, name="true", profile="1jam")
    read(link, router)
    instruction = ask(
        Verb.DISABLE, Target(router, "true", server="hs2", before={}, after={"disabled": "true"})
    )
    do(instruction, router.pk, link)
    rows = {
        row.get("server", "all"): row.get("disabled")
        for row in link.menus[USER]
        if row["name"] == "true"
    }
    assert rows == {"hs2": "true", "all": None}


def test_what_ronda_made_is_wanted_and_what_was_changed_behind_it_differs(
    link: ScriptedLink, router: Any
) -> None:
    instruction = ask(
        Verb.CREATE,
        Target(router, "baru", after={"profile": "1jam", "limit-uptime": "7200s"}, password="pw"),
    )
    do(instruction, router.pk, link)
    assert user("baru").standing == "ours"
    assert not Drift.objects.exists()
    link.menus[USER][-1]["profile"] = "1hari"
    read(link, router)
    drift = Drift.objects.get()
    assert (drift.standing, drift.fields) == ("differs", {"profile": ["1jam", "1hari"]})
    assert user("baru").standing == "differs"
    del link.menus[USER][-1]
    read(link, router)
    assert Drift.objects.get().standing == "missing"
    wanted = Wanted.objects.get()
    fix = ask(Verb.REPAIR, Target(router, "baru", after=wanted.values, sealed=wanted.secret))
    do(fix, router.pk, link)
    assert not Drift.objects.exists()
    assert link.menus[USER][-1]["password"] == "pw"


def test_an_item_that_is_being_changed_does_not_count_as_drift(
    link: ScriptedLink, router: Any
) -> None:
    Wanted.objects.create(
        router=router,
        kind="user",
        name="budi",
        values={"profile": "1hari"},
        since=user("budi").first_seen_at,
    )
    ask(Verb.MOVE, asking.target_of(user("budi"), {"profile": "1hari"}))
    read(link, router)
    assert not Drift.objects.exists()


def test_a_cookie_and_a_binding_are_removed_by_their_row(link: ScriptedLink, router: Any) -> None:
    row = link.menus[COOKIE][0]
    instruction = ask(Verb.FORGET, Target(router, "budi", "forget", ros_id=row[".id"]))
    do(instruction, router.pk, link)
    assert outcomes(instruction) == [("budi", "done", "")]
    assert link.menus[COOKIE] == []


def test_what_waits_for_a_job_that_failed_is_told_as_refused(router: Any) -> None:
    instruction = ask(Verb.KICK, Target(router, "budi"))
    Job.objects.update(state="failed", code=jobs.TOO_LATE)
    assert asking.give_up() == 1
    assert outcomes(instruction) == [("budi", "refused", "too-late")]
    assert "did not come back in time" in wording.refusal(instruction.actions.get())


def test_what_a_job_of_unknown_outcome_left_is_not_told_as_refused(router: Any) -> None:
    instruction = ask(
        Verb.CREATE, Target(router, "new", after={"profile": "default"}, password="x")
    )
    Job.objects.update(state="unknown", code="RouterTimedOut")
    assert asking.give_up() == 1
    assert outcomes(instruction) == [("new", "unknown", "RouterTimedOut")]
    action = instruction.actions.get()
    assert action.ended_at is not None
    assert action.secret == ""
    assert asking.give_up() == 0


def test_what_waits_for_a_job_that_nobody_remembers_is_not_called_refused(router: Any) -> None:
    instruction = ask(Verb.KICK, Target(router, "budi"))
    Job.objects.all().delete()
    assert asking.give_up() == 1
    assert outcomes(instruction) == [("budi", "unknown", jobs.ABANDONED)]


def test_what_was_asked_is_forgotten_and_a_deleted_users_password_before(
    router: Any, link: Any
) -> None:
    deletion = ask(Verb.DELETE, asking.target_of(user("budi")))
    do(deletion, router.pk, link)
    waiting = ask(Verb.KICK, Target(router, "007"))
    now, month = timezone.now(), timedelta(days=30)
    Action.objects.filter(instruction=deletion).update(secret="sealed")

    assert forgetting.forget(now + timedelta(days=6), month) == 0
    assert deletion.actions.get().secret == "sealed"
    assert forgetting.forget(now + timedelta(days=8), month) == 0
    assert deletion.actions.get().secret == ""
    assert asking.undo_targets(deletion) is None
    assert forgetting.forget(now + timedelta(days=31), month) == 1
    assert list(Instruction.objects.all()) == [waiting]


def test_giving_up_does_not_overwrite_what_was_just_done(
    router: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    instruction = ask(Verb.KICK, Target(router, "budi"))
    Job.objects.update(state="failed", code=jobs.TOO_LATE)
    now = asking.timezone.now

    def settled_meanwhile() -> Any:
        Action.objects.update(outcome=Outcome.DONE)
        return now()

    monkeypatch.setattr(asking.timezone, "now", settled_meanwhile)
    assert asking.give_up() == 0
    assert outcomes(instruction) == [("budi", "done", "")]


def test_passwords_are_sealed_anew_with_a_new_key(router: Any) -> None:
    sealed = secrets.seal("rahasia")
    Wanted.objects.create(
        router=router, kind="user", name="x", secret=sealed, since=user("budi").first_seen_at
    )
    from ronda.accounts.service import seal_keys

    for _ in range(3):
        seal_keys.renew()
    assert secrets.open_sealed(Wanted.objects.get().secret) == "rahasia"
    assert secrets.open_sealed("damaged") is None
    assert secrets.open_sealed("") is None


def test_nothing_can_be_asked_of_nobody() -> None:
    with pytest.raises(asking.NothingChosen):
        asking.ask(Verb.KICK, [], None)
    assert not Instruction.objects.exists()
    assert not ActiveUser.objects.exists()
    assert make_router().pk
    assert Outcome.DONE == "done"
