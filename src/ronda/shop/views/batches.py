"""Batches: made, followed while they are made, taken out as files, taken back."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.devices.acting import actor
from ronda.devices.service.scope import mine
from ronda.devices.views.parts import page, page_number
from ronda.kernel.ids import id_of
from ronda.shop.forms_vouchers import BatchForm, ImportForm, bad_code
from ronda.shop.models import Batch, Voucher
from ronda.shop.rules import voucher_files as reading
from ronda.shop.rules.codes import Look, Resistance
from ronda.shop.service import changing, explaining, listing, making, voucher_files
from ronda.work import jobs

PAGE_SIZE = 30


@require(Role.ADMIN)
@require_safe
def batch_list(request: HttpRequest) -> HttpResponse:
    """Every batch, newest first."""
    number = page_number(request)
    rows = listing.batches()
    first = (number - 1) * PAGE_SIZE
    some = list(rows[first : first + PAGE_SIZE])
    shown = page(some, mine(Batch.objects.all(), "router__site").count(), number, PAGE_SIZE)
    return render(request, "shop/batches.html", {"tab": "batches", "page": shown})


@require(Role.ADMIN)
def batch_new(request: HttpRequest) -> HttpResponse:
    """A form for a new batch; making it is a job."""
    form = (
        BatchForm(request.POST) if request.method == "POST" else BatchForm(initial=_again(request))
    )
    if request.method == "POST" and form.is_valid() and (look := form.look()):
        me, values = actor(request), form.cleaned_data
        try:
            batch = making.make_batch(
                values["package"],
                values["router"],
                values["count"],
                look=look,
                separate_password=values["separate_password"],
                note=values["note"],
                seller=values["seller"],
                person=me.person,
                source=me.source,
            )
        except making.BadCode as problem:
            form.add_error("length", bad_code(problem))
        else:
            return redirect("shop:batch", batch.pk)
    return render(request, "shop/batch_form.html", {"tab": "batches", "form": form})


def _again(request: HttpRequest) -> dict[str, Any]:
    """The form filled as an earlier batch was, or for a package."""
    found = Batch.objects.filter(pk=id_of(request.GET.get("like", "")))
    like = mine(found, "router__site").first()
    if like is None or like.alphabet == voucher_files.IMPORTED:
        return {"package": request.GET.get("package", "")}
    names = ("count", "alphabet", "length", "separate_password", "note")
    told: dict[str, Any] = {name: getattr(like, name) for name in names}
    told["begins"] = like.prefix
    return told | {"package": like.package_id, "router": like.router_id, "seller": like.seller_id}


@require(Role.ADMIN)
@require_POST
def resistance(request: HttpRequest) -> HttpResponse:
    """A fragment: how hard codes of this look are to guess, and an example."""
    form = BatchForm(request.POST)
    form.is_valid()
    look = form.look()
    context: dict[str, Any] = {}
    if look is not None:
        count = form.cleaned_data.get("count") or 1
        context = hardness(look, making.resistance_of(look, count))
    return render(request, "shop/resistance.html", context)


def hardness(look: Look, found: Resistance) -> dict[str, Any]:
    """How hard guessing is, for people."""
    years = found.years
    days = years * 365.25
    if years >= 2:
        how_long = _("%(count)s years") % {"count": f"{years:,.0f}".replace(",", ".")}
    elif days >= 2:
        how_long = _("%(count)d days") % {"count": round(days)}
    else:
        how_long = _("%(count)d minutes") % {"count": max(1, round(days * 1440))}
    return {
        "found": found,
        "one_in": found.one_in,
        "how_long": how_long,
        "tries": round(found.tries),
        "look": look,
    }


@require(Role.ADMIN)
@require_safe
def batch_page(request: HttpRequest, pk: int) -> HttpResponse:
    """How a batch stands; renews itself while its users are made."""
    batch = _find(pk)
    counts = listing.counts_of(batch)
    state = jobs.state(batch.job) if batch.job else None
    at_work = counts[Voucher.State.MAKING] > 0
    # While a job runs it knows more than the table, which learns of all at once.
    made = batch.count - counts[Voucher.State.MAKING]
    if state is not None and state.state == jobs.State.RUNNING and state.total:
        made = max(made, batch.count - state.total + state.done)
    return render(
        request,
        "shop/batch.html",
        {
            "tab": "batches",
            "batch": batch,
            "counts": counts,
            "at_work": at_work,
            "made": made,
            "error": state.error if state is not None and at_work else "",
            "troubled": [
                (row, explaining.trouble_words(row.trouble))
                for row in Voucher.objects.filter(batch=batch, state=Voucher.State.TROUBLE)[:20]
            ],
            "unused": changing.unused_of(batch).count(),
            "voided": changing.voided_of(batch).count(),
        },
    )


def _find(pk: int) -> Batch:
    rows = Batch.objects.select_related("package", "router", "seller", "made_by")
    return get_object_or_404(rows, pk=pk)


@require(Role.ADMIN)
@require_safe
def batch_export(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The batch as a file, with the passwords; written in the audit trail."""
    if kind not in voucher_files.TYPES:
        raise Http404(_("There is no such format."))
    batch, me = _find(pk), actor(request)
    rows = Voucher.objects.filter(batch=batch).exclude(state=Voucher.State.VOID)
    content = voucher_files.export(rows, kind, me.person, me.source)
    answer = HttpResponse(content, content_type=voucher_files.TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="vouchers-{batch.pk}.{kind}"'
    answer["Cache-Control"] = "no-store"
    return answer


@require(Role.ADMIN)
def batch_void(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then end what nobody used or bought."""
    batch, me = _find(pk), actor(request)
    if request.method == "POST":
        count = changing.void_batch(batch, me.person, me.source)
        text = ngettext("%(count)d voucher ended.", "%(count)d vouchers ended.", count)
        messages.success(
            request,
            format_html(
                '{} <a href="/shop/batches/{}/restore/">{}</a>',
                text % {"count": count},
                batch.pk,
                _("Undo"),
            ),
        )
        return redirect("shop:batch", pk)
    count = changing.unused_of(batch).count()
    return render(
        request,
        "web/confirm.html",
        {
            "heading": _("End the unused vouchers of batch %(number)d") % {"number": batch.pk},
            "text": ngettext(
                "%(count)d voucher that nobody used or bought is removed from %(router)s.",
                "%(count)d vouchers that nobody used or bought are removed from %(router)s.",
                count,
            )
            % {"count": count, "router": batch.router.name},
            "undo": _("This can be undone: they are made again with the same codes."),
            "confirm_label": _("End them"),
            "cancel_url": f"/shop/batches/{batch.pk}/",
            "danger": True,
        },
    )


@require(Role.ADMIN)
def batch_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then make those again that were ended unused."""
    batch, me = _find(pk), actor(request)
    if request.method == "POST":
        changing.restore_batch(batch, me.person, me.source)
        return redirect("shop:batch", pk)
    count = changing.voided_of(batch).count()
    return render(
        request,
        "web/confirm.html",
        {
            "heading": _("Make the ended vouchers of batch %(number)d again")
            % {"number": batch.pk},
            "text": ngettext(
                "%(count)d voucher is made again with the same code.",
                "%(count)d vouchers are made again with the same codes.",
                count,
            )
            % {"count": count},
            "confirm_label": _("Make them again"),
            "cancel_url": f"/shop/batches/{batch.pk}/",
        },
    )


@require(Role.ADMIN)
def batch_import(request: HttpRequest) -> HttpResponse:
    """A list of codes from a file, taken whole or not at all."""
    form = ImportForm(request.POST or None, request.FILES or None)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        entries, found = reading.read_list(form.text())
        problems = [_problem(one) for one in found[:20]]
        if not found:
            me, values = actor(request), form.cleaned_data
            try:
                batch = voucher_files.take(
                    entries,
                    values["package"],
                    values["router"],
                    note=values["note"],
                    person=me.person,
                    source=me.source,
                )
            except voucher_files.CodesTaken as taken:
                problems = [_("These codes exist already: %(codes)s") % {"codes": str(taken)}]
            else:
                return redirect("shop:batch", batch.pk)
    return render(
        request, "shop/batch_import.html", {"tab": "batches", "form": form, "problems": problems}
    )


def _problem(found: reading.Problem) -> str:
    words = {
        "code": _("“%(text)s” cannot be a code: letters, digits and . _ @ + - only"),
        "twice": _("“%(text)s” stands there twice"),
        "password": _("the password of “%(text)s” is too long or has odd characters"),
        "empty": _("there is no code in the file"),
        "many": _("the file has too many lines"),
    }
    said = (
        words[found.what] % {"text": found.text} if "%" in words[found.what] else words[found.what]
    )
    return _("Line %(line)d: %(what)s") % {"line": found.line, "what": said}
