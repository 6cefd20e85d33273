"""Asking for something from a list, and what became of it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import holds, require
from ronda.devices.service.scope import mine
from ronda.hotspot.models import (
    ActiveUser,
    Binding,
    Cookie,
    HotspotProfile,
    HotspotUser,
    Instruction,
    Part,
    Verb,
)
from ronda.hotspot.rules.values import Unreadable, read_amount, read_duration, write_duration
from ronda.hotspot.service import asking, deciding, wording
from ronda.hotspot.service.asking import Target
from ronda.hotspot.views.parts import PAGE_SIZE, ask_and_show, back_to, page, page_number
from ronda.kernel.ids import ids_of

_BULK = frozenset(
    {Verb.KICK, Verb.DISABLE, Verb.ENABLE, Verb.RESET, Verb.EXTEND, Verb.MOVE, Verb.DELETE}
)
_ASKS_FIRST = frozenset({Verb.DELETE})


@require(Role.NOC)
@require_POST
def act(request: HttpRequest, part: str) -> HttpResponse:
    """One thing for all chosen rows of a list."""
    back = back_to(request, f"/hotspot/{'' if part == Part.ACTIVE else part + '/'}")
    verb = request.POST.get("verb", "")
    if verb not in Verb.values:
        messages.warning(request, _("Choose what to do with the chosen rows."))
        return redirect(back)
    may(request, deciding.role_for(Verb(verb)))
    chosen = _chosen(request, part, Verb(verb))
    if not chosen:
        messages.warning(request, _("Choose rows in the list first."))
        return redirect(back)
    if verb in _ASKS_FIRST and request.POST.get("sure") != "yes":
        return _confirm(request, part, Verb(verb), chosen, back)
    try:
        targets = _targets(request, Verb(verb), chosen)
    except ValueError as wrong:
        messages.error(request, str(wrong))
        return redirect(back)
    return ask_and_show(request, Verb(verb), targets, back)


def may(request: HttpRequest, needed: Role) -> None:
    """Refuse what is above the person's role."""
    if not holds(getattr(request.user, "role", ""), needed):
        raise PermissionDenied


def _chosen(request: HttpRequest, part: str, verb: Verb) -> list[Any]:
    ids = ids_of(request.POST.getlist("row"))
    ids = ids[: asking.MOST_AT_ONCE]
    models = {
        Part.ACTIVE: ActiveUser,
        Part.USERS: HotspotUser,
        Part.COOKIES: Cookie,
        Part.BINDINGS: Binding,
    }
    if part not in models or (verb in _BULK) is not (part in (Part.ACTIVE, Part.USERS)):
        return []
    model: Any = models[Part(part)]
    present = model.objects.filter(pk__in=ids, router__deleted_at=None, router__active=True)
    rows = list(mine(present.select_related("router"), "router__site"))
    if part != Part.ACTIVE or verb is Verb.KICK:
        return rows
    wanted = {(row.router_id, row.user) for row in rows}
    users = HotspotUser.objects.filter(
        router__in={router for router, _user in wanted}, name__in={name for _r, name in wanted}
    ).select_related("router")
    return [user for user in users if (user.router_id, user.name) in wanted]


def _targets(request: HttpRequest, verb: Verb, chosen: list[Any]) -> list[Target]:
    """What is asked of each chosen row.

    Raises:
        ValueError: with a sentence, when a value is missing or fits nowhere.
    """
    if verb in {Verb.KICK, Verb.RELOGIN, Verb.FORGET, Verb.UNBIND}:
        found = {}
        for row in chosen:
            if isinstance(row, HotspotUser):
                target = Target(row.router, row.name, server=row.server)
            elif isinstance(row, ActiveUser):
                target = Target(row.router, row.user)
            else:
                name = getattr(row, "user", "") or row.mac or getattr(row, "address", "")
                target = Target(row.router, name, verb.value, ros_id=row.ros_id)
            found[row.router_id, target.name, target.ros_id] = target
        return list(found.values())
    if verb in {Verb.RESET, Verb.DELETE}:
        return [asking.target_of(row) for row in chosen]
    if verb in {Verb.DISABLE, Verb.ENABLE}:
        text = "true" if verb is Verb.DISABLE else "false"
        return [asking.target_of(row, {"disabled": text}) for row in chosen]
    if verb is Verb.MOVE:
        return _moves(request.POST.get("profile", ""), chosen)
    return _extensions(request.POST.get("extend", ""), chosen)


