"""The address at which people open an installation in their browser: scheme, host and port, nothing more."""

from urllib.parse import urlsplit


def read_origin(text: str) -> str:
    """`https://ronda.example:8443`, without a slash at the end, from what a person wrote.

    Raises:
        ValueError: it is no http or https address, or names more than the host and its port.
    """
    parts = urlsplit(text.strip())
    try:
        port = parts.port
    except ValueError:
        port = 0
    more = parts.path.strip("/") or parts.query or parts.fragment or parts.username
    if parts.scheme not in ("http", "https") or not parts.hostname or more or port == 0:
        raise ValueError(f"{text!r} is no address such as https://ronda.example")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}"
