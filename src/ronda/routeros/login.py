"""The words of signing in: the form of RouterOS 6.43 and later, and the challenge before it; pure.

Source: MikroTik manual, "API", "Initial login". The old form hashes with MD5 because the router does.
"""

import hashlib
import re

from ronda.routeros.errors import RouterSpokeNonsense
from ronda.routeros.words import attribute, bytes_of

_CHALLENGE = re.compile(r"[0-9a-fA-F]{32}$")


def plain(user: str, password: str) -> list[bytes]:
    """What a router of 6.43 or later is told; an older one ignores it and answers a challenge."""
    return [b"/login", attribute("name", user), attribute("password", password)]


def answer(user: str, password: str, challenge: str) -> list[bytes]:
    """What an older router is told after its challenge.

    Raises:
        RouterSpokeNonsense: this is no challenge.
    """
    if not _CHALLENGE.match(challenge):
        raise RouterSpokeNonsense("the router answered the login with something unknown")
    digest = hashlib.md5(usedforsecurity=False)
    digest.update(b"\0" + bytes_of(password) + bytes.fromhex(challenge))
    response = f"00{digest.hexdigest()}"
    return [b"/login", attribute("name", user), attribute("response", response)]
