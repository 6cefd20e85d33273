"""Making and comparing the secrets that are handed out once: link keys and API tokens."""

import hashlib
import hmac
import secrets
import string

ALPHABET = string.ascii_letters + string.digits  # a double click selects all of it
MARK = "rnd_"  # lets people and secret scanners see what it is
PREFIX_LENGTH = 12  # the mark and 8 characters that find the row; they are no secret


def new_key() -> str:
    """A key of 43 letters and digits: 256 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(43))


def new_token() -> str:
    """An API token; its first 12 characters may be shown again, the rest never."""
    return MARK + "".join(secrets.choice(ALPHABET) for _ in range(8)) + new_key()


def digest(secret: str) -> str:
    """What is stored. One plain SHA-256 is enough for 256 random bits: there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


def matches(secret: str, stored_digest: str) -> bool:
    """Whether `secret` is the one whose digest is stored, in a time that tells nothing."""
    return hmac.compare_digest(digest(secret), stored_digest)
