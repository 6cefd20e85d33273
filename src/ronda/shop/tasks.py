"""What the routers' desk and the workers do for the shop; each part's work lies in its service."""

from datetime import timedelta

from ronda.routers.desk.port import Handler
from ronda.shop.service import asking, creating
from ronda.work.schedules import Task

HANDLERS = {
    asking.MAKE: Handler(creating.run, repeatable=True),
}


def tasks() -> list[Task]:
    """What repeats in the workers."""
    return [Task("shop.look-after-making", timedelta(minutes=1), _look_after_making)]


def _look_after_making() -> None:
    creating.look_after()
