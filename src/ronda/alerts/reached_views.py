"""How a person is reached: their own page, and the same for those who look after them."""

import secrets

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ronda.accounts.models import Person, Role
from ronda.accounts.roles import ANYONE, require
from ronda.alerts.models import Address, ChatLink, Outgoing
from ronda.alerts.reached_forms import AddressForm
from ronda.alerts.service import addresses, browsers, channels, chats, proving, sending
from ronda.alerts.service.addresses import TYPED, AddressRefused
from ronda.devices.acting import Actor, actor
from ronda.work import jobs

#: How long a page waits for the outcome of a message.
WAIT_S = 8.0


@require(ANYONE)
@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """How I am reached."""
    me = actor(request).person
    return _page(request, me, AddressForm(None, addresses.offered(me, TYPED)))


@require(Role.ADMIN)
@never_cache
@require_safe
def of_person(request: HttpRequest, pk: int) -> HttpResponse:
    """How somebody else is reached; only owners change it for an owner."""
    person = get_object_or_404(Person, pk=pk)
    return _page(request, person, AddressForm(None, addresses.offered(person, TYPED)))


def _page(request: HttpRequest, person: Person, form: AddressForm) -> HttpResponse:
    me = actor(request).person
    rows = [
        {"address": one, "kind": channels.kind_of(one.channel), "usable": addresses.is_usable(one)}
        for one in addresses.own(person)
    ]
    pushing = browsers.channel() if person.pk == me.pk else None
    context = {
        "person": person,
        "push_key": browsers.public_key(pushing) if pushing else "",
        "is_self": person.pk == me.pk,
        "may_change": addresses.may_change(me, person),
        "rows": rows,
        "form": form,
        "bots": [one for one in addresses.offered(person, ("chat",)) if person.pk == me.pk],
    }
    return render(request, "alerts/reached.html", context)


def _looked_after(me: Actor, pk: int) -> Person:
    """Oneself, or somebody one may manage."""
    person = get_object_or_404(Person, pk=pk)
    if not addresses.may_change(me.person, person):
        raise PermissionDenied
    return person


def _back(me: Actor, person: Person) -> str:
    mine_ = person.pk == me.person.pk
    return reverse("alerts:mine") if mine_ else reverse("alerts:reached", args=[person.pk])


@require(ANYONE)
@never_cache
@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """A new address: one's own is sent a code, somebody else's is believed to whoever looks after them."""
    me = actor(request)
    person = _looked_after(me, pk)
    form = AddressForm(request.POST, addresses.offered(person, TYPED))
    if form.is_valid():
        proved = person.pk != me.person.pk or channels.kind_of(form.chosen).reach == "url"
        try:
            to = form.cleaned_data["to"]
            row = addresses.add(person, form.chosen, to, me.person, me.source, proved=proved)
            if row.verified_at is None:
                _tell_code(request, proving.send_code(row))
            return redirect(_back(me, person))
        except AddressRefused as refused:
            form.add_error(None, str(refused))
    return _page(request, person, form)


@require(ANYONE)
@require_POST
def act(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Send a code or a test, prove, switch or remove an address."""
    me = actor(request)
    address = get_object_or_404(Address.objects.select_related("person", "channel"), pk=pk)
    person = _looked_after(me, address.person_id)
    try:
        if deed == "code":
            _tell_code(request, proving.send_code(address))
        elif deed == "prove":
            proving.prove(address, request.POST.get("code", ""), me.person, me.source)
            messages.success(request, _("The address is yours."))
        elif deed == "test":
            _test(request, address)
        elif deed in ("on", "off"):
            addresses.switch(address, deed == "on", me.person, me.source)
            messages.success(request, _("Saved."))
        elif deed == "remove":
            addresses.remove(address, me.person, me.source)
            messages.success(request, _("The address is removed."))
        else:
            raise Http404
    except AddressRefused as refused:
        messages.error(request, str(refused))
    return redirect(_back(me, person))


def _tell_code(request: HttpRequest, row: Outgoing) -> None:
    jobs.wait(row.job or 0, WAIT_S)
    row.refresh_from_db()
    if row.error:
        messages.error(request, _("The code was not sent: %(why)s") % {"why": row.error})
    else:
        messages.success(request, _("A code is on its way. Type it here within ten minutes."))


def _test(request: HttpRequest, address: Address) -> None:
    if address.verified_at is None:
        raise AddressRefused(_("Prove first that this address is yours."))
    once = f"test:{secrets.token_hex(8)}"
    row = sending.post(address.channel, address.to, sending.TEST, None, once, severity="info")
    assert row is not None  # noqa: S101 -- nobody else has this key
    jobs.wait(row.job or 0, WAIT_S)
    row.refresh_from_db()
    if row.state == Outgoing.State.SENT:
        messages.success(request, _("The test was sent; look whether it arrived."))
    elif row.error:
        messages.error(request, _("The test was not sent: %(why)s") % {"why": row.error})
    else:
        messages.info(request, _("The test waits for its turn."))


@require(ANYONE)
@never_cache
@require_POST
def link_chat(request: HttpRequest) -> HttpResponse:
    """A one-time code for the bot, shown once, and the page that waits for it."""
    me = actor(request)
    number = request.POST.get("channel", "")
    bots = {str(one.pk): one for one in addresses.offered(me.person, ("chat",))}
    if number not in bots:
        raise Http404
    waiting = chats.begin(bots[number], me.person)
    context = {"waiting": waiting, "link": waiting.link, "channel": bots[number]}
    return render(request, "alerts/link_chat.html", context)


@require(ANYONE)
@never_cache
@require_safe
def chat_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether the bot got the code by now, as a fragment."""
    me = actor(request).person
    link = get_object_or_404(ChatLink.objects.select_related("channel"), pk=pk, person=me)
    if link.used_at is not None:
        messages.success(request, _("The chat is connected."))
        return HttpResponse(headers={"HX-Redirect": reverse("alerts:mine")})
    context = {
        "link": link,
        "channel": link.channel,
        "over": link.expires_at <= timezone.now(),
        "code": "",
    }
    return render(request, "alerts/parts/chat_state.html", context)
