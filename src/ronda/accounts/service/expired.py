"""Throwing away what no longer opens anything: ended sessions, dead links, old sign-ins."""

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Q

from ronda.accounts.models import ApiSession, SetupLink
from ronda.accounts.service import history


def forget(now: datetime) -> int:
    """Delete sessions and links that ended before `now`; returns how many there were."""
    sessions, _kinds = Session.objects.filter(expire_date__lt=now).delete()
    # What a person sees as "where I am signed in" goes with the session behind it.
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    old = history.forget(now)
    ApiSession.objects.filter(expires_at__lt=now).delete()
    links, _kinds = SetupLink.objects.filter(Q(expires_at__lt=now) | Q(used_at__lt=now)).delete()
    return sessions + links + old
