"""Sealing every kept secret anew: one list of where they lie, one loop over them.

Killed at any moment, every secret still opens: the key file holds the former key too, rows change a
batch a transaction, and before another key is made everything is brought to the newest there is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import transaction

from ronda.storage.sealing import Keyring, SealBroken, keyring

#: Rows of one transaction: others wait for it no longer than this takes.
BATCH = 200


@dataclass(frozen=True, slots=True)
class Place:
    """A column of sealed texts, empty where there is none; `model` is "app.Model"."""

    model: str
    field: str

    def __str__(self) -> str:
        return f"{self.model}.{self.field}"


@dataclass(slots=True)
class Resealed:
    """How many secrets of a place were sealed with the newest key, and how many no key opens."""

    count: int = 0
    unreadable: int = 0


_places: dict[Place, None] = {}


def keeps_sealed(model: str, *fields: str) -> None:
    """Say that these columns hold sealed texts; every slice does in its `apps.py`."""
    _places.update(dict.fromkeys(Place(model, field) for field in fields))


def places() -> list[Place]:
    """Every column that holds sealed texts."""
    return list(_places)


def renew(*, new_key: bool = True) -> dict[Place, Resealed]:
    """Make a new key, unless keys come from the settings, and seal everything with it.

    What another run left half done is finished first, for a key that something still needs would be
    forgotten otherwise. Do not call it in a transaction.
    """
    keys = keyring()
    if new_key and not keys.given:
        reseal(keys)
        keys.add_key()
    return reseal(keys)


def reseal(keys: Keyring) -> dict[Place, Resealed]:
    """Seal with the newest key what is not; secrets that no key opens stay as they are."""
    found: dict[Place, Resealed] = {}
    for place in _places:
        result = found[place] = Resealed()
        for rows in _batches(place):
            with transaction.atomic():
                for pk, sealed in rows:
                    _reseal_one(keys, place, pk, sealed, result)
    return found


def _reseal_one(keys: Keyring, place: Place, pk: object, sealed: str, result: Resealed) -> None:
    if keys.is_newest(sealed):
        return
    try:
        fresh = keys.reseal(sealed)
    except SealBroken:
        result.unreadable += 1
        return
    rows = _rows(place)
    # Only what is still the same: somebody may have put another secret there meanwhile.
    result.count += rows.filter(pk=pk, **{place.field: sealed}).update(**{place.field: fresh})


def _batches(place: Place) -> Iterator[list[tuple[object, str]]]:
    kept = _rows(place).exclude(**{place.field: ""})
    sealed = kept.order_by("pk").values_list("pk", place.field)
    part = list(sealed[:BATCH])
    while part:
        yield part
        part = list(sealed.filter(pk__gt=part[-1][0])[:BATCH])


def _rows(place: Place) -> Any:
    model: Any = apps.get_model(place.model)
    return model.objects
