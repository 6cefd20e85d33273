"""How a request reaches Django: a bounded line, a few threads, and a kind word for whom there is no room."""

from ronda.web.serving.lines import Line
from ronda.web.serving.pages import Pages

__all__ = ["Line", "Pages"]
