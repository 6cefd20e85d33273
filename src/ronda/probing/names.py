"""Host names turned into addresses beside the hot loop, in bounded time, again and again.

A name that stopped resolving for a while keeps its last address: a sick name server must not make
a network look dead. A name that does not exist, or means something that may not be probed, has
none.
"""

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from queue import SimpleQueue

from ronda.kernel.addresses import problem_of
from ronda.probing.packets import Family

Packed = tuple[Family, bytes]
Lookup = Callable[[str], list[str]]

_GIVE_UP = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})
_THREADS = 4
_AGAIN = 300.0
_AGAIN_AFTER_FAILURE = 20.0
_PATIENCE = 5.0


def look_up(name: str) -> list[str]:
    """The system's addresses of a name in its order of preference; blocks as long as it likes."""
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]).partition("%")[0] for *_, sockaddr in found]


@dataclass(slots=True)
class _Known:
    address: Packed | None = None
    asked_at: float | None = None
    due_at: float = 0.0
    judged: bool = False  # an address, a refusal or the end of our patience


class Resolver:
    """Knows the addresses of the wanted names; call `refresh` now and then from one thread."""

    def __init__(
        self,
        *,
        loopback: bool = False,
        lookup: Lookup = look_up,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._loopback = loopback
        self._lookup = lookup
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._questions: SimpleQueue[str] = SimpleQueue()
        self._answers: SimpleQueue[tuple[str, Packed | None, bool]] = SimpleQueue()
        self._threads = 0

    def want(self, names: Iterable[str]) -> None:
        """Resolve these names and forget all others."""
        wanted = set(names)
        self._known = {name: self._known.get(name, _Known()) for name in sorted(wanted)}

    def address(self, name: str) -> Packed | None:
        """The last good address."""
        return self._known[name].address

    def judged(self, name: str) -> bool:
        """Whether it is known if the name has an address; False while it is being looked up."""
        return self._known[name].judged

    def refresh(self) -> bool:
        """Ask what is due and take what was answered; True if an address or a judgement changed."""
        now = self._clock()
        changed = False
        while not self._answers.empty():
            name, address, final = self._answers.get()
            known = self._known.get(name)
            if known is not None:
                changed |= self._learn(known, address, final, now)
        for name, known in self._known.items():
            if known.asked_at is None and known.due_at <= now:
                known.asked_at = now
                self._ask(name)
            elif not known.judged and known.asked_at and now - known.asked_at > _PATIENCE:
                known.judged = changed = True
        return changed

    @staticmethod
    def _learn(known: _Known, address: Packed | None, final: bool, now: float) -> bool:
        before = (known.address, known.judged)
        if address is not None or final:
            known.address = address
        known.judged = True
        known.asked_at = None
        known.due_at = now + (_AGAIN if address is not None else _AGAIN_AFTER_FAILURE)
        return before != (known.address, known.judged)

    def _ask(self, name: str) -> None:
        if self._threads < _THREADS:
            self._threads += 1
            threading.Thread(target=self._answer, name="ronda-names", daemon=True).start()
        self._questions.put(name)

    def _answer(self) -> None:
        while True:
            name = self._questions.get()
            try:
                found = self._lookup(name)
            except socket.gaierror as failed:
                self._answers.put((name, None, failed.errno in _GIVE_UP))
            except (OSError, UnicodeError):
                self._answers.put((name, None, False))
            else:
                self._answers.put((name, self._first_good(found), True))

    def _first_good(self, found: list[str]) -> Packed | None:
        for text in found:
            address = ipaddress.ip_address(text)
            if problem_of(address, loopback=self._loopback) is None:
                family = Family.IPV4 if address.version == 4 else Family.IPV6
                return family, address.packed
        return None
