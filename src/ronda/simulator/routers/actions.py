"""Every command the core can do, by verb or, where a menu differs, by full path."""

from datetime import timedelta
from hashlib import sha256

from ronda.simulator.routers import reading, traps, writing
from ronda.simulator.routers.commands import Answer, Call, Handler, Outcome


def make_binding(call: Call) -> Outcome:
    """A host becomes an ip-binding."""
    bindings = call.router.menus["/ip/hotspot/ip-binding"]
    for row in call.chosen():
        values = {"mac-address": row["mac-address"], "address": row.get("address", "")}
        kind = bindings.schema.property("type")
        values["type"] = call.taken(kind, call.values.get("type", "regular"))
        if call.values.get("comment"):
            values["comment"] = call.values["comment"]
        bindings.insert(values)
    return Answer()


def make_static(call: Call) -> Outcome:
    """A dynamic lease stays."""
    for row in call.chosen():
        call.menu.change(row, {"dynamic": "false"})
    return Answer()


def write_log(call: Call) -> Outcome:
    """`/log/info` and its like."""
    call.router.log(f"script,{call.verb}", call.values.get("message", ""))
    return Answer()


def run_script(call: Call) -> Outcome:
    """The script is counted as run; what it says is not done."""
    named = call.values.get("number", call.values.get("numbers", call.values.get(".id", "")))
    row = call.menu.rows.get(named) or call.menu.find(name=named)
    if row is None:
        raise traps.no_such_item(call.router.profile.version)
    row["run-count"] = str(int(row.get("run-count", "0")) + 1)
    row["last-started"] = call.router.date_text()
    return Answer()


def owned(call: Call) -> Outcome:
    """A scheduler entry or script that knows who made it."""
    done = writing.add(call)
    if isinstance(done, Answer) and done.ret and call.session.user:
        call.menu.rows[done.ret]["owner"] = call.session.user
    return done


def sign_certificate(call: Call) -> Outcome:
    """A template becomes a certificate that the router signed itself.

    Raises:
        Trap: there is no such template.
    """
    router = call.router
    named = call.values.get("number", call.values.get("numbers", call.values.get(".id", "")))
    row = call.menu.rows.get(named) or call.menu.find(name=named)
    if row is None:
        raise traps.no_such_item(router.profile.version)
    now = router.now()
    days = int(row.get("days-valid") or 365)
    signed = {
        "fingerprint": sha256(f"{router.serial} {row['name']} {now}".encode()).hexdigest(),
        "invalid-before": router.date_text(now),
        "invalid-after": router.date_text(now + timedelta(days=days)),
        "private-key": "true",
        "trusted": "true",
    }
    call.menu.change(row, signed)
    return Answer()


def request_logout(call: Call) -> Outcome:
    """A session is asked to end: its row goes."""
    for row in call.chosen():
        if row.get("via") == "rest-api":
            raise traps.action_failed()
        call.menu.remove(row)
    return Answer()


def reboot(call: Call) -> Outcome:
    """The answer is sent first; then everything ends."""
    call.router.wants_reboot = True
    return Answer()


HANDLERS: dict[str, Handler] = {
    "print": reading.print_rows,
    "getall": reading.print_rows,
    "listen": reading.listen,
    "monitor-traffic": reading.monitor_traffic,
    "add": writing.add,
    "set": writing.change,
    "remove": writing.remove,
    "enable": writing.enable,
    "disable": writing.disable,
    "unset": writing.unset,
    "move": writing.move,
    "reset-counters": writing.reset_counters,
    "/ip/hotspot/host/make-binding": make_binding,
    "/ip/dhcp-server/lease/make-static": make_static,
    "/certificate/sign": sign_certificate,
    "/log/debug": write_log,
    "/log/info": write_log,
    "/log/warning": write_log,
    "/log/error": write_log,
    "/system/script/add": owned,
    "/system/script/run": run_script,
    "/system/scheduler/add": owned,
    "/user/active/remove": request_logout,
    "/user/active/request-logout": request_logout,
    "/system/reboot": reboot,
}
