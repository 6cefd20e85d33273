"""How much waits for somebody in the shop, for the numbers beside its tabs."""

from typing import Any

from django.db.models import Count, QuerySet, Value

from ronda.shop.service import inbox, proofs, resellers


def counts() -> dict[str, int]:
    """How many proofs, things in the inbox and top-ups wait, by the word of their tab; one question."""
    parts = (
        _count(proofs.waiting(), "proofs"),
        _count(inbox.money(), "inbox"),
        _count(inbox.orders(), "inbox"),
        _count(resellers.waiting(), "resellers"),
    )
    found: dict[str, int] = {}
    for word, count in parts[0].union(*parts[1:], all=True):
        found[word] = found.get(word, 0) + count
    return found


def _count(rows: QuerySet[Any], word: str) -> QuerySet[Any, tuple[str, int]]:
    bare = rows.select_related(None).defer(None).order_by()
    found: QuerySet[Any, tuple[str, int]] = (
        bare.annotate(word=Value(word)).values_list("word").annotate(count=Count("pk"))
    )
    return found
