"""Pages of the channels, their tests, and the messages that were sent."""

import secrets

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import holds, require
from ronda.alerts.channel_forms import ChannelForm, TestForm
from ronda.alerts.channels import KINDS
from ronda.alerts.models import Channel, Outgoing
from ronda.alerts.service import buyers, channels, places, sending, sent
from ronda.devices.acting import actor
from ronda.shop.models import Order
from ronda.work import jobs

PER_PAGE = 50
#: How long the page of a test waits for its outcome.
WAIT_S = 8.0


@require(Role.ADMIN)
@require_safe
def channel_list(request: HttpRequest) -> HttpResponse:
    """Every channel, and the kinds there are."""
    rows = [{"channel": one, "kind": channels.kind_of(one)} for one in channels.present()]
    kinds = [kind for kind in KINDS.values() if kind.name not in channels.BUILT_IN]
    context = {
        "rows": rows,
        "kinds": kinds,
        "public_address": places.public_address(),
        "opened_at": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "alerts/channels.html", context)


@require(Role.ADMIN)
def channel_new(request: HttpRequest, kind: str) -> HttpResponse:
    """A new channel of a kind."""
    if kind not in KINDS or kind in channels.BUILT_IN:
        raise Http404
    return _edit(request, Channel(kind=kind))


@require(Role.ADMIN)
def channel_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a channel."""
    return _edit(request, get_object_or_404(channels.present(), pk=pk))


def _edit(request: HttpRequest, channel: Channel) -> HttpResponse:
    me = actor(request)
    kind = channels.kind_of(channel)
    posted = request.POST if request.method == "POST" else None
    form = ChannelForm(posted, kind, channel, owner=holds(me.person.role, Role.OWNER))
    if posted is not None and form.is_valid():
        kept = channels.save(channel, form.switches(), form.values(), me.person, me.source)
        messages.success(request, _("The channel is saved. Send a test to see whether it works."))
        return redirect("alerts:channel", pk=kept.pk)
    removable = channel.pk is not None and channel.kind not in channels.BUILT_IN
    context = {"form": form, "kind": kind, "channel": channel, "test": TestForm()}
    context["removable"] = removable
    return render(request, "alerts/channel.html", context)


@require(Role.ADMIN)
@require_POST
def channel_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test by the same way that everything goes, and tell its outcome."""
    channel = get_object_or_404(channels.present(), pk=pk)
    form = TestForm(request.POST)
    if form.is_valid():
        once = f"test:{secrets.token_hex(8)}"
        row = sending.post(channel, form.cleaned_data["to"], sending.TEST, None, once)
        assert row is not None  # noqa: S101 -- nobody else has this key
        jobs.wait(row.job or 0, WAIT_S)
        row.refresh_from_db()
        _tell(request, row)
    return redirect("alerts:channel", pk=pk)


def _tell(request: HttpRequest, row: Outgoing) -> None:
    if row.state == Outgoing.State.SENT:
        messages.success(request, _("The test was sent; look whether it arrived."))
    elif row.error:
        messages.error(request, _("The test was not sent: %(why)s") % {"why": row.error})
    else:
        messages.info(request, _("The test waits; its outcome is among the messages."))


@require(Role.ADMIN)
def channel_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then remove a channel."""
    channel = get_object_or_404(channels.present().exclude(kind__in=channels.BUILT_IN), pk=pk)
    if request.method == "POST":
        me = actor(request)
        channels.delete(channel, me.person, me.source)
        messages.success(request, _("The channel is removed."))
        return redirect("alerts:channels")
    context = {
        "heading": _("Remove the channel “%(name)s”?") % {"name": channel.name},
        "text": _("Its token is forgotten. What it sent stays on record."),
        "confirm_label": _("Remove"),
        "cancel_url": f"/channels/{pk}/",
        "danger": True,
    }
    return render(request, "web/confirm.html", context)


@require(Role.CASHIER)
@require_safe
def message_list(request: HttpRequest) -> HttpResponse:
    """What was sent to buyers, newest first; `?state=failed` narrows it."""
    state = request.GET.get("state", "")
    page = Paginator(sent.to_buyers(state), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "state": state, "states": Outgoing.State.choices, "tab": "messages"}
    return render(request, "alerts/messages.html", context)


@require(Role.CASHIER)
@require_safe
def of_order(request: HttpRequest, pk: int) -> HttpResponse:
    """What was sent about one order, as a fragment for its page."""
    rows = list(buyers.messages_of(pk)[:20])
    return render(request, "alerts/parts/messages.html", {"rows": rows, "back": "order"})


def _back(request: HttpRequest, row: Outgoing) -> str:
    """The page of the order, where it was asked for there."""
    number = Order.objects.filter(pk=row.about or 0).values_list("number", flat=True).first()
    if request.POST.get("back") == "order" and number:
        return reverse("shop:order", args=[number])
    return reverse("alerts:messages")


@require(Role.CASHIER)
@require_POST
def message_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a message that ended once more."""
    row = get_object_or_404(sent.to_buyers(), pk=pk)
    me = actor(request)
    if sending.again(row, me.person, me.source):
        messages.success(request, _("It is sent again."))
    else:
        messages.info(request, _("It still waits to be sent."))
    return redirect(_back(request, row))
