"""Questions about outages and uptime, and the pages and JSON doors that ask them."""

import csv
import io
import json
import random  # noqa: TID251 -- seeded histories
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest
from django.forms.models import model_to_dict
from django.urls import reverse
from django.utils import timezone

from ronda.accounts.models import AuditRow
from ronda.accounts.service import tokens
from ronda.devices.models import Area, Ont, Site
from ronda.monitoring.models import Outage, Poller, Transition, Unobserved, Watch
from ronda.monitoring.rules.intervals import Span, uptime
from ronda.monitoring.service import outage_files
from ronda.monitoring.service import outages as questions
from ronda.monitoring.service.outages import Wanted
from ronda.monitoring.service.uptime import by_group, joined, uptimes
from ronda.overview.live import Feeder
from ronda.web.live import Snapshot
from ronda.work.models import Event

pytestmark = [pytest.mark.database, pytest.mark.django_db]

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BEGIN = NOW - timedelta(days=30)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def make_onts(count: int, **values: object) -> list[Ont]:
    site = Site.objects.get_or_create(name="Sleman")[0]
    first = Ont.objects.count()
    onts = Ont.objects.bulk_create(
        Ont(
            site=site,
            customer_id=f"XM{n:06}",
            name=f"Ronda {n}",
            address=f"10.0.{n // 250}.{n % 250 + 1}",
            **values,
        )
        for n in range(first, first + count)
    )
    Ont.objects.update(created_at=BEGIN - timedelta(days=300))
    return onts


def make_outage(ont: Ont, start: datetime, end: datetime | None, **values: object) -> Outage:
    return Outage.objects.create(
        ont=ont, started_at=start, ended_at=end, confirmed_at=start + hours(0.005), **values
    )


def test_outages_are_listed_newest_first_and_filtered_by_what_a_person_asks():
    area = Area.objects.create(site=Site.objects.create(name="Sleman"), name="Niron")
    near, far = make_onts(2)
    Ont.objects.filter(pk=near.pk).update(area=area, category="csr", location="Pos Ronda")
    old = make_outage(near, NOW - hours(50), NOW - hours(48))
    new = make_outage(far, NOW - hours(2), None)

    def asked(**values: object) -> list[Outage]:
        return list(questions.listing(Wanted(**values), now=NOW))

    assert asked() == [new, old]
    assert asked(ongoing=True) == [new]
    assert asked(ongoing=False) == [old]
    assert asked(area=area.pk) == [old]
    assert asked(category="csr") == [old]
    assert asked(search="pos near") == []
    assert asked(search="pos ronda") == [old]
    assert asked(ont=far.pk) == [new]
    assert asked(start=NOW - hours(49), end=NOW - hours(3)) == [old]
    assert asked(start=NOW - hours(10)) == [new]
    assert list(questions.listing(Wanted(), sort="duration", now=NOW)) == [old, new]
    assert list(questions.listing(Wanted(), sort="end", now=NOW)) == [old, new]


def test_clearing_hides_what_is_over_counts_it_still_and_can_be_taken_back(data_folder):
    (ont,) = make_onts(1)
    over = make_outage(ont, NOW - hours(5), NOW - hours(4))
    still = make_outage(ont, NOW - hours(1), None)

    hidden = questions.clear_all(NOW)

    assert hidden == 1
    assert list(questions.listing(Wanted())) == [still]
    assert uptimes(Span(BEGIN, NOW), now=NOW).of(ont.pk).down == hours(2)
    assert questions.restore_cleared() == 1
    assert set(questions.listing(Wanted())) == {over, still}


