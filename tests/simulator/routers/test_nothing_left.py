"""However clients come and go and whatever goes wrong, nothing of them is left behind."""

import asyncio
import gc
import socket
import time
from contextlib import suppress

from ronda.simulator.routers.control import SimulatedRouters
from ronda.simulator.routers.faults import Kind
from ronda.simulator.routers.furnish import complete
from tests.simulator.routers.talk import Talk

USERS = "/ip/hotspot/user"


def test_after_many_clients_and_every_fault_nothing_is_left():
    with SimulatedRouters("v7.24", "v6.49.10") as routers:
        for turn, kind in enumerate(Kind):
            router = routers[turn % 2]
            router.clear()
            router.fault(kind, command=f"{USERS}/*", count=1)
            with suppress(OSError, EOFError, AssertionError, ValueError):
                visit(router, turn)
        for router in routers:
            router.clear()
            until_nobody_is_connected(router)
            assert router.rows("/user/active") == []
            assert [row for row in router.rows("/ip/service") if row.get("connection")] == []
            listeners = routers.call(router.place, lambda real: len(real.menus[USERS].listeners))
            assert listeners == 0
            with Talk.to(router) as talk:
                assert talk.say("/system/identity/print")[-1] == ["!done"]
        assert routers._wait(tasks_alive()) == 1
    assert not routers._thread.is_alive()


def test_who_knocks_while_they_are_closed_leaves_nothing():
    """What is left open would be told as a warning, and warnings are errors here."""
    for _ in range(5):
        with SimulatedRouters("v7.16", furnish=[complete]) as routers:
            for port in routers[0].ports.values():
                for _ in range(3):
                    socket.create_connection((routers[0].host, port)).close()
        del routers
        gc.collect()


async def tasks_alive():
    return len(asyncio.all_tasks())


def visit(router, turn):
    with Talk(router.host, router.port) as talk:
        talk.socket.settimeout(0.05)
        talk.say("/login", f"=name={router.user}", f"=password={router.password}")
        talk.send(f"{USERS}/listen", ".tag=L")
        talk.send(f"{USERS}/print", "=interval=10ms", ".tag=I")
        talk.send(f"{USERS}/add", f"=name=u{turn}", ".tag=A")
        for _ in range(5):
            talk.hear()
        talk.send("/cancel", ".tag=C")
        talk.hear()


def until_nobody_is_connected(router):
    for _ in range(500):
        if router.ask("counts")["connections"]["api"] == 0:
            return
        time.sleep(0.01)
    raise AssertionError("somebody stays connected")
