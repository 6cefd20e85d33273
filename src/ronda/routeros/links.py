"""Opening a connection to a router, whichever transport it takes."""

from collections.abc import Sequence

from ronda.routeros.detect import ORDER, find
from ronda.routeros.port import Link, Target, Transport


async def open_link(target: Target, order: Sequence[Transport] = ORDER) -> Link:
    """A logged-in connection; where the target names no transport, the first of `order`
    that works.

    Takes at most a few times the target's timeout for each transport that is tried. Until it
    returns nothing is kept open, also when it is cancelled.

    Raises:
        RouterError: no transport works; what each step of it was is told by `detect.find`.
    """
    found = await find(target, order)
    if found.link is None:
        raise found.error
    return found.link
