"""Run as a program: fills an empty installation with people, packages and vouchers, and prints who may ask what."""

import json
import secrets

import django

django.setup()

from django.test import Client  # noqa: E402 -- after django.setup
from django.utils import timezone  # noqa: E402

from ronda.accounts.models import Person  # noqa: E402
from ronda.accounts.service import tokens  # noqa: E402
from ronda.devices.models import Ont  # noqa: E402
from ronda.shop.models import Voucher  # noqa: E402
from ronda.shop.service import ordering, packages  # noqa: E402
from tests.shop.orders_made import make_method, make_package, make_router  # noqa: E402

PEOPLE = 20
VOUCHERS = 1000


def main() -> None:
    sessions, keys = [], []
    for number in range(PEOPLE):
        person = Person.objects.create(
            username=f"p{number}", email=f"p{number}@example.net", role="owner"
        )
        browser = Client()
        browser.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        sessions.append(browser.cookies["ronda_session"].value)
        keys.append(tokens.make(person, "load", "owner")[1])
    package, router = make_package(), make_router()
    make_method()
    codes = [secrets.token_hex(4) for _ in range(VOUCHERS)]
    now, terms = timezone.now(), packages.terms_of(package).as_json()
    Voucher.objects.bulk_create(
        Voucher(
            code=code, package=package, router=router, terms=terms, made_at=now, ready_at=now,
            state=Voucher.State.READY,
        )
        for code in codes
    )  # fmt: skip
    _order, secret = ordering.place(package, phone="+628123456789", router=router, method=None)
    print(json.dumps({
        "sessions": sessions, "tokens": keys, "codes": codes, "package": package.pk,
        "order": secret, "onts": list(Ont.objects.order_by("pk").values_list("pk", flat=True)[:500]),
    }))  # fmt: skip


if __name__ == "__main__":
    main()
