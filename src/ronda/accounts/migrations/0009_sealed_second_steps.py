"""Seeds of authenticator apps and recovery codes were kept in clear: they are sealed where they lie."""

from typing import Any

from django.db import migrations

from ronda.storage.sealing import SealBroken, keyring

KEYS = ("secret", "seed")


def seal(apps: Any, _editor: Any) -> None:
    """Seal what is not; it may run twice."""
    for row in apps.get_model("mfa", "Authenticator").objects.order_by("pk"):
        clear = {key: row.data[key] for key in KEYS if row.data.get(key) and not _opens(row.data[key])}
        if clear:
            row.data.update({key: keyring().seal(seed) for key, seed in clear.items()})
            row.save(update_fields=["data"])


def unseal(apps: Any, _editor: Any) -> None:
    """Back to the version before, which reads them in clear."""
    for row in apps.get_model("mfa", "Authenticator").objects.order_by("pk"):
        held = {key: row.data[key] for key in KEYS if row.data.get(key) and _opens(row.data[key])}
        if held:
            row.data.update({key: keyring().open(seed) for key, seed in held.items()})
            row.save(update_fields=["data"])


def _opens(text: str) -> bool:
    try:
        keyring().open(text)
    except SealBroken:
        return False
    return True


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_scopes_and_programs"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunPython(seal, unseal)]
