"""Messages to people outside: written in the transaction of their cause, sent by durable jobs.

Guarantees: a message exists if and only if its cause committed, and once per `once`. It is sent once; a second
time only after an outcome that nobody knows (the line broke while the other side had it, a worker died),
and more often only by channels whose other side knows it again by its key. What fails is kept with its reason.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.alerts.channels.port import ChannelError, Kind, Message
from ronda.alerts.models import Address, Channel, Outgoing
from ronda.alerts.service import addresses, bundling, channels, pacing, wordings
from ronda.alerts.service.places import public_address
from ronda.alerts.service.wordings import Told
from ronda.work import jobs
from ronda.work.running import Claimed
from ronda.work.worker import Doing, NotDone, NotYet

KIND = "alerts.send"
State = Outgoing.State
#: Tries of one turn: with pauses that double to ten minutes, about three quarters of an hour.
TRIES = 10
#: Tries that may have arrived; the second is the last.
DOUBTS = 2
PAUSE_IN_DOUBT = timedelta(seconds=30)

#: Subject and text of what is told about something; None where there is nothing to tell any more.
Words = Callable[[int | None], tuple[str, str] | None]
#: The path of the page that tells more, "" for none.
Page = Callable[[int | None], str]
_words: dict[str, Words] = {}
_pages: dict[str, Page] = {}
#: Sorts of messages that go out as one when they had to wait, and the page of them all.
_bundled: dict[str, Callable[[], str]] = {}


def say(
    what: str, words: Words, page: Page | None = None, *, bundled: Callable[[], str] | None = None
) -> None:
    """Register the words of one sort of message, and where its reader finds more.

    They are made when it is sent, in the reader's language and time zone. The text stands alone: a chat shows no
    subject. `bundled` is the path of the page of several, where those that had to wait may go out as one.
    """
    _words[what] = words
    if page is not None:
        _pages[what] = page
    if bundled is not None:
        _bundled[what] = bundled


def post(
    channel: Channel,
    to: str,
    what: str,
    about: int | None,
    once: str,
    *,
    thread: str = "",
    severity: str = "",
    edits: bool = False,
    pause: timedelta | None = None,
) -> Outgoing | None:
    """Write a message in the caller's transaction; None where this one exists already.

    Args:
        channel: by which it goes; `addresses.of(person)` names channel and address of a person.
        to: the address there.
        what: the sort of message, registered by `say`.
        about: what its words are made of.
        once: the key that keeps the same message from being made twice; at most 120 characters.
        thread: what it belongs to, as `incident:12`. Where the channel can, later messages of a thread to one
            address answer the first.
        severity: danger, warning, info or success; "" for none.
        edits: change the first message of the thread silently. It is tried once, and nothing waits for it.
        pause: how long it waits before it is sent.
    """
    with transaction.atomic():
        row, made = Outgoing.objects.get_or_create(
            once=once,
            defaults={
                "channel": channel,
                "to": to[:254],
                "address": addresses.at(channel, to),
                "thread": thread,
                "severity": severity,
                "edits": edits,
                "what": what,
                "about": about,
                "made_at": timezone.now(),
            },
        )
        if not made:
            return None
        _enqueue(row, pause)
    return row


def found(once: str) -> Outgoing:
    """The message of this key, with its channel and whose address it is."""
    return Outgoing.objects.select_related("channel", "address__person").get(once=once)


def again(row: Outgoing, person: Person | None, source: str = "") -> bool:
    """Send a message that ended once more, because a person wants it; false while it still waits."""
    with transaction.atomic():
        kept = Outgoing.objects.select_for_update().get(pk=row.pk)
        if kept.state == State.WAITING:
            return False
        before = kept.state
        kept.state, kept.begun, kept.error, kept.ended_at = State.WAITING, 0, "", None
        kept.turn += 1
        kept.held_at = kept.carrier = None
        # The channel may have been replaced since.
        other = channels.for_buyers(channels.kind_of(kept.channel).reach)
        if kept.channel.deleted_at and other is not None:
            kept.channel = other
        kept.save()
        _enqueue(kept)
        audit.record(
            person, "message.resend", f"{kept.what} {kept.about}", {"state": before}, None, source
        )
    return True


def _enqueue(row: Outgoing, pause: timedelta | None = None) -> None:
    row.job = jobs.enqueue(
        KIND,
        {"message": row.pk, "turn": row.turn},
        # One at a time to an address, so that they arrive in order; others need not wait for it.
        lock=f"channel:{pacing.key_of(row.channel, row.to)}",
        unique=f"{KIND}:{row.pk}:{row.turn}",
        run_at=timezone.now() + pause if pause else None,
        max_attempts=TRIES,
    )
    row.save(update_fields=["job"])


def forget_older_than(moment: datetime) -> int:
    """Delete messages that ended before then, a thousand at a time; how many. What waits is never forgotten."""
    count = 0
    ended = Outgoing.objects.filter(ended_at__lt=moment).exclude(state=State.WAITING)
    while found := list(ended.order_by("id").values_list("pk", flat=True)[:1000]):
        count += Outgoing.objects.filter(pk__in=found).delete()[0]
    return count


def run(job: Claimed) -> Mapping[str, Any] | None:
    """Send one message and keep what became of it.

    Raises:
        NotDone: it was not sent; the job comes again where that may help.
    """
    row = (
        Outgoing.objects.select_related("channel", "address__person")
        .filter(pk=job.payload["message"])
        .first()
    )
    if row is None or row.state != State.WAITING or row.turn != job.payload["turn"]:
        return None
    channel, kind = row.channel, channels.kind_of(row.channel)
    if channel.deleted_at or not channel.active:
        why = channel.trouble or _("The channel is not in use.")
        raise _ended(row, State.FAILED, why)
    if row.begun >= DOUBTS and not kind.idempotent:
        raise _ended(row, State.UNSURE, row.error or _("It was broken off twice."))
    if row.edits and _first_of_thread(row) is None:
        raise _ended(row, State.FAILED, _("There is no message to change."))
    busy_until = pacing.take(channel, row.to, kind.rates(row.to), timezone.now())
    if busy_until is not None:
        Outgoing.objects.filter(pk=row.pk, held_at=None).update(held_at=timezone.now())
        raise NotYet(busy_until)
    address = row.address
    with spoken_to(address.person if address else None):
        told = _told(row)
    if told is None:
        raise _ended(row, State.FAILED, _("There is nothing to tell any more."))
    # Kept before the call: whoever finds this job after a crash has to know that it began.
    Outgoing.objects.filter(pk=row.pk).update(begun=F("begun") + 1)
    message = _message(row, told, address)
    try:
        reference = kind.send(channels.settings_of(channel), message)
    except ChannelError as error:
        raise _failed(row, job, error) from None
    except Exception:
        _ended(row, State.UNSURE, _("A fault of Ronda's own; its log tells more."))
        raise
    subject = message.subject[:200] if row.thread else ""
    _end(row, State.SENT, reference=reference[:120], error="", subject=subject)
    return {"sent": True}


@contextmanager
def spoken_to(person: Person | None) -> Iterator[None]:
    """In this person's language and time zone, else the installation's."""
    language = (person.language if person else "") or settings.LANGUAGE_CODE
    zone = (getattr(person, "time_zone", "") if person else "") or settings.TIME_ZONE
    with translation.override(language), timezone.override(zone):
        yield


def _told(row: Outgoing) -> Told | None:
    """What a message says, and those that it carries, in the operator's words for the language in force."""
    words = _words[row.what](row.about)
    if words is None:
        return None
    page = _pages[row.what](row.about) if row.what in _pages else ""
    carried = bundling.take_along(row) if row.what in _bundled else ()
    if carried:
        words = bundling.together(words, carried, _words[row.what])
        page = _bundled[row.what]()
    link = f"{public_address()}{page}" if page and public_address() else ""
    told = Told(*words, link, page)
    subject, text = wordings.worded(row.what, translation.get_language() or "", told)
    return Told(subject, text, link, page)