def test_what_is_hidden_lies_in_a_file_from_which_it_comes_back_whole(data_folder):
    one, other = make_onts(2)
    kept = [
        make_outage(one, NOW - hours(9), NOW - hours(8), cause="unreachable"),
        make_outage(other, NOW - hours(5), NOW - hours(4)),
    ]
    before = [model_to_dict(outage) for outage in kept]
    questions.clear_all(NOW)
    [file] = outage_files.series().listing()
    assert file.name.startswith("outages-20261120-")
    assert [row["ont_name"] for row in json.loads(file.path.read_text())] == [one.name, other.name]
    assert Event.objects.get(topic="monitoring.cleared").payload["file"] == file.name
    kept[0].delete()

    assert outage_files.restore(file.name).count == 2

    found = [model_to_dict(outage) for outage in Outage.objects.order_by("started_at")]
    for row in (*before, *found):
        del row["id"]
    assert found == before
    assert outage_files.restore(file.name).count == 0
    for text in ("[", '[{"ont_id": 1}]', '{"a": 1}'):
        file.path.write_text(text)
        with pytest.raises(outage_files.FileUnreadable):
            outage_files.restore(file.name)
    with pytest.raises(outage_files.FileUnreadable):
        outage_files.restore("../secret.key")


def test_a_page_lists_the_files_shows_what_one_names_and_hides_it_again(
    client, people, data_folder
):
    one, other = make_onts(2)
    kept = make_outage(one, NOW - hours(9), NOW - hours(8))
    make_outage(other, NOW - hours(9), NOW - hours(8))
    questions.clear_all(NOW)
    [file] = outage_files.series().listing()
    # Of the same instant and the same ONTs, but hidden otherwise: not this file's business.
    apart = make_outage(other, NOW - hours(5), NOW - hours(4))
    Outage.objects.filter(pk=apart.pk).update(cleared_at=NOW)
    kept.delete()
    client.force_login(people["admin"])

    def act(deed, name):
        path = f"/outages/backups/{deed}/"
        return client.post(path, {"name": name}, follow=True).content.decode()

    page = client.get("/outages/backups/").content.decode()
    assert file.name in page
    said = act("show", file.name)
    assert "2 outages are shown again. The newest file names them: hide those to undo." in said
    assert Outage.objects.filter(cleared_at=None).count() == 2
    assert "All of them are in the lists already." in act("show", file.name)
    newest = outage_files.series().listing()[0]
    assert newest.name != file.name
    assert "2 outages were hidden." in act("hide", newest.name)
    assert not Outage.objects.filter(cleared_at=None).exists()
    assert "Nothing was changed. There is no backup named" in act("show", "../secret.key")
    assert client.post("/outages/backups/burn/", {"name": file.name}).status_code == 404
    deeds = AuditRow.objects.filter(action__startswith="outages.").values_list("action", "subject")
    assert set(deeds) == {
        ("outages.show", file.name),
        ("outages.hide", newest.name),
    }
    client.force_login(people["noc"])
    assert client.get("/outages/backups/").status_code == 403


def test_a_full_disk_shows_nothing_again(client, people, data_folder, monkeypatch):
    (ont,) = make_onts(1)
    make_outage(ont, NOW - hours(9), NOW - hours(8))
    questions.clear_all(NOW)
    [file] = outage_files.series().listing()
    full = OSError(28, "No space left on device")
    monkeypatch.setattr(outage_files.Series, "write", Mock(side_effect=full))
    client.force_login(people["admin"])
    answer = client.post("/outages/backups/show/", {"name": file.name}, follow=True)
    assert "the file could not be written: No space left on device" in answer.content.decode()
    assert not Outage.objects.filter(cleared_at=None).exists()


def test_a_full_disk_hides_nothing(data_folder, monkeypatch):
    (ont,) = make_onts(1)
    over = make_outage(ont, NOW - hours(5), NOW - hours(4))
    full = OSError(28, "No space left on device")
    monkeypatch.setattr(outage_files, "write", Mock(side_effect=full))
    with pytest.raises(OSError, match="No space"):
        questions.clear_all(NOW)
    assert list(questions.listing(Wanted())) == [over]


