"""How people are reached: which addresses count, and what becomes of those that are refused for good."""

import pytest
from django.utils import timezone

from ronda.accounts.models import AuditRow, Person
from ronda.accounts.service import seal_keys
from ronda.alerts.models import Address, Channel, Notice, OwnNotice
from ronda.alerts.service import addresses, channels, sending
from ronda.alerts.service.addresses import AddressRefused
from ronda.app import wiring
from ronda.work.models import Job
from ronda.work.worker import Worker

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def bot() -> Channel:
    return channels.save(Channel(kind="telegram"), {"name": "Bot"}, {"token": "canary-token"}, None)


def work() -> None:
    worker = Worker(wiring.jobs_without_router())
    Job.objects.filter(state="waiting").update(run_at=timezone.now())
    while worker.step():
        pass


def reached(person: Person) -> list[str]:
    return [f"{one.channel.name} {one.to}" for one in addresses.of(person)]


def test_a_person_is_reached_inside_ronda_and_where_it_is_proved(
    people: dict[str, Person], bot: Channel
) -> None:
    joko = people["technician"]
    new = addresses.add(joko, bot, "42", joko)
    assert reached(joko) == [f"Inside Ronda {joko.pk}"]

    addresses.confirm(new, joko)
    assert reached(joko) == ["Bot 42", f"Inside Ronda {joko.pk}"]
    addresses.switch(new, False, joko)
    assert reached(joko) == [f"Inside Ronda {joko.pk}"]
    addresses.switch(new, True, joko)
    Channel.objects.filter(pk=bot.pk).update(active=False)
    assert reached(joko) == [f"Inside Ronda {joko.pk}"]
    Person.objects.filter(pk=joko.pk).update(is_active=False)
    joko.refresh_from_db()
    assert reached(joko) == []
    told = [row.action for row in AuditRow.objects.order_by("id")]
    assert told[1:] == ["address.add", "address.verify", "address.switch", "address.switch"]


def test_an_address_that_is_refused_for_good_is_left_alone_and_everybody_concerned_told_once(
    people: dict[str, Person], bot: Channel
) -> None:
    joko = people["technician"]
    Person.objects.filter(pk=joko.pk).update(language="id")
    other = addresses.add(people["noc"], bot, "43", None, proved=True)
    addresses.add(joko, bot, "42", None, proved=True)

    addresses.lost(bot, "42", "The bot was kicked.")
    addresses.lost(bot, "42", "The bot was kicked.")

    assert reached(joko) == [f"Inside Ronda {joko.pk}"]
    assert addresses.is_usable(Address.objects.get(pk=other.pk))
    own = OwnNotice.objects.get()
    assert (own.person_id, own.severity) == (joko.pk, "warning")
    assert "The bot was kicked." in own.text
    assert Notice.objects.filter(text__contains="joko is not reached by Bot any more").count() == 1
    # Proving it anew brings it back.
    addresses.add(joko, bot, "42", None, proved=True)
    assert reached(joko)[0] == "Bot 42"


def test_a_group_that_moved_is_followed(people: dict[str, Person], bot: Channel) -> None:
    addresses.add(people["noc"], bot, "-5", None, proved=True)
    addresses.add(people["admin"], bot, "-5", None, proved=True)
    addresses.add(people["admin"], bot, "-1005", None, proved=True)
    addresses.moved(bot, "-5", "-1005")

    assert [(one.person.username, one.to) for one in Address.objects.all()] == [
        (people["noc"].username, "-1005"),
        (people["admin"].username, "-1005"),
    ]


@pytest.mark.parametrize(
    ("reach", "text", "kept"),
    [
        ("phone", "0812-3456 789", "+628123456789"),
        ("email", " joko@example.net ", "joko@example.net"),
        ("topic", "ronda_joko-1", "ronda_joko-1"),
        ("chat", "-100123", "-100123"),
        ("url", "gudang", "gudang"),
    ],
)
def test_an_address_is_kept_as_its_channel_wants_it(reach: str, text: str, kept: str) -> None:
    assert addresses.read(reach, text) == kept


@pytest.mark.parametrize(
    ("reach", "text"),
    [
        ("phone", "joko"),
        ("email", "joko@"),
        ("email", "joko@example.net\nBcc: a@b.c"),
        ("topic", "ronda/../x"),
        ("topic", ""),
        ("chat", "@joko"),
        ("url", "a\x00b"),
        ("url", "x" * 255),
    ],
)
def test_what_is_no_address_is_refused(reach: str, text: str) -> None:
    with pytest.raises(AddressRefused):
        addresses.read(reach, text)


def test_a_person_has_no_thousand_addresses(people: dict[str, Person], bot: Channel) -> None:
    for number in range(addresses.MOST):
        addresses.add(people["noc"], bot, str(number), None)
    with pytest.raises(AddressRefused):
        addresses.add(people["noc"], bot, "99", None)


def test_the_secrets_of_an_address_are_sealed_anew_with_the_others(
    people: dict[str, Person], bot: Channel
) -> None:
    row = addresses.add(people["noc"], bot, "x", None, proved=True, keys={"auth": "canary-key"})
    before = row.secret
    assert "canary-key" not in before
    seal_keys.renew()
    row.refresh_from_db()
    assert row.secret != before
    assert addresses.keys_of(row) == {"auth": "canary-key"}
    assert addresses.keys_of(Address(secret="broken")) == {}
    assert "canary-key" not in str(list(AuditRow.objects.values()))


def test_a_message_inside_ronda_is_there_once_and_in_the_persons_language(
    people: dict[str, Person],
) -> None:
    joko = people["technician"]
    Person.objects.filter(pk=joko.pk).update(language="id")
    (inside,) = addresses.of(joko)
    for _ in range(2):
        sending.post(inside.channel, inside.to, sending.TEST, None, "t:1", severity="info")
    work()

    notice = OwnNotice.objects.get()
    assert (notice.person_id, notice.severity) == (joko.pk, "info")
    assert notice.subject == "Pesan uji dari Ronda"


def test_a_message_that_edits_changes_the_first_of_its_thread(
    people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {1: ("Down", "2 ONTs"), 2: ("Down", "5 ONTs"), 3: ("Back", "all")}
    monkeypatch.setitem(sending._words, "wave", lambda about: said[about or 0])
    (inside,) = addresses.of(people["noc"])
    for about, edits in ((1, False), (2, True), (3, False)):
        once = f"wave:{about}"
        sending.post(
            inside.channel, inside.to, "wave", about, once, thread="incident:1", edits=edits
        )
        work()

    assert [(row.subject, row.text) for row in OwnNotice.objects.order_by("id")] == [
        ("Down", "5 ONTs"),
        ("Back", "all"),
    ]


def test_an_address_that_names_nobody_is_refused(people: dict[str, Person]) -> None:
    channel = addresses.inside_channel()
    sending.post(channel, "nobody", sending.TEST, None, "t:1")
    work()

    assert not OwnNotice.objects.exists()
