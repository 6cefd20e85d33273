"""The language and the time zone of a request, and the live version that its page begins with."""

from collections.abc import Callable
from datetime import tzinfo
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from ronda.web.live import current


class LanguageMiddleware:
    """The visitor's cookie, else the person's choice, else the installation's.

    The browser's own wish is not asked, because Indonesian comes first.
    """

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


class ZoneMiddleware:
    """Pages show every time in the zone that the person chose for themselves.

    Only what is shown follows it: days and months of reports and of the books begin in the installation's
    zone, so that two people read the same sums. The JSON doors keep to the installation's zone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # A person is asked only where somebody may be: the session costs two queries.
        name = "" if request.path.startswith("/api/") else getattr(request.user, "time_zone", "")
        with timezone.override(zone(name)):
            return self.get_response(request)


def zone(name: str) -> tzinfo:
    """The zone of this IANA name; the installation's for "" and for one that this machine does not know."""
    try:
        return ZoneInfo(name) if name else timezone.get_default_timezone()
    except (KeyError, ValueError, OSError):
        return timezone.get_default_timezone()


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
