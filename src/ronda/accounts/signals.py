"""What the sign-in pages tell: kept in the audit trail, and a new password lifts the duty to choose one."""

import time
from typing import Any

from allauth.account.signals import password_changed
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
)
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import connections
from django.db.models.signals import post_migrate
from django.http import HttpRequest

from ronda.accounts import guard
from ronda.accounts.models import Person, SignIn
from ronda.accounts.seen import DEVICE, FRESH_KEY, SEEN, SIGNED_OUT
from ronda.accounts.service import audit, devices, history, lockout, people


def connect() -> None:
    """Subscribe, once a process."""
    password_changed.connect(on_password_changed, dispatch_uid="accounts.password")
    user_logged_in.connect(on_signed_in, dispatch_uid="accounts.signed_in")
    user_logged_out.connect(on_signed_out, dispatch_uid="accounts.signed_out")
    authentication_failed.connect(on_wrong_code, dispatch_uid="accounts.wrong_code")
    user_login_failed.connect(on_failed, dispatch_uid="accounts.failed")
    authenticator_added.connect(on_second_step_on, dispatch_uid="accounts.second_step_on")
    authenticator_removed.connect(on_second_step_off, dispatch_uid="accounts.second_step_off")
    post_migrate.connect(on_migrated, dispatch_uid="accounts.migrated")


def on_migrated(sender: Any, using: str, **_kwargs: Any) -> None:
    """SQLite drops a table's triggers where a migration makes the table anew."""
    if sender.label == "accounts":
        guard.put(connections[using])


def on_password_changed(request: HttpRequest, user: Person, **_kwargs: Any) -> None:
    """The person chose a password of their own."""
    if user.must_change_password:
        user.must_change_password = False
        user.save(update_fields=["must_change_password"])
    people.end_programs(user)
    audit.record(user, "person.password", user.username, source=audit.source_of(request))


def on_signed_in(request: HttpRequest | None, user: Person, **_kwargs: Any) -> None:
    """Somebody signed in."""
    source = audit.source_of(request) if request and request.META else ""
    audit.record(user, "person.sign_in", user.username, source=source)
    if request is None or not request.META:  # no browser: a test, or a command
        return
    visitor = devices.visitor_of(request)
    found = history.signed_in(user, visitor, _way(request))
    request.session[DEVICE], request.session[SEEN] = found.device.pk, int(time.time())
    setattr(request, FRESH_KEY, found.key)


def on_signed_out(request: HttpRequest | None, **_kwargs: Any) -> None:
    """A session ended in this request, by its person or because it had been idle too long."""
    if request is not None:
        setattr(request, SIGNED_OUT, True)


def _way(request: HttpRequest) -> str:
    """By what somebody came in; allauth notes each step in the session."""
    steps = request.session.get("account_authentication_methods", [])
    if any(step.get("passwordless") for step in steps):
        return SignIn.Way.PASSKEY
    methods = {step.get("method") for step in steps}
    if "mfa" in methods:
        return SignIn.Way.CODE
    return SignIn.Way.PASSWORD if "password" in methods else SignIn.Way.LINK


def on_wrong_code(request: HttpRequest, user: Person, **_kwargs: Any) -> None:
    """The password was right, the second step was not."""
    history.wrong_code(user, devices.visitor_of(request))
    audit.record(None, "person.sign_in_failed", user.username, source=audit.source_of(request))


def on_failed(
    credentials: dict[str, Any], request: HttpRequest | None = None, **_kwargs: Any
) -> None:
    """A sign-in failed. The name as typed is not kept: people type passwords into that field."""
    name = str(credentials.get("username") or credentials.get("email") or "")
    known = lockout.find(name)
    source = audit.source_of(request) if request else ""
    audit.record(None, "person.sign_in_failed", known.username if known else "?", source=source)


def on_second_step_on(request: HttpRequest, user: Person, **_kwargs: Any) -> None:
    """An authenticator or recovery codes were set up."""
    audit.record(user, "person.second_step_on", user.username, source=audit.source_of(request))


def on_second_step_off(request: HttpRequest, user: Person, **_kwargs: Any) -> None:
    """An authenticator or recovery codes were given up."""
    audit.record(user, "person.second_step_off", user.username, source=audit.source_of(request))
