"""Numbers of rows, as addresses, forms and callers of the API give them."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

#: No row has a larger one, and every database can be asked for it.
LARGEST_ID = 2**62
_DIGITS = len(str(LARGEST_ID))

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
"""The number of a row in a request; the API refuses others by name."""


def id_of(text: str) -> int:
    """The number that `text` is; 0, which no row has, when it is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        return 0
    number = int(text)
    return number if number <= LARGEST_ID else 0


def ids_of(texts: Iterable[str]) -> list[int]:
    """The numbers among what a form names, in its order."""
    return [number for text in texts if (number := id_of(text))]
