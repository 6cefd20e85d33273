"""What people asked routers to do, and what became of it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ronda.routers.models import Router


class Verb(models.TextChoices):
    """What is asked."""

    KICK = "kick", _("End the session")
    RELOGIN = "relogin", _("End the session, keep the cookie")
    DISABLE = "disable", _("Disable")
    ENABLE = "enable", _("Enable")
    RESET = "reset", _("Reset the counters")
    EXTEND = "extend", _("Extend")
    MOVE = "move", _("Change the profile")
    DELETE = "delete", _("Delete")
    CREATE = "create", _("Create")
    EDIT = "edit", _("Edit")
    REPAIR = "repair", _("Make as wanted")
    UNBIND = "unbind", _("Remove the binding")
    FORGET = "forget", _("Remove the cookie")
    REFRESH = "refresh", _("Read again")


class Outcome(models.TextChoices):
    """What became of it. UNKNOWN: the line was cut in the middle; the next reading tells."""

    WAITING = "waiting", _("waiting")
    DONE = "done", _("done")
    REFUSED = "refused", _("refused")
    UNKNOWN = "unknown", _("not certain yet")


class Instruction(models.Model):
    """What one person asked for at once, of one or many items."""

    verb = models.CharField(max_length=8, choices=Verb.choices)
    made_at = models.DateTimeField(db_index=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    actor = models.CharField(max_length=150)
    source = models.CharField(max_length=64, blank=True)
    count = models.PositiveIntegerField()
    undoes = models.ForeignKey("self", null=True, on_delete=models.SET_NULL)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.verb} by {self.actor}"


class Action(models.Model):
    """One item of an instruction on one router.

    `before` and `after` are property -> text without the password; `secret` is a sealed password where
    one is to be set, emptied when the action ended; of a deletion it is what undoing it needs.
    """

    instruction = models.ForeignKey(Instruction, on_delete=models.CASCADE, related_name="actions")
    router = models.ForeignKey(Router, on_delete=models.CASCADE, related_name="+")
    verb = models.CharField(max_length=8, choices=Verb.choices)
    kind = models.CharField(max_length=8, default="user")
    name = models.TextField()
    server = models.TextField(default="all")
    ros_id = models.CharField(max_length=40, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    secret = models.TextField(blank=True)
    job = models.BigIntegerField(null=True, db_index=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.WAITING)
    # Why it was refused: a class name of routeros.errors or a word of service.performing, and the
    # router's own sentence.
    code = models.CharField(max_length=40, blank=True)
    text = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["router", "kind", "name"], name="action_of_item"),
            models.Index(fields=["outcome"], name="action_by_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.name}: {self.outcome}"
