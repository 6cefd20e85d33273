"""Telephone numbers in one spelling: pure."""

import re

_PLAIN = re.compile(r"\+\d{9,15}")
#: What people put between digits.
_BETWEEN = str.maketrans("", "", " .-()/\u00a0\t")
#: Indonesia (ITU-T E.164).
HOME = "62"


def read_phone(text: str) -> str:
    """`+628123456789` of `0812-3456-789`, `62812…`, `812…` or `+62 812 …`; other countries with their `+`.

    Raises:
        ValueError: it is no telephone number.
    """
    digits = text.translate(_BETWEEN)
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    elif digits.startswith("0"):
        digits = f"+{HOME}{digits[1:]}"
    elif digits.startswith(HOME):
        digits = f"+{digits}"
    elif digits.startswith("8"):
        digits = f"+{HOME}{digits}"
    # People write +62 0812… as well.
    digits = re.sub(rf"^\+{HOME}0+", f"+{HOME}", digits)
    if not _PLAIN.fullmatch(digits) or not digits.isascii():
        raise ValueError(text)
    return digits
