"""One-time links: the first owner's set-up, and choosing a new password.

No default password exists anywhere. A link is 256 random bits of which only the digest is kept; it
works once, for 24 hours (an invitation: three days), and only the newest of its kind opens.
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.accounts import rules, secrecy
from ronda.accounts.errors import DeadLink, OwnerExists
from ronda.accounts.models import Person, Role, SetupLink
from ronda.accounts.service import audit, people
from ronda.storage.database import one_writer_at_a_time

# Any constant will do; all changes of who is an owner wait for one another.
OWNERS_LOCK = people.OWNERS_LOCK
DEMO_NAME = "demo"


@dataclass(frozen=True)
class OpenLink:
    """A link that may be used now; `person` is None for the first owner's set-up."""

    id: int
    person: Person | None


def has_owner() -> bool:
    """Whether somebody can look after this installation; before that, nothing lets anybody in."""
    return Person.objects.filter(role=Role.OWNER, is_active=True).exists()


def one_time_link() -> str:
    """The path of a fresh link on which the first owner chooses name and password.

    Raises:
        OwnerExists: the installation is set up; `link_for` makes a link for a person.
    """
    with one_writer_at_a_time(OWNERS_LOCK):
        if has_owner():
            raise OwnerExists(_("There is an owner already; ask them, or use `ronda user link`."))
        return _make(None).path


def demo_link() -> str:
    """The path of a fresh link that signs in as the demo's owner, who is made when missing."""
    with one_writer_at_a_time(OWNERS_LOCK):
        owner, made = Person.objects.get_or_create(
            username=DEMO_NAME, defaults={"role": Role.OWNER, "first_name": "Demo"}
        )
        if made:
            owner.set_unusable_password()
            owner.save(update_fields=["password"])
        return _make(owner).path


@dataclass(frozen=True)
class FreshLink:
    """A link that was just made; `path` cannot be shown again."""

    path: str
    expires_at: datetime


@dataclass(frozen=True)
class Invitation:
    """Somebody who was invited and has not come yet; `expires_at` is None when no link is open."""

    person: Person
    expires_at: datetime | None
    made_by: str


def link_for(person: Person, *, by: Person | None = None, source: str = "") -> str:
    """The path of a fresh link on which `person` chooses a password; see `fresh_link`."""
    return fresh_link(person, by=by, source=source).path


def fresh_link(person: Person, *, by: Person | None = None, source: str = "") -> FreshLink:
    """A fresh link on which `person` chooses a password, and who is invited a user name too."""
    with transaction.atomic():
        made = _make(person, by)
        audit.record(by, "person.link", person.username, source=source)
        return made


def invitations() -> list[Invitation]:
    """Everybody who was invited and has not come yet, in order of name."""
    waiting = list(
        people.all_people().filter(
            is_active=True, last_login=None, password__startswith=UNUSABLE_PASSWORD_PREFIX
        )
    )
    now = timezone.now()
    links = {
        link.person_id: link
        for link in SetupLink.objects.filter(
            person__in=waiting, used_at=None, expires_at__gt=now
        ).select_related("made_by")
    }
    return [_invitation(person, links.get(person.pk)) for person in waiting]


def _invitation(person: Person, link: SetupLink | None) -> Invitation:
    if link is None:
        return Invitation(person, None, "")
    return Invitation(person, link.expires_at, link.made_by.username if link.made_by else "")


def _make(person: Person | None, by: Person | None = None) -> FreshLink:
    now = timezone.now()
    SetupLink.objects.filter(person=person, used_at=None).delete()
    key = secrecy.new_key()
    invited = person is not None and not person.has_usable_password()
    link = SetupLink.objects.create(
        digest=secrecy.digest(key),
        person=person,
        made_at=now,
        expires_at=now + (rules.INVITATION_LIFETIME if invited else rules.LINK_LIFETIME),
        made_by=by,
    )
    return FreshLink(f"/setup/{key}/", link.expires_at)


def find(key: str) -> OpenLink:
    """The link that this key opens.

    Raises:
        DeadLink: unknown, used, expired, of a disabled person, or for a set-up that was done.
    """
    now = timezone.now()
    found = None
    # Every link is compared, so that the time taken does not depend on which one fits.
    for link in SetupLink.objects.filter(used_at=None).select_related("person"):
        if secrecy.matches(key, link.digest):
            found = link
    if (
        found is None
        or not rules.link_is_live(found.made_at, found.expires_at, found.used_at, now)
        or (found.person is None and has_owner())
        or (found.person is not None and not found.person.is_active)
    ):
        raise DeadLink(_("This link was used already, is too old, or was never made here."))
    return OpenLink(found.pk, found.person)


def make_owner(link: OpenLink, name: str, password: str, *, source: str = "") -> Person:
    """Use up a set-up link: its visitor becomes the owner.

    Raises:
        DeadLink: somebody was faster, or an owner exists.
        WeakPassword: nothing was changed; the link stays good.
    """
    with one_writer_at_a_time(OWNERS_LOCK):
        if has_owner():
            raise DeadLink(_("There is an owner already; sign in, or ask them."))
        _use_up(link)
        return people.add(name, Role.OWNER, password=password, source=source)


def choose_password(link: OpenLink, password: str, *, name: str = "", source: str = "") -> Person:
    """Use up a person's link: they have a new password, and every other session of theirs ends.

    Args:
        name: the user name that somebody who was invited chose; "" keeps the one they have.

    Raises:
        DeadLink: the link was used meanwhile.
        Refused: WeakPassword, NameTaken; nothing was changed and the link stays good.
    """
    person = link.person
    if person is None:
        raise DeadLink(_("This link is for setting up, not for a password."))
    with transaction.atomic():
        _use_up(link)
        if name and not person.has_usable_password():
            people.rename(person, name, source=source)
        people.set_password(person, password, by=person, must_change=False, source=source)
        return person


def enter_demo(link: OpenLink) -> Person:
    """Use up the demo owner's link.

    Raises:
        DeadLink: the link was used meanwhile, or is not the demo owner's.
    """
    if link.person is None or link.person.username != DEMO_NAME:
        raise DeadLink(_("This link does not sign in."))
    _use_up(link)
    return link.person


def _use_up(link: OpenLink) -> None:
    # Of two visitors at the same moment, the database lets one change the row.
    now = timezone.now()
    if not SetupLink.objects.filter(pk=link.id, used_at=None, expires_at__gt=now).update(
        used_at=now
    ):
        raise DeadLink(_("This link was used already, is too old, or was never made here."))
