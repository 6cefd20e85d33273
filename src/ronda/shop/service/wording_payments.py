"""The steps of a self-test in words: what was tried, what it told, and what to do."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronda.shop.models import SelfTest
from ronda.web.words import Text


@dataclass(frozen=True, slots=True)
class Line:
    """One step as people read it; `state` is `up`, `down` or `unknown`, `advice` what to do about it."""

    title: str
    state: str
    advice: str
    technical: str


TITLES: dict[str, Text] = {
    "reachable": gettext_lazy("The callback address can be reached"),
    "unsigned": gettext_lazy("A call without a signature is refused"),
    "genuine": gettext_lazy("A signed call is accepted and noted"),
    "tampered": gettext_lazy("A call whose amount was changed is refused"),
    "duplicate": gettext_lazy("The same call a second time counts once"),
    "amount": gettext_lazy("A wrong amount serves no order"),
    "order": gettext_lazy("An order would be paid, once"),
    "credentials": gettext_lazy("The gateway takes our key"),
}

ADVICE: dict[str, Text] = {
    "reachable": gettext_lazy(
        "Something else answers there. Check the reverse proxy, RONDA_HOSTS and the address in the browser."
    ),
    "genuine": gettext_lazy(
        "Another program may answer at this address, or this page belongs to another installation."
    ),
    "order": gettext_lazy("Look at the log; the shop could not take the money of the test."),
    "credentials": gettext_lazy(
        "Copy the keys from the gateway's dashboard again, and mind sandbox and real money."
    ),
}

CODES: dict[str, Text] = {
    "inside": gettext_lazy(
        "This machine does not reach itself by the public address, which many routers prevent. "
        "The rest was tested directly; try the address from a phone on mobile data."
    ),
    "nowhere": gettext_lazy("Neither the public address nor this machine's own one answered."),
    "not-signed": gettext_lazy(
        "This gateway does not sign what it says, so every call is looked up at the gateway first."
    ),
    "no-package": gettext_lazy("There is no package on a router yet, so no order could be tried."),
}


def steps(test: SelfTest) -> list[Line]:
    """The steps of a finished test, in their order."""
    return [_line(step) for step in test.told]


def _line(step: dict[str, object]) -> Line:
    name, code, ok = str(step["step"]), str(step["code"]), step["ok"]
    advice = CODES.get(code) or ("" if ok else ADVICE.get(name, ""))
    if ok is None and not advice:
        advice = _("The gateway did not answer.")
    state = "unknown" if ok is None else "up" if ok else "down"
    return Line(str(TITLES[name]), state, str(advice), str(step["text"]))
