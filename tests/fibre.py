"""A real fibre for tests: a TUN interface with a prefix of its own, whose far end the test holds.

Two runs of the tests on one machine never share a prefix: each holds a lock on its own.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from ronda.simulator.fibre import Fibre, FibreUnavailable, can_open
from ronda.simulator.line import World
from ronda.simulator.network import TEST_PREFIX, Layout

ROOM_FOR_CANARIES_AND_OURSELVES = 32


def require_fibre() -> None:
    """Skip the test with the reason where no fibre can be opened; as root in CI, fail instead."""
    reason = can_open()
    if reason is None:
        return
    if os.environ.get("CI") == "true" and os.geteuid() == 0:
        pytest.fail(f"no fibre in CI, though we are root: {reason}")
    pytest.skip(reason)


@contextmanager
def open_fibre(
    world: World | None = None, *, addresses: int = 4_000, **options: Any
) -> Iterator[Fibre]:
    """A fibre with room for so many addresses (`fibre.layout.hosts(n)` names them).

    Everything on it answers after 5 ms unless a world is given, or `fibre.cut`, `loss`, `delay` and
    `blind` say otherwise. `options` go to `Fibre`; with a `layout` among them nothing is reserved.
    """
    require_fibre()
    with ExitStack() as stack:
        if "layout" not in options:
            options["layout"] = stack.enter_context(reserved_layout(addresses))
        yield stack.enter_context(Fibre(world, **options))


@contextmanager
def reserved_layout(addresses: int) -> Iterator[Layout]:
    """A free part of the test prefix, held for as long as the context lasts."""
    length = 32 - (addresses + ROOM_FOR_CANARIES_AND_OURSELVES).bit_length()
    whole = ip_network(TEST_PREFIX)
    parts = list(whole.subnets(new_prefix=min(max(length, whole.prefixlen), 24)))
    first = os.getpid() % len(parts)
    for part in parts[first:] + parts[:first]:
        with ExitStack() as held:
            if all(_hold(str(block), held) for block in part.subnets(new_prefix=24)):
                yield Layout(str(part))
                return
    pytest.fail(f"every part of {TEST_PREFIX} of this size is in use by other tests")


def _hold(block: str, held: ExitStack) -> bool:
    path = Path(tempfile.gettempdir()) / f"ronda-fibre-{block.replace('/', '-')}.lock"
    file = held.enter_context(path.open("w"))
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


__all__ = ["FibreUnavailable", "open_fibre", "require_fibre", "reserved_layout"]
