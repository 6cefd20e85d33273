"""Whole rupiah as people in Indonesia write them: pure."""

import re

_AMOUNT = re.compile(r"(?:rp\.?)?\s*(\d+|\d{1,3}(?:[.,]\d{3})+)(?:,-)?", re.IGNORECASE)


def rupiah(amount: int) -> str:
    """`Rp5.000`; amounts below nought as `-Rp5.000`."""
    sign = "-" if amount < 0 else ""
    return f"{sign}Rp{abs(amount):,}".replace(",", ".")


def read_rupiah(text: str) -> int:
    """Whole rupiah of `5000`, `5.000`, `Rp 5.000` or `5,000`.

    Raises:
        ValueError: it is no whole amount.
    """
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    return int(found.group(1).replace(".", "").replace(",", ""))
