"""Addresses lead to their views, remembered or not."""

import pytest
from django.http import HttpResponse
from django.urls import Resolver404, get_resolver, path, resolve, reverse

from ronda.app.finding import MOST, Remembering


def test_an_address_leads_to_the_same_view_again_with_values_of_its_own() -> None:
    first = resolve("/onts/7/")
    first.kwargs["pk"] = 8
    again = resolve("/onts/7/")
    assert (again.view_name, again.kwargs) == ("devices:ont", {"pk": 7})
    assert resolve("/onts/9/").kwargs == {"pk": 9}
    assert reverse("devices:ont", args=(7,)) == "/onts/7/"


def test_what_leads_nowhere_is_not_remembered_and_what_is_remembered_is_bounded() -> None:
    doors = Remembering([path("things/<int:pk>/", lambda _request, pk: HttpResponse(pk))])
    for pk in range(MOST + 10):
        assert doors.resolve(f"things/{pk}/").kwargs == {"pk": pk}
    with pytest.raises(Resolver404):
        doors.resolve("elsewhere/")
    assert doors._found.cache_info().currsize == MOST


def test_all_of_the_product_lies_behind_it() -> None:
    assert [type(one) for one in get_resolver().url_patterns] == [Remembering]
