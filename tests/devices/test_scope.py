"""Which sites a person sees: kept, changed, asked."""

from typing import Any

import pytest
from django.http import Http404
from django.test import Client

from ronda.accounts.errors import NotAllowed
from ronda.accounts.models import AuditRow, Person
from ronda.accounts.service import tokens
from ronda.devices.models import Ont, Site
from ronda.devices.service import scope
from tests.devices.factories import make_ont, make_site

pytestmark = [pytest.mark.django_db, pytest.mark.database]

People = dict[str, Person]


def test_who_is_not_narrowed_sees_everything_without_a_query(
    people: People, django_assert_num_queries: Any
) -> None:
    make_ont(1)
    with django_assert_num_queries(0):
        assert scope.sites_of(people["viewer"]) is None
        assert scope.sees(people["viewer"], None)
    assert scope.narrow(Ont.objects.all(), people["viewer"]).count() == 1


def test_a_narrowed_person_sees_their_sites_and_nothing_that_belongs_to_none(
    people: People, django_assert_num_queries: Any
) -> None:
    ours, theirs = make_ont(1, make_site("Sleman")), make_ont(2, make_site("Bantul"))
    scope.set_sites(people["noc"], [ours.site_id], by=people["owner"])
    wayan = Person.objects.get(username="wayan")
    with django_assert_num_queries(1):
        assert scope.sites_of(wayan) == scope.sites_of(wayan) == {ours.site_id}
    assert list(scope.narrow(Ont.objects.all(), wayan)) == [ours]
    assert list(scope.narrow(Site.objects.all(), wayan, "pk")) == [ours.site]
    scope.check(wayan, ours.site_id)
    for other in (theirs.site_id, None):
        with pytest.raises(Http404):
            scope.check(wayan, other)


def test_nobody_is_widened_by_the_end_of_a_site(people: People) -> None:
    site = make_site("Sleman")
    scope.set_sites(people["noc"], [site.pk], by=None)
    site.delete()
    assert scope.sites_of(Person.objects.get(username="wayan")) == frozenset()


def test_strangers_see_nothing_and_the_machine_everything(people: People) -> None:
    from django.contrib.auth.models import AnonymousUser

    assert scope.sites_of(AnonymousUser()) == frozenset()
    assert scope.sites_of(None) is None


def test_who_may_change_whose_sites(people: People) -> None:
    site = make_site()
    for person, by in (("owner", "owner"), ("owner", "admin"), ("admin", "admin")):
        with pytest.raises(NotAllowed):
            scope.set_sites(people[person], [site.pk], by=people[by])
    scope.set_sites(people["admin"], [site.pk], by=people["owner"])
    with pytest.raises(NotAllowed):
        scope.set_sites(people["viewer"], None, by=people["admin"])
    assert scope.sites_of(people["owner"]) is None


def test_the_page_of_a_person_changes_their_sites_on_record(people: People) -> None:
    site = make_site("Sleman")
    client = Client()
    client.force_login(people["owner"])
    address = f"/sites/of/{people['noc'].pk}/"
    assert "Sleman" in client.get(address).content.decode()
    assert address in client.get(f"/people/{people['noc'].pk}/").content.decode()
    client.post(address, {"sites": [site.pk]})
    client.post(address, {})
    client.post(address, {"sites": [999]})
    rows = AuditRow.objects.filter(action="person.sites").order_by("id")
    assert [(row.before, row.after) for row in rows] == [
        ({"sites": None}, {"sites": ["Sleman"]}),
        ({"sites": ["Sleman"]}, {"sites": None}),
    ]
    assert scope.sites_of(Person.objects.get(username="wayan")) is None


def test_programs_change_the_sites_too(people: People) -> None:
    site = make_site("Sleman")
    client = Client()
    client.force_login(people["admin"])
    address = f"/api/v1/people/{people['noc'].pk}/sites"
    assert client.get(address).json() == {"sites": None}
    put = {"content_type": "application/json"}
    assert client.put(address, {"sites": [site.pk]}, **put).json() == {"sites": [site.pk]}
    assert client.put(address, {"sites": [999]}, **put).status_code == 404
    own = f"/api/v1/people/{people['admin'].pk}/sites"
    assert client.put(own, {"sites": None}, **put).status_code == 403
    assert client.get(address).json() == {"sites": [site.pk]}
    assert client.put(address, {"sites": None}, **put).json() == {"sites": None}


def test_a_token_has_the_sites_its_person_has_today(people: People) -> None:
    site = make_site()
    _token, text = tokens.make(people["noc"], "script", "viewer")
    scope.set_sites(people["noc"], [site.pk], by=None)
    grant = tokens.judge(text)
    assert grant
    assert scope.sites_of(grant.person) == {site.pk}
