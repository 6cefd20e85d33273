"""The people page: who has access, and every change of it."""

from collections.abc import Callable
from urllib.parse import quote, urlencode

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronda.accounts import rules
from ronda.accounts.errors import Refused
from ronda.accounts.forms import PersonForm, RoleForm, SecondStepOffForm
from ronda.accounts.models import Person, Role
from ronda.accounts.pages import person_sections
from ronda.accounts.roles import require
from ronda.accounts.service import audit, history, people, second_step, setup
from ronda.work import tuning

Deed = Callable[[Person, Person, str], str]


@require(Role.ADMIN)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def people_page(request: HttpRequest) -> HttpResponse:
    """Everybody with access, and the form to add somebody; adding shows their one-time link once."""
    actor = _actor(request)
    form = PersonForm(request.POST or None, actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            source = audit.source_of(request)
            person = people.add(
                form.cleaned_data["name"],
                form.cleaned_data["role"],
                email=form.cleaned_data["email"],
                phone=form.cleaned_data["phone"],
                by=actor,
                source=source,
            )
            return _show_link(request, person, setup.fresh_link(person, by=actor, source=source))
        except Refused as refused:
            form.add_error(None, str(refused))
    second_step = set(Authenticator.objects.values_list("user_id", flat=True))
    rows = [(person, person.pk in second_step) for person in people.all_people()]
    waiting = setup.invitations()
    return render(request, "accounts/people.html", {"rows": rows, "form": form, "waiting": waiting})


@require(Role.ADMIN)
@never_cache
@require_safe
def person_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: role, sessions, second step, and what can be done about them."""
    actor, person = _actor(request), get_object_or_404(Person, pk=pk)
    steps = second_step.of(person) if actor.pk != person.pk else []
    return render(
        request,
        "accounts/person.html",
        {
            "person": person,
            "manageable": rules.may_manage(actor.role, person.role),
            "is_self": actor.pk == person.pk,
            "role_form": RoleForm(actor=actor, person=person),
            "sign_ins": history.of(person, 20),
            "sessions": UserSession.objects.filter(user=person).order_by("-last_seen_at"),
            "second_step_form": SecondStepOffForm(steps=steps) if steps else None,
            "sections": [
                {"title": section.title, "url": section.url(pk)} for section in person_sections
            ],
        },
    )


@require(Role.ADMIN)
@require_POST
def change_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give another role."""
    actor, person = _actor(request), get_object_or_404(Person, pk=pk)
    form = RoleForm(request.POST, actor=actor, person=person)
    if not form.is_valid():
        messages.error(request, _("Choose one of the roles you may give."))
        return redirect("accounts:person", pk=pk)
    return _do(request, person, _give_role(form.cleaned_data["role"]))


@require(Role.ADMIN)
@never_cache
@require_POST
def new_link(request: HttpRequest, pk: int) -> HttpResponse:
    """A one-time link for a person to choose a new password, shown once."""
    actor, person = _actor(request), get_object_or_404(Person, pk=pk)
    try:
        people.check_managed(actor, person)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("accounts:person", pk=pk)
    link = setup.fresh_link(person, by=actor, source=audit.source_of(request))
    return _show_link(request, person, link)


@require(Role.ADMIN)
@require_POST
def act(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Disable, enable, withdraw an invitation, or sign out everywhere."""
    if deed not in DEEDS:
        raise Http404
    return _do(request, get_object_or_404(Person, pk=pk), DEEDS[deed])


@require(Role.ADMIN)
@require_POST
def second_step_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Take off one second step of a person (`step`), or all of them, for a reason (`why`)."""
    person = get_object_or_404(Person, pk=pk)
    form = SecondStepOffForm(request.POST, steps=second_step.of(person))
    if not form.is_valid():
        messages.error(request, _("Choose what to take off, and say why."))
        return redirect("accounts:person", pk=pk)

    def deed(person: Person, actor: Person, source: str) -> str:
        chosen = form.cleaned_data
        gone = second_step.take_off(
            person, chosen["why"], step=chosen["step"], by=actor, source=source
        )
        return _("Taken off for %(name)s: %(steps)s.") % {
            "name": person.username,
            "steps": ", ".join(gone),
        }

    return _do(request, person, deed)


def _do(request: HttpRequest, person: Person, deed: Deed) -> HttpResponse:
    try:
        messages.success(request, deed(person, _actor(request), audit.source_of(request)))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("accounts:person", pk=person.pk)


def _give_role(role: str) -> Deed:
    def deed(person: Person, actor: Person, source: str) -> str:
        people.change_role(person, role, by=actor, source=source)
        return _("%(name)s has a new role.") % {"name": person.username}

    return deed


def _disable(person: Person, actor: Person, source: str) -> str:
    people.disable(person, by=actor, source=source)
    return _("%(name)s can no longer sign in.") % {"name": person.username}


def _enable(person: Person, actor: Person, source: str) -> str:
    people.enable(person, by=actor, source=source)
    return _("%(name)s can sign in again.") % {"name": person.username}


def _withdraw(person: Person, actor: Person, source: str) -> str:
    people.withdraw(person, by=actor, source=source)
    return _("The invitation of %(name)s is withdrawn.") % {"name": person.username}


def _sign_out(person: Person, actor: Person, source: str) -> str:
    people.sign_out_everywhere(person, by=actor, source=source)
    return _("%(name)s is signed out everywhere.") % {"name": person.username}


DEEDS: dict[str, Deed] = {
    "disable": _disable,
    "enable": _enable,
    "withdraw": _withdraw,
    "sign-out": _sign_out,
}


def _show_link(request: HttpRequest, person: Person, made: setup.FreshLink) -> HttpResponse:
    link = request.build_absolute_uri(made.path)
    text = _("%(name)s, here is your way into %(site)s. The link works once: %(link)s") % {
        "name": person.username,
        "site": tuning.value("site_name"),
        "link": link,
    }
    return render(
        request,
        "accounts/link_made.html",
        {
            "person": person,
            "link": link,
            "text": text,
            "expires_at": made.expires_at,
            "whatsapp": f"https://wa.me/{person.phone.lstrip('+')}?{urlencode({'text': text}, quote_via=quote)}",
        },
    )


def _actor(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # noqa: S101 -- `require` let nobody else through
    return request.user
