"""People: adding, changing, disabling; every change is audited and checked against who asks.

`by` is the person asking; None means somebody with a terminal on the machine, who may do all.
"""

import re
from dataclasses import asdict, dataclass, replace
from datetime import datetime, time, tzinfo
from zoneinfo import available_timezones

from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.accounts import rules
from ronda.accounts.errors import LastOwner, NameTaken, NotAllowed, Refused, WeakPassword
from ronda.accounts.events import ENDED
from ronda.accounts.models import ApiSession, ApiToken, Device, Person, Role, SetupLink
from ronda.accounts.service import audit
from ronda.kernel.phones import read_phone
from ronda.storage.database import one_writer_at_a_time
from ronda.web.middleware import zone
from ronda.work import feed

# Any constant will do; changes of who is an owner wait for one another.
OWNERS_LOCK = 0x4F776E72
NAME = re.compile(
    r"^[\w.+-]{1,60}$"
)  # no @: a name that looks like an e-mail address could shadow one


def all_people() -> QuerySet[Person]:
    """Everybody, in order of name."""
    return Person.objects.order_by("username")


def named(name: str) -> Person:
    """The person of this user name, whatever its case.

    Raises:
        Refused: there is none.
    """
    person = Person.objects.filter(username__iexact=name).first()
    if person is None:
        raise Refused(_("There is nobody named %(name)s.") % {"name": name})
    return person


def add(
    name: str,
    role: str,
    *,
    email: str = "",
    phone: str = "",
    password: str | None = None,
    must_change: bool = False,
    by: Person | None = None,
    source: str = "",
) -> Person:
    """Add a person. Without a password nobody can sign in as them until they use a link.

    Raises:
        Refused: NameTaken, WeakPassword, NotAllowed, or a name that cannot be.
    """
    name, email = name.strip(), email.strip().lower()
    check_name(name, email)
    if by is not None and not rules.may_manage(by.role, role):
        raise NotAllowed(_("Only an owner may make an owner."))
    person = Person(
        username=name,
        email=email,
        phone=phone_number(phone),
        role=Role(role),
        must_change_password=must_change and bool(password),
    )
    if password is None:
        person.set_unusable_password()
    else:
        check_password(password, person)
        person.set_password(password)
    with transaction.atomic():
        person.save()
        audit.record(by, "person.add", name, None, {"role": str(role), "email": email}, source)
    return person


def rename(person: Person, name: str, *, source: str = "") -> None:
    """Give the user name that the person chose for themselves.

    Raises:
        Refused: NameTaken, or a name that cannot be.
    """
    name = name.strip()
    if name == person.username:
        return
    check_name(name, "", person)
    before, person.username = person.username, name
    with transaction.atomic():
        person.save(update_fields=["username"])
        audit.record(person, "person.rename", name, {"name": before}, {"name": name}, source)


def check_name(name: str, email: str, person: Person | None = None) -> None:
    """Nothing, when the name and address may be given to `person` (None: somebody new).

    Raises:
        Refused: taken, or holding characters that a name must not have.
    """
    if not NAME.match(name):
        raise Refused(_("A user name has 1 to 60 letters, digits and . + - _"))
    others = Person.objects.exclude(pk=person.pk) if person else Person.objects.all()
    if others.filter(username__iexact=name).exists():
        raise NameTaken(_("Somebody has this user name already."))
    if email:
        _check_address(email)
    if email and others.filter(email__iexact=email).exists():
        raise NameTaken(_("Somebody has this e-mail address already."))


