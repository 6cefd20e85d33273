"""How many payments without service become one notice: pure.

What began and was settled within the batch is not told, and what was settled never is: the page shows it.
"""

from collections.abc import Mapping, Sequence
from typing import Any


def tell_money(payloads: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What is still open of a batch of `shop.trouble`, each once, in the order in which it came."""
    last: dict[tuple[object, object], Mapping[str, Any]] = {}
    for payload in payloads:
        last[payload.get("event"), payload.get("order")] = payload
    return [payload for payload in last.values() if payload["on"]]
