"""Which view answers an address, without asking every pattern of the product each time."""

from functools import lru_cache

from django.urls import ResolverMatch, URLPattern, URLResolver
from django.urls.resolvers import RoutePattern

#: So many addresses are remembered, of less than 2 KB each.
MOST = 512


class Remembering(URLResolver):
    """The patterns below "", and what their last addresses led to.

    Django tries its patterns in turn, several hundred for most addresses: 0.7 ms of each request. What an
    address leads to hangs on nothing but the address; one that leads nowhere is not remembered.
    """

    def __init__(self, patterns: list[URLPattern | URLResolver]) -> None:
        super().__init__(RoutePattern(""), patterns)
        self._found = lru_cache(MOST)(self._find)

    def resolve(self, path: str) -> ResolverMatch:
        """The view of this path and what the path gives it.

        Raises:
            Resolver404: there is none.
        """
        # The root, which asks, makes a match of its own of it for each request.
        return self._found(str(path))

    def _find(self, path: str) -> ResolverMatch:
        match = super().resolve(path)
        # The patterns that were tried in vain are for Django's debugging page, and long.
        match.tried = None
        return match