def _check_address(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError:
        raise Refused(_("This is no e-mail address.")) from None


def check_password(password: str, person: Person) -> None:
    """Nothing, when the password is good enough.

    Raises:
        WeakPassword: with all reasons in the text.
    """
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise WeakPassword(" ".join(error.messages)) from None


def set_password(
    person: Person,
    password: str,
    *,
    by: Person | None = None,
    must_change: bool,
    source: str = "",
) -> None:
    """Give a password; all sessions of the person end.

    Raises:
        WeakPassword: nothing was changed.
    """
    check_managed(by, person)
    check_password(password, person)
    person.set_password(password)
    person.must_change_password = must_change
    with transaction.atomic():
        person.save(update_fields=["password", "must_change_password"])
        end_sessions(person)
        audit.record(
            by, "person.password", person.username, None, {"must_change": must_change}, source
        )


def change_role(person: Person, role: str, *, by: Person | None = None, source: str = "") -> None:
    """Give another role.

    Raises:
        NotAllowed: only owners make or unmake owners.
        LastOwner: nobody would be left.
    """
    check_managed(by, person)
    if by is not None and not rules.may_manage(by.role, role):
        raise NotAllowed(_("Only an owner may make an owner."))
    with one_writer_at_a_time(OWNERS_LOCK):
        if role != Role.OWNER:
            _check_not_last_owner(person)
        before = person.role
        person.role = Role(role)
        person.save(update_fields=["role"])
        audit.record(
            by, "person.role", person.username, {"role": before}, {"role": str(role)}, source
        )


def zone_of(person: Person) -> tzinfo:
    """The zone in which this person reads times: their own, else the installation's."""
    return zone(person.time_zone)


def is_quiet(person: Person, at: datetime) -> bool:
    """Whether `at` (aware) lies in the quiet hours of this person, by their own clock."""
    return rules.is_quiet(person.quiet_from, person.quiet_to, at.astimezone(zone_of(person)).time())


@dataclass(frozen=True)
class Profile:
    """What a person chooses for themselves; "" and None mean as the installation, or nothing."""

    email: str = ""
    phone: str = ""
    language: str = ""
    time_zone: str = ""
    quiet_from: time | None = None
    quiet_to: time | None = None


def change_profile(person: Person, chosen: Profile, *, source: str = "") -> None:
    """Keep what a person chose for themselves.

    Raises:
        Refused: NameTaken, or an address, number, zone or hours that cannot be; nothing was changed.
    """
    chosen = replace(chosen, email=chosen.email.strip().lower(), phone=phone_number(chosen.phone))
    check_name(person.username, chosen.email, person)
    if chosen.time_zone and chosen.time_zone not in available_timezones():
        raise Refused(_("This is no time zone; an example is Asia/Makassar."))
    if (chosen.quiet_from is None) != (chosen.quiet_to is None):
        raise Refused(_("Quiet hours need a beginning and an end, or neither."))
    if chosen.quiet_from is not None and chosen.quiet_from == chosen.quiet_to:
        raise Refused(
            _("Quiet hours that begin and end at the same time are none: leave both empty.")
        )
    after = asdict(chosen)
    before = {name: getattr(person, name) for name in after}
    if after == before:
        return
    for name, value in after.items():
        setattr(person, name, value)
    with transaction.atomic():
        person.save(update_fields=list(after))
        audit.record(person, "person.profile", person.username, before, after, source)


def phone_number(typed: str) -> str:
    """A number in the one spelling that is kept, `+628123456789`; "" stays "".

    Raises:
        Refused: it is no telephone number.
    """
    try:
        return read_phone(typed) if typed.strip() else ""
    except ValueError:
        raise Refused(
            _("This is no phone number; examples are 0812-3456-7890 and +62 812 3456 7890.")
        ) from None


def disable(person: Person, *, by: Person | None = None, source: str = "") -> None:
    """Let somebody in no more, and end everything that let them in: `end_everything`.

    Raises:
        LastOwner, NotAllowed: nothing was changed.
    """
    check_managed(by, person)
    if by is not None and by.pk == person.pk:
        raise NotAllowed(_("You cannot disable yourself."))
    with one_writer_at_a_time(OWNERS_LOCK):
        _check_not_last_owner(person)
        person.is_active = False
        person.save(update_fields=["is_active"])
        ended = end_everything(person)
        audit.record(
            by,
            "person.disable",
            person.username,
            {"active": True},
            {"active": False, "ended": asdict(ended)},
            source,
        )


def withdraw(person: Person, *, by: Person | None = None, source: str = "") -> None:
    """Take an invitation back: its link opens nothing, and the name stays disabled until it is invited again.

    Raises:
        Refused: the person has come already, or `by` may not manage them.
    """
    if person.has_usable_password():
        raise Refused(_("%(name)s has come already.") % {"name": person.username})
    disable(person, by=by, source=source)


@dataclass(frozen=True)
class Ended:
    """How much of what let somebody in is over."""

    sessions: int
    programs: int
    links: int


def end_everything(person: Person) -> Ended:
    """End every session, API token and open link of a person at once, without a row in the trail.

    Links that the person made for others go too: whoever made one may have kept it. Nothing of this
    comes back when the person is let in again. Streams are cut as soon as the feed tells of it.
    """
    with transaction.atomic():
        tokens = ApiToken.objects.filter(person=person, revoked_at=None).update(
            revoked_at=timezone.now()
        )
        links, _kinds = SetupLink.objects.filter(
            Q(person=person) | Q(made_by=person), used_at=None
        ).delete()
        return Ended(end_sessions(person), tokens, links)


def enable(person: Person, *, by: Person | None = None, source: str = "") -> None:
    """Let somebody in again, with the password they had; sessions, tokens and links stay ended."""
    check_managed(by, person)
    person.is_active = True
    with transaction.atomic():
        person.save(update_fields=["is_active"])
        audit.record(
            by, "person.enable", person.username, {"active": False}, {"active": True}, source
        )


def sign_out_everywhere(person: Person, *, by: Person | None = None, source: str = "") -> int:
    """End every session of a person; returns how many there were."""
    check_managed(by, person)
    with transaction.atomic():
        count = end_sessions(person)
        audit.record(by, "person.sign_out", person.username, None, {"sessions": count}, source)
    return count


def end_sessions(person: Person) -> int:
    """End every session of a person without a row in the trail; returns how many there were."""
    with transaction.atomic():
        # Also ends sessions that are only just being made, and so in no list yet.
        Person.objects.filter(pk=person.pk).update(generation=F("generation") + 1)
        person.refresh_from_db(fields=["generation"])
        sessions = list(UserSession.objects.filter(user=person))
        for session in sessions:
            session.end()
        Device.objects.filter(person=person).delete()
        end_programs(person)
        feed.append(ENDED, {"person": person.pk})
    return len(sessions)


def end_programs(person: Person) -> int:
    """End what programs began with the person's password; API tokens stay. Returns how many there were."""
    return ApiSession.objects.filter(person=person, ended_at=None).update(ended_at=timezone.now())


def check_managed(by: Person | None, person: Person) -> None:
    """Nothing, when `by` may change `person`.

    Raises:
        NotAllowed: an administrator asked to change an owner, or somebody lower anyone else.
    """
    if by is not None and by.pk != person.pk and not rules.may_manage(by.role, person.role):
        raise NotAllowed(_("Only an owner may change an owner."))


def _check_not_last_owner(person: Person) -> None:
    owners = Person.objects.filter(role=Role.OWNER, is_active=True).values_list("pk", flat=True)
    if person.role == Role.OWNER and rules.leaves_no_owner(set(owners), person.pk):
        raise LastOwner(_("This is the last owner. Make somebody else an owner first."))
