"""What the on-login script of a profile says of itself, when Mikhmon wrote it.

Mikhmon begins the script with `:put (",MODE,PRICE,VALIDITY,SELLING PRICE,,LOCK,");` and keeps a plan
in it (field notes of this project, section 2.2). Some forks shift every field by one, so the mode
word is looked for and not its place.
"""

from dataclasses import dataclass

MODES = {
    "rem": "remove",
    "ntf": "notice",
    "remc": "remove and record",
    "ntfc": "notice and record",
    "0": "none",
}
_FIRST_FIELDS = 12


@dataclass(frozen=True, slots=True)
class MikhmonPlan:
    """A plan of Mikhmon as its script tells it; money is whole rupiah, None where it is not given.

    `mode` is Mikhmon's own word (`rem`, `ntf`, `remc`, `ntfc`, "" for none); `validity` is text as
    RouterOS writes it.
    """

    mode: str
    price: int | None
    validity: str
    selling_price: int | None
    lock: bool


def mikhmon_plan(script: str) -> MikhmonPlan | None:
    """The plan in an on-login script, None when Mikhmon did not write it."""
    head = script.lstrip()
    if not head.startswith(":put"):
        return None
    fields = [field.strip(' "();') for field in head.split(",")[:_FIRST_FIELDS]]
    if len(fields) < 7:
        return None
    place = next(
        (n for n, field in enumerate(fields) if field in {"rem", "ntf", "remc", "ntfc"}), 1
    )
    told = fields[place : place + 6] + [""] * 6
    if place == 1 and told[0] not in {"", *MODES} and "noexp" not in fields:
        return None
    return MikhmonPlan(
        mode=told[0] if told[0] in MODES else "",
        price=_money(told[1]),
        validity=told[2],
        selling_price=_money(told[3]),
        lock="Enable" in fields,
    )


def is_shifted(script: str) -> bool:
    """Whether a fork wrote the head with every field one further on than Mikhmon does."""
    fields = [field.strip(' "();') for field in script.split(",")[:3]]
    return fields[1:2] == [""] and fields[2:3] != [""] and fields[2] in MODES


def _money(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and text != "0" else None
