"""What stands in a QR code, and how a code is set so that people read it without a mistake."""

from urllib.parse import quote, urlencode

#: Between the groups of a code: drawn as a gap, so that nobody types it and nobody copies it.
GAP = "\u2009"


def grouped(code: str) -> str:
    """A code in groups of three or four with gaps between; short ones and those with marks stay whole."""
    if len(code) < 6 or not code.isalnum():
        return code
    size = 3 if len(code) % 4 and not len(code) % 3 else 4
    groups = [code[at : at + size] for at in range(0, len(code), size)]
    if len(groups[-1]) == 1:
        groups[-2:] = ["".join(groups[-2:])]
    return GAP.join(groups)


def login_address(base: str, code: str, password: str) -> str:
    """The address that signs a phone in: the hotspot's own login page with name and password filled in.

    `base` is the name or address of the hotspot, with or without `http://`; "" gives "".
    MikroTik, Hotspot customisation: `/login?username=…&password=…`.
    """
    place = base.strip().rstrip("/")
    if not place:
        return ""
    if "://" not in place:
        place = f"http://{place}"
    # A space as %20: some login pages do not read "+" as one.
    return f"{place}/login?" + urlencode(
        {"username": code, "password": password}, quote_via=quote, safe=""
    )
