"""The lists of the hotspot as people see them: what is now, what is old, and what they may do."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ronda.hotspot.models import Action, ActiveUser, Condition, HotspotUser, Instruction, Reading
from ronda.work import feed
from ronda.work.models import Event
from tests.hotspot.factories import furnish, make_router, read
from tests.hotspot.scripted import ACTIVE, PROFILE, USER, ScriptedLink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def names_in(answer: Any) -> list[str]:
    return [str(getattr(row, "user", "") or row.name) for row in answer.context["page"].object_list]


@pytest.fixture
def link() -> ScriptedLink:
    return furnish()


@pytest.fixture
def router(link: ScriptedLink) -> Any:
    return read(link)


def test_who_is_online_with_time_left_data_and_the_age_of_the_reading(
    as_: Any, router: Any
) -> None:
    answer = as_("viewer").get("/hotspot/")
    assert names_in(answer) == ["007", "budi"]
    text = text_of(answer)
    for word in (
        "budi 1jam",
        "active",
        "10.5.0.2 AA:BB:CC:00:00:02 · hs1",
        "20 min",
        "40 min",
        "no limit",
        "idle",
        "Balai Desa: read",
    ):
        assert word in text
    assert (answer.context["now"].active, answer.context["now"].idle) == (1, 1)


@pytest.mark.slow
def test_lists_are_narrowed_sorted_and_searched(as_: Any, router: Any) -> None:
    client = as_("viewer")

    def found(path: str, **query: Any) -> list[str]:
        return names_in(client.get(path, query))

    assert found("/hotspot/", status="idle") == ["007"]
    assert found("/hotspot/", profile="1jam", sort="-user") == ["budi", "007"]
    assert found("/hotspot/", profile="1hari") == []
    assert found("/hotspot/", q="00:00:02") == ["budi"]
    assert found("/hotspot/", sort="nonsense", page="x", status="nonsense") == ["007", "budi"]
    assert found("/hotspot/users/") == ["007", "budi", "sari", "true"]
    assert found("/hotspot/users/", status="active") == ["budi"]
    assert found("/hotspot/users/", status="idle") == ["007"]
    assert found("/hotspot/users/", status="offline") == ["true"]
    assert found("/hotspot/users/", status="disabled") == ["sari"]
    assert found("/hotspot/users/", q="kios") == ["sari"]
    assert found("/hotspot/users/", standing="ours") == []
    assert found("/hotspot/users/", sort="-bytes")[0] == "budi"
    assert len(found("/hotspot/users/", standing="foreign")) == 4


@pytest.mark.slow
@pytest.mark.parametrize("part", ["hosts", "cookies", "bindings", "leases"])
def test_the_other_lists_are_shown(as_: Any, router: Any, part: str) -> None:
    text = text_of(as_("viewer").get(f"/hotspot/lists/{part}/"))
    assert "AA:BB:CC:00:00:0" in text
    assert as_("viewer").get("/hotspot/lists/nonsense/").status_code == 404


def test_an_old_count_is_never_shown_as_now(as_: Any, router: Any) -> None:
    Reading.objects.update(read_at=timezone.now() - timedelta(hours=3), trouble="no answer")
    answer = as_("viewer").get("/hotspot/")
    now = answer.context["now"]
    assert (now.active, now.idle, now.users) == (0, 0, 0)
    assert "what is shown here is old, it is not the present" in text_of(answer)
    assert "no answer" in text_of(answer)
    assert 'class="is-old"' in answer.content.decode()


def test_a_router_that_is_not_in_use_is_not_shown(as_: Any, router: Any) -> None:
    router.active = False
    router.save()
    assert names_in(as_("viewer").get("/hotspot/users/")) == []


def test_looking_asks_for_quick_readings_and_writes_that_only_now_and_then(
    as_: Any, router: Any, django_assert_num_queries: Any
) -> None:
    client = as_("viewer")
    client.get("/hotspot/")
    until = Condition.objects.get(router=router).looked_at_until
    assert until is not None
    assert until > timezone.now() + timedelta(seconds=30)
    client.get("/hotspot/")
    assert Condition.objects.get(router=router).looked_at_until == until


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("/hotspot/", 1),
        ("/hotspot/", 50),
        pytest.param("/hotspot/users/", 1, marks=pytest.mark.slow),
        pytest.param("/hotspot/users/", 50, marks=pytest.mark.slow),
        pytest.param("/hotspot/lists/hosts/", 1, marks=pytest.mark.slow),
        pytest.param("/hotspot/lists/hosts/", 50, marks=pytest.mark.slow),
    ],
)
def test_a_page_asks_the_database_as_often_for_fifty_rows_as_for_one(
    as_: Any, django_assert_num_queries: Any, path: str, count: int
) -> None:
    link = ScriptedLink()
    for number in range(count):
        name = f"u{number:03}"
        link.put(USER, name=name, profile="default")
        link.put(ACTIVE, user=name, address=f"10.0.0.{number}", uptime="1m", idle_time="1s")
        link.put("/ip/hotspot/host", mac_address=f"AA:00:00:00:00:{number:02X}")
    link.put(PROFILE, name="1jam")
    read(link)
    client = as_("admin")
    client.get(path)
    # Session, person, unread notices, routers and servers and profiles for the filters, routers in use,
    # ages, drifts, the rows; a full page counts all. Online: profiles, two counts, who looks.
    # Users: their sessions.
    wanted = {"/hotspot/": 14, "/hotspot/users/": 11, "/hotspot/lists/hosts/": 10}[path]
    with django_assert_num_queries(wanted + (count == 50)):
        answer = client.get(path)
    assert len(answer.context["page"].object_list) == count


def test_a_kick_from_the_list_is_done_and_says_so(
    as_: Any, router: Any, link: ScriptedLink, done_at_once: Any
) -> None:
    done_at_once({router.pk: link})
    row = ActiveUser.objects.get(user="budi")
    client = as_("noc")
    answer = client.post(
        "/hotspot/act/active/", {"verb": "kick", "row": row.pk, "back": "/hotspot/?status=active"}
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, "/hotspot/?status=active")
    assert "End the session: done for 1." in text_of(client.get("/hotspot/"))
    assert link.names(ACTIVE) == ["007"]


@pytest.mark.slow
def test_what_takes_longer_is_shown_as_progress(as_: Any, router: Any, monkeypatch: Any) -> None:
    from ronda.hotspot.views import parts

    monkeypatch.setattr(parts, "PATIENCE_S", 0.0)
    client = as_("noc")
    row = HotspotUser.objects.get(name="budi")
    answer = client.post("/hotspot/act/users/", {"verb": "disable", "row": row.pk})
    instruction = Instruction.objects.get()
    assert (
        answer.headers["Location"]
        == f"/hotspot/instructions/{instruction.pk}/?back=/hotspot/users/"
    )
    page = client.get(answer.headers["Location"])
    assert "1 waiting for the router" in text_of(page)
    assert 'hx-trigger="renew"' in page.content.decode()
    Action.objects.update(outcome="unknown")
    assert "The line was cut in the middle; we are looking." in text_of(
        client.get(f"/hotspot/instructions/{instruction.pk}/")
    )
    Action.objects.update(outcome="refused", code="RouterFull", text="limit")
    page = client.get(f"/hotspot/instructions/{instruction.pk}/")
    assert "A limit of the router is reached (licence, table or storage). (limit)" in text_of(page)
    assert "hx-trigger" not in page.content.decode()
    assert "Disable" in text_of(client.get("/hotspot/instructions/"))


@pytest.mark.slow
@pytest.mark.parametrize("part", ["active", "users", "cookies", "bindings"])
def test_a_number_that_no_row_can_have_is_no_row(as_: Any, router: Any, part: str) -> None:
    for verb in ("kick", "disable", "unbind", "delete"):
        answer = as_("admin").post(f"/hotspot/act/{part}/", {"verb": verb, "row": "9" * 20})
        assert answer.status_code == 302


def test_many_at_once_with_extend_and_another_profile(
    as_: Any, router: Any, link: ScriptedLink, done_at_once: Any
) -> None:
    done_at_once({router.pk: link})
    client = as_("admin")
    rows = list(HotspotUser.objects.values_list("pk", flat=True))
    client.post("/hotspot/act/users/", {"verb": "extend", "extend": "1h", "row": rows})
    assert [row.get("limit-uptime") for row in link.menus[USER]] == ["2h", None, None, None]
    client.post("/hotspot/act/users/", {"verb": "extend", "extend": "1GB", "row": rows})
    assert HotspotUser.objects.get(name="true").limit_bytes_total == 2 * 2**30
    client.post("/hotspot/act/users/", {"verb": "move", "profile": "1hari", "row": rows})
    assert set(HotspotUser.objects.values_list("profile", flat=True)) == {"1hari"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"verb": "extend", "extend": "many"}, "is neither a time nor an amount"),
        ({"verb": "extend", "extend": ""}, "is neither a time nor an amount"),
        ({"verb": "move", "profile": "1jm"}, "Did you mean 1jam?"),
        ({"verb": "move", "profile": "xyz"}, "Read the router again"),
        ({"verb": "nonsense"}, "Choose what to do"),
        ({"verb": "disable", "row": []}, "Choose rows in the list first"),
        ({"verb": "forget"}, "Choose rows in the list first"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_is_asked(
    as_: Any, router: Any, form: dict[str, Any], says: str
) -> None:
    client = as_("admin")
    row = HotspotUser.objects.get(name="budi").pk
    client.post("/hotspot/act/users/", {"row": row} | form)
    assert says in text_of(client.get("/hotspot/users/"))
    assert not Instruction.objects.exists()


@pytest.mark.slow
def test_deleting_asks_first_and_can_be_undone(
    as_: Any, router: Any, link: ScriptedLink, done_at_once: Any
) -> None:
    done_at_once({router.pk: link})
    link.menus[USER][0]["password"] = "pw"
    client = as_("admin")
    form = {"verb": "delete", "row": HotspotUser.objects.get(name="budi").pk}
    answer = client.post("/hotspot/act/users/", form)
    assert "Delete 1 hotspot user?" in text_of(answer)
    assert "budi" in link.names(USER)
    client.post("/hotspot/act/users/", form | {"sure": "yes"})
    assert "budi" not in link.names(USER)
    instruction = Instruction.objects.get()
    assert (
        f'href="/hotspot/instructions/{instruction.pk}/undo/"'
        in client.get("/hotspot/users/").content.decode()
    )
    assert "put back what was before" in text_of(
        client.get(f"/hotspot/instructions/{instruction.pk}/undo/")
    )
    client.post(f"/hotspot/instructions/{instruction.pk}/undo/")
    assert "budi" in link.names(USER)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("role", "verb", "status"),
    [
        ("viewer", "kick", 403),
        ("noc", "kick", 302),
        ("noc", "delete", 403),
        ("noc", "move", 403),
        ("noc", "extend", 403),
        ("admin", "delete", 200),
    ],
)
def test_what_each_role_may_ask(
    as_: Any, router: Any, monkeypatch: Any, role: str, verb: str, status: int
) -> None:
    from ronda.hotspot.views import parts

    monkeypatch.setattr(parts, "PATIENCE_S", 0.0)
    row = HotspotUser.objects.get(name="budi").pk
    answer = as_(role).post("/hotspot/act/users/", {"verb": verb, "row": row})
    assert answer.status_code == status


def test_a_back_address_leads_only_to_our_own_lists(as_: Any, router: Any) -> None:
    client = as_("noc")
    for evil in ("https://evil.example/", "//evil.example", "/hotspot\\evil", "/onts/"):
        answer = client.post("/hotspot/act/users/", {"verb": "x", "back": evil})
        assert answer.headers["Location"] == "/hotspot/users/"


@pytest.mark.slow
def test_markup_in_names_is_shown_and_never_run(as_: Any) -> None:
    link = ScriptedLink()
    link.put(USER, name="<script>alert(1)</script>", comment="<img src=x onerror=1>")
    link.put(ACTIVE, user="<script>alert(1)</script>", uptime="1s")
    read(link)
    for path in ("/hotspot/", "/hotspot/users/"):
        html = as_("admin").get(path).content.decode()
        assert "<script>alert" not in html
        assert "<img src=x" not in html


def test_without_a_router_the_page_says_what_to_do(as_: Any) -> None:
    assert "There is no router yet" in text_of(as_("viewer").get("/hotspot/"))
    make_router()
    text = text_of(as_("viewer").get("/hotspot/"))
    assert "has not been read yet" in text


def test_readings_are_relayed_to_the_pages(router: Any) -> None:
    from ronda.overview.live import Feeder
    from ronda.web.live import Snapshot

    told: list[Any] = []
    feeder = Feeder(Snapshot(1), lambda: None, lambda topic, payload: told.append((topic, payload)))
    feeder.step()
    feed.append("hotspot.read", {"router": 7, "parts": ["active"], "changed": []})
    feeder.step()
    feeder.step()
    assert told == [("hotspot.read", {"router": 7, "parts": ["active"], "changed": []})]
    assert Event.objects.exists()
