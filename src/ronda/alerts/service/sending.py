"""Messages to people outside: written in the transaction of their cause, sent by durable jobs.

Guarantees: a message exists if and only if its cause committed, and once per `once`. It is sent once; a second
time only after an outcome that nobody knows (the line broke while the other side had it, a worker died),
and more often only by channels whose other side knows it again by its key. What fails is kept with its reason.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.alerts.channels.port import ChannelError, Message
from ronda.alerts.models import Channel, Outgoing
from ronda.alerts.service import channels
from ronda.work import jobs
from ronda.work.jobs import Claimed
from ronda.work.worker import Doing, NotDone

KIND = "alerts.send"
State = Outgoing.State
#: Tries of one turn: with pauses that double to ten minutes, about three quarters of an hour.
TRIES = 10
#: Tries that may have arrived; the second is the last.
DOUBTS = 2
PAUSE_IN_DOUBT = timedelta(seconds=30)

#: Subject and text of what is told about something; None where there is nothing to tell any more.
Words = Callable[[int | None], tuple[str, str] | None]
_words: dict[str, Words] = {}


def say(what: str, words: Words) -> None:
    """Register the words of one sort of message; they are made when it is sent, in the language in force."""
    _words[what] = words


def post(channel: Channel, to: str, what: str, about: int | None, once: str) -> Outgoing | None:
    """Write a message in the caller's transaction; None where this one exists already."""
    with transaction.atomic():
        row, made = Outgoing.objects.get_or_create(
            once=once,
            defaults={
                "channel": channel,
                "to": to[:254],
                "what": what,
                "about": about,
                "made_at": timezone.now(),
            },
        )
        if not made:
            return None
        _enqueue(row)
    return row


def again(row: Outgoing, person: Person | None, source: str = "") -> bool:
    """Send a message that ended once more, because a person wants it; false while it still waits."""
    with transaction.atomic():
        kept = Outgoing.objects.select_for_update().get(pk=row.pk)
        if kept.state == State.WAITING:
            return False
        before = kept.state
        kept.state, kept.begun, kept.error, kept.ended_at = State.WAITING, 0, "", None
        kept.turn += 1
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


def _enqueue(row: Outgoing) -> None:
    row.job = jobs.enqueue(
        KIND,
        {"message": row.pk, "turn": row.turn},
        lock=f"channel:{row.channel_id}",
        unique=f"{KIND}:{row.pk}:{row.turn}",
        max_attempts=TRIES,
    )
    row.save(update_fields=["job"])


def run(job: Claimed) -> Mapping[str, Any] | None:
    """Send one message and keep what became of it.

    Raises:
        NotDone: it was not sent; the job comes again where that may help.
    """
    row = Outgoing.objects.select_related("channel").filter(pk=job.payload["message"]).first()
    if row is None or row.state != State.WAITING or row.turn != job.payload["turn"]:
        return None
    channel, kind = row.channel, channels.kind_of(row.channel)
    if channel.deleted_at or not channel.active:
        why = channel.trouble or _("The channel is not in use.")
        raise _ended(row, State.FAILED, why)
    if row.begun >= DOUBTS and not kind.idempotent:
        raise _ended(row, State.UNSURE, row.error or _("It was broken off twice."))
    words = _words[row.what](row.about)
    if words is None:
        raise _ended(row, State.FAILED, _("There is nothing to tell any more."))
    # Kept before the call: whoever finds this job after a crash has to know that it began.
    Outgoing.objects.filter(pk=row.pk).update(begun=F("begun") + 1)
    message = Message(row.to, *words, key=f"{row.once}:{row.turn}")
    try:
        reference = kind.send(channels.settings_of(channel), message)
    except ChannelError as error:
        raise _failed(row, job, error) from None
    except Exception:
        _ended(row, State.UNSURE, _("A fault of Ronda's own; its log tells more."))
        raise
    _end(row, State.SENT, reference=reference[:120], error="")
    return {"sent": True}


def _failed(row: Outgoing, job: Claimed, error: ChannelError) -> NotDone:
    """Keep what went wrong, and say whether it is tried again."""
    if error.whole:
        channels.switch_off(row.channel, error.text)
    begun = row.begun + (1 if error.in_doubt else 0)
    idempotent = channels.kind_of(row.channel).idempotent
    Outgoing.objects.filter(pk=row.pk).update(begun=begun, error=error.text[:300])
    if error.permanent:
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
    Outgoing.objects.filter(pk=row.pk, turn=row.turn).update(
        state=state, ended_at=timezone.now(), **values
    )


JOBS = {KIND: Doing(run, repeatable=True)}

TEST = "test"


def test_words(about: int | None) -> tuple[str, str]:
    """What the test button sends."""
    return _("Test from Ronda"), _("This is a test. If you can read it, the channel works.")


say(TEST, test_words)