def test_uptime_equals_the_handbook_s_arithmetic_for_random_histories():
    chance = random.Random(7)
    onts = make_onts(40)
    Ont.objects.filter(pk__in=[ont.pk for ont in onts[:5]]).update(created_at=BEGIN + hours(100))
    spans: dict[int, list[Span]] = {}
    for ont in onts[:30]:
        at = BEGIN - hours(chance.uniform(0, 50))
        for _ in range(chance.randrange(6)):
            start = at + hours(chance.uniform(0.1, 100))
            at = start + hours(chance.uniform(0.01, 60))
            end = None if at > NOW else at
            spans.setdefault(ont.pk, []).append(Span(start, end))
            make_outage(ont, start, end)
            if end is None:
                break
    gaps = []
    for n in range(6):
        start = BEGIN + hours(100 * n + chance.uniform(0, 80))
        gaps.append(Span(start, start + hours(chance.uniform(0.1, 30))))
        Unobserved.objects.create(
            poller="main", started_at=start, ended_at=gaps[-1].end, reason="blind"
        )
    paused = Span(BEGIN + hours(200), BEGIN + hours(260))
    for at, before, after in ((paused.start, "up", "paused"), (paused.end, "paused", "unknown")):
        Transition.objects.create(
            ont=onts[7], at=at, decided_at=at, before=before, after=after, reason="operator"
        )

    figures = uptimes(Span(BEGIN, NOW), now=NOW)

    for number, ont in enumerate(onts):
        expected = uptime(
            Span(BEGIN, NOW),
            NOW,
            spans.get(ont.pk, []),
            watched_from=BEGIN + hours(100) if number < 5 else None,
            unobserved=gaps,
            excluded=[paused] if number == 7 else [],
        )
        assert figures.of(ont.pk) == expected


def test_an_open_outage_counts_until_now_and_the_summary_says_it_goes_on():
    bad, good = make_onts(2)
    make_outage(bad, NOW - hours(30), NOW - hours(29))
    make_outage(bad, NOW - hours(3), None)
    wanted = Wanted(start=BEGIN, end=NOW)

    (row,) = questions.with_uptime(questions.summary_groups(wanted), Span(BEGIN, NOW), NOW)

    assert (row.ont_id, row.count, row.ongoing, row.last_end) == (bad.pk, 2, True, None)
    assert (row.down, row.longest) == (hours(4), hours(3))
    assert row.last_start == NOW - hours(3)
    assert row.uptime.uptime_percent == pytest.approx(100 * (720 - 4) / 720)
    assert good.pk != row.ont_id


def test_groups_add_up_their_onts_worst_first():
    site = Site.objects.create(name="Sleman")
    areas = [Area.objects.create(site=site, name=name) for name in ("Niron", "Pakem")]
    onts = make_onts(4)
    for number, ont in enumerate(onts):
        Ont.objects.filter(pk=ont.pk).update(area=areas[number % 2])
    make_outage(onts[1], NOW - hours(72), NOW)

    worst, best = by_group("area", Span(BEGIN, NOW), now=NOW)

    assert (worst.name, worst.onts, worst.uptime.down) == ("Pakem", 2, hours(72))
    assert worst.uptime.uptime_percent == pytest.approx(95.0)
    assert (best.name, best.uptime.uptime_percent) == ("Niron", 100.0)


def test_a_groups_figure_is_the_sum_of_its_onts():
    onts = make_onts(5)
    Ont.objects.filter(pk=onts[0].pk).update(created_at=NOW - timedelta(days=3))
    for ont, hours_ago in ((onts[0], 9), (onts[1], 8), (onts[1], 30), (onts[2], 7)):
        make_outage(ont, NOW - hours(hours_ago), NOW - hours(hours_ago - 1))
    Unobserved.objects.create(
        poller="main", started_at=NOW - hours(7.5), ended_at=NOW - hours(6.5), reason="blind"
    )

    figures = uptimes(Span(BEGIN, NOW), now=NOW)

    ids = [ont.pk for ont in onts]
    assert figures.of_all(ids) == joined([figures.of(ont) for ont in ids])
    assert figures.of_all(ids).outages == 4


@pytest.fixture
def browser(client, people):
    client.force_login(people["viewer"])
    return client


def test_a_csv_export_holds_no_cell_that_a_spreadsheet_would_run(browser):
    (ont,) = make_onts(1)
    Ont.objects.filter(pk=ont.pk).update(name="=HYPERLINK(evil)", location="+62 812")
    make_outage(ont, NOW - hours(3), NOW - hours(2))

    answer = browser.get(reverse("monitoring:export"))

    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    heading, row = csv.reader(io.StringIO(text))
    assert row[heading.index("name")] == "'=HYPERLINK(evil)"
    assert row[heading.index("duration_s")] == "3600"
    assert row[heading.index("start")] == "2026-11-20T16:00:00+07:00"
    assert "attachment" in answer["Content-Disposition"]


