"""The clients, each in a process of its own: `… contenders CLIENT JOB PORT COUNT` prints JSON.

Jobs: `add` COUNT users as fast as the client can over one connection; `read` the table of users
COUNT times; `poll` 100 routers for COUNT seconds, once a second each (Ronda only).
"""

import asyncio
import hashlib
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from ronda.routeros.links import open_link
from ronda.routeros.port import Link, Target, Transport

USERS = "/ip/hotspot/user"
Job = Callable[[int, int], Any]


def digest(rows: list[dict[str, Any]]) -> str:
    """The same for equal rows; numbers and truths of clients that cast are printed again."""
    plain = [
        {
            name.removeprefix(".") if name == ".id" else name: str(value).lower()
            if isinstance(value, bool)
            else str(value)
            for name, value in row.items()
        }
        for row in rows
    ]
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def measured(rows: list[Any], wall: float, cpu: float) -> dict[str, Any]:
    return {"wall": wall, "cpu": cpu, "rows": len(rows), "digest": digest(rows)}


def target(port: int) -> Target:
    return Target("127.0.0.1", "r", "", transport=Transport.API, port=port, timeout=120)


async def ronda_add(port: int, count: int) -> dict[str, Any]:
    """Twice on one connection: the first time it does not know the line yet."""
    link = await open_link(target(port))
    seconds = []
    for _ in range(2):
        began = time.perf_counter()
        ids = await asyncio.gather(
            *(link.add(USERS, {"name": f"vc-{n}", "profile": "1jam"}) for n in range(count))
        )
        seconds.append(time.perf_counter() - began)
        assert len(set(ids)) == count
    await link.close()
    return {"cold": count / seconds[0], "warm": count / seconds[1]}


async def ronda_read(port: int, count: int) -> list[dict[str, Any]]:
    link = await open_link(target(port))
    runs = []
    for _ in range(count):
        wall, cpu = time.perf_counter(), time.process_time()
        rows = await link.print(USERS)
        runs.append(measured(rows, time.perf_counter() - wall, time.process_time() - cpu))
    await link.close()
    return runs


async def ronda_poll(port: int, count: int) -> dict[str, Any]:
    links = await asyncio.gather(*(open_link(target(port)) for _ in range(100)))
    rows = 0
    late: list[float] = []

    async def one(link: Link, place: int) -> None:
        nonlocal rows
        due = began + place / len(links)
        for _ in range(count):
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            asked = time.perf_counter()
            seen = await link.print("/ip/hotspot/active")
            rows += len(seen)
            late.append(time.perf_counter() - asked)
            due += 1.0

    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one(link, place) for place, link in enumerate(links)))
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    for link in links:
        await link.close()
    late.sort()
    return {"rows": rows, "wall": wall, "cpu": cpu, "p99": late[int(len(late) * 0.99)]}


def librouteros_add(port: int, count: int) -> dict[str, Any]:
    import librouteros

    api = librouteros.connect("127.0.0.1", "r", "", port=port, timeout=120)
    began = time.perf_counter()
    for n in range(count):
        tuple(api(f"{USERS}/add", name=f"vc-{n}", profile="1jam"))
    return {"cold": count / (time.perf_counter() - began)}


def librouteros_read(port: int, count: int) -> list[dict[str, Any]]:
    import librouteros

    api = librouteros.connect("127.0.0.1", "r", "", port=port, timeout=120)
    runs = []
    for _ in range(count):
        wall, cpu = time.perf_counter(), time.process_time()
        rows = list(api(f"{USERS}/print"))
        runs.append(measured(rows, time.perf_counter() - wall, time.process_time() - cpu))
    return runs


def api_of_others(port: int) -> Any:
    import routeros_api

    pool = routeros_api.RouterOsApiPool("127.0.0.1", "r", "", port=port, plaintext_login=True)
    return pool.get_api()


def routeros_api_add(port: int, count: int) -> dict[str, Any]:
    users = api_of_others(port).get_resource(USERS)
    began = time.perf_counter()
    for n in range(count):
        users.add(name=f"vc-{n}", profile="1jam")
    return {"cold": count / (time.perf_counter() - began)}


def routeros_api_read(port: int, count: int) -> list[dict[str, Any]]:
    users = api_of_others(port).get_resource(USERS)
    runs = []
    for _ in range(count):
        wall, cpu = time.perf_counter(), time.process_time()
        rows = list(users.get())
        runs.append(measured(rows, time.perf_counter() - wall, time.process_time() - cpu))
    return runs


async def delayed(port: int, trip: int, cost: int) -> None:
    """Tell the far end how slow it is."""
    link = await open_link(target(port))
    await link.call("/delay", {"trip": str(trip), "cost": str(cost)})
    await link.close()


JOBS: dict[tuple[str, str], Job] = {
    ("ronda", "add"): lambda port, count: asyncio.run(ronda_add(port, count)),
    ("ronda", "read"): lambda port, count: asyncio.run(ronda_read(port, count)),
    ("ronda", "poll"): lambda port, count: asyncio.run(ronda_poll(port, count)),
    ("librouteros", "add"): librouteros_add,
    ("librouteros", "read"): librouteros_read,
    ("RouterOS-api", "add"): routeros_api_add,
    ("RouterOS-api", "read"): routeros_api_read,
}

if __name__ == "__main__":
    client, job, port, count = sys.argv[1:]
    print(json.dumps(JOBS[client, job](int(port), int(count))))
