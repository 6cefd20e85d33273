"""The link by which a monthly member pays: a page of his own, without an account.

Nothing of it is kept: 144 bits are made of the installation's key, the member and a number that can be moved on, so
that staff can send the same link again, or make it worthless.
"""

from __future__ import annotations

import base64

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.shop.models import Member

_BYTES = 18


def token_of(member: Member) -> str:
    """The secret part of a member's link."""
    told = salted_hmac("shop.member-link", f"{member.pk}:{member.link_no}", algorithm="sha256")
    return base64.urlsafe_b64encode(told.digest()[:_BYTES]).decode()


def path_of(member: Member) -> str:
    """The path of the page on which a member pays."""
    return reverse("shop:buy-member", args=[member.pk, token_of(member)])


def by_link(pk: int, token: str) -> Member | None:
    """Whose link it is; None for one that is wrong or worth nothing any more."""
    member = Member.objects.select_related("package", "router").filter(pk=pk).first()
    if member is None or not constant_time_compare(token_of(member), token):
        return None
    return member


def change(member: Member, person: Person | None, source: str = "") -> None:
    """Make the link another: who has the old one finds nothing there any more."""
    with transaction.atomic():
        Member.objects.filter(pk=member.pk).update(link_no=F("link_no") + 1)
        audit.record(person, "member.link", member.name, None, None, source)
    member.refresh_from_db(fields=["link_no"])
