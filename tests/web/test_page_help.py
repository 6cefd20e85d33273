"""Every page says what it is for, on the page itself."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from ronda.web import help as help_texts

SECTIONS = (
    "accounts", "alerts", "app", "devices", "hotspot", "incidents", "monitoring", "overview", "routers",
    "shop", "upkeep",
)  # fmt: skip


def views() -> set[str]:
    """The full name of every view that stands in a section."""
    found = set()
    for namespace, (_prefix, resolver) in get_resolver().namespace_dict.items():
        names = (name for name in resolver.reverse_dict if isinstance(name, str))
        found |= {f"{namespace}:{name}" for name in names}
    return {view for view in found if view.partition(":")[0] in SECTIONS}


def test_every_page_without_arguments_has_its_help_in_its_head(
    client: Client, people: dict[str, Any]
) -> None:
    client.force_login(people["owner"])
    seen = 0
    for view in sorted(views()):
        try:
            address = reverse(view)
        except NoReverseMatch:
            continue
        answer = client.get(address)
        if (
            answer.status_code != 200
            or answer.streaming
            or b'class="page-head"' not in answer.content
        ):
            continue
        seen += 1
        assert b'class="page-help"' in answer.content, view
    assert seen > 40


def test_help_is_kept_for_views_that_exist() -> None:
    kept = {name for name in help_texts._pages if not name.endswith(":*")}
    assert kept <= views()


def test_a_page_without_words_of_its_own_has_those_of_its_section() -> None:
    section = help_texts.of("shop:*")
    assert section is not None
    assert help_texts.of("shop:layout-new") is section
    assert help_texts.of("shop:home") is not section
    assert help_texts.of("nowhere:page") is None
