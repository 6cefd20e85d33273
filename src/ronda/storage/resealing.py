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
    """A column of sealed texts, empty where there is none; `model` is "app.Model".

    With `key` the column holds JSON objects, and those that have this key have a sealed text there.
    """

    model: str
    field: str
    key: str = ""

    def __str__(self) -> str:
        return ".".join(filter(None, (self.model, self.field, self.key)))


@dataclass(slots=True)
class Resealed:
    """How many secrets of a place were sealed with the newest key, and how many no key opens."""

    count: int = 0
    unreadable: int = 0


_places: dict[Place, None] = {}


def keeps_sealed(model: str, *fields: str) -> None:
    """Say that these columns hold sealed texts; every slice does in its `apps.py`."""
    _places.update(dict.fromkeys(Place(model, field) for field in fields))


def keeps_sealed_within(model: str, field: str, *keys: str) -> None:
    """Say that objects in this JSON column hold sealed texts under these keys."""
    _places.update(dict.fromkeys(Place(model, field, key) for key in keys))


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
    # Only what is still the same: somebody may have put another secret there meanwhile.
    if place.key:
        result.count += _put_within(place, pk, sealed, fresh)
        return
    rows = _rows(place)
    result.count += rows.filter(pk=pk, **{place.field: sealed}).update(**{place.field: fresh})


def _put_within(place: Place, pk: object, sealed: str, fresh: str) -> bool:
    row = _rows(place).select_for_update().filter(pk=pk).first()
    if row is None or getattr(row, place.field).get(place.key) != sealed:
        return False
    getattr(row, place.field)[place.key] = fresh
    row.save(update_fields=[place.field])
    return True


def _batches(place: Place) -> Iterator[list[tuple[object, str]]]:
    if place.key:
        kept = _rows(place).filter(**{f"{place.field}__has_key": place.key})
    else:
        kept = _rows(place).exclude(**{place.field: ""})
    found = kept.order_by("pk").values_list("pk", place.field)
    part = list(found[:BATCH])
    while part:
        yield [(pk, held[place.key]) for pk, held in part] if place.key else part
        part = list(found.filter(pk__gt=part[-1][0])[:BATCH])


def _rows(place: Place) -> Any:
    model: Any = apps.get_model(place.model)
    return model.objects
