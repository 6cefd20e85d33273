"""Whether somebody has to set up a second step before anything else opens to them."""

from allauth.mfa.models import Authenticator

from ronda.accounts.models import Person, Role
from ronda.work import tuning

#: Who can change everything needs more than a password, where the owner wants it so.
ROLES = frozenset({Role.OWNER, Role.ADMIN})


def is_missing(person: Person) -> bool:
    """True for owners and administrators without one, while the setting `second_step` is on."""
    if not tuning.value("second_step") or person.role not in ROLES:
        return False
    steps = Authenticator.objects.filter(user=person)
    return not steps.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()
