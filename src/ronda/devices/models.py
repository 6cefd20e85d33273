"""Sites, areas and ONTs, and the changes that can be undone."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Category(models.TextChoices):
    """Who pays for an ONT; an icon and a filter, never a change of what red means."""

    GENERAL = "general", _("General")
    CSR = "csr", "CSR"
    APBD = "apbd", "APBD"


class Site(models.Model):
    """A town or project; customer ids are unique within it."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    # The box in which its coordinates should lie; learnt from its ONTs, used to propose repairs.
    south = models.FloatField(null=True, blank=True)
    west = models.FloatField(null=True, blank=True)
    north = models.FloatField(null=True, blank=True)
    east = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Area(models.Model):
    """A padukuhan or RW of a site."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="areas")
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="area_name_in_site")]

    def __str__(self) -> str:
        return self.name


class Scope(models.Model):
    """One site that a person who is narrowed to some sites may see.

    Written by `devices.service.scope.set_sites` alone, together with `Person.narrowed`.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="scopes"
    )
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="scopes")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "site"], name="scope_person_site")]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.site_id}"


class OntQuerySet(models.QuerySet["Ont"]):
    """Questions about ONTs that every slice may ask."""

    def present(self) -> "OntQuerySet":
        """Those that were not deleted."""
        return self.filter(deleted_at=None)

    def watched(self) -> "OntQuerySet":
        """Those that are probed: present, with an address, and not set aside."""
        return self.present().filter(monitored=True).exclude(address="")


class Ont(models.Model):
    """A watched fibre terminal.

    Its id is also its slot in the history columns, so ids are never reused; a deleted ONT keeps its
    row (`deleted_at`) so that deleting can be undone with outages and history intact.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="onts")
    area = models.ForeignKey(
        Area, null=True, blank=True, on_delete=models.SET_NULL, related_name="onts"
    )
    customer_id = models.CharField(_("customer ID"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    location = models.CharField(_("location"), max_length=160, blank=True)
    address = models.CharField(_("address"), max_length=253, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    category = models.CharField(
        _("category"), max_length=8, choices=Category.choices, default=Category.GENERAL
    )
    notes = models.TextField(_("notes"), blank=True, max_length=2000)
    monitored = models.BooleanField(_("monitored"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = OntQuerySet.as_manager()

    class Meta:
        verbose_name = "ONT"
        verbose_name_plural = "ONT"
        constraints = [
            models.UniqueConstraint(
                fields=["site", "customer_id"],
                condition=Q(deleted_at=None),
                name="ont_customer_id_in_site",
            ),
            models.CheckConstraint(
                condition=Q(latitude=None) | Q(latitude__gte=-90, latitude__lte=90),
                name="ont_latitude",
            ),
            models.CheckConstraint(
                condition=Q(longitude=None) | Q(longitude__gte=-180, longitude__lte=180),
                name="ont_longitude",
            ),
            models.CheckConstraint(condition=Q(category__in=Category.values), name="ont_category"),
        ]
        indexes = [
            models.Index(fields=["deleted_at", "name", "id"], name="ont_by_name"),
            models.Index(fields=["deleted_at", "customer_id"], name="ont_by_customer"),
            models.Index(fields=["address"], name="ont_by_address"),
            models.Index(fields=["created_at"], name="ont_by_creation"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.customer_id})"


class Change(models.Model):
    """One undoable change of the ONT list: an edit, an import, a deletion, a restore.

    `rows` is zlib-compressed JSON: `[{"id": int, "before": {…} | null, "after": {…} | null}]`.
    """

    at = models.DateTimeField(_("time"), db_index=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    actor = models.CharField(max_length=150, blank=True)
    kind = models.CharField(max_length=16)  # create, edit, delete, import, restore, undo
    summary = models.CharField(max_length=300)
    count = models.PositiveIntegerField()
    rows = models.BinaryField()
    undone_at = models.DateTimeField(null=True)
    undoes = models.ForeignKey("self", null=True, on_delete=models.SET_NULL)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.summary


class ImportDraft(models.Model):
    """An uploaded file whose preview waits for a person's decision; the bytes lie in the data folder."""

    made_at = models.DateTimeField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    site = models.ForeignKey(Site, on_delete=models.CASCADE)
    file_name = models.CharField(max_length=200)
    file_digest = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    # Codes of the repairs a person accepted: {"row": ["code", …]}
    accepted = models.JSONField(default=dict)
    committed_at = models.DateTimeField(null=True)
    change = models.ForeignKey(Change, null=True, on_delete=models.SET_NULL)

    def __str__(self) -> str:
        return self.file_name
