"""People, their tokens and set-up links, and the trail of what they changed."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person's job is; `kernel.roles` says whose rights each includes."""

    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Administrator")
    NOC = "noc", _("NOC operator")
    TECHNICIAN = "technician", _("Technician")
    CASHIER = "cashier", _("Cashier")
    RESELLER = "reseller", _("Reseller")
    VIEWER = "viewer", _("Viewer")


class Person(AbstractUser):
    """Someone who signs in."""

    role = models.CharField(_("role"), max_length=16, choices=Role.choices, default=Role.VIEWER)
    language = models.CharField(_("language"), max_length=2, blank=True)
    must_change_password = models.BooleanField(_("must choose a new password"), default=False)
    # Whether the person sees only the sites listed in `devices.models.Scope`; kept here so that
    # nobody else needs a query to know, and a narrowed person whose last site went sees nothing.
    narrowed = models.BooleanField(default=False)
    # What `devices.service.scope` found, for as long as this object lives; no column.
    sites_seen: frozenset[int] | None = None
    #: IANA name; "" means the installation's zone.
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    #: Between these times of the person's day nothing should wake them; both or neither.
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_to = models.TimeField(_("quiet to"), null=True, blank=True)
    #: As `kernel.phones.read_phone` gives it: +628123456789.
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    #: Goes up when every session ends at once: what was signed in before then opens nothing any more.
    generation = models.PositiveIntegerField(default=0)

    class Meta(AbstractUser.Meta):
        verbose_name = "person"
        verbose_name_plural = "people"
        constraints = [
            models.CheckConstraint(name="person_role", condition=models.Q(role__in=Role.values)),
            models.CheckConstraint(
                name="person_quiet",
                condition=models.Q(quiet_from=None, quiet_to=None)
                | models.Q(quiet_from__isnull=False, quiet_to__isnull=False),
            ),
        ]

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # Django compares this with what each session holds; a password that changes ends sessions the same way.
        salt = f"ronda.accounts.models.Person.{self.generation}"
        return salted_hmac(salt, self.password, secret=secret, algorithm="sha256").hexdigest()


class SetupLink(models.Model):
    """A one-time link that lets the first owner, or an invited person, choose a password."""

    digest = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    made_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return f"set-up link #{self.pk}"


class Device(models.Model):
    """A browser with which somebody has signed in before; its cookie holds the key of this digest."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="known_devices")
    digest = models.CharField(max_length=64)
    agent = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=64, blank=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "digest"], name="device_once")]

    def __str__(self) -> str:
        return f"device #{self.pk}"


class SignIn(models.Model):
    """One try to come in. Wrong ones are counted to say when the next must wait."""

    class Outcome(models.TextChoices):
        """How it ended."""

        GOOD = "good", _("signed in")
        WRONG = "wrong", _("wrong")

    class Way(models.TextChoices):
        """By what."""

        PASSWORD = "password", _("password")
        CODE = "code", _("password and code")
        PASSKEY = "passkey", _("passkey")
        LINK = "link", _("one-time link")
        PROGRAM = "program", _("program")

    at = models.DateTimeField(db_index=True)
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE)
    #: Whoever was tried, people and names that nobody has alike: a keyed digest, never what was typed.
    who = models.CharField(max_length=64)
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    way = models.CharField(max_length=8, choices=Way.choices)
    address = models.CharField(max_length=64, blank=True)
    #: The address, of IPv6 the /64: who has one address of it has all of them.
    place = models.CharField(max_length=64, blank=True)
    agent = models.CharField(max_length=200, blank=True)
    device = models.ForeignKey(Device, null=True, on_delete=models.SET_NULL)
    #: The person had never signed in with this device.
    is_new = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["who", "at"], name="sign_in_who"),
            models.Index(fields=["place", "at"], name="sign_in_place"),
        ]

    def __str__(self) -> str:
        return f"sign-in #{self.pk}: {self.outcome}"


class ApiToken(models.Model):
    """A revocable token with which a program acts for a person; only its digest is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    role = models.CharField(_("role"), max_length=16, choices=Role.choices)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_from = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    read_only = models.BooleanField(_("reads only"), default=False)
    #: Names of `rules.scopes.GROUPS`; empty for all.
    groups = models.JSONField(default=list)
    #: Networks with spaces between; "" for all.
    addresses = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class ApiSession(models.Model):
    """A program that signed in with a person's password: all access and refresh tokens that came of it."""

    key = models.CharField(max_length=32, unique=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="api_sessions")
    #: The one refresh token that is still good, by its id.
    refresh = models.CharField(max_length=32)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    address = models.CharField(max_length=64, blank=True)
    agent = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"API session #{self.pk}"


class AuditRow(models.Model):
    """One change: who, what, before and after, from where, through which door.

    The database refuses to change or delete rows (`accounts.guard`). A row is linked into the chain
    just after it is committed: only then has it a place and a fingerprint (`accounts.service.chain`).
    """

    class Door(models.TextChoices):
        """What a change came through; empty in rows from before this was kept."""

        PAGE = "page", _("Page")
        API = "api", _("API")
        OLDER = "older", _("Older API")
        CALLBACK = "callback", _("Gateway's call")
        TERMINAL = "terminal", _("Terminal")
        WORK = "work", _("Ronda itself")

    at = models.DateTimeField(_("time"))
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL)
    actor = models.CharField(_("who"), max_length=150)
    action = models.CharField(_("action"), max_length=64)
    subject = models.CharField(_("what"), max_length=200)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    source = models.CharField(_("from"), max_length=64, blank=True)
    door = models.CharField(_("door"), max_length=8, choices=Door.choices, blank=True)
    stamp = models.CharField(max_length=64, blank=True)
    position = models.BigIntegerField(null=True, unique=True)
    fingerprint = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["actor", "id"], name="audit_actor"),
            models.Index(fields=["action", "id"], name="audit_action"),
            models.Index(fields=["source", "id"], name="audit_source"),
            models.Index(fields=["door", "id"], name="audit_door"),
            # With the id in it, the ends of a time are found without a look at any row.
            models.Index(fields=["at", "id"], name="audit_at"),
            models.Index(
                fields=["id"], name="audit_unlinked", condition=models.Q(position__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor}: {self.action} {self.subject}"


class _Made(models.Model):
    made_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} of {self.made_at}"


class AuditKey(_Made):
    """A key of the trail's fingerprints, sealed; it counts for rows from the place `since` on."""

    since = models.BigIntegerField(unique=True)
    secret = models.TextField()


class AuditMark(_Made):
    """Where the chain begins now, sealed: after rows that were trimmed away or can no longer be proved."""

    sealed = models.TextField()


class AuditDoor(models.Model):
    """While there is a row, which no other transaction ever sees, rows of the trail may be deleted."""

    opened_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"opened {self.opened_at}"


class AuditCheck(models.Model):
    """What the last walk over the whole trail found; one row."""

    at = models.DateTimeField()
    rows = models.BigIntegerField()
    position = models.BigIntegerField()
    fingerprint = models.CharField(max_length=64, blank=True)
    trouble = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.rows} rows: {self.trouble or 'whole'}"
