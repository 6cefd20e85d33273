"""Starting each part of an installation; imported after Django is ready."""

import socket
import sys
import threading
from functools import partial

import click
import structlog
import uvicorn
from django.conf import settings

from ronda.accounts.service import setup
from ronda.app import database, first, wiring
from ronda.app.configuration import Configuration, split_bind
from ronda.app.processes import Webs, on_signals, supervise
from ronda.routers.desk import running as routers_desk
from ronda.storage.database import share_memory_among_many
from ronda.web.live.quick import protocol
from ronda.work.consumers import Follower
from ronda.work.loops import run_forever, start_thread
from ronda.work.schedules import run_due
from ronda.work.worker import Worker

log = structlog.get_logger(__name__)

GRACE_S = 2
STARTUP_FAILURE = 3
CONSUME_EVERY_S = 0.5
SCHEDULE_EVERY_S = 15


def everything(*, demo: bool) -> None:
    """`ronda run`: check and prepare the database, say where to go, keep the parts alive."""
    conf: Configuration = settings.RONDA
    database.prepare()
    stop = threading.Event()
    on_signals(stop.set)
    refuse_without_owner(conf)
    if demo:
        from ronda.app import demo as neighbourhood

        with neighbourhood.standing(conf) as extra:
            first.welcome(conf)
            supervise(stop, extra, webs=_webs(conf))
    else:
        first.welcome(conf)
        supervise(stop, webs=_webs(conf))


def refuse_without_owner(conf: Configuration) -> None:
    """Exit when strangers could reach an installation that nobody owns yet."""
    if conf.listens_to_others and not setup.has_owner():
        click.echo(
            f"RONDA_BIND is {conf.bind}, which other machines reach, but there is no owner yet.\n"
            "Make one first:  ronda user add NAME --role owner\n"
            "or start on 127.0.0.1 and follow the link that is printed.",
            err=True,
        )
        sys.exit(2)


def web(listening: int | None = None) -> None:
    """The web server, until it is told to stop.

    `listening` is the descriptor of a socket that several web processes share.
    """
    conf: Configuration = settings.RONDA
    if listening is None and (webs := _webs(conf)).shared is not None:
        database.prepare()
        refuse_without_owner(conf)
        stop = threading.Event()
        on_signals(stop.set)
        supervise(stop, names=("web",), webs=webs)
        return
    database.prepare()
    refuse_without_owner(conf)
    host, port = split_bind(conf.bind)
    share_memory_among_many()
    from ronda.app.asgi import application

    class Server(uvicorn.Server):
        """Ends the streams first, which would otherwise hold the end up until they are cut off."""

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            application.close()
            await super().shutdown(sockets)

    config = uvicorn.Config(
        application,
        host=host,
        port=port,
        http=protocol(application.live.quick),
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # Behind no proxy, X-Forwarded-For is anybody's word.
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S,
        backlog=2048,
    )
    server = Server(config)
    server.run(None if listening is None else [socket.socket(fileno=listening)])
    if not server.started:
        sys.exit(STARTUP_FAILURE)


def _webs(conf: Configuration) -> Webs:
    """How many web processes there are, and the socket they share where they are several.

    Exits when the address cannot be had.
    """
    if conf.web_processes == 1 or sys.platform == "win32":
        return Webs()
    host, port = split_bind(conf.bind)
    shared = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        shared.bind((host, port))
    except OSError as error:
        click.echo(f"{conf.bind}: {error.strerror}", err=True)
        sys.exit(STARTUP_FAILURE)
    return Webs(conf.web_processes, shared)


def work(stop: threading.Event) -> None:
    """Consumers of the feed and schedules, until `stop` is set."""
    database.prepare()
    for consumer in wiring.consumers():
        start_thread(consumer.name, partial(_follow, Follower(consumer), stop))

    worker = Worker(wiring.jobs_without_router())
    worker.start(stop)

    def due() -> None:
        for task in wiring.schedules():
            run_due(task)

    run_forever("schedules", due, every=SCHEDULE_EVERY_S, stop=stop)


def _follow(follower: Follower, stop: threading.Event) -> None:
    run_forever(
        follower.name, lambda: 0.0 if follower.step() else None, every=CONSUME_EVERY_S, stop=stop
    )


def watch(stop: threading.Event, *, simulated: bool = False) -> None:
    """The watch, until `stop` is set."""
    from ronda.monitoring.keeper import loop

    conf: Configuration = settings.RONDA
    database.prepare()
    loop.run(wiring.keeper_settings(conf), wiring.open_prober(conf, simulated=simulated), stop)


def desk(stop: threading.Event) -> None:
    """The routers' connections, until `stop` is set."""
    database.prepare()
    routers_desk.run(wiring.routers_work(), stop)
