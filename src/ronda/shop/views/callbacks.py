"""What strangers may open of ways to pay: the door that gateways call, and the QRIS picture."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from ronda.accounts.service.audit import source_of
from ronda.shop.models import MethodPicture
from ronda.shop.service import receiving

#: Callbacks are of one or two kilobytes.
MOST_BYTES = 64 * 1024
_KEEP = "public, max-age=31536000, immutable"


@csrf_exempt
@login_not_required
@require_POST
def callback(request: HttpRequest, pk: int) -> HttpResponse:
    """A gateway's call; the answer tells nothing but whether it was taken."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return HttpResponse(status=400)
    if length > MOST_BYTES:
        return HttpResponse(status=413)
    heard = receiving.receive(pk, request.headers, request.body, source_of(request))
    return HttpResponse(heard.answer.body, status=heard.status, content_type=heard.answer.kind)


@login_not_required
@require_safe
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """The QRIS picture of a method that is offered."""
    found = MethodPicture.objects.filter(method=pk, method__deleted_at=None).first()
    if found is None:
        raise Http404
    return HttpResponse(
        bytes(found.png), content_type="image/png", headers={"Cache-Control": _KEEP}
    )
