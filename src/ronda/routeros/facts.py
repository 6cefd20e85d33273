"""What a router says of itself at the start of a connection, over any transport."""

from collections.abc import Awaitable, Callable

from ronda.routeros.capabilities import capabilities_of
from ronda.routeros.errors import RouterRefused
from ronda.routeros.port import Facts, Row, Transport

Print = Callable[[str], Awaitable[list[Row]]]


async def read_facts(show: Print, transport: Transport, certificate: str | None) -> Facts:
    """Ask four small menus through `show`; boards without a routerboard have a licence id.

    Raises:
        RouterError: the resource menu could not be read, so that the version is not known.
    """
    resource = _first(await show("/system/resource"))
    identity = await _perhaps(show, "/system/identity")
    board = await _perhaps(show, "/system/routerboard")
    serial = board.get("serial-number", "")
    if not serial:
        licence = await _perhaps(show, "/system/license")
        serial = licence.get("system-id") or licence.get("software-id", "")
    version = resource.get("version", "")
    return Facts(
        identity=identity.get("name", ""),
        version=version,
        board=resource.get("board-name", "") or board.get("board-name", ""),
        serial=serial,
        capabilities=capabilities_of(version),
        transport=transport,
        certificate=certificate,
    )


async def _perhaps(show: Print, menu: str) -> Row:
    try:
        return _first(await show(menu))
    except RouterRefused:  # a menu this board does not have, or a policy the user lacks
        return {}


def _first(rows: list[Row]) -> Row:
    return rows[0] if rows else {}
