"""Sentences of the hotspot in people's language: what was asked, why a router refused, what to do then."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ronda.hotspot.models import Action, Instruction, Verb
from ronda.hotspot.rules.names import close_to
from ronda.hotspot.rules.rate_limit import Doubt
from ronda.hotspot.rules.values import Unreadable, read_duration, write_amount, write_duration

_REFUSALS: Mapping[str, Promise] = {
    "AlreadyThere": gettext_lazy(
        "The router already has one of this name; choose another, or take that one over."
    ),
    "NoSuchItem": gettext_lazy("The router does not have it any more."),
    "NoPassword": gettext_lazy(
        "The router does not have this user any more, and nobody told Ronda the password; make the user anew."
    ),
    "NoSuchReference": gettext_lazy(
        "The router does not know the profile, server or pool that was named."
    ),
    "NotPermitted": gettext_lazy(
        "Ronda's user on the router lacks a right (policy write); see the router's set-up page."
    ),
    "UnknownToVersion": gettext_lazy("This RouterOS version does not know that setting."),
    "InvalidValue": gettext_lazy("The router does not take one of the values."),
    "ForbiddenByDeviceMode": gettext_lazy(
        "The router's device-mode forbids hotspot; it must be allowed at the router itself."
    ),
    "RouterFull": gettext_lazy("A limit of the router is reached (licence, table or storage)."),
    "HeldOtherwise": gettext_lazy("The router took it, but holds something else now."),
    "StillThere": gettext_lazy("The router took it, but it is still there."),
    "ProfileInUse": gettext_lazy("Users still have this profile; give them another one first."),
    "BelongsToRouter": gettext_lazy("It belongs to the router itself and cannot be deleted."),
    "PasswordUnreadable": gettext_lazy(
        "The stored password cannot be opened; enter a new one for this user."
    ),
    "too-late": gettext_lazy("The router did not come back in time, so it was not done."),
    "cancelled": gettext_lazy("It was taken back before it began."),
    "abandoned": gettext_lazy("Ronda was stopped in the middle; read the router again."),
}
_OTHER = gettext_lazy("The router refused.")


def refusal(action: Action) -> str:
    """Why an action did not happen: our sentence, then the router's own words."""
    said = str(_REFUSALS.get(action.code, _OTHER))
    return f"{said} ({action.text})" if action.text else said


def waiting(action: Action) -> str:
    """What an action waits for."""
    if action.outcome == "unknown":
        return _("The line was cut in the middle; we are looking.")
    return _("Waits for the router.")


def summary(instruction: Instruction, counts: Mapping[str, Any]) -> str:
    """What became of an instruction in one sentence."""
    verb = Verb(instruction.verb).label
    if counts["done"] == instruction.count:
        text = ngettext(
            "%(verb)s: done for %(count)d.", "%(verb)s: done for %(count)d.", instruction.count
        )
        return text % {"verb": verb, "count": instruction.count}
    parts = []
    for name, words in (
        ("done", _("%(count)d done")),
        ("refused", _("%(count)d refused")),
        ("unknown", _("%(count)d not certain yet")),
        ("waiting", _("%(count)d waiting for the router")),
    ):
        if counts[name]:
            parts.append(words % {"count": counts[name]})
    return f"{verb}: " + ", ".join(parts)


DOUBTS: Mapping[Doubt, Promise] = {
    Doubt.BURST_NOT_FASTER: gettext_lazy(
        "The burst speed is not above the normal speed, so there is no burst."
    ),
    Doubt.THRESHOLD_NOT_BELOW_BURST: gettext_lazy(
        "The threshold is not below the burst speed, so the burst would never end."
    ),
    Doubt.THRESHOLD_ABOVE_RATE: gettext_lazy(
        "The threshold is above the normal speed: then bursting begins again at once. It is usually at or below it."
    ),
    Doubt.BURST_WITHOUT_RATE: gettext_lazy("A burst needs a normal speed to burst above."),
    Doubt.TIME_WITHOUT_BURST: gettext_lazy(
        "Threshold and burst time do nothing without a burst speed."
    ),
    Doubt.LEAST_ABOVE_RATE: gettext_lazy(
        "The guaranteed speed is above the normal speed, which is the most there is."
    ),
}

PROPERTIES: Mapping[str, Promise] = {
    "profile": gettext_lazy("Profile"),
    "limit-uptime": gettext_lazy("Time limit"),
    "limit-bytes-in": gettext_lazy("Upload limit"),
    "limit-bytes-out": gettext_lazy("Download limit"),
    "limit-bytes-total": gettext_lazy("Data limit"),
    "mac-address": gettext_lazy("MAC address"),
    "address": gettext_lazy("Address"),
    "comment": gettext_lazy("Comment"),
    "disabled": gettext_lazy("Disabled"),
    "rate-limit": gettext_lazy("Speed limit"),
    "shared-users": gettext_lazy("Devices at once"),
    "session-timeout": gettext_lazy("Longest session"),
    "idle-timeout": gettext_lazy("Ends after silence"),
    "keepalive-timeout": gettext_lazy("Ends when unreachable"),
    "status-autorefresh": gettext_lazy("Status page refresh"),
    "address-pool": gettext_lazy("Address pool"),
    "parent-queue": gettext_lazy("Parent queue"),
    "address-list": gettext_lazy("Address list"),
    "add-mac-cookie": gettext_lazy("Remember devices"),
    "mac-cookie-timeout": gettext_lazy("Remember devices for"),
    "on-login": gettext_lazy("Script at login"),
    "on-logout": gettext_lazy("Script at logout"),
}


def property_name(name: str) -> str:
    """A property in people's words."""
    return str(PROPERTIES.get(name, name))


def value_of(name: str, text: str) -> str:
    """A property's text for people: limits with units, flags as words."""
    if not text:
        return _("none")
    if name == "disabled" or name == "add-mac-cookie":
        return _("yes") if text in {"true", "yes"} else _("no")
    if name.startswith("limit-bytes") and text.isdigit():
        return write_amount(int(text))
    if name.endswith("timeout") or name == "limit-uptime":
        try:
            length = read_duration(text)
        except Unreadable:
            return text
        return _("none") if not length else write_duration(length)
    return text


def profile_hint(name: str, known: list[str]) -> str:
    """What to do about a profile that a router does not have; the likely spelling first."""
    close = close_to(name, known)
    if close:
        return _("Did you mean %(names)s?") % {"names": ", ".join(close)}
    return _("Read the router again, create the profile there, or choose another one.")
