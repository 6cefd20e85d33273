"""Buyers who look for their orders by their telephone number."""

from django.db import models


class Finding(models.Model):
    """One browser that wants to see the orders of a number, once it proved to read what is sent there.

    The browser holds a secret of which `digest` is kept. The code that is sent is worked out from this row and kept
    nowhere. `proven_at` is when it was typed; the orders are shown for a while after that.
    """

    digest = models.CharField(max_length=64, unique=True)
    phone = models.CharField(max_length=20)
    made_at = models.DateTimeField(db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)
    proven_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"finding #{self.pk}"