@pytest.mark.parametrize("page", ["outages", "summary", "health", "export"])
def test_strangers_are_sent_to_sign_in(client, people, page):
    answer = client.get(reverse(f"monitoring:{page}"))

    assert answer.status_code == 302
    assert "/accounts/" in answer["Location"]


@pytest.mark.parametrize("rows", [1, 50])
@pytest.mark.parametrize(("page", "queries"), [("outages", 8), ("summary", 12)])
def test_the_pages_ask_as_much_at_50_rows_as_at_one(
    browser, rows, page, queries, django_assert_max_num_queries
):
    for ont in make_onts(rows):
        make_outage(ont, NOW - hours(3), NOW - hours(2))
    Outage.objects.update(started_at=timezone.now() - hours(3), ended_at=timezone.now())

    with django_assert_max_num_queries(queries):
        answer = browser.get(reverse(f"monitoring:{page}"))

    assert answer.status_code == 200
    assert answer.content.count(b"Ronda ") >= rows


def test_an_administrator_hides_what_is_over_after_being_asked_and_shows_it_again(client, people):
    (ont,) = make_onts(1)
    make_outage(ont, NOW - hours(5), NOW - hours(4))
    client.force_login(people["noc"])
    refused = client.post(reverse("monitoring:clear")).status_code
    client.force_login(people["admin"])

    asked = client.get(reverse("monitoring:clear")).status_code
    client.post(reverse("monitoring:clear"))
    hidden = client.get(reverse("monitoring:outages"))
    client.post(reverse("monitoring:restore"))

    assert (refused, asked) == (403, 200)
    assert (len(hidden.context["page"]), hidden.context["hidden_count"]) == (0, 1)
    assert len(client.get(reverse("monitoring:outages")).context["page"]) == 1


def test_the_page_of_one_ont_shows_its_uptime_and_only_its_outages(browser):
    one, other = make_onts(2)
    make_outage(one, NOW - hours(3), None)
    make_outage(other, NOW - hours(5), None)

    answer = browser.get(reverse("monitoring:outages"), {"ont": one.pk})

    assert [outage.ont_id for outage in answer.context["page"]] == [one.pk]
    assert answer.context["uptime"].outages == 1
    assert browser.get(reverse("monitoring:outages"), {"ont": 99999}).status_code == 404


@pytest.mark.parametrize(
    "query", ["?site=abc", "?ont=x", "?start=9999-99-99", "?page=-4&sort=evil", "?area=%00&q=%27"]
)
def test_nonsense_in_the_address_shows_the_page_all_the_same(browser, query):
    assert browser.get(reverse("monitoring:outages") + query).status_code == 200
    assert browser.get(reverse("monitoring:summary") + query).status_code == 200


def test_why_names_the_reason_and_the_probes_and_is_a_fragment_for_htmx(browser):
    (ont,) = make_onts(1)
    at = NOW.timestamp()
    Transition.objects.create(
        ont=ont,
        at=NOW,
        decided_at=NOW + timedelta(seconds=25),
        before="suspect",
        after="down",
        reason="confirmed-silent",
        evidence={
            "probes": [[at, None, 1, False], [at + 1, None, 1, True]],
            "last_ok": (NOW - timedelta(seconds=30)).isoformat(),
            "loss": 0.002,
        },
    )
    Watch.objects.create(ont=ont, state="down", since=NOW, first_miss_at=NOW, misses=5)
    address = reverse("monitoring:why", args=[ont.pk])

    page = browser.get(address, headers={"Accept-Language": "en"}).content.decode()
    part = browser.get(address, headers={"HX-Request": "true"}).content.decode()

    assert "<html" in page
    assert "<html" not in part
    assert part.count("<time") >= 3
    assert browser.get(reverse("monitoring:why", args=[999])).status_code == 404


