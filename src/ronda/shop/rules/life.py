"""What can happen to a voucher: the words of its timeline, in the order of a usual life."""

from enum import StrEnum


class What(StrEnum):
    """One kind of line."""

    MADE = "made"
    TAKEN = "taken"  # over from Mikhmon
    READY = "ready"
    TROUBLE = "trouble"
    RENAMED = "renamed"
    PRINTED = "printed"
    HANDED = "handed"
    SOLD = "sold"
    RETURNED = "returned"
    LOGIN = "login"
    ENDED = "ended"
    OVERSTAYED = "overstayed"  # it worked long after its end, while Ronda was away
    NOTICE = "notice"
    EXTENDED = "extended"
    CHANGED = "changed"
    MOVED = "moved"
    VOID = "void"
    RESTORED = "restored"
    LOST = "lost"  # by a router that was reset; it is made again
    REPAIRED = "repaired"
