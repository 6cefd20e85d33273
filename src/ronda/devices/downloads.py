"""A finished export as an answer to a browser or a program."""

from __future__ import annotations

from django.http import HttpResponse

from ronda.devices.service.exports import Export


def download(made: Export) -> HttpResponse:
    """A file that the browser saves and never shows."""
    answer = HttpResponse(made.content, content_type=made.content_type)
    answer["Content-Disposition"] = f'attachment; filename="{made.file_name}"'
    answer["Cache-Control"] = "no-store"
    return answer
