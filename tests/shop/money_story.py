"""What can happen around the money of one order, in any order and at once; told by chance, kept by a seed."""

import contextlib
import random  # noqa: TID251 -- seeded
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import OperationalError, connection

from ronda.shop.models import Order, PaymentEvent
from ronda.shop.rules.inbox import Settled
from ronda.shop.service import inbox, ordering, paying

PRICE = 5_000


class Crash(BaseException):
    """The process ends here: whatever was not committed is gone."""


class Crashes:
    """Dies at the n-th dangerous point of a thread, where chance says so."""

    def __init__(self, share: float) -> None:
        self.share = share
        self.count = 0
        self._local = threading.local()

    def arm(self, chance: random.Random) -> None:
        """This thread may die at one of the next points."""
        self._local.left = chance.randrange(14) if chance.random() < self.share else None

    def disarm(self) -> None:
        self._local.left = None

    def point(self) -> None:
        left = getattr(self._local, "left", None)
        if left is None:
            return
        if left == 0:
            self.disarm()
            self.count += 1
            raise Crash
        self._local.left = left - 1

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with a dangerous point before and after it."""

        def dangerous(*args: Any, **named: Any) -> Any:
            self.point()
            given = function(*args, **named)
            self.point()
            return given

        return dangerous


@dataclass
class Story:
    """One order and the words about its money: event id -> amount."""

    order: Order
    words: dict[str, int] = field(default_factory=dict)
    steps: list[Callable[[], Any]] = field(default_factory=list)


def tell(order: Order, method: Any, person: Any, chance: random.Random) -> Story:
    """A story by chance: none, right, wrong, doubled and repeated money, staff, cancel and expiry."""
    story = Story(order)

    def word(event: str, amount: int, source: str) -> None:
        story.words[event] = amount
        said = partial(
            paying.pay,
            order.pk,
            method=method,
            event_id=event,
            amount_idr=amount,
            source=source,
            person=person if source == "staff" else None,
        )
        story.steps += [said] * chance.choice((1, 1, 2, 3))

    name, price = order.number, order.amount_idr
    if chance.random() < 0.85:
        word(f"{name}-1:paid:{price}", price, "callback")
        if chance.random() < 0.3:
            story.steps.append(story.steps[-1])
    if chance.random() < 0.12:
        word(f"{name}-1:settled:{price}", price, "poll")
    if chance.random() < 0.12:
        word(f"staff:{name}", price, "staff")
    if chance.random() < 0.12:
        word(f"{name}-2:paid:{price - 1}", price - 1, "callback")
    if chance.random() < 0.15:
        story.steps.append(lambda: ordering.cancel(order, person))
    if chance.random() < 0.15:
        story.steps.append(lambda: ordering.expire(order.pay_by))
    if chance.random() < 0.15:
        story.steps.append(lambda: _quietly(lambda: inbox.retry(order, person)))
    if chance.random() < 0.04:
        story.steps.append(lambda: _quietly(lambda: inbox.refund(order, person, "uji")))
    if chance.random() < 0.10:
        story.steps.append(lambda: _settle_some(order, person))
    chance.shuffle(story.steps)
    return story


def _settle_some(order: Order, person: Any) -> None:
    event = PaymentEvent.objects.filter(order=order, settled_at=None).first()
    if event is None:
        return
    if event.outcome == "double":
        _quietly(lambda: inbox.settle(event, Settled.REFUNDED, person))
    else:
        _quietly(lambda: inbox.serve(event, order, person))


def _quietly(do: Callable[[], None]) -> None:
    with contextlib.suppress(inbox.CannotDo):
        do()


def play(stories: list[Story], crashes: Crashes, workers: int, seed: int) -> None:
    """All steps of all stories, mixed, by several workers at once; whoever dies is called again."""
    chance = random.Random(seed)
    steps = [step for story in stories for step in story.steps]
    chance.shuffle(steps)
    todo = deque(steps)
    faults: list[BaseException] = []

    def work(number: int) -> None:
        mine = random.Random(seed * 31 + number)
        try:
            while True:
                try:
                    step = todo.popleft()
                except IndexError:
                    return
                crashes.arm(mine)
                try:
                    step()
                except (Crash, OperationalError):
                    todo.append(step)
                finally:
                    crashes.disarm()
        except BaseException as fault:  # noqa: BLE001 -- told by the test's own thread
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
