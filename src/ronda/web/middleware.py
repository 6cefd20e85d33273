"""The language of a request: the visitor's cookie, else the person's choice, else the installation's."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from ronda.web.live import current


class LanguageMiddleware:
    """Activates the language; the browser's own wish is not asked, because Indonesian comes first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = dict(settings.LANGUAGES)
        wishes = (
            request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""),
            getattr(request.user, "language", ""),
            settings.LANGUAGE_CODE,
        )
        language = next(wish for wish in wishes if wish in known)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            return response


class LiveVersionMiddleware:
    """Notes the live snapshot's version before the page reads the database.

    The page's stream then begins at that version, so that nothing that changes between the reading
    and the stream's opening is missed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.live_version = current.version()  # type: ignore[attr-defined] # ours, read by web.context
        return self.get_response(request)
