"""Adding, changing and disabling people, and who may."""

from typing import Any

import pytest

from ronda.accounts.errors import LastOwner, NameTaken, NotAllowed, Refused, WeakPassword
from ronda.accounts.models import AuditRow, Person
from ronda.accounts.service import people

pytestmark = [pytest.mark.django_db, pytest.mark.database]

GOOD = "tujuh-gajah-lewat"


def test_names_and_addresses_are_taken_whatever_their_case() -> None:
    people.add("Sari", "owner", email="Sari@Example.net")
    with pytest.raises(NameTaken):
        people.add("sari", "viewer")
    with pytest.raises(NameTaken):
        people.add("budi", "viewer", email="sari@example.NET")


@pytest.mark.parametrize("name", ["", "a b", "sari@example.net", "x" * 61, "<b>", "a\nb"])
def test_a_name_that_cannot_be_is_refused(name: str) -> None:
    with pytest.raises(Refused):
        people.add(name, "viewer")
    assert not Person.objects.exists()


def test_a_person_without_a_password_cannot_sign_in() -> None:
    person = people.add("wayan", "noc")
    assert not person.has_usable_password()
    assert not person.must_change_password


def test_an_administrator_manages_all_but_owners(people_: dict[str, Any]) -> None:
    owner, admin, noc, viewer = (people_[role] for role in ("owner", "admin", "noc", "viewer"))
    people.change_role(viewer, "noc", by=admin)
    people.disable(noc, by=admin)
    for deed in (
        lambda: people.add("mallory", "owner", by=admin),
        lambda: people.change_role(viewer, "owner", by=admin),
        lambda: people.change_role(admin, "owner", by=admin),
        lambda: people.change_role(owner, "viewer", by=admin),
        lambda: people.disable(owner, by=admin),
        lambda: people.set_password(owner, GOOD, by=admin, must_change=True),
        lambda: people.sign_out_everywhere(owner, by=admin),
        lambda: people.add("mallory", "viewer", by=viewer),
        lambda: people.disable(admin, by=viewer),
        lambda: people.disable(admin, by=admin),
    ):
        with pytest.raises(NotAllowed):
            deed()
    roles = {p.username: p.role for p in people.all_people()}
    assert (roles["budi"], roles["sari"], roles["tini"], roles["wayan"]) == (
        "admin",
        "owner",
        "noc",
        "noc",
    )


@pytest.fixture
def people_(people: Any) -> Any:
    return people


def test_the_last_owner_stays(people_: dict[str, Any]) -> None:
    owner = people_["owner"]
    with pytest.raises(LastOwner):
        people.change_role(owner, "admin", by=owner)
    with pytest.raises(LastOwner):
        people.disable(owner)
    people.change_role(people_["admin"], "owner", by=owner)
    people.change_role(owner, "viewer", by=owner)
    assert Person.objects.get(role="owner") == people_["admin"]


def test_a_disabled_owner_does_not_count_as_one(people_: dict[str, Any]) -> None:
    people.change_role(people_["admin"], "owner")
    people.disable(people_["admin"])
    with pytest.raises(LastOwner):
        people.disable(people_["owner"])


def test_every_change_is_in_the_trail(people_: dict[str, Any]) -> None:
    owner, noc = people_["owner"], people_["noc"]
    people.set_password(noc, GOOD, by=owner, must_change=True, source="192.0.2.1")
    people.change_role(noc, "viewer", by=owner)
    people.disable(noc, by=owner)
    people.enable(noc, by=owner)
    people.sign_out_everywhere(noc, by=owner)
    assert [(r.actor, r.action, r.before, r.after) for r in AuditRow.objects.order_by("id")] == [
        ("sari", "person.password", None, {"must_change": True}),
        ("sari", "person.role", {"role": "noc"}, {"role": "viewer"}),
        (
            "sari",
            "person.disable",
            {"active": True},
            {"active": False, "ended": {"sessions": 0, "programs": 0, "links": 0}},
        ),
        ("sari", "person.enable", {"active": False}, {"active": True}),
        ("sari", "person.sign_out", None, {"sessions": 0}),
    ]


def test_weak_passwords_are_refused_with_the_reasons(people_: dict[str, Any]) -> None:
    with pytest.raises(WeakPassword, match="10"):
        people.set_password(people_["noc"], "kopi", must_change=False)
