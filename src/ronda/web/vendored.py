"""Where the vendored front-end files are: templates name them without their version."""

import json
from functools import cache
from pathlib import Path
from typing import Any

MANIFEST = Path(__file__).resolve().parent / "static" / "vendor" / "vendor.json"


def vendored(name: str) -> str:
    """The static path of `folder/file`, with the version: `vendor/leaflet@1.9.4/leaflet.js`.

    Raises:
        KeyError: no such package is vendored.
    """
    folder, _, rest = name.partition("/")
    return f"vendor/{folder}@{_packages()[folder]['version']}/{rest}"


@cache
def _packages() -> dict[str, dict[str, Any]]:
    packages: dict[str, dict[str, Any]] = json.loads(MANIFEST.read_text())["packages"]
    return packages
