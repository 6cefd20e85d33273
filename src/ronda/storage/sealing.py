"""Secrets that must be read back (passwords of routers), sealed before they reach the database.

Fernet (AES-128-CBC with HMAC-SHA256). Keys come from `RONDA_SEAL_KEYS`, else from `seal.keys` in the
data folder: one key a line, newest first, made at first use for this account alone. New secrets are
sealed with the newest key, and every key opens. The database without the keys tells nothing.
"""

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from ronda.storage.files import replacing

FILE = "seal.keys"
#: The newest and the one before it: a backup made while the key changes still opens.
KEPT = 2


class SealBroken(Exception):
    """No key at hand opens this secret: another installation's, an old backup's, or damaged."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """Seals and opens. `given` are keys from the settings; empty, those of `file` count.

    Keys are read from the file each time: another process may have changed them, and secrets are
    opened once per connection, not once per request.
    """

    file: Path
    given: Sequence[str] = field(default=(), repr=False)

    def seal(self, secret: str) -> str:
        """The secret as text for the database; sealing twice gives two different texts."""
        return self._keys().encrypt(secret.encode()).decode("ascii")

    def open(self, sealed: str) -> str:
        """The secret that was sealed.

        Raises:
            SealBroken: no key fits.
        """
        try:
            return self._keys().decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise SealBroken from None

    def is_newest(self, sealed: str) -> bool:
        """Whether the newest key sealed this."""
        try:
            Fernet(self._texts()[0]).decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True

    def reseal(self, sealed: str) -> str:
        """The same secret, sealed with the newest key.

        Raises:
            SealBroken: no key fits.
        """
        try:
            return self._keys().rotate(sealed.encode()).decode("ascii")
        except InvalidToken:
            raise SealBroken from None

    def add_key(self) -> None:
        """Put a new key in front; the one that was newest still opens, older ones are forgotten.

        Raises:
            ValueError: the keys come from the settings, where a person adds one.
        """
        if self.given:
            raise ValueError("keys come from the settings")
        keys = [new_key(), *self._texts()[: KEPT - 1]]
        with replacing(self.file) as output:
            output.write("".join(f"{key}\n" for key in keys).encode())

    def make(self) -> None:
        """Make the key file if there is none and no key is given."""
        if self.given or self.file.exists():
            return
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self.file.with_name(f"{self.file.name}.{os.getpid()}.new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(f"{new_key()}\n")
            file.flush()
            os.fsync(file.fileno())
        # Linking, unlike renaming, never replaces a key that another process made meanwhile.
        with contextlib.suppress(FileExistsError):
            os.link(draft, self.file)
        draft.unlink()

    def _texts(self) -> list[str]:
        if self.given:
            return list(self.given)
        self.make()
        return self.file.read_text(encoding="ascii").split()

    def _keys(self) -> MultiFernet:
        return MultiFernet([Fernet(text) for text in self._texts()])


def keyring() -> Keyring:
    """The keys of this installation."""
    return Keyring(settings.RONDA.data / FILE, settings.RONDA.sealing_keys)


def new_key() -> str:
    """A random key as text (32 bytes, URL-safe base64)."""
    return Fernet.generate_key().decode("ascii")


def is_key(text: str) -> bool:
    """Whether this text can be a key."""
    try:
        Fernet(text)
    except ValueError:
        return False
    return True
