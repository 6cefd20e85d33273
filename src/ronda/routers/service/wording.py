"""Problems of settings as sentences for the person who typed them."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from ronda.routers.rules.settings import Problem
from ronda.routers.service.errors import WrongSettings


def text_of(problem: Problem) -> str:
    """What is wrong and what to do."""
    texts = {
        "empty": _("Fill this in."),
        "too_long": _("At most %(most)s characters."),
        "unprintable": _("There is an invisible control character; type it again."),
        "address": _("Write an IP address such as 192.168.88.1, or a host name."),
        "range": _("Must be a number from %(least)s to %(most)s."),
        "unknown": _("Choose one of: %(allowed)s."),
        "not_text": _("Must be text in quotation marks."),
        "not_number": _("Must be a whole number."),
        "not_truth": _("Must be true or false, without quotation marks."),
        "transport_missing": _("Choose the way to connect, or let Ronda find out."),
        "tls_on_plain_port": _(
            "Port %(port)s is the one without encryption; with TLS the router listens on %(usual)s. "
            "Take port %(usual)s, or give up TLS."
        ),
        "plain_on_tls_port": _(
            "Port %(port)s is the one with TLS, but a connection without encryption is chosen. "
            "Choose TLS, or port %(usual)s."
        ),
        "port_of_other_service": _(
            "Port %(port)s belongs to another service of the router (%(service)s). "
            "Take port %(usual)s, or leave it empty."
        ),
        "rest_on_v6": _(
            "RouterOS v6 has no REST; it is spoken to by the API. Let Ronda find out, or choose v7."
        ),
    }
    return texts[problem.code] % problem.values


def refuse(problems: Sequence[Problem]) -> None:
    """Refuse settings with problems; nothing happens without.

    Raises:
        WrongSettings: with a text for each field.
    """
    if not problems:
        return
    fields: dict[str, list[str]] = {}
    proposal: dict[str, object] = {}
    for problem in problems:
        fields.setdefault(problem.field, []).append(text_of(problem))
        proposal |= problem.proposal
    raise WrongSettings(fields, proposal)