def _moves(profile: str, chosen: list[HotspotUser]) -> list[Target]:
    have = HotspotProfile.objects.filter(router__in={row.router_id for row in chosen}).values_list(
        "router", "name"
    )
    known: dict[int, list[str]] = {}
    for router, name in have:
        known.setdefault(router, []).append(name)
    for row in chosen:
        if profile not in known.get(row.router_id, []):
            raise ValueError(
                _("%(router)s has no profile “%(profile)s”. %(hint)s")
                % {
                    "router": row.router.name,
                    "profile": profile,
                    "hint": wording.profile_hint(profile, known.get(row.router_id, [])),
                }
            )
    return [asking.target_of(row, {"profile": profile}) for row in chosen]


def _extensions(text: str, chosen: list[HotspotUser]) -> list[Target]:
    """More time (`1h`, `1d`) or more data (`500MB`) on top of what each user's limit is now."""
    more_s = more_bytes = None
    try:
        more_s = read_duration(text) if not text.strip().isdigit() else None
    except Unreadable:
        try:
            more_bytes = read_amount(text)
        except Unreadable:
            more_bytes = None
    if not more_s and not more_bytes:
        raise ValueError(
            _("“%(text)s” is neither a time nor an amount. Write 1h, 1d, 1w, 500MB or 1GB.")
            % {"text": text[:40]}
        )
    found = []
    for row in chosen:
        if more_s and row.limit_uptime_s:
            after = {"limit-uptime": write_duration(row.limit_uptime_s + more_s)}
        elif more_bytes and row.limit_bytes_total:
            after = {"limit-bytes-total": str(row.limit_bytes_total + more_bytes)}
        else:
            continue
        found.append(asking.target_of(row, after))
    if not found:
        raise ValueError(
            _("None of the chosen users has such a limit, so there is nothing to extend.")
        )
    return found


def _confirm(
    request: HttpRequest, part: str, verb: Verb, chosen: list[Any], back: str
) -> HttpResponse:
    heading = ngettext(
        "Delete %(count)d hotspot user?", "Delete %(count)d hotspot users?", len(chosen)
    )
    return render(
        request,
        "hotspot/confirm_rows.html",
        {
            "heading": heading % {"count": len(chosen)},
            "details": [f"{row} ({row.router.name})" for row in chosen[:12]],
            "more": max(0, len(chosen) - 12),
            "text": _("They are signed out and cannot sign in again."),
            "undo": _("It can be undone where Ronda knows the password or the router tells it."),
            "confirm_label": _("Delete"),
            "danger": True,
            "hidden": {"verb": verb.value, "sure": "yes", "back": back},
            "rows": [row.pk for row in chosen],
            "action": f"/hotspot/act/{Part.USERS}/",
            "cancel_url": back,
        },
    )


@require(Role.VIEWER)
@require_safe
def instruction_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of one instruction; it renews itself until all has ended."""
    instruction = _instruction(pk)
    actions = list(asking.actions_of(instruction)[:500])
    for action in actions:
        action.said = (  # type: ignore[attr-defined] # for the template
            wording.refusal(action)
            if action.outcome == "refused"
            else ""
            if action.outcome == "done"
            else wording.waiting(action)
        )
    counts = asking.describe(instruction)
    return render(
        request,
        "hotspot/instruction.html",
        {
            "instruction": instruction,
            "actions": actions,
            "counts": counts,
            "summary": wording.summary(instruction, counts),
            "may_undo": asking.undo_targets(instruction) is not None,
            "back": back_to(request, "/hotspot/"),
        },
    )


@require(Role.VIEWER)
@require_safe
def instruction_list(request: HttpRequest) -> HttpResponse:
    """Everything that was asked of routers, newest first: the log of users and synchronisation."""
    number = page_number(request)
    found = asking.instructions()
    first = (number - 1) * PAGE_SIZE
    rows = list(found[first : first + PAGE_SIZE])
    asking.add_outcomes(rows)
    return render(
        request, "hotspot/instructions.html", {"page": page(rows, found.count(), number, PAGE_SIZE)}
    )


@require(Role.NOC)
def instruction_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks, then takes an instruction back by another one."""
    instruction = _instruction(pk)
    way = asking.undo_targets(instruction)
    if way is None:
        messages.warning(request, _("This cannot be undone."))
        return redirect("hotspot:instruction", pk)
    verb, targets = way
    may(request, deciding.role_to_undo(instruction, verb))
    if request.method == "POST":
        return ask_and_show(request, verb, targets, "/hotspot/users/", undoes=instruction)
    return render(
        request,
        "web/confirm.html",
        {
            "heading": _("Undo “%(what)s”?") % {"what": Verb(instruction.verb).label},
            "text": _("The routers are asked to put back what was before."),
            "details": [f"{target.name} ({target.router.name})" for target in targets[:12]],
            "confirm_label": _("Undo"),
            "cancel_url": f"/hotspot/instructions/{pk}/",
        },
    )


def _instruction(pk: int) -> Instruction:
    instruction = Instruction.objects.filter(pk=pk).first()
    if instruction is None:
        raise Http404(_("There is no such instruction."))
    return instruction
