"""Parts of the shell that are rendered once for many, and widgets that Django renders the same, slower."""

from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.template import engines
from django.test import RequestFactory
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django.utils.html import escape

from ronda.accounts.models import Person
from ronda.web import kept
from ronda.web.form_renderer import FormRenderer

PAGE = "{% load ronda %}{% shell_part 'nav' %}{% shell_part 'topbar' %}"


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    kept._kept.clear()


def shown(name: str, path: str, role: str = "owner", token: str = "t" * 64, unread: Any = 0) -> str:
    request = RequestFactory().get(path)
    request.user = Person(username=name, role=role)
    values: dict[str, Any] = {
        "person_role": role,
        "csrf_token": token,
        "site_name": "Ronda",
        "theme": "auto",
        "notices_unread": unread,
        "request": request,
    }
    return engines["django"].from_string(PAGE).render(values)


def test_each_person_sees_their_own_name_page_and_token() -> None:
    first = shown("sari", "/onts/?q=a", token="a" * 64)
    second = shown("<b>budi</b>", "/onts/?q=%22b", token="b" * 64)

    assert len(kept._kept) == 2
    assert "sari" in first
    assert 'value="/onts/?q=a"' in first
    assert "a" * 64 in first
    assert "sari" not in second
    assert escape("<b>budi</b>") in second
    assert "<b>budi" not in second
    assert "b" * 64 in second
    assert "\ue000" not in first + second


def test_another_role_door_count_or_language_is_another_part() -> None:
    one = shown("sari", "/onts/")

    assert 'href="/people/"' in one
    assert 'href="/people/"' not in shown("sari", "/onts/", role="viewer")
    assert shown("sari", "/map/") != one
    assert ">7</b>" in shown("sari", "/onts/", unread=SimpleLazyObject(lambda: 7))
    with translation.override("id"):
        assert shown("sari", "/onts/") != one
    assert shown("sari", "/onts/") == one


def test_no_more_are_kept_than_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 3)
    for number in range(5):
        shown("sari", "/onts/", unread=number)

    assert len(kept._kept) <= 3


class Everything(forms.Form):
    """Every widget that is rendered by hand."""

    name = forms.CharField(initial='a "quoted" <name>', max_length=9, required=True)
    size = forms.IntegerField(min_value=1, required=False)
    area = forms.ChoiceField(
        choices=[("", "All"), ("1", "A & B"), ("Group", [("2", "<two>"), ("3", "3")])], initial="2"
    )
    hidden = forms.CharField(widget=forms.HiddenInput, initial="x")


def test_widgets_look_as_django_renders_them() -> None:
    def bare(text: str) -> str:
        return "".join(line.strip() for line in text.splitlines())

    for field in Everything(renderer=FormRenderer()):
        ours = field.as_widget(attrs={"class": "c", "data-on": True, "data-off": False})
        theirs = Everything(renderer=DjangoTemplates())[field.name].as_widget(
            attrs={"class": "c", "data-on": True, "data-off": False}
        )
        assert bare(ours) == bare(theirs)
