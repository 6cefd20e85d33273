"""docs/promises.md is true at least in this: every promise has a row, and every test it names exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
ROWS = [
    line.split("|")[1:-1]
    for line in (ROOT / "docs" / "promises.md").read_text(encoding="utf-8").splitlines()
    if re.match(r"\| S[12X]-\d+ ", line)
]


def test_every_promise_has_one_row():
    ids = [row[0].strip() for row in ROWS]

    wanted = [f"S1-{n:02}" for n in range(1, 67)] + [f"S2-{n:02}" for n in range(1, 85)]
    assert ids == wanted + [f"SX-{n:02}" for n in range(1, 10)]


def test_every_kept_promise_names_what_proves_it():
    kept = [row for row in ROWS if row[2].strip() != "not yet"]

    assert [row[0] for row in kept if len(row[3].strip()) < 5] == []
    named = {path for row in kept for path in re.findall(r"tests/\S+?\.py", row[3])}
    assert sorted(path for path in named if not (ROOT / path).is_file()) == []
