"""The name under which the package's static files are served, which changes whenever one of them does.

Scripts import each other by relative address, so the whole folder carries the name and not each
file: an upgrade never mixes new pages with old scripts, and browsers may keep every file for ever.
"""

import hashlib
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


@cache
def digest() -> str:
    """Ten characters over all static files of all slices; the same on every machine of a release."""
    sums = hashlib.sha256()
    for path in sorted(PACKAGE.glob("*/static/**/*")):
        if path.is_file():
            sums.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0")
            sums.update(hashlib.sha256(path.read_bytes()).digest())
    return sums.hexdigest()[:10]
