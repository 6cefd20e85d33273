"""A caller that adds an item which must not be made twice, whatever becomes of the answers.

It shows that what the client tells of an outcome is enough for that, over lines that are cut
anywhere and on real routers.
"""

from collections.abc import Mapping, Sequence

from ronda.routeros.errors import AlreadyThere, Outcome, RouterError, RouterRefused
from ronda.routeros.port import Link, Query

_EVERYWHERE = "all"  # what a hotspot user's server is where none is named


async def find_one(
    link: Link, menu: str, values: Mapping[str, str], identity: Sequence[str] = ("name", "server")
) -> str | None:
    """The id of the item that has these identifying values, None where there is none."""
    first, *others = identity
    rows = await link.print(
        menu, query=Query((f"{first}={values[first]}",)), properties=(".id", *identity)
    )
    for row in rows:
        if all(_same(row.get(name), values.get(name)) for name in others):
            return row.get(".id")
    return None


async def add_once(
    link: Link,
    menu: str,
    values: Mapping[str, str],
    *,
    identity: Sequence[str] = ("name", "server"),
    doubt: bool = False,
) -> str:
    """The id of the item, made now or, where that is in doubt, found.

    `doubt` tells that an earlier try may have been done, as after an error whose outcome is
    UNKNOWN on a connection that is gone: then the router is looked at before anything is added.

    Raises:
        AlreadyThere: without doubt, somebody else's item has this identity.
        RouterError: with outcome UNKNOWN where the connection ended: call again with `doubt`.
    """
    for last in (False, True):
        if doubt and (found := await find_one(link, menu, values, identity)):
            return found
        try:
            made = await link.add(menu, values)
        except AlreadyThere:
            found = await find_one(link, menu, values, identity) if doubt else None
            if found is None:
                raise
            return found
        except RouterError as error:
            if last and doubt:  # whatever happened now, the first try may have been done
                error.outcome = Outcome.UNKNOWN
            if last or error.outcome is Outcome.FAILED or not link.alive:
                raise
            doubt = True
            continue
        # Some old menus return no id.
        if made := made or await find_one(link, menu, values, identity):
            return made
        break
    raise RouterRefused(f"an item of {menu} was added and is not there", outcome=Outcome.UNKNOWN)


def _same(held: str | None, wanted: str | None) -> bool:
    return (held or _EVERYWHERE) == (wanted or _EVERYWHERE)
