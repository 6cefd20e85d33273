"""A new key for everything that is sealed, whatever interrupts it."""

from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.utils import timezone

from ronda.accounts.models import AuditMark
from ronda.storage import resealing
from ronda.storage.sealing import FILE, keyring

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.database,
    pytest.mark.usefixtures("data_folder"),
]
PLACE = resealing.Place("accounts.AuditMark", "sealed")


def sealed(count: int) -> None:
    for number in range(count):
        text = keyring().seal(f"secret {number}")
        AuditMark.objects.create(sealed=text, made_at=timezone.now())


def opened() -> list[str]:
    rows = AuditMark.objects.order_by("pk")
    return [keyring().open(row.sealed) for row in rows]


def test_every_secret_is_sealed_with_the_new_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resealing, "BATCH", 2)
    sealed(5)
    assert resealing.renew()[PLACE] == resealing.Resealed(5, 0)
    assert opened() == [f"secret {n}" for n in range(5)]
    assert resealing.reseal(keyring())[PLACE] == resealing.Resealed(0, 0)


def test_a_killed_run_is_finished_before_a_key_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resealing, "BATCH", 2)
    sealed(5)
    done = []

    def killed(*args: Any) -> None:
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(reseal_one(*args))

    reseal_one = resealing._reseal_one
    with monkeypatch.context() as patch:
        # The pass before the new key finds everything sealed with the newest one.
        patch.setattr(resealing, "_reseal_one", killed)
        keyring().add_key()
        with pytest.raises(KeyboardInterrupt):
            resealing.reseal(keyring())
    assert opened() == [f"secret {n}" for n in range(5)]
    for _ in range(3):
        resealing.renew()
        assert opened() == [f"secret {n}" for n in range(5)]


def test_what_no_key_opens_stays_and_is_counted(data_folder: Any) -> None:
    sealed(1)
    (data_folder / FILE).unlink()
    sealed(1)
    kept = AuditMark.objects.order_by("pk")[0].sealed
    assert resealing.renew()[PLACE] == resealing.Resealed(1, 1)
    assert AuditMark.objects.order_by("pk")[0].sealed == kept


def test_a_secret_that_changed_meanwhile_is_not_overwritten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sealed(1)
    keyring().add_key()
    batches = resealing._batches

    def late(place: resealing.Place) -> Any:
        for rows in batches(place):
            AuditMark.objects.update(sealed=keyring().seal("newer"))
            yield rows

    monkeypatch.setattr(resealing, "_batches", late)
    assert resealing.reseal(keyring())[PLACE].count == 0
    assert opened() == ["newer"]


def test_every_column_with_a_sealed_text_is_registered() -> None:
    """By their names: whoever adds one calls it so, or adds its name here."""
    named = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith("ronda.")
        for field in model._meta.get_fields()
        if isinstance(field, models.CharField | models.TextField)
        and field.name in {"secret", "secret_next", "sealed", "wanted_password", "password"}
        and model._meta.label != "accounts.Person"  # hashed
    }
    # allauth's table, whose columns are not ours to name.
    seeds = {"mfa.Authenticator.data.secret", "mfa.Authenticator.data.seed"}
    assert named | seeds == {str(place) for place in resealing.places()}
