"""Who is told in the demo: a crew on call in turns, all of them reached inside Ronda and nowhere else."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.accounts.models import Person, Role
from ronda.accounts.service import people
from ronda.alerts.models import AlertRule, Rota
from ronda.alerts.service import duty, ruling

#: Nobody can sign in as them: they have no password.
CREW = (
    ("teknisi.joko", Role.TECHNICIAN),
    ("teknisi.tarno", Role.TECHNICIAN),
    ("noc.wayan", Role.NOC),
)


def enter() -> None:
    """The crew, its rota and a holiday, unless there is a rota; outages are told to whoever is on call."""
    if Rota.objects.exists():
        return
    crew = [_person(name, role) for name, role in CREW]
    now = timezone.now()
    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday())
    row = Rota(
        name=_("Technicians"),
        zone=settings.TIME_ZONE,
        first_day=monday,
        handover_at="08:00",
    )
    duty.save(row, crew[:2], None, "demo")
    begin = now + timedelta(days=3)
    duty.swap(row, crew[2], begin, begin + timedelta(days=1), None, "hajatan", "demo")
    for rule in AlertRule.objects.filter(origin="outages", deleted_at=None):
        first, *others = rule.steps
        rule.steps = [{**first, "to": [["rota", str(row.pk)]]}, *others]
        ruling.save(rule, None, "demo")


def _person(name: str, role: Role) -> Person:
    known = Person.objects.filter(username=name).first()
    return known or people.add(name, role=role, source="demo")
