"""Signing in of programs: name and password, and the code of the second step; locked like the sign-in page."""

from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from ronda.accounts.errors import CodeNeeded, DeadToken, Locked, NotAllowed
from ronda.accounts.models import Person, SignIn
from ronda.accounts.service import access, devices, history, lockout, second_step
from ronda.accounts.service.access import Pair

BY_HAND = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)


def sign_in(request: HttpRequest, login: str, password: str, otp: str = "") -> Pair:
    """The tokens of somebody whose name or e-mail address, password and second step are right.

    Raises:
        Locked: too many wrong tries; nothing was tried.
        DeadToken: name or password is wrong; which of them is not told.
        CodeNeeded: the code of the second step is missing or wrong.
        NotAllowed: the person has to choose a new password first, or has no second step that a program can give.
    """
    visitor = devices.visitor_of(request)
    attempt = lockout.begin(login, visitor, SignIn.Way.PROGRAM)
    known = lockout.find(login)
    found = authenticate(
        request, username=known.username if known else login.strip(), password=password
    )
    if not isinstance(found, Person) or not found.is_active:
        raise DeadToken(_("Name or password is wrong."))
    lockout.passed(attempt)
    if found.must_change_password:
        raise NotAllowed(_("Choose a new password first."))
    _check_code(request, found, otp.strip())
    history.program(found, visitor)
    return access.begin(found, visitor)


def _check_code(request: HttpRequest, person: Person, otp: str) -> None:
    steps = list(Authenticator.objects.filter(user=person))
    if not steps:
        if second_step.is_missing(person):
            raise NotAllowed(_("Set up a second step first: an authenticator app or a passkey."))
        return
    by_hand = [step for step in steps if step.type in BY_HAND]
    if not by_hand:
        raise NotAllowed(
            _("This person signs in with a passkey. Make an API token on the page instead.")
        )
    if not otp:
        raise CodeNeeded(_("Send the code of the second step as `otp`."))
    try:
        forget = check_rate_limit(person)
    except ValidationError as error:
        raise Locked(" ".join(error.messages), 300) from None
    if not any(step.wrap().validate_code(otp) for step in by_hand):
        history.wrong_code(person, devices.visitor_of(request))
        raise CodeNeeded(_("This code of the second step is wrong."))
    forget()
