#!/usr/bin/env python3
"""Copies the front-end files of other projects into the package, with proof.

For developers: `npm ci --ignore-scripts && python3 scripts/vendor.py` after changing a version in
package.json. Users and CI need neither Node nor the network: `python3 scripts/vendor.py --check`
compares every vendored file with the SHA-256 in vendor.json, and fails on a file that is missing,
unknown, changed, without a licence text, or that names an address outside.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
TARGET = ROOT / "src" / "ronda" / "web" / "static" / "vendor"
LICENCES = ROOT / "scripts" / "licences"
ICONS = ROOT / "scripts" / "icons.txt"

# npm package -> (folder name, {file in the package: file in the folder})
PACKAGES: dict[str, tuple[str, dict[str, str]]] = {
    "@tabler/core": (
        "tabler",
        {"dist/css/tabler.min.css": "tabler.min.css", "dist/js/tabler.min.js": "tabler.min.js"},
    ),
    "htmx.org": ("htmx", {"dist/htmx.min.js": "htmx.min.js"}),
    "htmx-ext-sse": ("htmx-ext-sse", {"dist/sse.min.js": "sse.min.js"}),
    "uplot": (
        "uplot",
        {"dist/uPlot.iife.min.js": "uPlot.iife.min.js", "dist/uPlot.min.css": "uPlot.min.css"},
    ),
    "leaflet": (
        "leaflet",
        {
            "dist/leaflet.js": "leaflet.js",
            "dist/leaflet.css": "leaflet.css",
            "dist/images/layers.png": "images/layers.png",
            "dist/images/layers-2x.png": "images/layers-2x.png",
            "dist/images/marker-icon.png": "images/marker-icon.png",
        },
    ),
    "protomaps-leaflet": (
        "protomaps-leaflet",
        {"dist/protomaps-leaflet.js": "protomaps-leaflet.js"},
    ),
    "pmtiles": ("pmtiles", {"dist/pmtiles.js": "pmtiles.js"}),
}

# What is bundled inside a file above and wants its own notice. Packages that ship no licence file
# carry their text in scripts/licences/.
NOTICES: dict[str, tuple[str, ...]] = {
    "@tabler/core": ("tabler.txt", "bootstrap.txt", "@popperjs/core"),
    "@tabler/icons": ("@tabler/icons",),
    "htmx.org": ("htmx.org",),
    "htmx-ext-sse": ("htmx-ext-sse",),
    "uplot": ("uplot",),
    "leaflet": ("leaflet",),
    "protomaps-leaflet": (
        "protomaps-leaflet",
        "@mapbox/point-geometry",
        "@mapbox/vector-tile",
        "pbf",
        "potpack",
        "rbush",
        "quickselect",
        "color2k",
        "fflate",
    ),
    # pmtiles ships no licence file; same author, same BSD-3-Clause text.
    "pmtiles": ("protomaps-leaflet", "fflate"),
}

SOURCE_MAP = re.compile(rb"\n?(//# sourceMappingURL=\S+|/\*# sourceMappingURL=\S+ \*/)\s*$")
REMOTE = re.compile(rb"""(?:url\(\s*["']?|@import\s+["']|src=["'])(?:https?:)?//""")


def main(argv: list[str]) -> int:
    """Vendor the files, or with --check prove them. Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="only compare, offline")
    if parser.parse_args(argv).check:
        problems = check(TARGET)
        for problem in problems:
            print(problem, file=sys.stderr)  # noqa: T201 -- a script speaks on the terminal
        print(f"vendored files: {len(problems)} problems")  # noqa: T201
        return 1 if problems else 0
    vendor()
    print(f"vendored into {TARGET.relative_to(ROOT)}")  # noqa: T201
    return 0


def vendor() -> None:
    """Replace the vendored files by those in node_modules, and write manifest and licences."""
    if not MODULES.is_dir():
        sys.exit("node_modules is missing: run npm ci --ignore-scripts first")
    shutil.rmtree(TARGET, ignore_errors=True)
    packages = {}
    for package, (folder, files) in PACKAGES.items():
        version = _version(package)
        for source, name in files.items():
            body = SOURCE_MAP.sub(b"\n", (MODULES / package / source).read_bytes())
            _write(TARGET / f"{folder}@{version}" / name, body)
        packages[folder] = {"package": package, "version": version}
    icons = _version("@tabler/icons")
    _write(TARGET / f"icons@{icons}" / "icons.svg", sprite())
    packages["icons"] = {"package": "@tabler/icons", "version": icons}
    _write(TARGET / "LICENSES.md", licences().encode())
    files = {
        path.relative_to(TARGET).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(TARGET.rglob("*"))
        if path.is_file()
    }
    manifest = {"packages": packages, "sha256": files}
    _write(TARGET / "vendor.json", (json.dumps(manifest, indent=1) + "\n").encode())


def sprite() -> bytes:
    """One SVG with a symbol per icon, to be used as `<use href="icons.svg#NAME">`."""
    symbols = []
    for name in sorted(ICONS.read_text().split()):
        source = (MODULES / "@tabler/icons/icons/outline" / f"{name}.svg").read_text()
        shapes = re.findall(r"<(?:path|circle|rect|line|polyline|ellipse)[^>]*/>", source)
        body = "".join(shape for shape in shapes if "M0 0h24v24H0z" not in shape)
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>')
    return ('<svg xmlns="http://www.w3.org/2000/svg">' + "\n".join(symbols) + "</svg>\n").encode()


def licences() -> str:
    """The licence text of everything vendored, bundled parts included."""
    parts = [
        "# Licences of the vendored front-end files\n",
        "Written by scripts/vendor.py; each file's version and checksum is in vendor.json.\n",
    ]
    for package, sources in NOTICES.items():
        parts.append(f"## {package} {_version(package)}\n")
        for source in sources:
            if source != package:
                name = source.removesuffix(".txt")
                parts.append(f"### inside {package}: {name}\n" if name not in package else "")
            parts.append("```\n" + _licence(source).strip() + "\n```\n")
    return "\n".join(part for part in parts if part)


def check(target: Path) -> list[str]:
    """Everything that is wrong with the vendored files under `target`, as sentences; none: []."""
    manifest_file = target / "vendor.json"
    if not manifest_file.is_file():
        return [f"{manifest_file.name} is missing"]
    manifest = json.loads(manifest_file.read_text())
    expected: dict[str, str] = manifest["sha256"]
    present = {
        path.relative_to(target).as_posix(): path
        for path in sorted(target.rglob("*"))
        if path.is_file() and path != manifest_file
    }
    problems = [f"{name} is missing" for name in expected if name not in present]
    for name, path in present.items():
        body = path.read_bytes()
        if name not in expected:
            problems.append(f"{name} is not in vendor.json")
        elif hashlib.sha256(body).hexdigest() != expected[name]:
            problems.append(f"{name} is not the file that was vendored")
        if path.suffix in {".js", ".css", ".svg"}:
            if REMOTE.search(body):
                problems.append(f"{name} loads from another address")
            if b"sourceMappingURL=" in body:
                problems.append(f"{name} names a source map that is not there")
    licences_file = present.get("LICENSES.md")
    texts = licences_file.read_text() if licences_file else ""
    for entry in manifest["packages"].values():
        heading = f"## {entry['package']} {entry['version']}\n"
        if heading not in texts:
            problems.append(f"LICENSES.md has no text for {entry['package']} {entry['version']}")
    return problems


def _version(package: str) -> str:
    version: str = json.loads((MODULES / package / "package.json").read_text())["version"]
    return version


def _licence(source: str) -> str:
    if source.endswith(".txt"):
        return (LICENCES / source).read_text()
    for name in ("LICENSE", "LICENSE.md", "LICENSE.txt"):
        path = MODULES / source / name
        if path.is_file():
            return path.read_text()
    sys.exit(f"{source} ships no licence file: add its text to scripts/licences/")


def _write(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
