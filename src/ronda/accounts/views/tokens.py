"""API tokens: made here, shown once, ended here."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from ronda.accounts import screens
from ronda.accounts.errors import Refused
from ronda.accounts.forms import GROUPS, TokenForm
from ronda.accounts.models import Person
from ronda.accounts.roles import ANYONE, require
from ronda.accounts.service import access, audit, tokens


@require(ANYONE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens_page(request: HttpRequest) -> HttpResponse:
    """One's own tokens (owners and administrators: those they look after) and the form for another."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101 -- `require` let nobody else through
    form = TokenForm(request.POST or None, actor=person)
    made = None
    if request.method == "POST" and form.is_valid():
        try:
            made = tokens.make(
                person,
                form.cleaned_data["name"],
                form.cleaned_data["role"],
                expires_at=form.expires_at,
                read_only=form.cleaned_data["read_only"],
                groups=form.cleaned_data["groups"],
                addresses=form.cleaned_data["addresses"],
                by=person,
                source=audit.source_of(request),
            )
            form = TokenForm(actor=person)
        except Refused as refused:
            form.add_error(None, str(refused))
    return render(
        request,
        "accounts/tokens.html",
        {
            "tokens": tokens.listed_for(person)[:500],
            "form": form,
            "made": made,
            "groups": {**dict(GROUPS), screens.GROUP: _("A screen on the wall")},
            "programs": access.sessions_of(person),
        },
    )


@require(ANYONE)
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a token at once."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101 -- `require` let nobody else through
    token = get_object_or_404(tokens.listed_for(person), pk=pk)
    tokens.revoke(token, by=person, source=audit.source_of(request))
    messages.success(request, _("The token no longer works."))
    return redirect("accounts:tokens")


@require(ANYONE)
@require_POST
def end_program(request: HttpRequest, pk: int) -> HttpResponse:
    """End the session of a program that signed in with one's own password."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101 -- `require` let nobody else through
    session = get_object_or_404(access.sessions_of(person), pk=pk)
    access.end_session(session, by=person, source=audit.source_of(request))
    messages.success(request, _("The program is signed out."))
    return redirect("accounts:tokens")
