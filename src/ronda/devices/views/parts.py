"""What several views of this slice need: pages of a list, the undo offer."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from ronda.devices.models import Change


def page_number(request: HttpRequest) -> int:
    """The page that was asked for, 1 when that makes no sense."""
    text = request.GET.get("page", "1")[:7]
    return max(1, int(text)) if text.isascii() and text.isdigit() else 1


def page(rows: list[Any], total: int, number: int, size: int) -> Page[Any]:
    """One page of rows that the database already cut out, for the `pagination` tag."""
    paginator = Paginator(_Cut(rows, total), size)
    return Page(rows, min(number, paginator.num_pages), paginator)


class _Cut(Sequence[Any]):
    """Rows that were cut out already, as long as the whole."""

    def __init__(self, rows: list[Any], total: int) -> None:
        self.rows, self.total = rows, total

    def __len__(self) -> int:
        return self.total

    def __getitem__(self, place: Any) -> Any:
        return self.rows[place]


def offer_undo(request: HttpRequest, change: Change, text: str = "") -> None:
    """Say what was done, with the way to take it back."""
    messages.success(
        request,
        format_html(
            '{} <a href="{}">{}</a>',
            text or change.summary,
            reverse("devices:change", args=[change.pk]),
            _("Undo"),
        ),
    )
