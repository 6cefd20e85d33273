"""Notices inside the product; channels to people outside, and what went by them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ronda.accounts.models import Person
from ronda.devices.models import Ont


class Notice(models.Model):
    """One message to people; `kind` says what it is about, `type` how serious it is."""

    class Type(models.TextChoices):
        """The types that older readers of the JSON know."""

        SUCCESS = "success", _("Good news")
        INFO = "info", _("Information")
        WARNING = "warning", _("Warning")
        DANGER = "danger", _("Danger")

    type = models.CharField(_("type"), max_length=16, choices=Type.choices)
    kind = models.CharField(
        max_length=24, default="manual"
    )  # down, up, flapping, import, backup, poller, manual
    text = models.TextField(_("text"))
    ont = models.ForeignKey(Ont, null=True, on_delete=models.SET_NULL, related_name="notices")
    ont_name = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(_("time"))
    read_at = models.DateTimeField(null=True)
    details = models.JSONField(default=dict)  # {"onts": [ids], "count": int, …}

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="notice_newest"),
            models.Index(fields=["read_at"], name="notice_unread"),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class Channel(models.Model):
    """One way to people outside. `values` are its settings, `secret` the secret ones as sealed JSON.

    `local` allows addresses of this machine. A channel whose fault is its own (a wrong token) is switched
    off, and `trouble` says why. `facts` is what the other side told of itself (the bot's name, how far its
    updates were read), never a secret.
    """

    kind = models.CharField(max_length=12)  # alerts.channels.KINDS
    name = models.CharField(_("name"), max_length=60)
    values = models.JSONField(default=dict)
    secret = models.TextField(blank=True)
    active = models.BooleanField(_("in use"), default=True)
    for_buyers = models.BooleanField(_("sends codes to buyers"), default=False)
    local = models.BooleanField(_("may call this machine"), default=False)
    trouble = models.CharField(max_length=300, blank=True)
    trouble_at = models.DateTimeField(null=True)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Outgoing(models.Model):
    """One message to one address outside, sent once; only an unknown outcome sends it a second time.

    Its words are not kept: `what` and `about` say what they are made of when it is sent. `once` keeps the
    same message from being made twice. `begun` counts tries that may have arrived. Messages of one `thread`
    to one address belong together: later ones answer the first, or change it where `edits` says so. One that
    had to wait for the limit of its address or channel has `held_at`; what waited behind it went out within it,
    its `carrier`.
    """

    class State(models.TextChoices):
        """The last three are final."""

        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Not sent")
        UNSURE = "unsure", _("Perhaps sent")

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="messages")
    to = models.CharField(max_length=254)
    address = models.ForeignKey("Address", null=True, on_delete=models.SET_NULL, related_name="+")
    thread = models.CharField(max_length=120, blank=True)
    severity = models.CharField(max_length=12, blank=True)
    edits = models.BooleanField(default=False)
    subject = models.CharField(max_length=200, blank=True)  # of the first of a thread
    what = models.CharField(max_length=24)
    about = models.BigIntegerField(null=True)
    once = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    turn = models.PositiveSmallIntegerField(default=1)  # counts what people sent again
    begun = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    reference = models.CharField(max_length=120, blank=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    job = models.BigIntegerField(null=True)
    held_at = models.DateTimeField(null=True)
    carrier = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="carried"
    )

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["what", "about"], name="outgoing_about"),
            models.Index(fields=["state", "-id"], name="outgoing_state"),
            models.Index(fields=["made_at"], name="outgoing_made"),
            models.Index(
                fields=["thread", "id"], condition=~models.Q(thread=""), name="outgoing_thread"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.about} by channel {self.channel_id}"


class Address(models.Model):
    """One way to reach one person: `to` on a channel, usable once it proved to be theirs.

    `secret` holds, sealed, what only sending needs (the keys of a browser). `nonce` makes the code that
    proves it; the code itself is kept nowhere. `trouble` says why the other side refuses it for good.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="addresses")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="addresses")
    to = models.CharField(_("address"), max_length=254)
    name = models.CharField(_("name"), max_length=80, blank=True)
    secret = models.TextField(blank=True)
    active = models.BooleanField(_("in use"), default=True)
    verified_at = models.DateTimeField(null=True)
    nonce = models.CharField(max_length=32, blank=True)
    code_until = models.DateTimeField(null=True)
    code_tries = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=300, blank=True)
    trouble_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["person", "channel", "to"], name="address_once")
        ]
        indexes = [models.Index(fields=["channel", "to"], name="address_to")]

    def __str__(self) -> str:
        return f"address #{self.pk}"


class OwnNotice(models.Model):
    """One message to one person inside the product; `thread` names the incident it belongs to.

    `page` is the path of the page where one acts, "" for none.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="own_notices")
    key = models.CharField(max_length=140, unique=True)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    severity = models.CharField(max_length=12, blank=True)
    thread = models.CharField(max_length=120, blank=True)
    page = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["person", "read_at"], name="own_notice_unread")]

    def __str__(self) -> str:
        return self.subject


class Pace(models.Model):
    """How far one address, or one whole channel, has used what it may send, shared by all processes.

    `used_until` is the theoretical arrival time of the generic cell rate algorithm; nothing goes there
    before `rest_until`.
    """

    key = models.CharField(max_length=60, primary_key=True)
    used_until = models.DateTimeField(null=True)
    rest_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.key


class ChatLink(models.Model):
    """A one-time code that a person sends to the bot, so that its chat becomes one of their addresses."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"link #{self.pk}"


class Wording(models.Model):
    """The operator's own words for one sort of message in one language; without a row the usual ones count."""

    what = models.CharField(max_length=24)
    language = models.CharField(max_length=2)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["what", "language"], name="wording_once"),
        ]

    def __str__(self) -> str:
        return f"{self.what} in {self.language}"