@pytest.mark.parametrize("part", ["why", "chart", "ont-outages"])
def test_the_parts_of_an_ont_s_page_come_alone_to_htmx_and_as_pages_to_others(browser, part):
    (ont,) = make_onts(1)
    make_outage(ont, timezone.now() - hours(3), None)
    address = reverse(f"monitoring:{part}", args=[ont.pk])

    alone = browser.get(address, headers={"HX-Request": "true"})
    whole = browser.get(address)

    assert b"<html" not in alone.content
    assert b"<html" in whole.content
    assert address in browser.get(reverse("devices:ont", args=[ont.pk])).content.decode()


def test_the_health_page_says_when_the_watch_is_blind_silent_or_never_ran(browser):
    address = reverse("monitoring:health")
    assert b"ronda run" in browser.get(address).content
    now = timezone.now()
    poller = Poller.objects.create(
        name="main",
        started_at=now,
        alive_at=now,
        method="ping",
        interval_s=30,
        swept_from=now - timedelta(seconds=30),
        swept_to=now,
        sent=100,
        answered=97,
        canaries={"192.0.2.1": 3.0, "192.0.2.2": None},
    )
    Unobserved.objects.create(
        poller="main", started_at=now - hours(2), ended_at=now - hours(1), reason="stopped"
    )

    assert b"ping_group_range" in browser.get(address).content
    assert browser.get(address).context["pollers"][0].state == "ok"
    poller.blind_since = now
    poller.save()
    assert browser.get(address).context["pollers"][0].state == "blind"
    poller.alive_at = now - hours(1)
    poller.save()
    assert browser.get(address).context["pollers"][0].state == "silent"


def test_the_rounds_of_the_last_day_are_columns(browser):
    payload = {
        "poller": "main",
        "number": 1,
        "at": NOW.isoformat(),
        "took_s": 29.5,
        "sent": 200,
        "answered": 190,
        "missed": 10,
        "uncertain": False,
    }
    Event.objects.create(at=timezone.now(), topic="monitoring.swept", payload=payload)

    answer = browser.get(reverse("monitoring:rounds")).json()

    assert answer == {"at": [round(NOW.timestamp())], "took_s": [29.5], "loss": [0.05]}


def test_the_older_outage_paths_keep_their_shapes(client, people):
    client.force_login(people["viewer"])
    one, other = make_onts(2)
    make_outage(one, NOW - hours(5), NOW - hours(4))
    make_outage(one, NOW - hours(3), NOW - hours(2))
    make_outage(other, NOW - hours(1), None)

    outages = client.get("/api/outages").json()
    summary = client.get("/api/outages/summary").json()

    assert outages[0] == {
        "ont_id": other.pk,
        "ont_name": other.name,
        "start_time": "2026-11-20T18:00:00+07:00",
        "end_time": None,
    }
    assert len(outages) == 3
    assert summary == [
        {
            "ont_id": one.pk,
            "ont_name": one.name,
            "outage_count": 2,
            "last_start": "2026-11-20T16:00:00+07:00",
            "last_end": "2026-11-20T17:00:00+07:00",
            "ongoing": False,
        },
        {
            "ont_id": other.pk,
            "ont_name": other.name,
            "outage_count": 1,
            "last_start": "2026-11-20T18:00:00+07:00",
            "last_end": None,
            "ongoing": True,
        },
    ]


def test_clearing_by_the_older_path_needs_an_administrator(client, people):
    (ont,) = make_onts(1)
    make_outage(ont, NOW - hours(5), NOW - hours(4))
    codes = {}
    for role in ("viewer", "noc", "admin"):
        _token, text = tokens.make(people[role], "script", role)
        answer = client.post("/api/outages/clear-all", headers={"Authorization": f"Bearer {text}"})
        codes[role] = answer.status_code

    assert codes == {"viewer": 403, "noc": 403, "admin": 200}
    assert answer.json()["success"] is True
    assert Outage.objects.count() == 1
    assert client.post("/api/outages/clear-all").status_code == 401


