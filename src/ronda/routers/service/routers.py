"""Routers entered, changed, set aside and deleted: audited, announced, and never with their password."""

from dataclasses import asdict, fields, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.devices.models import Site
from ronda.devices.service.scope import mine
from ronda.routers.events import CHANGED
from ronda.routers.models import Prefer, Router, Status
from ronda.routers.rules.settings import RouterSettings, password_problems, problems_of
from ronda.routers.service.credentials import seal
from ronda.routers.service.errors import EditedMeanwhile, Gone, NameTaken, PasswordMissing
from ronda.routers.service.wording import refuse
from ronda.work import feed

#: Another router may stand behind the address now, so what was learnt does not hold any more.
REACHED_BY = ("host", "port", "prefer", "transport", "trust", "user")
#: How long a deleted router's password stays for undoing.
KEEP_DELETED = timedelta(days=30)


def routers() -> QuerySet[Router]:
    """Those that were not deleted, with their site, by name."""
    return mine(Router.objects.present().select_related("site"))


def router_of(pk: int) -> Router:
    """One of them.

    Raises:
        Gone: there is none of this id.
    """
    found = routers().filter(pk=pk).first()
    if found is None:
        raise Gone
    return found


def settings_of(router: Router) -> RouterSettings:
    """What a person set about a router."""
    return RouterSettings(
        **{item.name: getattr(router, item.name) for item in fields(RouterSettings)}
    )


def add(
    settings: RouterSettings, password: str, site: Site, person: Person | None, *, source: str = ""
) -> Router:
    """A new router; nothing is asked of it yet.

    Raises:
        WrongSettings, NameTaken, PasswordMissing: nothing was stored.
    """
    settings = _tidy(settings)
    refuse([*problems_of(settings), *password_problems(password)])
    if not password:
        raise PasswordMissing
    _refuse_taken(settings.name)
    with transaction.atomic():
        router = Router(site=site, secret=seal(password), **asdict(settings))
        _save(router)
        audit.record(person, "router.add", router.name, after=_shown(settings, site), source=source)
        _tell([router.pk], "add")
    return router


def edit(
    pk: int,
    settings: RouterSettings,
    site: Site,
    person: Person | None,
    *,
    password: str = "",
    expected: datetime | None = None,
    source: str = "",
) -> Router:
    """Change a router; an empty `password` keeps the stored one.

    `expected` is the `updated_at` that the editor saw; another one in the table refuses.

    A changed address, port, user or way to connect forgets the pinned certificate and what the
    router said of itself, since another one may stand there.

    Raises:
        Gone, WrongSettings, NameTaken, EditedMeanwhile: nothing was changed.
    """
    settings = _tidy(settings)
    refuse([*problems_of(settings), *password_problems(password)])
    with transaction.atomic():
        router = _locked(pk)
        if expected is not None and router.updated_at != expected:
            raise EditedMeanwhile(router.name)
        before = settings_of(router)
        _refuse_taken(settings.name, pk)
        old, new = _shown(before, router.site), _shown(settings, site)
        if password:
            old["password"], new["password"] = "former", "new"
        changed = {name for name in new if old.get(name) != new[name]}
        if not changed:
            return router
        for name, value in asdict(settings).items():
            setattr(router, name, value)
        router.site = site
        if password:
            router.secret, router.secret_next = seal(password), ""
        if changed & {*REACHED_BY}:
            forget(router)
        _save(router)
        audit.record(
            person,
            "router.edit",
            router.name,
            {name: old[name] for name in old if name in changed},
            {name: new[name] for name in new if name in changed},
            source,
        )
        _tell([pk], _kind(changed))
    return router


def set_active(pk: int, active: bool, person: Person | None, *, source: str = "") -> Router:
    """Connect to a router, or leave it alone from now on.

    Raises:
        Gone: there is none of this id.
    """
    router = router_of(pk)
    return edit(pk, replace(settings_of(router), active=active), router.site, person, source=source)


def delete(pk: int, person: Person | None, *, source: str = "") -> Router:
    """Take a router out of the lists; `restore` brings it back within 30 days.

    Raises:
        Gone: there is none of this id.
    """
    with transaction.atomic():
        router = _locked(pk)
        router.deleted_at = timezone.now()
        router.save(update_fields=["deleted_at", "updated_at"])
        before = _shown(settings_of(router), router.site)
        audit.record(person, "router.delete", router.name, before, source=source)
        _tell([pk], "delete")
    return router


def restore(pk: int, person: Person | None, *, source: str = "") -> Router:
    """Bring a deleted router back as it was.

    Raises:
        Gone: there is none to bring back.
        NameTaken: another one has its name by now.
    """
    with transaction.atomic():
        router = (
            Router.objects.select_for_update(of=("self",))
            .select_related("site")
            .filter(pk=pk)
            .exclude(deleted_at=None)
            .first()
        )
        if router is None:
            raise Gone
        _refuse_taken(router.name, pk)
        router.deleted_at = None
        _save(router)
        audit.record(
            person,
            "router.restore",
            router.name,
            after=_shown(settings_of(router), router.site),
            source=source,
        )
        _tell([pk], "restore")
    return router


def find_out_again(pk: int, person: Person | None, *, source: str = "") -> Router:
    """Forget the pinned certificate and the way to connect that was found.

    For a router that was replaced or got a new certificate; a person decides so, never a connection.

    Raises:
        Gone: there is none of this id.
    """
    with transaction.atomic():
        router = _locked(pk)
        before = {"pin": router.pin, "transport": router.facts.get("transport", "")}
        forget(router)
        _save(router)
        audit.record(person, "router.forget", router.name, before, source=source)
        _tell([pk], "edit")
    return router


def forget(router: Router) -> None:
    """Drop what was learnt of a router by connecting; the caller saves it."""
    router.pin = ""
    router.facts = {}
    router.report = router.reported_at = None
    router.connection_status = Status.NEVER
    router.status_since = None
    router.error = ""


def forget_deleted(now: datetime | None = None) -> int:
    """Wipe the passwords of routers deleted more than 30 days ago; how many."""
    before = (now or timezone.now()) - KEEP_DELETED
    old = Router.objects.filter(deleted_at__lt=before).exclude(secret="", secret_next="")
    return old.update(secret="", secret_next="")


def _locked(pk: int) -> Router:
    router = (
        Router.objects.present()
        .select_for_update(of=("self",))
        .select_related("site")
        .filter(pk=pk)
        .first()
    )
    if router is None:
        raise Gone
    return router


def _save(router: Router) -> None:
    try:
        with transaction.atomic():
            router.save()
    except IntegrityError as error:
        if "router_name_present" in str(error) or "UNIQUE" in str(error):
            raise NameTaken(router.name) from None
        raise


def _refuse_taken(name: str, own: int | None = None) -> None:
    others = Router.objects.present().filter(name__iexact=name)
    if (others.exclude(pk=own) if own else others).exists():
        raise NameTaken(name)


def _tidy(settings: RouterSettings) -> RouterSettings:
    return replace(
        settings,
        name=" ".join(settings.name.split()),
        host=settings.host.strip().lower().removesuffix("."),
        user=settings.user.strip(),
        transport=settings.transport if settings.prefer == Prefer.PINNED else "",
    )


def _shown(settings: RouterSettings, site: Site) -> dict[str, Any]:
    return {**asdict(settings), "site": site.name}


def _kind(changed: set[str]) -> str:
    if changed == {"active"}:
        return "active"
    return "password" if changed == {"password"} else "edit"


def _tell(ids: list[int], kind: str) -> None:
    feed.append(CHANGED, {"routers": ids, "kind": kind})
