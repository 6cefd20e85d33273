"""Signing in of programs with name and password: access and refresh tokens (docs/api.md)."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from pydantic import StringConstraints

from ronda.accounts.api import Text, refusals
from ronda.accounts.service import access, devices, program_sign_in
from ronda.accounts.service.access import Pair
from ronda.web.answers import FAILURES

router = Router(tags=["signing in"], auth=None)

Token = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]+$", max_length=2000)]


class Credentials(Schema):
    """Who signs in."""

    login: Annotated[Text, StringConstraints(min_length=1, max_length=254)] = Field(
        description="User name or e-mail address."
    )
    password: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
    otp: Annotated[Text, StringConstraints(max_length=20)] = Field(
        "", description="Code of the second step, where the person has one."
    )


class PairOut(Schema):
    """Tokens of a session; send the access token as `Authorization: Bearer …`."""

    access: str
    refresh: str
    expires_at: datetime = Field(description="When the access token ends.")
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 -- the name of a scheme


class OneToken(Schema):
    """A token of a session."""

    token: Token


@router.post("/auth/token", response={200: PairOut, **FAILURES})
def sign_in(request: HttpRequest, credentials: Credentials) -> Any:
    """Sign in with name and password. Wrong tries wait as on the page; 401 with code `otp` asks for the second step."""
    with refusals():
        pair = program_sign_in.sign_in(
            request, credentials.login, credentials.password, credentials.otp
        )
    return _shown(pair)


@router.post("/auth/refresh", response={200: PairOut, **FAILURES})
def refresh(request: HttpRequest, given: OneToken) -> Any:
    """A new pair for a refresh token, which works once; one that comes again ends its session."""
    with refusals():
        pair = access.refresh(given.token, devices.visitor_of(request))
    return _shown(pair)


@router.post("/auth/revoke", response={204: None, **FAILURES})
def revoke(request: HttpRequest, given: OneToken) -> Any:
    """End the session of an access or refresh token, at once; an unknown one is answered alike."""
    access.end(given.token, devices.visitor_of(request))
    return Status(204, None)


def _shown(pair: Pair) -> dict[str, Any]:
    return {"access": pair.access, "refresh": pair.refresh, "expires_at": pair.expires_at}
