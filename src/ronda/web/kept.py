"""Parts of the shell that look the same for many, rendered once for all of them.

The menu, the key to the keyboard and the texts of the scripts took most of the time of a page. What differs
between two people or two pages in such a part is either in its key here, or a hole that is filled each time.
"""

from threading import Lock
from typing import Any

from django.template.context import Context
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from ronda.web import navigation

#: So many are kept, of at most 20 KB each; then all are made anew.
MOST = 200
# Private-use characters, which no escaping touches and nobody types.
TOKEN, NEXT, NAME = (f"\ue000{hole}\ue001" for hole in ("token", "next", "name"))

#: What besides the person's role and the look of the page a part differs by.
DIFFERS = {"nav": ("door", "unread"), "topbar": ("unread",), "help": (), "texts": ()}

_kept: dict[tuple[Any, ...], str] = {}
_lock = Lock()


def part(context: Context, name: str, narrowed: bool) -> SafeString:
    """The part `web/parts/NAME.html` for the page of this context."""
    request = context.get("request")
    key = (
        name,
        get_language(),
        str(context.get("person_role") or ""),
        narrowed,
        bool(request and getattr(request, "user", None) and request.user.is_authenticated),
        str(context.get("site_name") or ""),
        context.get("theme"),
        *(_differing(context, what) for what in DIFFERS[name]),
    )
    text = _kept.get(key)
    if text is None:
        text = _rendered(context, name)
        with _lock:
            if len(_kept) >= MOST:
                _kept.clear()
            _kept[key] = text
    return mark_safe(_filled(text, context))  # noqa: S308 -- rendered by the engine, and the holes are escaped


def _differing(context: Context, what: str) -> Any:
    if what == "unread":
        return str(context.get("notices_unread") or 0)
    request = context.get("request")
    return navigation.door_of(request.path if request else "")


def _rendered(context: Context, name: str) -> str:
    template = context.template.engine.get_template(f"web/parts/{name}.html")  # type: ignore[union-attr] # being rendered
    with context.push(csrf_token=TOKEN, next_path=NEXT, person_name=NAME):
        return str(template.render(context))


def _filled(text: str, context: Context) -> str:
    if TOKEN in text:
        text = text.replace(TOKEN, str(context.get("csrf_token") or ""))
    request = context.get("request")
    if request is not None and NEXT in text:
        text = text.replace(NEXT, conditional_escape(request.get_full_path()))
    if request is not None and NAME in text:
        text = text.replace(NAME, conditional_escape(str(request.user)))
    return text
