"""The first hour: what a new installation still lacks, in the order in which it is best done.

Nothing is ticked by hand: each step looks at what is there.
"""

from dataclasses import dataclass
from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ronda.accounts.models import Person
from ronda.alerts.models import Address, Channel, Rota
from ronda.alerts.service import places
from ronda.devices.models import Ont
from ronda.monitoring.models import Poller, State
from ronda.routers.models import Router, Status
from ronda.shop.models import Batch, Package, PaymentMethod, Sale
from ronda.storage import snapshot
from ronda.work import tuning

#: A poller that was not heard for so long does not watch.
SILENT = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: what, why, the view where it is done, and whether it is done."""

    title: str | Promise
    why: str | Promise
    view: str
    done: bool
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Steps that belong together."""

    title: str | Promise
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Guide:
    """The whole guide and how far it is; optional steps do not count."""

    parts: tuple[Part, ...]

    @property
    def needed(self) -> int:
        """How many steps count."""
        return sum(not step.optional for part in self.parts for step in part.steps)

    @property
    def done(self) -> int:
        """How many of those are done."""
        steps = (step for part in self.parts for step in part.steps)
        return sum(step.done for step in steps if not step.optional)

    @property
    def next(self) -> Step | None:
        """The first step that counts and is not done; None when all are."""
        steps = (step for part in self.parts for step in part.steps)
        return next((step for step in steps if not step.optional and not step.done), None)


def wanted() -> bool:
    """Whether the dashboard still leads to the guide."""
    return bool(tuning.value("first_hour"))


def guide(person: Person) -> Guide:
    """The guide as it stands for this person; one small question to the database for each step."""
    present = Ont.objects.present()
    routers = Router.objects.present()
    heard = Poller.objects.filter(alive_at__gte=timezone.now() - SILENT)
    return Guide(
        (
            Part(
                _("Watching"),
                (
                    Step(
                        _("Bring in the list of ONTs"),
                        _("JSON, CSV, Excel, KML or GeoJSON. You see what would change first."),
                        "devices:import",
                        present.exists(),
                    ),
                    Step(
                        _("See that the watch hears them"),
                        _("Within a minute each ONT is up, down, or has no address yet."),
                        "monitoring:health",
                        heard.exists() and present.filter(watch__state=State.UP).exists(),
                    ),
                    Step(
                        _("Give the ONTs their positions"),
                        _("Then the map shows where it is dark."),
                        "overview:map",
                        present.exclude(latitude=None).exists(),
                        optional=True,
                    ),
                ),
            ),
            Part(
                _("Being told"),
                (
                    Step(
                        _("Connect a channel"),
                        _("Telegram, WhatsApp, e-mail or ntfy: without one only this page tells."),
                        "alerts:channels",
                        Channel.objects.filter(active=True, deleted_at=None)
                        .exclude(kind="inside")
                        .exists(),
                    ),
                    Step(
                        _("Say how you are reached"),
                        _("Your own chat, number or address, with a test message."),
                        "alerts:mine",
                        Address.objects.filter(person=person, active=True)
                        .exclude(verified_at=None)
                        .exclude(channel__kind="inside")
                        .exists(),
                    ),
                    Step(
                        _("Say at which address people open Ronda"),
                        _("Then every message carries the link to the page where one acts."),
                        "app:settings",
                        bool(places.public_address()),
                    ),
                    Step(
                        _("Plan whose turn it is to be called"),
                        _("Rules of alerts are there already; a rota says who is called at night."),
                        "alerts:rotas",
                        Rota.objects.exists(),
                        optional=True,
                    ),
                ),
            ),
            Part(
                _("Hotspot and vouchers"),
                (
                    Step(
                        _("Connect a router"),
                        _(
                            "The guide writes the commands for its terminal; a test says what is missing."
                        ),
                        "routers:routers",
                        routers.filter(connection_status=Status.CONNECTED).exists(),
                    ),
                    Step(
                        _("Look through the packages"),
                        _("Price, speed, hours and quota of what you sell."),
                        "shop:packages",
                        Package.objects.filter(active=True, deleted_at=None).exists(),
                    ),
                    Step(
                        _("Choose how buyers pay"),
                        _(
                            "Picture of a QRIS, bank, e-wallet, or a gateway that confirms by itself."
                        ),
                        "shop:methods",
                        PaymentMethod.objects.filter(active=True, deleted_at=None).exists(),
                        optional=True,
                    ),
                    Step(
                        _("Make and print the first vouchers, or sell one"),
                        _("They are on the router before they are on paper."),
                        "shop:batches",
                        Batch.objects.exists() or Sale.objects.exists(),
                        optional=True,
                    ),
                ),
            ),
            Part(
                _("Sleeping well"),
                (
                    Step(
                        _("Protect your account by a second step"),
                        _("A password alone can be read over a shoulder."),
                        "mfa_index",
                        Authenticator.objects.filter(user=person)
                        .exclude(type=Authenticator.Type.RECOVERY_CODES)
                        .exists(),
                    ),
                    Step(
                        _("Invite the others"),
                        _("Each with their own name and no more rights than the job needs."),
                        "accounts:people",
                        Person.objects.filter(is_active=True).exclude(pk=person.pk).exists(),
                        optional=True,
                    ),
                    Step(
                        _("Have a backup, and a copy of it elsewhere"),
                        _(
                            "One is made every night. A disk takes its backups with it when it dies."
                        ),
                        "devices:backups",
                        bool(snapshot.listing(settings.RONDA.backups)),
                    ),
                ),
            ),
        )
    )
