"""Which sites a person sees, and everything else only as far as it belongs to one of them.

A person who is not narrowed sees everything. A narrowed one sees what belongs to a site of theirs,
and nothing of what belongs to no site. Owners are never narrowed. See docs/decisions/scope.md.

Questions asked while a request is answered are about the sites of its person: `mine` and `here`
know whose request it is (`app.scoping` sets it), as translations know its language. Outside of a
request (the watch, the desk, workers, commands) they are about everything.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from ronda.accounts.auth import Identity
from ronda.accounts.errors import NotAllowed
from ronda.accounts.events import ENDED
from ronda.accounts.models import Person, Role
from ronda.accounts.service import audit, people
from ronda.devices.models import Scope, Site
from ronda.work import feed

M = TypeVar("M", bound=Model)
Sites = frozenset[int] | None
_answered: ContextVar[HttpRequest | None] = ContextVar("answered", default=None)


@contextmanager
def answering(request: HttpRequest) -> Iterator[None]:
    """Within it, `here` and `mine` are about the sites of whoever sent `request`."""
    token = _answered.set(request)
    try:
        yield
    finally:
        _answered.reset(token)


def here() -> Sites:
    """The sites of the person whose request is answered now; None for everything.

    None also for strangers: what they may open (the shop, the public map) has rules of its own.
    """
    request = _answered.get()
    person = getattr(request, "user", None)
    return sites_of(person) if isinstance(person, Person) else None


def leave() -> None:
    """The door that is answered concerns everybody alike: `here` is everything from now on."""
    _answered.set(None)


def mine(queryset: QuerySet[M], path: str = "site") -> QuerySet[M]:
    """The rows that the person whose request is answered sees; all outside of a request.

    The sites are taken when this is called, so a lazy query or a stream keeps them.
    """
    return within(queryset, here(), path)


def sites_of(person: Any) -> Sites:
    """The ids of the sites that `person` sees; None means every site, and what belongs to none.

    Asked of the database once for each `Person` object, so once a request, and only of people who
    are narrowed. None as `person` is somebody at the machine itself, who sees everything; a
    stranger sees nothing.
    """
    if person is None:
        return None
    if not isinstance(person, Person):
        return frozenset()
    if person.role == Role.OWNER or not person.narrowed:
        return None
    if person.sites_seen is None:
        theirs = Scope.objects.filter(person_id=person.pk)
        person.sites_seen = frozenset(theirs.values_list("site", flat=True))
    return person.sites_seen


def sites_by(known: Identity) -> Sites:
    """`sites_of` for who was only identified by headers: programs of the stream and the metrics."""
    person = Person(pk=known.person_id, role=known.role, narrowed=known.narrowed)
    return sites_of(person)


def is_narrowed(person: Any) -> bool:
    """Whether there are sites that `person` does not see."""
    return sites_of(person) is not None


def within(queryset: QuerySet[M], sites: Sites, path: str = "site") -> QuerySet[M]:
    """The rows that belong to `sites`; all for None. `path` leads from a row to its site."""
    return queryset if sites is None else queryset.filter(**{f"{path}__in": sites})


def narrow(queryset: QuerySet[M], person: Any, path: str = "site") -> QuerySet[M]:
    """The rows that `person` sees; `path` leads from a row to its site (`"pk"` for sites themselves)."""
    return within(queryset, sites_of(person), path)


def sees(person: Any, site_id: int | None) -> bool:
    """Whether `person` sees what belongs to this site; None is what belongs to no site."""
    sites = sites_of(person)
    return sites is None or site_id in sites


def check(person: Any, site_id: int | None) -> None:
    """Nothing, when `person` sees this site.

    Raises:
        Http404: not theirs; the answer is that of something that does not exist.
    """
    if not sees(person, site_id):
        raise Http404(_("There is no such thing."))


def chosen(person: Person) -> list[Site]:
    """The sites a person is narrowed to, in order of name; empty for somebody who is not narrowed."""
    if not person.narrowed:
        return []
    return list(Site.objects.filter(scopes__person=person).order_by("name"))


def set_sites(
    person: Person, sites: Collection[int] | None, *, by: Person | None, source: str = ""
) -> None:
    """Narrow `person` to these sites; None lets them see everything again.

    Args:
        sites: ids of sites that exist.
        by: who asks; None for somebody at the machine.

    Raises:
        NotAllowed: `by` may not change this person, or is narrowed; or the person is an owner.
    """
    people.check_managed(by, person)
    if by is not None and (is_narrowed(by) or by.pk == person.pk):
        raise NotAllowed(_("Nobody changes their own sites. Ask an owner."))
    if person.role == Role.OWNER and sites is not None:
        raise NotAllowed(_("An owner sees every site. Give another role first."))
    with transaction.atomic():
        before = _names(person)
        Scope.objects.filter(person=person).delete()
        Scope.objects.bulk_create(Scope(person=person, site_id=pk) for pk in set(sites or ()))
        person.narrowed = sites is not None
        person.save(update_fields=["narrowed"])
        person.sites_seen = None
        # Whoever streams live data is asked again who they are.
        feed.append(ENDED, {"person": person.pk})
        after = _names(person)
        if before != after:
            audit.record(
                by, "person.sites", person.username, {"sites": before}, {"sites": after}, source
            )


def _names(person: Person) -> list[str] | None:
    """What the audit trail says: None is every site."""
    return [site.name for site in chosen(person)] if person.narrowed else None
