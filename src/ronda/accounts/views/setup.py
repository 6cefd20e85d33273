"""Set-up of the first owner, and one-time links with which people choose a password."""

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from ronda.accounts.errors import DeadLink, Refused, WeakPassword
from ronda.accounts.forms import NameForm, OwnerForm, PasswordForm
from ronda.accounts.models import Person
from ronda.accounts.pages import profile_links
from ronda.accounts.roles import ANYONE, require
from ronda.accounts.service import audit, setup


@login_not_required
@never_cache
@require_safe
def setup_needed(request: HttpRequest) -> HttpResponse:
    """How to get the set-up link; to the front page once there is an owner."""
    if setup.has_owner():
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "accounts/setup_needed.html")


@login_not_required
@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def use_link(request: HttpRequest, key: str) -> HttpResponse:
    """What a one-time link opens: becoming the owner, choosing a password, or entering the demo."""
    try:
        link = setup.find(key)
        if _enters_demo(link.person):
            if request.method == "HEAD":  # a look must not use the link up
                return HttpResponse()
            return _enter(request, setup.enter_demo(link), "")
        if link.person is None:
            return _become_owner(request, link)
        return _choose_password(request, link)
    except DeadLink as dead:
        return render(request, "accounts/link_dead.html", {"reason": str(dead)}, status=410)


def _enters_demo(person: Person | None) -> bool:
    return settings.RONDA.demo and person is not None and person.username == setup.DEMO_NAME


def _become_owner(request: HttpRequest, link: setup.OpenLink) -> HttpResponse:
    form = OwnerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            owner = setup.make_owner(
                link,
                form.cleaned_data["name"],
                form.cleaned_data["password"],
                source=audit.source_of(request),
            )
        except DeadLink:
            raise
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            return _enter(request, owner, _("Welcome. This installation is yours."))
    return render(request, "accounts/become_owner.html", {"form": form})


def _choose_password(request: HttpRequest, link: setup.OpenLink) -> HttpResponse:
    person = link.person
    assert person is not None  # noqa: S101 -- `use_link` asked
    invited = not person.has_usable_password()
    form = (
        NameForm(request.POST or None, initial={"name": person.username})
        if invited
        else PasswordForm(request.POST or None)
    )
    if request.method == "POST" and form.is_valid():
        try:
            person = setup.choose_password(
                link,
                form.cleaned_data["password"],
                name=form.cleaned_data.get("name", ""),
                source=audit.source_of(request),
            )
        except DeadLink:
            raise
        except WeakPassword as refused:
            form.add_error("password", str(refused))
        except Refused as refused:
            form.add_error("name", str(refused))
        else:
            greeting = "" if invited else _("Your new password is set.")
            return _enter(request, person, greeting, reverse("accounts:welcome") if invited else "")
    return render(
        request,
        "accounts/choose_password.html",
        {"form": form, "person": person, "invited": invited},
    )


@require(ANYONE)
@never_cache
@require_safe
def welcome(request: HttpRequest) -> HttpResponse:
    """What somebody who has just come for the first time may want to do before they begin."""
    return render(request, "accounts/welcome.html", {"links": list(profile_links)})


def _enter(request: HttpRequest, person: Person, greeting: str, then: str = "") -> HttpResponse:
    # Whoever was signed in before in this browser is not who uses the link.
    if request.user.is_authenticated:
        logout(request)
    if greeting:
        messages.success(request, greeting)
    # allauth's way in, so that a second step is asked for where the person has set one up.
    url = then or settings.LOGIN_REDIRECT_URL
    answer: HttpResponse = perform_login(request, person, redirect_url=url)
    return answer
