"""Whether there is a hotspot to sell on, and whether what was entered about it exists."""

from ronda.routers.rules.commands import Look, add, change_found
from ronda.routers.rules.findings.finding import Finding, Level, good, nearest, on
from ronda.routers.rules.observed import Observed, Row

SERVERS, PROFILES = "/ip/hotspot", "/ip/hotspot/profile"
USER_PROFILES = "/ip/hotspot/user/profile"


def hotspot(observed: Observed) -> list[Finding]:
    """Hotspot servers, their profiles, and the profile for new users."""
    return [*_servers(observed), *_user_profiles(observed)]


def _servers(observed: Observed) -> list[Finding]:
    rows = observed.rows(SERVERS)
    if rows is None:
        return [_unread(observed, SERVERS, "hotspot")]
    if not rows:
        return [Finding("hotspot_none", "hotspot", Level.BAD)]
    found = [finding for row in rows for finding in _server(observed, row)]
    names = [row.get("name", "") for row in rows]
    if observed.hotspot_name and observed.hotspot_name not in names:
        values = {
            "name": observed.hotspot_name,
            "near": nearest(observed.hotspot_name, names),
            "names": ", ".join(names),
        }
        found.append(Finding("hotspot_unknown", "hotspot", Level.BAD, values))
    interfaces = [row.get("interface", "") for row in rows]
    if observed.hotspot_interface and observed.hotspot_interface not in interfaces:
        values = {"name": observed.hotspot_interface, "names": ", ".join(interfaces)}
        found.append(Finding("interface_other", "hotspot", Level.WARN, values))
    return found or [
        good(
            "hotspot_ok",
            "hotspot",
            names=", ".join(names),
            users=observed.counts.get("/ip/hotspot/user"),
            active=observed.counts.get("/ip/hotspot/active"),
        )
    ]


def _server(observed: Observed, row: Row) -> list[Finding]:
    name = row.get("name", "")
    values = {"name": name, "interface": row.get("interface", "")}
    find = {"name": name}
    if row.get("invalid") == "true":
        repair = on(observed.major, Look("/interface"), Look(SERVERS, "detail"))
        return [Finding("hotspot_invalid", "hotspot", Level.BAD, values, repair)]
    if row.get("disabled") == "true":
        repair = on(observed.major, change_found(SERVERS, find, disabled="no"))
        return [Finding("hotspot_disabled", "hotspot", Level.WARN, values, repair)]
    profiles = observed.rows(PROFILES) or ()
    profile = next((item for item in profiles if item.get("name") == row.get("profile")), {})
    if profile.get("use-radius") in {"yes", "true"}:
        values |= {"profile": profile.get("name", "")}
        named = {"name": profile.get("name", "")}
        repair = on(observed.major, change_found(PROFILES, named, use_radius="no"))
        return [Finding("hotspot_radius", "hotspot", Level.WARN, values, repair)]
    return []


def _user_profiles(observed: Observed) -> list[Finding]:
    rows = observed.rows(USER_PROFILES)
    if rows is None:
        return [_unread(observed, USER_PROFILES, "profiles")]
    names = [row.get("name", "") for row in rows]
    wanted = observed.default_profile
    if wanted and wanted not in names:
        values = {"name": wanted, "near": nearest(wanted, names), "names": ", ".join(names)}
        repair = on(observed.major, add(USER_PROFILES, name=wanted, shared_users="1"))
        return [Finding("profile_unknown", "profiles", Level.BAD, values, repair)]
    return [good("profiles_ok", "profiles", count=len(names), names=", ".join(names[:12]))]


def _unread(observed: Observed, menu: str, step: str) -> Finding:
    seen = observed.reads.get(menu)
    text = seen.text if seen else ""
    return Finding("menu_unread", step, Level.BAD, {"menu": menu, "text": text})
