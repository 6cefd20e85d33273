"""Whom alerts may reach: people and chats as the rules see them, and by which addresses."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings

from ronda.accounts.models import Person
from ronda.alerts.models import Channel, Letter
from ronda.alerts.rules import turns
from ronda.alerts.rules.deciding import BUDGET_WINDOW, Recipient, World
from ronda.alerts.rules.occurrences import By, Rule
from ronda.alerts.rules.quiet import Quiet
from ronda.alerts.service import addresses, duty
from ronda.devices.models import Scope
from ronda.kernel.ids import id_of

CHAT = "chat"


def chat_key(channel: int, to: str) -> str:
    """How the rules name a chat."""
    return f"{CHAT}:{channel}:{to}"


def world(
    rules: list[Rule], told: Iterable[str], now: datetime, *, since: datetime | None = None
) -> World:
    """Everybody whom these rules may reach, and those who were told before.

    `since` asks who was on call at times that have passed: then what they were sent lately counts not.
    """
    keys = {
        target.value
        for rule in rules
        for step in rule.steps
        for target in step.to
        if target.by == By.CHAT
    }
    keys |= {key for key in told if key.startswith(f"{CHAT}:")}
    rotas = duty.as_rotas(since)
    found = {**_people(), **_chats(keys)}
    lately = Letter.objects.filter(made_at__gt=now - BUDGET_WINDOW).values_list("to", "made_at")
    for key, at in lately if since is None else ():
        if key in found:
            found[key] = replace(found[key], recent=(*found[key].recent, at))
    members = {
        number: frozenset(rota.people) | {one.person for one in rota.overrides if one.end > now}
        for number, rota in rotas.items()
    }

    def on_call(number: str, at: datetime) -> str | None:
        return turns.on_call(rotas[number], at) if number in rotas else None

    return World(rules, found, on_call, members)


def _people() -> dict[str, Recipient]:
    people = list(Person.objects.all())
    narrowed = [one.pk for one in people if one.narrowed and one.role != "owner"]
    sites: dict[int, set[int]] = {pk: set() for pk in narrowed}
    for person, site in Scope.objects.filter(person__in=narrowed).values_list("person", "site"):
        sites[person].add(site)
    return {
        duty.key_of(one.pk): Recipient(
            duty.key_of(one.pk),
            one.role,
            frozenset(sites[one.pk]) if one.pk in sites else None,
            active=one.is_active,
            quiet=_quiet(one),
        )
        for one in people
    }


def _quiet(person: Person) -> Quiet | None:
    if person.quiet_from is None or person.quiet_to is None:
        return None
    return Quiet(person.quiet_from, person.quiet_to, person.time_zone or settings.TIME_ZONE)


def _chats(keys: Collection[str]) -> dict[str, Recipient]:
    numbers = {_channel_of(key) for key in keys}
    usable = set(
        Channel.objects.filter(pk__in=numbers, active=True, deleted_at=None).values_list(
            "pk", flat=True
        )
    )
    return {key: Recipient(key, reachable=_channel_of(key) in usable) for key in keys}


def _channel_of(key: str) -> int:
    number = key.split(":", 2)[1]
    return id_of(number)


def person_of(key: str) -> int | None:
    """The id of the person whom this key names, None for a chat."""
    kind, _colon, number = key.partition(":")
    return id_of(number) or None if kind == "person" else None


def ways_to(key: str) -> list[tuple[Channel, str]]:
    """Channels and addresses that reach a recipient now; empty where nothing does."""
    number = person_of(key)
    if number is not None:
        person = Person.objects.filter(pk=number).first()
        return [(one.channel, one.to) for one in addresses.of(person)] if person else []
    channel = Channel.objects.filter(pk=_channel_of(key), active=True, deleted_at=None).first()
    return [(channel, key.split(":", 2)[2])] if channel else []


def label(key: str, people: dict[int, Any], channels: dict[int, str]) -> str:
    """A recipient's name for people, from names by id."""
    number = person_of(key)
    if number is not None:
        return str(people.get(number, key))
    _kind, channel, to = key.split(":", 2)
    return f"{to} ({channels.get(id_of(channel), '?')})"
