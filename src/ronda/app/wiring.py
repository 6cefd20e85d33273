"""Who listens to what, what runs when, and which prober watches: the only place that knows all slices."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from ronda.accounts.service import chain, expired, proving
from ronda.alerts.service import (
    buyers,
    chats,
    listening,
    listening_alerts,
    listening_people,
    listening_routers,
    listening_shop,
    listening_usage,
    notices,
    occurrences,
    own,
    pacing,
    sending,
    ticking,
)
from ronda.app.configuration import Configuration
from ronda.devices.service import drafts, whole
from ronda.hotspot import tasks as hotspot_tasks
from ronda.hotspot import usage_tasks
from ronda.hotspot.events import LIMIT
from ronda.incidents import tasks as incident_tasks
from ronda.incidents.service import explaining
from ronda.monitoring import tasks as monitoring_tasks
from ronda.monitoring.keeper.settings import KeeperSettings
from ronda.probing.port import Prober
from ronda.routers.desk.port import Handler, LooseHandler, Poll, Work
from ronda.routers.desk.running import StatusJournal
from ronda.routers.service import examining, rotation, routers
from ronda.shop import tasks as shop_tasks
from ronda.shop.events import DELIVERED, FINDING, MEMBER_DUE
from ronda.shop.events import TROUBLE as SHOP_TROUBLE
from ronda.upkeep import tasks as upkeep_tasks
from ronda.upkeep.events import TROUBLE
from ronda.upkeep.service import copying as router_copies
from ronda.upkeep.service import health as router_health
from ronda.upkeep.service import logs as router_logs
from ronda.upkeep.service.connections import ConnectionJournal
from ronda.work import jobs, tuning
from ronda.work.consumers import Consumer
from ronda.work.schedules import Task, trim_feed
from ronda.work.worker import Doing

__all__ = [
    "Consumer",
    "consumers",
    "jobs_without_router",
    "keeper_settings",
    "open_prober",
    "routers_work",
    "schedules",
]


def consumers() -> list[Consumer]:
    """Every reader of the event feed that acts on it."""
    return [
        Consumer(
            "alerts.transitions",
            frozenset({"monitoring.transitions"}),
            listening.tell_transitions,
            listening.hold,
        ),
        Consumer(
            "incidents.transitions",
            frozenset({"monitoring.transitions", TROUBLE}),
            explaining.hear,
            explaining.hold,
        ),
        Consumer(
            "alerts.others",
            frozenset(
                {"devices.changed", "monitoring.cleared", "monitoring.poller", "storage.trouble"}
            ),
            listening.tell_others,
        ),
        Consumer(
            "alerts.backup", frozenset({notices.CHANGED}), listening.keep_backup, listening.calm
        ),
        Consumer("alerts.buyers", frozenset({DELIVERED}), buyers.tell_delivered),
        Consumer("alerts.members", frozenset({MEMBER_DUE}), buyers.tell_due),
        Consumer("alerts.finding", frozenset({FINDING}), buyers.tell_codes),
        Consumer("alerts.usage", frozenset({LIMIT}), listening_usage.tell_limits, listening.hold),
        Consumer(
            "alerts.shop",
            frozenset({SHOP_TROUBLE}),
            listening_shop.tell_troubles,
            listening.hold,
        ),
        Consumer(
            "alerts.routers",
            frozenset({TROUBLE}),
            listening_routers.tell_troubles,
            listening.hold,
        ),
        Consumer(
            "alerts.people", frozenset(listening_people.TOLD), listening_people.tell_of_access
        ),
        Consumer("alerts.rules", listening_alerts.TOPICS, listening_alerts.tell),
    ]


def jobs_without_router() -> dict[str, Doing]:
    """What the workers do of durable jobs that need no router, by kind."""
    return {**sending.JOBS, **chats.JOBS}


def routers_work() -> Work:
    """What the routers' desk does on the connections it holds: jobs by their kind, and polls in order."""
    return Work(
        jobs={
            router_logs.KIND: Handler(router_logs.read, repeatable=True),
            router_copies.KIND: Handler(router_copies.copy, repeatable=True),
            **hotspot_tasks.HANDLERS,
            **shop_tasks.HANDLERS,
        },
        loose_jobs={
            examining.KIND: LooseHandler(examining.run),
            rotation.KIND: LooseHandler(rotation.run),
            **shop_tasks.LOOSE_HANDLERS,
        },
        polls=(
            Poll("health", router_health.poll),
            *hotspot_tasks.POLLS,
            *usage_tasks.POLLS,
            *shop_tasks.POLLS,
        ),
        journals=(StatusJournal(), ConnectionJournal()),
    )


