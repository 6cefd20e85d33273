"""What each router was last seen to hold: a copy with its age, never the truth itself.

Texts are as the router keeps them. Only `service.storing` writes these tables.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ronda.routers.models import Router


class Part(models.TextChoices):
    """One list of a router."""

    USERS = "users", _("Users")
    PROFILES = "profiles", _("Profiles")
    SERVERS = "servers", _("Hotspot servers")
    ACTIVE = "active", _("Active users")
    HOSTS = "hosts", _("Hosts")
    COOKIES = "cookies", _("Cookies")
    BINDINGS = "bindings", _("Bindings")
    LEASES = "leases", _("Leases")


class Reading(models.Model):
    """When a list of a router was last read whole, and what went wrong since."""

    router = models.ForeignKey(Router, on_delete=models.CASCADE, related_name="readings")
    part = models.CharField(max_length=8, choices=Part.choices)
    read_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(default=0)
    took_ms = models.PositiveIntegerField(default=0)
    tried_at = models.DateTimeField()
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["router", "part"], name="reading_of_part")]

    def __str__(self) -> str:
        return f"{self.part} of router {self.router_id}"


class Condition(models.Model):
    """What else of a router matters to its hotspot; `looked_at_until` asks for quick readings."""

    router = models.OneToOneField(
        Router, on_delete=models.CASCADE, related_name="hotspot", primary_key=True
    )
    looked_at_until = models.DateTimeField(null=True)
    # Router's clock minus ours; None where it was never read.
    clock_off_s = models.IntegerField(null=True)
    minutes_ahead = models.SmallIntegerField(null=True)  # its time zone
    clock_read_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"condition of router {self.router_id}"


class Held(models.Model):
    """A row of a router; `ros_id` is its `.id`."""

    # Each table has indexes that begin with the router; one of it alone misleads SQLite's planner.
    router = models.ForeignKey(Router, on_delete=models.CASCADE, related_name="+", db_index=False)
    ros_id = models.CharField(max_length=40)

    class Meta:
        abstract = True


class HotspotUser(Held):
    """A hotspot user as its router keeps it; byte counters are those of ended sessions."""

    name = models.TextField(_("name"))
    server = models.TextField(_("server"), default="all")
    profile = models.TextField(_("profile"), default="default")
    comment = models.TextField(_("comment"), blank=True)
    mac = models.CharField(_("MAC address"), max_length=17, blank=True)
    address = models.CharField(_("address"), max_length=45, blank=True)
    disabled = models.BooleanField(_("disabled"), default=False)
    limit_uptime_s = models.BigIntegerField(null=True)
    limit_bytes_in = models.BigIntegerField(null=True)
    limit_bytes_out = models.BigIntegerField(null=True)
    limit_bytes_total = models.BigIntegerField(null=True)
    uptime_s = models.BigIntegerField(default=0)
    bytes_in = models.BigIntegerField(default=0)
    bytes_out = models.BigIntegerField(default=0)
    # How it stands to what is wanted: rules.drift.Standing.
    standing = models.CharField(max_length=8, default="foreign")
    first_seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["router", "ros_id"], name="hotspot_user_row")
        ]
        indexes = [
            models.Index(fields=["router", "name"], name="hotspot_user_of_router"),
            models.Index(fields=["name", "id"], name="hotspot_user_by_name"),
            models.Index(fields=["profile", "name"], name="hotspot_user_by_profile"),
            models.Index(fields=["standing"], name="hotspot_user_by_standing"),
        ]

    def __str__(self) -> str:
        return self.name


class HotspotProfile(Held):
    """A user profile; `values` is all it was read with, property -> text."""

    name = models.TextField(_("name"))
    rate_limit = models.TextField(blank=True)
    shared_users = models.CharField(max_length=20, blank=True)
    values = models.JSONField(default=dict)
    standing = models.CharField(max_length=8, default="foreign")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["router", "ros_id"], name="hotspot_profile_row")
        ]
        indexes = [models.Index(fields=["router", "name"], name="hotspot_profile_of_router")]

    def __str__(self) -> str:
        return self.name


class HotspotServer(Held):
    """A hotspot server: one interface whose guests sign in."""

    name = models.TextField(_("name"))
    interface = models.TextField(blank=True)
    profile = models.TextField(blank=True)
    address_pool = models.TextField(blank=True)
    disabled = models.BooleanField(default=False)
    invalid = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["router", "ros_id"], name="hotspot_server_row")
        ]

    def __str__(self) -> str:
        return self.name


class ActiveUser(Held):
    """A session that was open when the router was last read; speeds are bits per second."""

    user = models.TextField()
    server = models.TextField(blank=True)
    address = models.CharField(max_length=45, blank=True)
    mac = models.CharField(max_length=17, blank=True)
    login_by = models.CharField(max_length=40, blank=True)
    uptime_s = models.BigIntegerField(default=0)
    left_s = models.BigIntegerField(null=True)
    idle_s = models.BigIntegerField(default=0)
    bytes_in = models.BigIntegerField(default=0)
    bytes_out = models.BigIntegerField(default=0)
    upload_bps = models.BigIntegerField(null=True)
    download_bps = models.BigIntegerField(null=True)
    limit_bytes_in = models.BigIntegerField(null=True)
    limit_bytes_out = models.BigIntegerField(null=True)
    limit_bytes_total = models.BigIntegerField(null=True)
    radius = models.BooleanField(default=False)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["router", "ros_id"], name="active_user_row")]
        indexes = [
            models.Index(fields=["router", "user"], name="active_user_of_router"),
            models.Index(fields=["user", "id"], name="active_user_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.address}"


class Host(Held):
    """A device the hotspot has seen, signed in or not; one MAC may have several rows."""

    mac = models.CharField(max_length=17, blank=True)
    address = models.CharField(max_length=45, blank=True)
    to_address = models.CharField(max_length=45, blank=True)
    server = models.TextField(blank=True)
    uptime_s = models.BigIntegerField(default=0)
    idle_s = models.BigIntegerField(default=0)
    bytes_in = models.BigIntegerField(default=0)
    bytes_out = models.BigIntegerField(default=0)
    authorized = models.BooleanField(default=False)
    bypassed = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["router", "ros_id"], name="host_row")]

    def __str__(self) -> str:
        return self.mac


class Cookie(Held):
    """A login that a browser or a MAC address may repeat without a password."""

    user = models.TextField()
    mac = models.CharField(max_length=17, blank=True)
    expires_s = models.BigIntegerField(null=True)
    by_mac = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["router", "ros_id"], name="cookie_row")]
        indexes = [models.Index(fields=["router", "user"], name="cookie_of_user")]

    def __str__(self) -> str:
        return f"{self.user} on {self.mac}"


class Binding(Held):
    """An address or device that needs no login, or gets none."""

    mac = models.CharField(max_length=17, blank=True)
    address = models.CharField(max_length=100, blank=True)
    to_address = models.CharField(max_length=45, blank=True)
    server = models.TextField(blank=True)
    type = models.CharField(max_length=12, default="regular")
    comment = models.TextField(blank=True)
    disabled = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["router", "ros_id"], name="binding_row")]

    def __str__(self) -> str:
        return self.mac or self.address


class Lease(Held):
    """A DHCP lease."""

    mac = models.CharField(max_length=17, blank=True)
    address = models.CharField(max_length=45, blank=True)
    server = models.TextField(blank=True)
    host_name = models.TextField(blank=True)
    status = models.CharField(max_length=12, blank=True)
    expires_s = models.BigIntegerField(null=True)
    dynamic = models.BooleanField(default=False)
    disabled = models.BooleanField(default=False)
    comment = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["router", "ros_id"], name="lease_row")]

    def __str__(self) -> str:
        return f"{self.address} {self.mac}"
