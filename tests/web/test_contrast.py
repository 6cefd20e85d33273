"""Status colours can be told from what they lie on: WCAG 2.2 non-text contrast of 3:1."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parents[2] / "src/ronda/web/static/web/ground.css"
STATES = [
    "up",
    "down",
    "unreachable",
    "suspect",
    "degraded",
    "maintenance",
    "paused",
    "unknown",
    "flapping",
]


def tokens(theme: str) -> dict[str, str]:
    text = CSS.read_text()
    light = re.search(r"^:root \{(.*?)^\}", text, re.DOTALL | re.MULTILINE)
    dark = re.search(r'^\[data-bs-theme="dark"\] \{(.*?)^\}', text, re.DOTALL | re.MULTILINE)
    assert light
    assert dark
    pairs = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", light.group(1)))
    if theme == "dark":
        pairs |= dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", dark.group(1)))
    return pairs


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    a, b = sorted((luminance(one), luminance(other)), reverse=True)
    return (a + 0.05) / (b + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("ground", ["page", "card"])
def test_the_outline_of_a_state_stands_out(theme: str, state: str, ground: str) -> None:
    colours = tokens(theme)
    assert contrast(colours[f"st-{state}-line"], colours[ground]) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["page", "card", "good", "warn", "bad", "info"])
def test_text_can_be_read(theme: str, ground: str) -> None:
    colours = tokens(theme)
    assert contrast(colours["ink"], colours[ground]) >= 7
    if ground in {"page", "card"}:
        assert contrast(colours["ink-soft"], colours[ground]) >= 4.5
        assert contrast(colours["tblr-link-color"], colours[ground]) >= 4.5


def test_the_light_theme_has_the_colours_that_were_agreed() -> None:
    light = tokens("light")
    names = ["up", "down", "unreachable", "suspect", "maintenance"]
    assert [light[f"st-{name}"] for name in names] == [
        "#009e73",
        "#d55e00",
        "#cc79a7",
        "#e69f00",
        "#0072b2",
    ]
