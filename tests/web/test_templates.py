"""The templates keep the strict content security policy, whoever writes them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "src" / "ronda").glob("*/templates/**/*.html"))

# `<script>` is allowed with a src, or as data that is never run (what json_script writes).
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", re.IGNORECASE)
RULES = {
    "inline script": INLINE_SCRIPT,
    "inline style element": re.compile(r"<style[\s>]", re.IGNORECASE),
    "style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "script in an address": re.compile(r"javascript:", re.IGNORECASE),
    "htmx that needs eval": re.compile(
        r"\shx-on|hx-vals=['\"]js:|hx-trigger=['\"][^'\"]*\[", re.IGNORECASE
    ),
    "foreign resource": re.compile(
        r"<(?:script|link|img|iframe)[^>]*(?:src|href)=['\"](?:https?:)?//", re.IGNORECASE
    ),
}


def without_comments(text: str) -> str:
    return re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", text, flags=re.DOTALL)


def problems(text: str) -> list[str]:
    return [name for name, rule in RULES.items() if rule.search(without_comments(text))]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_runs_under_the_strict_policy(path: Path) -> None:
    assert problems(path.read_text()) == []


def test_there_are_templates_to_look_at() -> None:
    assert ROOT / "src/ronda/web/templates/web/base.html" in TEMPLATES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<script>alert(1)</script>", ["inline script"]),
        ('<script type="module" src="/a.js"></script>', []),
        ('<script id="x" type="application/json">{}</script>', []),
        ('<p style="color:red">', ["style attribute"]),
        ('<a href="#" onclick="go()">', ["event attribute"]),
        ('<img src="https://example.org/a.png">', ["foreign resource"]),
        ('<a href="https://example.org/">a link</a>', []),
        ('<b data-on="x" class="button">', []),
    ],
)
def test_the_rules_find_what_they_are_for(text: str, expected: list[str]) -> None:
    assert problems(text) == expected


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "429", "500", "503"])
def test_an_error_page_speaks_both_languages_without_a_request(code: str) -> None:
    from django.template.loader import render_to_string

    page = render_to_string(f"{code}.html")
    assert re.search(r'<section lang="id"><h1>\w', page)
    assert re.search(r'<section lang="en"><h2>\w', page)
    assert 'href="/"' in page
    assert not re.search(r"Traceback|Exception|django", page)
