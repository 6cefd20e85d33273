"""Passwords that anybody who knows the place would try: its names and its trade, with digits around them."""

import re
from collections.abc import Iterable

#: What everybody in this trade would try; names of the place come on top.
TRADE = frozenset(
    {
        *("ronda", "wifi", "mikrotik", "hotspot", "voucher", "internet", "router", "routeros"),
        *("network", "jaringan", "rtrw", "rtrwnet", "desa", "kampung", "indihome", "password"),
        *("sandi", "rahasia", "admin", "administrator", "operator", "owner", "pemilik", "kasir"),
        *("teknisi", "reseller", "selamat", "datang", "welcome", "login", "masuk", "winbox"),
    }
)
#: Letters that have to be left once every known word is taken away.
LEFT = 6
_LOOKS = str.maketrans("0134578@$!", "oieastbasi")
_WORD = re.compile(r"[^\W\d_]+")


def words_in(names: Iterable[str]) -> frozenset[str]:
    """The words of names, in lower case; those of less than four letters are in many good passwords."""
    return frozenset(
        word for name in names for word in _WORD.findall(name.casefold()) if len(word) >= 4
    )


def is_of_the_place(password: str, words: Iterable[str]) -> bool:
    """Whether a password is little more than words of the place and the trade, digits and signs.

    Digits and signs that stand for letters (`m1krot1k`) count as those.
    """
    known = sorted(TRADE | frozenset(words), key=len, reverse=True)
    typed = password.casefold()
    return any(_is_bare(text, known) for text in (typed, typed.translate(_LOOKS)))


def _is_bare(text: str, words: Iterable[str]) -> bool:
    rest = text
    for word in words:
        rest = rest.replace(word, " ")
    return rest != text and sum(letter.isalpha() for letter in rest) < LEFT
