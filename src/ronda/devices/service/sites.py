"""Sites and areas: made, renamed, merged, removed. What moves ONTs is an undoable change."""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.devices.events import CHANGED
from ronda.devices.models import Area, Change, Ont, Site
from ronda.devices.service.changes import RowChange, apply
from ronda.devices.service.errors import ChangeRefused
from ronda.devices.service.scope import mine
from ronda.work import feed


class NameTaken(ChangeRefused):
    """Another site, or another area of the site, has this name."""

    code = "name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(
            _("%(name)s exists already. Take another name, or merge the two.") % {"name": name}
        )


class StillUsed(ChangeRefused):
    """The site has ONTs."""

    code = "still_used"

    def __init__(self, site: Site, present: int, deleted: int) -> None:
        text = ngettext(
            "%(site)s still has %(count)d ONT. Delete it or move it to another site first.",
            "%(site)s still has %(count)d ONTs. Delete them or move them to another site first.",
            present,
        )
        if not present:
            text = ngettext(
                "%(site)s has %(count)d deleted ONT, whose history is kept; the site stays for it.",
                "%(site)s has %(count)d deleted ONTs, whose history is kept; the site stays for them.",
                deleted,
            )
        super().__init__(text % {"site": site, "count": present or deleted})


def sites() -> QuerySet[Site]:
    """The sites that whoever asks sees, with `ont_count` and `area_count`."""
    # Counting over both joins at once multiplied 50,000 ONTs by 60 areas: 2 s.
    areas = Area.objects.filter(site=OuterRef("pk"))
    return (
        mine(Site.objects.all(), "pk")
        .annotate(
            ont_count=_counted(Ont.objects.present().filter(site=OuterRef("pk")), "site"),
            area_count=_counted(areas, "site"),
        )
        .order_by("name")
    )


def areas(site: Site | None = None) -> QuerySet[Area]:
    """Areas, of one site or all, with their site and `ont_count`."""
    found = mine(Area.objects.select_related("site")).annotate(
        ont_count=_counted(Ont.objects.present().filter(area=OuterRef("pk")), "area")
    )
    return (found.filter(site=site) if site else found).order_by("site__name", "name")


def _counted(rows: QuerySet[Any], group: str) -> Coalesce:
    number = rows.order_by().values(group).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(number), 0, output_field=IntegerField())


def area_named(site_id: int, name: str) -> Area | None:
    """The area of that name, whatever its case; made when it does not exist; None for no name."""
    if not name:
        return None
    found = Area.objects.filter(site_id=site_id, name__iexact=name).first()
    return found or Area.objects.get_or_create(site_id=site_id, name=name)[0]


def add_site(name: str, person: Person | None, *, source: str = "") -> Site:
    """A new site.

    Raises:
        NameTaken: there is one of that name.
    """
    _refuse_taken(Site.objects.filter(name__iexact=name), name)
    with transaction.atomic():
        site = Site.objects.create(name=name)
        audit.record(person, "site.create", name, source=source)
    return site


def add_area(site: Site, name: str, person: Person | None, *, source: str = "") -> Area:
    """A new area of a site.

    Raises:
        NameTaken: the site has one of that name.
    """
    _refuse_taken(Area.objects.filter(site=site, name__iexact=name), name)
    with transaction.atomic():
        area = Area.objects.create(site=site, name=name)
        audit.record(person, "area.create", f"{site}: {name}", source=source)
    return area


def rename(thing: Site | Area, name: str, person: Person | None, *, source: str = "") -> None:
    """Give a site or an area another name.

    Raises:
        NameTaken: somebody else has it.
    """
    others: QuerySet[Any]
    if isinstance(thing, Site):
        others, kind = Site.objects.filter(name__iexact=name), "site"
    else:
        others, kind = Area.objects.filter(site_id=thing.site_id, name__iexact=name), "area"
    _refuse_taken(others.exclude(pk=thing.pk), name)
    before = thing.name
    if before == name:
        return
    with transaction.atomic():
        thing.name = name
        thing.save(update_fields=["name"])
        audit.record(person, f"{kind}.rename", before, {"name": before}, {"name": name}, source)
        # Lists and maps show the name beside each ONT.
        ids = list(thing.onts.filter(deleted_at=None).values_list("pk", flat=True))
        feed.append_all(
            [
                (CHANGED, {"onts": ids[start : start + 1000], "kind": "rename", "change": None})
                for start in range(0, len(ids), 1000)
            ]
        )


def _refuse_taken(found: QuerySet[Any], name: str) -> None:
    if found.exists():
        raise NameTaken(name)


def remove_site(site: Site, person: Person | None, *, source: str = "") -> None:
    """Remove a site that has no ONT.

    Raises:
        StillUsed: it has some, or deleted ones that could come back.
    """
    present = Ont.objects.present().filter(site=site).count()
    whole = Ont.objects.filter(site=site).count()
    if whole:
        raise StillUsed(site, present, whole - present)
    with transaction.atomic():
        audit.record(person, "site.delete", site.name, {"name": site.name}, source=source)
        try:
            site.delete()
        except IntegrityError:
            raise StillUsed(site, 1, 0) from None


def remove_area(area: Area, person: Person | None, *, source: str = "") -> Change | None:
    """Remove an area; its ONTs stay, without area. The change, None when it had no ONT."""
    return _empty([area], None, _("Removed the area %(area)s") % {"area": area}, person, source)


def merge_areas(
    areas: Sequence[Area], into: Area, person: Person | None, *, source: str = ""
) -> Change | None:
    """Move the ONTs of `areas` to `into` and remove the empty ones; None when no ONT moved.

    Undoing the change makes the merged areas again.

    Raises:
        ChangeRefused: they are of different sites.
    """
    if any(area.site_id != into.site_id for area in areas):
        raise ChangeRefused(_("Only areas of one site can be merged."))
    merged = [area for area in areas if area.pk != into.pk]
    if not merged:
        raise ChangeRefused(_("Choose at least one other area to merge."))
    names = ", ".join(area.name for area in merged)
    summary = _("Merged the areas %(areas)s into %(area)s") % {"areas": names, "area": into}
    return _empty(merged, into, summary, person, source)


def _empty(
    areas: Sequence[Area], into: Area | None, summary: str, person: Person | None, source: str
) -> Change | None:
    with transaction.atomic():
        ids = Ont.objects.filter(area__in=areas).order_by("pk").values_list("pk", flat=True)
        target = into.pk if into else None
        rows = [RowChange(pk, {"area_id": target}) for pk in ids]
        change = (
            apply(rows, kind="edit", summary=summary, person=person, source=source)
            if rows
            else None
        )
        for area in areas:
            audit.record(person, "area.delete", f"{area.site}: {area}", source=source)
            area.delete()
    return change