def test_a_reported_status_opens_and_closes_an_outage_of_an_ont_we_do_not_probe(client, people):
    ours, theirs = make_onts(2)
    Ont.objects.filter(pk=theirs.pk).update(address="")
    _token, text = tokens.make(people["noc"], "script", "noc")

    def report(ont: int, status: str) -> tuple[int, dict[str, object]]:
        answer = client.post(
            f"/api/ont-status/{ont}",
            {"status": status, "rto_count": 2},
            content_type="application/json",
            headers={"Authorization": f"Bearer {text}"},
        )
        return answer.status_code, answer.json()

    assert report(theirs.pk, "ON")[0] == 200
    code, body = report(theirs.pk, "OFF(RTO)")
    assert (code, body["success"], body["status"]) == (200, True, "OFF(RTO)")
    assert set(body) == {"success", "message", "status"}
    assert report(theirs.pk, "OFF")[0] == 200
    assert report(theirs.pk, "OFF")[0] == 200
    assert Outage.objects.get(ended_at=None).ont_id == theirs.pk
    assert report(theirs.pk, "ON")[0] == 200
    assert Outage.objects.get().ended_at is not None
    assert report(theirs.pk, "BROKEN")[0] == 400
    assert report(ours.pk, "OFF")[0] == 409
    assert report(99999, "ON")[0] == 404
    told = [
        entry["state"]
        for event in Event.objects.filter(topic="monitoring.transitions")
        for entry in event.payload["onts"]
    ]
    assert told == ["up", "suspect", "down", "up"]


def test_the_older_list_says_what_was_reported_of_an_ont_without_an_address(client, people):
    (theirs,) = make_onts(1)
    Ont.objects.filter(pk=theirs.pk).update(address="")
    _token, text = tokens.make(people["noc"], "script", "noc")
    feeder = Feeder(Snapshot(1), lambda: None)
    feeder.step()

    def listed() -> str:
        feeder.step()
        return feeder.snapshot.now.rows[theirs.pk].status

    def report(status: str, count: int) -> str:
        given = {"status": status, "rto_count": count}
        headers = {"Authorization": f"Bearer {text}"}
        path = f"/api/ont-status/{theirs.pk}"
        answer = client.post(path, given, content_type="application/json", headers=headers)
        return str(answer.json()["status"])

    assert listed() == "UNKNOWN"
    for status, count in (
        ("ON", 0),
        ("OFF(Waiting Connection)", 1),
        ("OFF(RTO)", 3),
        ("OFF(RTO)", 5),
        ("OFF", 6),
        ("ON", 0),
        ("UNKNOWN", 0),
    ):
        assert report(status, count) == listed() == status


def test_the_v1_doors_answer_what_the_pages_show(client, people):
    client.force_login(people["viewer"])
    (ont,) = make_onts(1)
    outage = make_outage(ont, NOW - hours(5), NOW - hours(4))

    page = client.get("/api/v1/outages", {"ont": ont.pk}).json()
    summary = client.get(
        "/api/v1/outages/summary", {"from": BEGIN.isoformat(), "to": NOW.isoformat()}
    ).json()
    groups = client.get("/api/v1/uptime", {"by": "category"}).json()
    figure = client.get(
        f"/api/v1/onts/{ont.pk}/uptime", {"from": BEGIN.timestamp(), "to": NOW.timestamp()}
    ).json()

    assert (page["total"], page["items"][0]["id"], page["items"][0]["seconds"]) == (
        1,
        outage.pk,
        3600.0,
    )
    assert summary["items"][0]["uptime"]["down_s"] == 3600.0
    assert groups[0]["key"] == "general"
    assert figure["uptime_percent"] == pytest.approx(100 * 719 / 720)
    assert client.get("/api/v1/watch").json() == []
    assert client.get(f"/api/v1/onts/{ont.pk}/why").json() == []
    assert client.get(f"/api/v1/onts/{ont.pk}/history").status_code == 200
    assert client.get("/api/v1/onts/4711/why").status_code == 404
    assert client.get("/api/v1/outages", {"from": "yesterday"}).status_code == 422
    assert client.get("/api/v1/outages", {"from": "9" * 30}).status_code == 422
    assert client.get("/api/v1/uptime", {"to": "0001-01-01"}).status_code == 422
    assert client.get("/api/v1/outages", {"q": "\x00"}).status_code == 422
