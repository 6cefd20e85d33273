"""The comment of a voucher's router user: readable in Winbox, and known to those who come from Mikhmon.

`vc-<batch>-<mm.dd.yy>-<note>` (`up-…` where the password is not the code); a single voucher has the
batch 0 and says what it is for.
"""

from datetime import datetime, timedelta, timezone

from ronda.hotspot.rules.windows import Zone

_LONGEST = 200


def comment_of(batch: int, made_at: datetime, zone: str, note: str, *, separate: bool) -> str:
    """The comment of every user of a batch; the date is that of the zone."""
    local = made_at.astimezone(timezone(timedelta(minutes=Zone(zone).minutes)))
    kind = "up" if separate else "vc"
    tidy = " ".join(note.split())
    return f"{kind}-{batch}-{local:%m.%d.%y}-{tidy}"[:_LONGEST]
