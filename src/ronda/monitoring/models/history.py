"""The long memory's tables. Their ids are places in time, so that no index beside them is needed.

Only `ronda.monitoring.history` reads and writes them; see there for what the bytes mean.
"""

from django.db import models


class Sweep(models.Model):
    """Journal of the hours not sealed yet. `id` is the sweep's start in epoch milliseconds."""

    id = models.BigAutoField(primary_key=True)
    took_ms = models.PositiveIntegerField()
    codes = models.BinaryField()

    def __str__(self) -> str:
        return f"sweep {self.pk}"


class HourChunk(models.Model):
    """The samples of a block of ONTs in one hour. `id` is hour << 24 | block."""

    id = models.BigAutoField(primary_key=True)
    codes = models.BinaryField()

    def __str__(self) -> str:
        return f"hour {self.pk >> 24}, block {self.pk & 0xFFFFFF}"


class DayChunk(models.Model):
    """The samples of one ONT in one day (UTC). `id` is day << 24 | ONT."""

    id = models.BigAutoField(primary_key=True)
    codes = models.BinaryField()

    def __str__(self) -> str:
        return f"day {self.pk >> 24}, ONT {self.pk & 0xFFFFFF}"


class HourColumn(models.Model):
    """One hour of the whole fleet. `id` is the hour since the epoch.

    `starts` are the sweeps' starts within the hour in tenths of seconds (u16, little-endian);
    `shares` and `rtts` hold one byte per ONT, at its id.
    """

    id = models.BigAutoField(primary_key=True)
    starts = models.BinaryField()
    shares = models.BinaryField()
    rtts = models.BinaryField()

    def __str__(self) -> str:
        return f"hour {self.pk}"


class OutageDay(models.Model):
    """The outages that ended in one day (UTC). `id` is the day since the epoch.

    `first_us` is the earliest start among them, in microseconds since the epoch; null when there is none.
    """

    id = models.BigAutoField(primary_key=True)
    first_us = models.BigIntegerField(null=True)
    outages = models.BinaryField()

    def __str__(self) -> str:
        return f"outages of day {self.pk}"
