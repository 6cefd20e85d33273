"""`/api/v1/wordings`: the operator's own words around messages, for each sort and language."""

from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.alerts.service import wordings
from ronda.alerts.service.wordings import WordingRefused
from ronda.devices.acting import actor
from ronda.web.answers import FAILURES, Refused

router = Router(tags=["alerts"])
ADMIN = session_or_token(Role.ADMIN)
TEXT = r"^[^\x00]*$"


class WordingIn(Schema):
    """Subject and text as templates; the text has to say `{text}`, outside of any section."""

    subject: str = Field(min_length=1, max_length=200, pattern=TEXT)
    text: str = Field(min_length=1, max_length=wordings.LONGEST, pattern=TEXT)


class WordingOut(Schema):
    """The templates in force for a sort of message in a language; `own` where they are not the usual ones."""

    what: str
    title: str
    language: str
    subject: str
    text: str
    own: bool


class WordingShown(Schema):
    """Subject and text of an invented message."""

    subject: str
    text: str


def _out(what: str, language: str) -> dict[str, Any]:
    subject, text = wordings.kept(what, language)
    return {
        "what": what,
        "title": str(wordings.SORTS[what]),
        "language": language,
        "subject": subject,
        "text": text,
        "own": (what, language) in wordings.changed(),
    }


def _check(what: str, language: str) -> None:
    if what not in wordings.SORTS or language not in wordings.languages():
        raise Http404(_("There is no such sort of message or language."))


@router.get("/wordings", response={200: list[WordingOut], **FAILURES}, auth=ADMIN)
def list_wordings(request: HttpRequest) -> Any:
    """Each sort of message in each language."""
    return [_out(what, code) for what in wordings.SORTS for code in wordings.languages()]


@router.put("/wordings/{what}/{language}", response={200: WordingOut, **FAILURES}, auth=ADMIN)
def change_wording(request: HttpRequest, what: str, language: str, given: WordingIn) -> Any:
    """Keep own words."""
    _check(what, language)
    me = actor(request)
    try:
        wordings.save(what, language, given.subject, given.text, me.person, me.source)
    except WordingRefused as refused:
        raise Refused(422, "wording", str(refused)) from None
    return _out(what, language)


@router.delete("/wordings/{what}/{language}", response={204: None, **FAILURES}, auth=ADMIN)
def reset_wording(request: HttpRequest, what: str, language: str) -> Any:
    """Go back to the usual words."""
    _check(what, language)
    me = actor(request)
    wordings.reset(what, language, me.person, me.source)
    return Status(204, None)


@router.post(
    "/wordings/{what}/{language}/preview", response={200: WordingShown, **FAILURES}, auth=ADMIN
)
def preview_wording(request: HttpRequest, what: str, language: str, given: WordingIn) -> Any:
    """An invented message in these words; nothing is kept or sent."""
    _check(what, language)
    try:
        with translation.override(language):
            told = wordings.sample(what)
            subject, text = wordings.filled(given.subject, given.text, told, timezone.now())
    except WordingRefused as refused:
        raise Refused(422, "wording", str(refused)) from None
    return {"subject": subject, "text": text}
