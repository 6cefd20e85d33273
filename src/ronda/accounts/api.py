"""People, tokens and the audit trail as JSON; the same services and the same rights as the pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime, StrictBool, StringConstraints

from ronda.accounts import errors
from ronda.accounts.auth import session_or_token
from ronda.accounts.models import ApiToken, AuditRow, Person, Role
from ronda.accounts.roles import ANYONE
from ronda.accounts.service import audit, people, proving, setup, tokens
from ronda.kernel.ids import Id
from ronda.web.answers import FAILURES, Refused

router = Router(tags=["people"])

RoleName = Literal["owner", "admin", "noc", "technician", "cashier", "reseller", "viewer"]
GroupName = Literal["devices", "monitoring", "routers", "hotspot", "shop", "alerts", "people"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00]*$")]


class PersonOut(Schema):
    """Somebody who may sign in."""

    id: int
    name: str
    role: str
    email: str
    active: bool
    must_change_password: bool
    last_sign_in: datetime | None


class PersonIn(Schema):
    """Somebody to add."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.+-]{1,60}$")]
    role: RoleName = "viewer"
    email: Annotated[Text, StringConstraints(max_length=254)] = ""


class Invited(Schema):
    """A person with the one-time link on which they choose a password; it is not shown again."""

    person: PersonOut
    link: str


class PersonChange(Schema):
    """What to change; what is left out stays."""

    role: RoleName | None = None
    active: StrictBool | None = None


class TokenOut(Schema):
    """A token, without its text."""

    id: int
    name: str
    person: str
    prefix: str
    role: str
    read_only: bool
    groups: list[str]
    addresses: str
    made_at: datetime
    used_at: datetime | None
    used_from: str
    expires_at: datetime | None
    revoked_at: datetime | None


class TokenIn(Schema):
    """A token to make for oneself."""

    name: Annotated[Text, StringConstraints(min_length=1, max_length=80)]
    role: RoleName = "viewer"
    days: Annotated[int, Field(ge=1, le=3650)] | None = None
    read_only: StrictBool = False
    groups: Annotated[
        list[GroupName], Field(max_length=7, description="Which operations; empty for all.")
    ] = []
    addresses: Annotated[Text, StringConstraints(max_length=500)] = Field(
        "",
        description="Addresses and networks that may use it, with spaces between; empty for all.",
    )


class TokenMade(Schema):
    """A new token with its text, which is not shown again."""

    token: str
    made: TokenOut


class AuditOut(Schema):
    """One change."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    source: str
    door: str = Field(description="page, api, older, callback, terminal, work; empty: not known")
    position: int | None = Field(description="Place in the chain; null until it is linked.")
    fingerprint: str


class AuditState(Schema):
    """Whether the trail was whole when it was last walked."""

    whole: bool | None = Field(description="Null before the first walk.")
    at: datetime | None
    rows: int
    position: int
    fingerprint: str
    trouble: str


class AuditQuery(Schema):
    """Which part of the trail; everything is optional."""

    actor: Annotated[Text, StringConstraints(max_length=150)] = ""
    action: Annotated[Text, StringConstraints(max_length=64)] = ""
    text: Annotated[Text, StringConstraints(max_length=100)] = ""
    door: Literal["", "page", "api", "older", "callback", "terminal", "work"] = ""
    source: Annotated[Text, StringConstraints(max_length=64)] = ""
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    before_id: Id | None = Field(None, description="Only rows older than this one.")
    limit: Annotated[int, Field(ge=1, le=500)] = 100


@router.get("/me", response={200: PersonOut, **FAILURES}, auth=session_or_token(ANYONE))
def me(request: HttpRequest) -> Any:
    """Who you are to this server; the role is the token's where that is lower."""
    return _person(_actor(request))


@router.get(
    "/people", response={200: list[PersonOut], **FAILURES}, auth=session_or_token(Role.ADMIN)
)
def list_people(request: HttpRequest) -> Any:
    """Everybody, in order of name."""
    return [_person(person) for person in people.all_people()]


@router.post("/people", response={201: Invited, **FAILURES}, auth=session_or_token(Role.ADMIN))
def add_person(request: HttpRequest, new: PersonIn) -> Any:
    """Add somebody; hand them the link, which works once, for 24 hours."""
    actor, source = _actor(request), audit.source_of(request)
    with refusals():
        person = people.add(new.name, new.role, email=new.email, by=actor, source=source)
        link = setup.link_for(person, by=actor, source=source)
    return Status(201, {"person": _person(person), "link": request.build_absolute_uri(link)})


@router.patch(
    "/people/{int:pk}", response={200: PersonOut, **FAILURES}, auth=session_or_token(Role.ADMIN)
)
def change_person(request: HttpRequest, pk: Id, change: PersonChange) -> Any:
    """Give another role, disable or enable. The last owner stays."""
    person, actor = get_object_or_404(Person, pk=pk), _actor(request)
    source = audit.source_of(request)
    with refusals(), transaction.atomic():
        if change.role is not None and change.role != person.role:
            people.change_role(person, change.role, by=actor, source=source)
        if change.active is False and person.is_active:
            people.disable(person, by=actor, source=source)
        if change.active is True and not person.is_active:
            people.enable(person, by=actor, source=source)
    return _person(person)


