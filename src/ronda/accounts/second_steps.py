"""How allauth keeps second steps here: seeds of authenticator apps and of recovery codes are sealed."""

from allauth.mfa.adapter import DefaultMFAAdapter
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ronda.storage.sealing import SealBroken, keyring


class SeedLost(ValidationError):
    """No key at hand opens a seed; a form says so, and a template shows nothing in its place."""

    silent_variable_failure = True


class SecondStepAdapter(DefaultMFAAdapter):  # type: ignore[misc] # allauth has no types
    """Seals what the database keeps: a copy of it gives nobody a code."""

    def encrypt(self, text: str) -> str:
        """The seed, sealed."""
        return keyring().seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The seed in clear.

        Raises:
            SeedLost: no key fits.
        """
        try:
            return keyring().open(encrypted_text)
        except SealBroken:
            raise SeedLost(
                _(
                    "The key that opens this second step is gone (seal.keys of the data folder). "
                    "An owner or administrator takes it off; then set it up anew."
                ),
                code="seed_lost",
            ) from None
