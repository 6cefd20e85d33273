"""What every part of the API must agree on with the others."""

from collections import Counter

from ninja import Schema

from ronda.app import api  # noqa: F401 -- brings every part's schemas in


def test_no_two_schemas_share_a_name() -> None:
    """The OpenAPI document lists them by name alone: of two alike one would describe both."""
    names = Counter(
        kind.__name__ for kind in _below(Schema) if kind.__module__.startswith("ronda.")
    )
    assert [name for name, count in names.items() if count > 1] == []


def _below(kind: type) -> set[type]:
    return {found for sub in kind.__subclasses__() for found in (sub, *_below(sub))}
