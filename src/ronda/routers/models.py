"""Routers with their sealed credentials."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from ronda.devices.models import Site
from ronda.routeros.port import Transport, Trust


class Prefer(models.TextChoices):
    """Which transport is tried first."""

    AUTO = "auto", _("Find out: API over TLS, API, REST over HTTPS")
    REST = "rest", _("REST first, then the API")
    PINNED = "pinned", _("Only the one chosen here")


class Status(models.TextChoices):
    """How the last attempt to reach a router ended."""

    NEVER = "never", _("Not connected yet")
    CONNECTED = "connected", _("Connected")
    FAILED = "failed", _("Not reachable")


TRANSPORTS = [
    (Transport.API_TLS.value, _("API over TLS (api-ssl, usually port 8729)")),
    (Transport.API.value, _("API without encryption (api, usually port 8728)")),
    (Transport.REST_TLS.value, _("REST over HTTPS (www-ssl, usually port 443)")),
    (Transport.REST.value, _("REST without encryption (www, usually port 80)")),
]
TRUSTS = [
    (Trust.PIN.value, _("The certificate of the first connection, and no other")),
    (Trust.VERIFY.value, _("A certificate of a known authority for this host name")),
    (Trust.ANONYMOUS.value, _("No certificate: encrypted, but it could be anybody")),
    (Trust.OFF.value, _("Any certificate (insecure)")),
]


class RouterQuerySet(models.QuerySet["Router"]):
    """Questions about routers that every slice may ask."""

    def present(self) -> "RouterQuerySet":
        """Those that were not deleted."""
        return self.filter(deleted_at=None)

    def in_use(self) -> "RouterQuerySet":
        """Those that are to be connected: present and not disabled."""
        return self.present().filter(active=True)


class Router(models.Model):
    """One MikroTik. A deleted one keeps its row (`deleted_at`), so that deleting can be undone.

    `secret` is the password of `user` on the router, sealed (`storage.sealing`); `secret_next` is one
    that was sent to the router but not yet proved by a login, see `service.rotation`.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="routers")
    name = models.CharField(_("name"), max_length=80)
    host = models.CharField(_("address"), max_length=253)
    port = models.PositiveIntegerField(_("port"), null=True, blank=True)
    prefer = models.CharField(max_length=8, choices=Prefer.choices, default=Prefer.AUTO)
    transport = models.CharField(max_length=12, choices=TRANSPORTS, blank=True)
    plain_rest = models.BooleanField(default=False)
    trust = models.CharField(max_length=12, choices=TRUSTS, default=Trust.PIN.value)
    pin = models.CharField(max_length=64, blank=True)
    user = models.CharField(_("user"), max_length=120)
    secret = models.TextField(blank=True)
    secret_next = models.TextField(blank=True)
    timeout_ms = models.PositiveIntegerField(_("time limit"), default=10_000)
    poll_s = models.PositiveIntegerField(_("read every"), default=300)
    active = models.BooleanField(_("in use"), default=True)
    hotspot_interface = models.CharField(_("hotspot interface"), max_length=120, blank=True)
    hotspot_name = models.CharField(_("hotspot server"), max_length=120, blank=True)
    default_profile = models.CharField(_("default profile"), max_length=120, blank=True)
    # "v6", "v7" or "": what a person believes; what the router says is in `facts`.
    version_hint = models.CharField(_("RouterOS"), max_length=4, blank=True)
    connection_status = models.CharField(
        max_length=12, choices=Status.choices, default=Status.NEVER
    )
    last_connected_at = models.DateTimeField(null=True)
    status_since = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    # What it said of itself at the last connection (`service.state`): identity, version, board,
    # serial, transport, certificate.
    facts = models.JSONField(default=dict)
    # What the newest test saw (`rules.observed`), and when.
    report = models.JSONField(null=True)
    reported_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = RouterQuerySet.as_manager()

    class Meta:
        verbose_name = "router"
        verbose_name_plural = "routers"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"), condition=Q(deleted_at=None), name="router_name_present"
            ),
            models.CheckConstraint(
                condition=Q(port=None) | Q(port__gte=1, port__lte=65535), name="router_port"
            ),
            models.CheckConstraint(
                condition=Q(timeout_ms__gte=1000, timeout_ms__lte=60_000), name="router_timeout"
            ),
            models.CheckConstraint(
                condition=Q(poll_s__gte=30, poll_s__lte=3600), name="router_poll"
            ),
            models.CheckConstraint(condition=Q(prefer__in=Prefer.values), name="router_prefer"),
            models.CheckConstraint(
                condition=~Q(prefer=Prefer.PINNED) | ~Q(transport=""), name="router_pinned"
            ),
        ]

    def __str__(self) -> str:
        return self.name
