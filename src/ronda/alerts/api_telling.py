"""`/api/v1/alerts/told` and `/api/v1/alert-rules/preview`: who was told of what, who was not and why."""

from datetime import datetime
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Person, Role
from ronda.accounts.roles import holds
from ronda.alerts.api_rules import RuleIn, filled
from ronda.alerts.models import AlertRule
from ronda.alerts.rules.occurrences import What
from ronda.alerts.rules.verdicts import Kind
from ronda.alerts.service import rehearsals, why
from ronda.devices.acting import actor
from ronda.devices.service.scope import sites_of
from ronda.incidents.models import Incident
from ronda.incidents.service import questions
from ronda.kernel.ids import LARGEST_ID, Id
from ronda.web.answers import FAILURES, Refused

router = Router(tags=["alerts"])


class ToldWay(Schema):
    """One address by which it went; `within`: in one message with others, because many came at once."""

    channel: str
    state: str
    error: str
    within: bool


class ToldLine(Schema):
    """That somebody was told (`code` "") or the reason why not; `lifted_at`: told after all, then.

    `text` is the reason in words; `until` is when it may end.
    """

    at: datetime
    to: str
    title: str
    trouble: int
    incident: int | None
    kind: str
    rule: str
    code: str
    text: str
    until: datetime | None
    lifted_at: datetime | None
    ways: list[ToldWay]


class WouldTell(Schema):
    """One message that would have been sent; `size` is how many ONTs it was about at most."""

    at: datetime
    kind: Kind
    to: str
    what: What
    size: int
    trouble: int | None


class WouldReach(Schema):
    """How many messages somebody would have got."""

    to: str
    count: int


class PreviewOut(Schema):
    """What a rule would have sent in the last `days`; `whole` is false where there was more to look at.

    `worst` is the most in a day; `messages` are the newest.
    """

    days: int
    count: int
    troubles: int
    worst: int
    whole: bool
    people: list[WouldReach]
    messages: list[WouldTell]


def _line(one: why.Line) -> dict[str, Any]:
    return {
        "at": one.at,
        "to": one.to,
        "title": one.title,
        "trouble": one.occurrence,
        "incident": one.incident,
        "kind": one.kind,
        "rule": one.rule,
        "code": one.code,
        "text": one.reason,
        "until": one.until,
        "lifted_at": one.lifted_at,
        "ways": [
            {"channel": way.channel, "state": way.state, "error": way.error, "within": way.within}
            for way in one.ways
        ],
    }


@router.get(
    "/alerts/told",
    response={200: list[ToldLine], **FAILURES},
    auth=session_or_token(Role.TECHNICIAN),
)
def list_told(
    request: HttpRequest,
    person: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    trouble: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
) -> Any:
    """What a person was told and why not, newest first, at most 100; NOC operators ask for anybody."""
    me = actor(request).person
    sites = sites_of(me)
    who = me
    if person is not None and person != me.pk:
        if not holds(me.role, Role.NOC) or sites is not None:
            raise Refused(403, "not-yours", _("You may ask for yourself only."))
        found = Person.objects.filter(pk=person).first()
        if found is None:
            raise Http404(_("There is no such person."))
        who = found
    return [_line(one) for one in why.of_person(who, trouble, sites=sites)]


@router.get(
    "/alerts/told/incident/{number}",
    response={200: list[ToldLine], **FAILURES},
    auth=session_or_token(Role.VIEWER),
)
def told_of_incident(request: HttpRequest, number: Id) -> Any:
    """Everybody whom some rule reached about one incident, in the order of time."""
    try:
        found = questions.one(number, actor(request).person)
    except Incident.DoesNotExist:
        raise Http404(_("There is no such incident.")) from None
    return [_line(one) for one in why.of_incident(found.pk)]


@router.post(
    "/alert-rules/preview",
    response={200: PreviewOut, **FAILURES},
    auth=session_or_token(Role.ADMIN),
)
def preview_rule(request: HttpRequest, given: RuleIn) -> Any:
    """What a rule, kept or not, would have sent in the last thirty days; nothing is kept or sent."""
    now = timezone.now()
    found = rehearsals.preview(filled(AlertRule(since=now), given), now)
    names = why.labels({to for to, _count in found.people})
    return {
        "days": rehearsals.DAYS,
        "count": found.count,
        "troubles": found.troubles,
        "worst": found.worst,
        "whole": found.whole,
        "people": [{"to": names[to], "count": count} for to, count in found.people],
        "messages": [
            {
                "at": one.at,
                "kind": one.kind,
                "to": names[one.to],
                "what": one.what,
                "size": one.size,
                "trouble": one.pk,
            }
            for one in found.lines
        ],
    }
