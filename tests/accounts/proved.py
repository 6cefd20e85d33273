"""Clients whose people have just said again who they are, as pages ask before they change a way in."""

import time

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY as WHO,
)
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY as HOW
from django.contrib.auth import SESSION_KEY
from django.test import Client


def just_proved(client: Client) -> None:
    """As if the password had been asked for and given this moment."""
    session = client.session
    session[HOW] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session[WHO] = session[SESSION_KEY]
    session.save()
