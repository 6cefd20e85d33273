"""Commands that change rows, with everything a router checks before it does."""

from ronda.simulator.routers import traps
from ronda.simulator.routers.commands import Answer, Call, Outcome
from ronda.simulator.routers.store import Row

NOT_PROPERTIES = {".id", "numbers", "copy-from", "place-before"}
COUNTERS = ("bytes-in", "bytes-out", "packets-in", "packets-out")


def add(call: Call) -> Outcome:
    """A new row; its id comes back.

    Raises:
        Trap: a value is wrong, something is missing or double, or the table is full.
    """
    menu, router = call.menu, call.router
    _heed_device_mode(call)
    values: dict[str, str | None] = {}
    source = call.values.get("copy-from")
    if source:
        original = menu.rows.get(source) or menu.find(name=source)
        if original is None:
            raise traps.no_such_item(router.profile.version)
        values = {k: v for k, v in original.items() if not menu.schema.property(k).readonly}
        values.pop(".id", None)
    changes, hidden = _taken(call)
    given = {name: value for name, value in {**values, **changes}.items() if value is not None}
    for name in menu.schema.required:
        if not given.get(name):
            raise traps.missing(name)
    if menu.holder(given) is not None:
        raise traps.Trap(menu.schema.duplicate)
    if len(menu.rows) >= router.limits.get(menu.path, 1 << 62):
        raise traps.action_failed()
    before = call.values.get("place-before")
    if before is not None and before not in menu.rows:
        raise traps.no_such_item(router.profile.version)
    return Answer(ret=menu.insert(given, hidden=hidden, before=before).id)


def change(call: Call) -> Outcome:
    """`set`: every named row gets the values; none does when one may not.

    Raises:
        Trap: a value is wrong or double, or a row is not there.
    """
    rows = call.chosen()
    changes, hidden = _taken(call)
    for row in rows:
        _check_unique(call, row, changes)
    for row in rows:
        _follow_name(call, row, changes.get("name"))
        call.menu.change(row, changes)
        row.hidden.update(hidden)
    return Answer()


def remove(call: Call) -> Outcome:
    """Rows go, all of them or none.

    Raises:
        Trap: one is not there, is in use, or belongs to the router.
    """
    rows = call.chosen()
    for row in rows:
        if row.get("default") == "true":
            raise traps.Trap("failure: can not remove default item")
        for path, name in call.menu.schema.used_by:
            menu = call.router.menus.get(path)
            if menu is not None and any(
                user.get(name) == row.get("name") for user in menu.rows.values()
            ):
                raise traps.Trap(call.menu.schema.in_use)
    for row in rows:
        if row.id in call.menu.rows:
            call.menu.remove(row)
    return Answer()


def enable(call: Call) -> Outcome:
    """`disabled` off."""
    _heed_device_mode(call)
    return _disabled(call, "false")


def disable(call: Call) -> Outcome:
    """`disabled` on."""
    return _disabled(call, "true")


def unset(call: Call) -> Outcome:
    """A property goes back to its default, or away.

    Raises:
        Trap: the menu has no such property.
    """
    rows = call.chosen()
    name = call.values.get("value-name", "")
    one = call.menu.schema.properties.get(name)
    if one is None or one.readonly or one.required:
        raise traps.no_match("value-name")
    for row in rows:
        call.menu.change(row, {name: one.default})
    return Answer()


def move(call: Call) -> Outcome:
    """Rows go before another one.

    Raises:
        Trap: one of them is not there.
    """
    rows = call.chosen()
    place = call.values.get("destination", "")
    if place not in call.menu.rows:
        raise traps.no_such_item(call.router.profile.version)
    for row in rows:
        if row.id != place:
            call.menu.move(row, place)
    return Answer()


def reset_counters(call: Call) -> Outcome:
    """Bytes, packets and, of hotspot users, uptime start again."""
    for row in call.chosen():
        row.update({name: "0" for name in COUNTERS if name in row})
        if "uptime" in row:
            row["uptime"] = "0s"
    return Answer()


def _disabled(call: Call, value: str) -> Answer:
    for row in call.chosen():
        call.menu.change(row, {"disabled": value})
    return Answer()


def _taken(call: Call) -> tuple[dict[str, str | None], dict[str, str]]:
    """The properties to set, None for what is to go, and the hidden ones."""
    changes: dict[str, str | None] = {}
    hidden: dict[str, str] = {}
    for name, value in call.values.items():
        if name in NOT_PROPERTIES:
            continue
        one = call.menu.schema.property(name)
        if one.readonly:
            raise traps.unknown_parameter(name)
        if one.kind.name == "hidden":
            hidden[name] = value
            continue
        if value == "" and one.required:
            raise traps.invalid_value(name)
        if value == "" and one.default is None:
            changes[name] = None
            continue
        taken = call.taken(one, value)
        changes[name] = None if taken == one.absent else taken
    return changes, hidden


def _check_unique(call: Call, row: Row, changes: dict[str, str | None]) -> None:
    merged = {k: v for k, v in {**row, **changes}.items() if v is not None}
    if call.menu.holder(merged, besides=row) is not None:
        raise traps.Trap(call.menu.schema.duplicate)


def _follow_name(call: Call, row: Row, name: str | None) -> None:
    """What refers to a row by name keeps doing so: inside the router it is the same item."""
    if name is None or row.get("name") in {None, name}:
        return
    for path, reference in call.menu.schema.used_by:
        menu = call.router.menus[path]
        for user in list(menu.rows.values()):
            if user.get(reference) == row["name"]:
                menu.change(user, {reference: name})


def _heed_device_mode(call: Call) -> None:
    feature = call.menu.schema.device_mode
    mode = call.router.menus.get("/system/device-mode")
    if feature and mode is not None and mode.one.get(feature) == "no":
        raise traps.not_allowed_by_device_mode()
