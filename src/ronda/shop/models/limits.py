"""How often somebody did something lately, counted in one place for all processes."""

from django.db import models


class Tally(models.Model):
    """One subject's count within one window of time; rows of past windows are forgotten."""

    subject = models.CharField(max_length=160, unique=True)
    began_at = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField()

    class Meta:
        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        return f"{self.subject}: {self.count}"