def schedules() -> list[Task]:
    """Every repeated task, by the retention that is in force now."""
    return [
        Task("work.trim-feed", timedelta(hours=6), _trim_feed),
        Task("work.forget-jobs", timedelta(hours=24), _forget_jobs),
        Task("storage.nightly-backup", timedelta(hours=24), whole.back_up_nightly),
        Task("devices.forget-drafts", timedelta(hours=24), _forget_drafts),
        Task("alerts.forget", timedelta(hours=24), _forget_notices),
        Task("alerts.tick", timedelta(seconds=10), ticking.run, timedelta(minutes=2)),
        Task("alerts.disk", timedelta(minutes=5), ticking.look_at_disk),
        Task("alerts.unused", timedelta(minutes=5), ticking.leave_unused),
        Task("accounts.forget", timedelta(hours=24), _forget_sessions),
        Task("accounts.prove-trail", timedelta(hours=24), _prove_trail, lease=timedelta(hours=2)),
        Task("accounts.link-trail", timedelta(minutes=1), _link_trail),
        Task("routers.forget", timedelta(hours=24), _forget_routers),
        Task("routers.settle", timedelta(minutes=15), _settle_passwords),
        *upkeep_tasks.tasks(),
        *hotspot_tasks.tasks(),
        *usage_tasks.tasks(),
        *shop_tasks.tasks(),
        *incident_tasks.tasks(),
        *monitoring_tasks.tasks(
            keep_samples=timedelta(days=tuning.value("keep_samples_days")),
            keep_hours=timedelta(days=tuning.value("keep_hours_days")),
        ),
    ]


def _trim_feed() -> None:
    trim_feed(timedelta(days=settings.RONDA.keep_events_days))


def _forget_jobs() -> None:
    jobs.forget(timezone.now() - timedelta(days=settings.RONDA.keep_events_days))


def _forget_drafts() -> None:
    drafts.tidy_drafts()


def _forget_sessions() -> None:
    expired.forget(timezone.now())


def _prove_trail() -> None:
    proving.prove()


def _link_trail() -> None:
    chain.link()


def _forget_routers() -> None:
    routers.forget_deleted()


def _settle_passwords() -> None:
    rotation.start_unsettled()


def _forget_notices() -> None:
    now = timezone.now()
    before = now - timedelta(days=tuning.value("keep_notices_days"))
    notices.forget_older_than(before)
    own.forget_older_than(before)
    sending.forget_older_than(now - timedelta(days=tuning.value("keep_messages_days")))
    occurrences.forget_older_than(before)
    pacing.forget(now)
    chats.forget(now)


def keeper_settings(conf: Configuration) -> KeeperSettings:
    """How the keeper of this installation watches."""
    return KeeperSettings(
        interval=conf.interval_s,
        canaries=conf.canaries,
        read_interval=lambda: tuning.value("interval_s"),
    )


def open_prober(conf: Configuration, *, simulated: bool) -> Callable[[], Prober]:
    """What opens the prober, the first time and after it failed."""
    if simulated:
        from ronda.app.demo import simulated_prober

        return lambda: simulated_prober(conf)

    from ronda.probing.process import start_prober

    return lambda: start_prober(
        interval=conf.interval_s, timeout=conf.timeout_ms / 1000, max_pps=conf.max_pps
    )
