"""One hotspot user: everything known of them, made, edited and deleted."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.devices.acting import actor
from ronda.devices.models import Site
from ronda.devices.service.scope import mine
from ronda.hotspot.forms import UserForm
from ronda.hotspot.models import (
    AccessHours,
    ActiveUser,
    Cookie,
    Drift,
    HotspotProfile,
    HotspotServer,
    HotspotUser,
    Kind,
    Part,
    Verb,
)
from ronda.hotspot.rules.balancing import NoRouter
from ronda.hotspot.rules.standing import presence
from ronda.hotspot.service import adopting, ages, asking, drifting, lists, placing, wording
from ronda.hotspot.service.asking import Target
from ronda.hotspot.views.hours_words import line_of
from ronda.hotspot.views.parts import ask_and_show, back_to
from ronda.kernel.ids import ids_of
from ronda.routers.models import Router


@require(Role.VIEWER)
@require_safe
def user_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A user with their sessions, limits, cookies, what differs, and what was asked about them."""
    user = find(pk)
    lists.add_sessions([user])
    session: dict[str, Any] | None = user.session  # type: ignore[attr-defined] # add_sessions put it there
    sessions = ActiveUser.objects.filter(router=user.router_id, user=user.name).order_by(
        "-uptime_s"
    )
    drift = Drift.objects.filter(
        wanted__router=user.router_id,
        wanted__kind=Kind.USER,
        wanted__name=user.name,
        wanted__server=user.server,
    ).first()
    texts = drifting.texts_of(user)
    stated = AccessHours.objects.filter(
        Q(kind=Kind.USER, name=user.name, server=user.server)
        | Q(kind=Kind.PROFILE, name=user.profile),
        router=user.router_id,
    )
    return render(
        request,
        "hotspot/user.html",
        {
            "account": user,
            "presence": presence(
                disabled=user.disabled, idle_s=session["idle_s"] if session else None
            ),
            "sessions": list(sessions[:20]),
            "cookies": Cookie.objects.filter(router=user.router_id, user=user.name).count(),
            "facts": [
                (wording.property_name(name), wording.value_of(name, text))
                for name, text in texts.items()
                if name not in {"profile", "comment", "disabled"}
            ],
            "age": ages.ages(Part.USERS, [user.router])[0],
            "lines": [line_of(row) for row in stated],
            "drift": drift,
            "differences": differences_of(drift),
            "history": asking.history_of(user.router_id, Kind.USER, user.name),
        },
    )


def differences_of(drift: Drift | None) -> list[dict[str, str]]:
    """What differs in people's words: what, wanted, held."""
    return [
        {
            "what": wording.property_name(name),
            "wanted": wording.value_of(name, wanted),
            "held": wording.value_of(name, held),
        }
        for name, (wanted, held) in (drift.fields if drift else {}).items()
    ]


def find(pk: int) -> HotspotUser:
    """A user of a router in use."""
    found = HotspotUser.objects.filter(pk=pk, router__deleted_at=None).select_related("router")
    user = found.first()
    if user is None:
        raise Http404(_("There is no such hotspot user (any more)."))
    return user


@require(Role.ADMIN)
def user_new(request: HttpRequest) -> HttpResponse:
    """A form for a new user, made on one router or by the rule of a site."""
    form = UserForm(request.POST or None) if request.method == "POST" else UserForm()
    if request.method == "POST" and form.is_valid():
        answer = _make(request, form)
        if answer is not None:
            return answer
    return render(request, "hotspot/user_form.html", {"form": form, **_suggestions()})


def _make(request: HttpRequest, form: UserForm) -> HttpResponse | None:
    kind, _colon, number = form.cleaned_data["place"].partition(":")
    if kind == "site":
        try:
            routers, _choice = placing.place(Site.objects.get(pk=int(number)))
        except NoRouter:
            form.add_error("place", _("This site has no router in use."))
            return None
    else:
        routers = list(mine(Router.objects.in_use()).filter(pk=int(number)))
    if not _profile_exists(form, routers):
        return None
    name = form.cleaned_data["name"]
    server = form.cleaned_data["server"] or "all"
    values = {key: text for key, text in form.values().items() if text and text != "false"}
    password = form.cleaned_data["password"] or name
    targets = [
        Target(router, name, server=server, after=values, password=password) for router in routers
    ]
    return ask_and_show(request, Verb.CREATE, targets, "/hotspot/users/")


def _profile_exists(form: UserForm, routers: list[Router]) -> bool:
    """Whether every router was last seen to have the profile; says what to do where one has not."""
    name = form.cleaned_data["profile"]
    for router in routers:
        known = list(HotspotProfile.objects.filter(router=router).values_list("name", flat=True))
        if known and name not in known:
            form.add_error(
                "profile",
                _("%(router)s has no profile “%(profile)s”. %(hint)s")
                % {
                    "router": router.name,
                    "profile": name,
                    "hint": wording.profile_hint(name, known),
                },
            )
            return False
    return True


@require(Role.ADMIN)
def user_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A form for a user as the router was last seen to hold them."""
    user = find(pk)
    form = UserForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid() and _profile_exists(form, [user.router]):
        changes = adopting.changes(Kind.USER, drifting.texts_of(user), form.values())
        password = form.cleaned_data["password"] or None
        if not changes and password is None:
            return redirect("hotspot:user", pk)
        before = {name: drifting.texts_of(user).get(name, "") for name in changes}
        target = Target(
            user.router,
            user.name,
            server=user.server,
            before=before,
            after=changes,
            password=password,
        )
        return ask_and_show(request, Verb.EDIT, [target], f"/hotspot/users/{pk}/")
    return render(
        request,
        "hotspot/user_form.html",
        {"form": form, "account": user, **_suggestions(user.router)},
    )


def _suggestions(router: Router | None = None) -> dict[str, list[str]]:
    present = {"router__deleted_at": None, "router__active": True}
    profiles = mine(HotspotProfile.objects.filter(**present), "router__site")
    servers = mine(HotspotServer.objects.filter(**present), "router__site")
    if router is not None:
        profiles, servers = profiles.filter(router=router), servers.filter(router=router)
    return {
        "profiles": sorted(set(profiles.values_list("name", flat=True))),
        "servers": sorted(set(servers.values_list("name", flat=True))),
    }


@require(Role.ADMIN)
@require_POST
def adopt(request: HttpRequest) -> HttpResponse:
    """Take chosen users of routers over: from now on they are wanted as they are."""
    ids = ids_of(request.POST.getlist("row"))
    rows = mine(
        HotspotUser.objects.filter(pk__in=ids[: asking.MOST_AT_ONCE], router__deleted_at=None),
        "router__site",
    )
    me = actor(request)
    count = adopting.adopt(list(rows.select_related("router")), me.person, me.source)
    if count:
        text = ngettext("%(count)d user was taken over.", "%(count)d users were taken over.", count)
        messages.success(request, text % {"count": count})
    else:
        messages.warning(request, _("Choose rows in the list first."))
    return redirect(back_to(request, "/hotspot/users/"))
