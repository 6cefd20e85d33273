"""Lets an instruction happen at a scripted router, as the routers' desk would."""

import asyncio
import queue
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

from ronda.hotspot.models import Instruction
from ronda.hotspot.service import asking
from ronda.hotspot.service.performing import LineCut, Result, perform


def do(instruction: Instruction, router: int, link: Any) -> dict[int, Result]:
    """Do what of the instruction is left for this router and settle it; what became of each action."""
    results: dict[int, Result] = {}
    for task in asking.tasks_of(instruction.pk, router):
        try:
            results[task.id] = asyncio.run(perform(link, task))
        except LineCut as cut:
            results[task.id] = cut.result
            break
    asking.settle(router, results)
    return results


class Calls:
    """Lets asyncio code use the database of the test: its blocking calls are run by the test's thread.

    A connection belongs to one thread, and the rows of a test lie in an open transaction.
    """

    def __init__(self) -> None:
        self._waiting: queue.Queue[Callable[[], None] | None] = queue.Queue()

    async def in_thread(self, function: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """In place of `work.loops.in_thread`."""
        answer: Future[Any] = Future()

        def call() -> None:
            try:
                answer.set_result(function(*args, **named))
            except Exception as error:  # noqa: BLE001 -- handed to who waits
                answer.set_exception(error)

        self._waiting.put(call)
        return await asyncio.wrap_future(answer)

    def run(self, story: Coroutine[Any, Any, Any]) -> Any:
        """What the story gives; it runs in a thread of its own."""
        ended: Future[Any] = Future()

        def whole() -> None:
            try:
                ended.set_result(asyncio.run(story))
            except BaseException as error:  # noqa: BLE001 -- handed to who waits
                ended.set_exception(error)
            self._waiting.put(None)

        thread = threading.Thread(target=whole)
        thread.start()
        while (call := self._waiting.get()) is not None:
            call()
        thread.join()
        return ended.result()