def shortened(text: str, longest: int) -> str:
    """The beginning of a text that is too long for its channel."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def readable(told: Told, kind: Kind) -> str:
    """The text as its reader sees it: no longer than the channel takes, with the link where it has no other place."""
    if not kind.says_link or not told.link or told.link in told.text:
        return shortened(told.text, kind.longest)
    return f"{shortened(told.text, kind.longest - len(told.link) - 2)}\n\n{told.link}"


def _message(row: Outgoing, told: Told, address: Address | None) -> Message:
    first = _first_of_thread(row)
    return Message(
        row.to,
        told.title,
        readable(told, channels.kind_of(row.channel)),
        key=f"{row.once}:{row.turn}",
        thread=row.thread,
        first=first.reference if first else "",
        first_subject=first.subject if first else "",
        edits=row.edits,
        severity=row.severity,
        link=told.link,
        page=told.page,
        keys=addresses.keys_of(address),
    )


def _first_of_thread(row: Outgoing) -> Outgoing | None:
    if not row.thread:
        return None
    same = Outgoing.objects.filter(thread=row.thread, channel=row.channel_id, to=row.to)
    told = same.filter(state=State.SENT, edits=False).exclude(reference="").exclude(pk=row.pk)
    return told.order_by("id").first()


def _failed(row: Outgoing, job: Claimed, error: ChannelError) -> NotDone:
    """Keep what went wrong, and say whether it is tried again."""
    if error.whole and error.permanent:
        channels.switch_off(row.channel, error.text)
    if error.after:
        until = timezone.now() + error.after
        pacing.rest(row.channel, "" if error.whole else row.to, until)
        Outgoing.objects.filter(pk=row.pk, held_at=None).update(held_at=timezone.now())
    if error.moved_to:
        addresses.moved(row.channel, row.to, error.moved_to)
        Outgoing.objects.filter(pk=row.pk).update(to=error.moved_to[:254])
    if error.gone:
        addresses.lost(row.channel, row.to, error.text)
    begun = row.begun + (1 if error.in_doubt else 0)
    idempotent = channels.kind_of(row.channel).idempotent
    Outgoing.objects.filter(pk=row.pk).update(begun=begun, error=error.text[:300])
    if error.permanent or row.edits:
        # Another try of a change would keep later messages to this address waiting.
        return _ended(row, State.FAILED, error.text)
    if error.in_doubt and begun >= DOUBTS and not idempotent:
        return _ended(row, State.UNSURE, error.text)
    if job.attempt >= TRIES:
        return _ended(row, State.UNSURE if begun else State.FAILED, error.text)
    pause = max(error.after or timedelta(), PAUSE_IN_DOUBT if error.in_doubt else timedelta())
    return NotDone(error.text, "later", again=True, pause=pause)


def _ended(row: Outgoing, state: State, why: str) -> NotDone:
    _end(row, state, error=why[:300])
    return NotDone(why, state.value)


def _end(row: Outgoing, state: State, **values: Any) -> None:
    ended = {"state": state, "ended_at": timezone.now()}
    Outgoing.objects.filter(pk=row.pk, turn=row.turn).update(**ended, **values)
    bundling.end(row, **ended, error=values["error"])


JOBS = {KIND: Doing(run, repeatable=True)}

TEST = "test"


def test_words(about: int | None) -> tuple[str, str]:
    """What the test button sends."""
    return _("Test from Ronda"), _("This is a test. If you can read it, the channel works.")


say(TEST, test_words)