@router.post(
    "/people/{int:pk}/link", response={201: Invited, **FAILURES}, auth=session_or_token(Role.ADMIN)
)
def new_link(request: HttpRequest, pk: Id) -> Any:
    """A one-time link on which a person chooses a new password."""
    person, actor = get_object_or_404(Person, pk=pk), _actor(request)
    with refusals():
        people.check_managed(actor, person)
        link = setup.link_for(person, by=actor, source=audit.source_of(request))
    return Status(201, {"person": _person(person), "link": request.build_absolute_uri(link)})


@router.post(
    "/people/{int:pk}/sign-out", response={204: None, **FAILURES}, auth=session_or_token(Role.ADMIN)
)
def sign_out(request: HttpRequest, pk: Id) -> Any:
    """End every session of a person."""
    person = get_object_or_404(Person, pk=pk)
    with refusals():
        people.sign_out_everywhere(person, by=_actor(request), source=audit.source_of(request))
    return Status(204, None)


@router.get("/tokens", response={200: list[TokenOut], **FAILURES}, auth=session_or_token(ANYONE))
def list_tokens(request: HttpRequest) -> Any:
    """Your tokens, newest first, at most 500; administrators see those they look after."""
    return [_token(token) for token in tokens.listed_for(_actor(request))[:500]]


@router.post("/tokens", response={201: TokenMade, **FAILURES}, auth=session_or_token(ANYONE))
def make_token(request: HttpRequest, new: TokenIn) -> Any:
    """A token for yourself, with no more rights than you use now."""
    person = _actor(request)
    end = timezone.now() + timedelta(days=new.days) if new.days else None
    with refusals():
        made, text = tokens.make(
            person,
            new.name,
            new.role,
            expires_at=end,
            read_only=new.read_only,
            groups=new.groups,
            addresses=new.addresses,
            by=person,
            source=audit.source_of(request),
        )
    return Status(201, {"token": text, "made": _token(made)})


@router.delete("/tokens/{int:pk}", response={204: None, **FAILURES}, auth=session_or_token(ANYONE))
def revoke_token(request: HttpRequest, pk: Id) -> Any:
    """End a token of yours, or of somebody you look after."""
    person = _actor(request)
    token = get_object_or_404(tokens.listed_for(person), pk=pk)
    with refusals():
        tokens.revoke(token, by=person, source=audit.source_of(request))
    return Status(204, None)


@router.get("/audit", response={200: list[AuditOut], **FAILURES}, auth=session_or_token(Role.ADMIN))
def list_audit(request: HttpRequest, query: Query[AuditQuery]) -> Any:
    """Who changed what, newest first."""
    rows = audit.rows(**query.dict(exclude={"before_id", "limit"}))
    if query.before_id is not None:
        rows = rows.filter(id__lt=query.before_id)
    return [_row(row) for row in rows[: query.limit]]


@router.get(
    "/audit/state", response={200: AuditState, **FAILURES}, auth=session_or_token(Role.ADMIN)
)
def audit_state(request: HttpRequest) -> Any:
    """Whether every row is there as it was written: what the nightly walk found."""
    found = proving.last()
    if found is None:
        return {
            "whole": None,
            "at": None,
            "rows": 0,
            "position": 0,
            "fingerprint": "",
            "trouble": "",
        }
    names = ("at", "rows", "position", "fingerprint", "trouble")
    return {"whole": not found.trouble, **{name: getattr(found, name) for name in names}}


@contextmanager
def refusals() -> Iterator[None]:
    """Turns what the services refuse into the API's answer."""
    try:
        yield
    except errors.Refused as refused:
        status, code = next(
            (answer for kind, answer in ANSWERS.items() if isinstance(refused, kind)),
            (422, "invalid"),
        )
        raise Refused(status, code, str(refused)) from None


ANSWERS = {
    errors.Locked: (429, "too-often"),
    errors.CodeNeeded: (401, "otp"),
    errors.DeadToken: (401, "sign-in"),
    errors.NotAllowed: (403, "role"),
    errors.LastOwner: (409, "last-owner"),
    errors.NameTaken: (409, "taken"),
}


def _actor(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # noqa: S101 -- `auth=` let nobody else through
    return request.user


def _person(person: Person) -> dict[str, Any]:
    return {
        "id": person.pk,
        "name": person.username,
        "role": person.role,
        "email": person.email,
        "active": person.is_active,
        "must_change_password": person.must_change_password,
        "last_sign_in": person.last_login,
    }


def _token(token: ApiToken) -> dict[str, Any]:
    return {
        "id": token.pk,
        "name": token.name,
        "person": token.person.username,
        "prefix": token.prefix,
        "role": token.role,
        "read_only": token.read_only,
        "groups": token.groups,
        "addresses": token.addresses,
        "used_from": token.used_from,
        "made_at": token.made_at,
        "used_at": token.used_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
    }


def _row(row: AuditRow) -> dict[str, Any]:
    names = AuditOut.model_fields
    return {name: getattr(row, name) for name in names}
