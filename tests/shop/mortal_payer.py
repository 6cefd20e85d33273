"""Takes the money of orders until it is killed: run by test_exactly_once.py as a program of its own."""

import json
import sys

import django

django.setup()

from ronda.shop.models import PaymentMethod  # noqa: E402 -- Django must be ready before models are imported
from ronda.shop.service import paying  # noqa: E402

method = PaymentMethod.objects.get()
for order, event, amount in json.loads(sys.argv[1]):
    outcome = paying.pay(order, method=method, event_id=event, amount_idr=amount, source="callback")
    sys.stdout.write(f"{event} {outcome.again}\n")
    sys.stdout.flush()
