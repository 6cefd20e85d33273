"""The queue of proofs: staff look into their account, then confirm or refuse."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.devices.acting import actor
from ronda.shop.models import PaymentProof
from ronda.shop.rules.orders import Verdict
from ronda.shop.service import proofs
from ronda.shop.service.proofs import NoProof

#: The picture was drawn by Ronda and is an image whatever was sent; no browser may take it for more.
_SAFE = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@require(Role.CASHIER)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Proofs that wait, and those decided last."""
    context = {"tab": "proofs", "waiting": proofs.waiting()[:100], "decided": proofs.decided()}
    return render(request, "shop/proofs.html", context)


@require(Role.CASHIER)
@require_safe
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """One proof's picture, for staff alone."""
    found = PaymentProof.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return HttpResponse(bytes(found.picture), content_type="image/jpeg", headers=_SAFE)


@require(Role.CASHIER)
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm or refuse one."""
    found = PaymentProof.objects.defer("picture").select_related("order__method").filter(pk=pk)
    proof = found.first()
    if proof is None:
        raise Http404
    me = actor(request)
    try:
        if request.POST.get("decision") == "accept":
            outcome = proofs.accept(proof, me.person, me.source)
            _tell(request, proof, served=outcome.served, verdict=outcome.verdict)
        else:
            proofs.refuse(proof, me.person, me.source)
            messages.success(request, _("The proof was refused; the order still waits for money."))
    except NoProof as error:
        messages.error(request, str(error))
    return redirect("shop:proofs")


def _tell(request: HttpRequest, proof: PaymentProof, *, served: bool, verdict: Verdict) -> None:
    number = proof.order.number
    if served:
        messages.success(request, _("Order %(number)s is paid.") % {"number": number})
    elif verdict is Verdict.DOUBLE:
        messages.warning(
            request, _("Order %(number)s was paid before; the money is noted.") % {"number": number}
        )
    else:
        messages.warning(
            request,
            _("Order %(number)s cannot be served any more; the money lies in the inbox.")
            % {"number": number},
        )
