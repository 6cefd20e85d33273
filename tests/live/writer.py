"""Changes the beliefs of a running installation, as its keeper would: run by test_end_to_end.py.

Makes one ONT and a token, prints the token; for each line on its input commits one transition in
one transaction and prints the ONT's id.
"""

import sys

import django

django.setup()

from django.db import transaction  # noqa: E402 -- Django must be ready first
from django.utils import timezone  # noqa: E402

from ronda.accounts.models import Person  # noqa: E402
from ronda.accounts.service import tokens  # noqa: E402
from ronda.devices.models import Ont, Site  # noqa: E402
from ronda.monitoring.models import Watch  # noqa: E402
from ronda.work import feed  # noqa: E402


def main() -> None:
    """Serve the test."""
    site = Site.objects.create(name="Sleman")
    ont = Ont.objects.create(site=site, customer_id="XM1", name="Ronda", address="10.0.0.1")
    Watch.objects.create(ont=ont, state="up", since=timezone.now())
    Person.objects.create(username="sari", email="sari@example.net", role="owner")
    viewer = Person.objects.create(username="tini", role="viewer")
    print(tokens.make(viewer, "test", "viewer")[1], flush=True)  # noqa: T201 -- the answer to the test
    for line in sys.stdin:
        state = line.strip()
        with transaction.atomic():
            Watch.objects.filter(ont=ont).update(state=state, since=timezone.now())
            feed.append("monitoring.transitions", {"onts": [{"id": ont.pk, "state": state}]})
        print(ont.pk, flush=True)  # noqa: T201 -- as above


if __name__ == "__main__":
    main()
