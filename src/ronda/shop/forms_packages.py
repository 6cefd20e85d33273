"""The editor of a package: what people type, checked at once and whole."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronda.devices.models import Site
from ronda.hotspot.forms import NameField
from ronda.hotspot.hours_forms import HoursForm
from ronda.hotspot.models import AccessHours
from ronda.hotspot.profile_forms import SpeedForm, speed_parts
from ronda.hotspot.rules import rate_limit
from ronda.hotspot.rules.names import LONGEST, close_to
from ronda.hotspot.rules.values import Unreadable
from ronda.kernel.money import read_rupiah
from ronda.routers.models import Router
from ronda.shop.models import AtEnd, Package
from ronda.shop.rules import clocks, contradictions, entries
from ronda.shop.rules.terms import AtEnd as End
from ronda.shop.rules.terms import Span, Terms, split_span
from ronda.shop.service import keeping, packages, wording

#: More rupiah than any package costs.
MOST_IDR = 100_000_000


class RupiahField(forms.CharField):
    """Whole rupiah of `5000`, `5.000` or `Rp 5.000`."""

    def __init__(self, label: Any, **options: Any) -> None:
        widget = forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "class": "form-control"}
        )
        super().__init__(label=label, widget=widget, **options)

    def to_python(self, value: Any) -> Any:
        text = str(super().to_python(value) or "")
        if not text:
            return None if self.required else 0
        try:
            amount = read_rupiah(text[:40])
        except ValueError:
            raise ValidationError(
                _("“%(text)s” is no whole amount. Write 5000 or 5.000.") % {"text": text[:40]}
            ) from None
        if amount > MOST_IDR:
            raise ValidationError(_("More than 100 million rupiah is not taken."))
        return amount


class ReadField(forms.CharField):
    """A text that a rule reads; None or what the rule gives, and its reason where it refuses."""

    def __init__(self, read: Any, label: Any, **options: Any) -> None:
        self.read = read
        widget = forms.TextInput(attrs={"autocomplete": "off", "class": "form-control"})
        super().__init__(label=label, required=False, widget=widget, **options)

    def to_python(self, value: Any) -> Any:
        text = str(super().to_python(value) or "")
        try:
            return self.read(text[:80])
        except entries.Refused as refused:
            raise ValidationError(wording.refusal(refused.why, text)) from None


class PackageForm(forms.Form):
    """Everything of a package but its speed and its hours."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    description = forms.CharField(label=gettext_lazy("Description"), required=False, max_length=300)
    selling_price_idr = RupiahField(gettext_lazy("Selling price (Rp)"))
    reseller_price_idr = RupiahField(gettext_lazy("Reseller price (Rp)"), required=False)
    price_idr = RupiahField(
        gettext_lazy("Cost price (Rp)"),
        required=False,
        help_text=gettext_lazy("What it costs you; reports take the margin from it."),
    )
    popular = forms.BooleanField(label=gettext_lazy("Popular"), required=False)
    active = forms.BooleanField(label=gettext_lazy("On sale"), required=False, initial=True)
    sold_until = forms.DateField(
        label=gettext_lazy("1. Sold until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy(
            "The last day on which it is sold; unsold vouchers end after it. Empty: no such day."
        ),
    )
    valid_for = ReadField(
        entries.read_span,
        gettext_lazy("2. Valid after the first login"),
        help_text=gettext_lazy(
            "Runs by the calendar from the first login, online or not: 1h, 1d, 1w, 30d, 5 jam, "
            "1 bulan. Empty: no limit."
        ),
    )
    online_s = ReadField(
        entries.read_online,
        gettext_lazy("3. Time online"),
        help_text=gettext_lazy(
            "Counts only while connected, and stops in between: 5 jam, 10h. Empty: no limit."
        ),
    )
    quota_bytes = ReadField(
        entries.read_size,
        gettext_lazy("Data, both ways together"),
        help_text=gettext_lazy("500MB, 1GB (1 GB = 1024 MB). Empty: no limit."),
    )
    quota_download_bytes = ReadField(entries.read_size, gettext_lazy("Download alone"))
    quota_upload_bytes = ReadField(entries.read_size, gettext_lazy("Upload alone"))
    devices = forms.IntegerField(
        label=gettext_lazy("Devices at once"), min_value=1, max_value=100, initial=1
    )
    at_end = forms.ChoiceField(label=gettext_lazy("At the end"), choices=AtEnd.choices)
    slow_profile = forms.CharField(
        label=gettext_lazy("Slow profile"),
        required=False,
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"list": "profiles", "autocomplete": "off"}),
        help_text=gettext_lazy("Only when it moves to a slow profile at the end."),
    )
    profile = NameField(
        label=gettext_lazy("Router profile"),
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"list": "profiles", "autocomplete": "off"}),
        help_text=gettext_lazy(
            "The hotspot user profile on the routers. It has the speed, the devices and the hours; "
            "time and data are limits of each voucher."
        ),
    )
    auto_create = forms.BooleanField(
        label=gettext_lazy("Make the router user by itself once an order is paid"),
        required=False,
        initial=True,
    )
    sync = forms.BooleanField(
        label=gettext_lazy("Keep the profile on the routers as this package says"),
        required=False,
        initial=True,
    )
    sites = forms.ModelMultipleChoiceField(
        Site.objects.none(),
        label=gettext_lazy("Sites"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    routers = forms.ModelMultipleChoiceField(
        Router.objects.none(),
        label=gettext_lazy("Single routers"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any = None, *, package: Package | None = None) -> None:
        self.package = package
        super().__init__(data, initial=_initial(package) if package else None)
        placed = Router.objects.in_use().select_related("site").order_by("name")
        sites, routers = self.fields["sites"], self.fields["routers"]
        assert isinstance(sites, forms.ModelMultipleChoiceField)  # noqa: S101 -- for the type checker
        assert isinstance(routers, forms.ModelMultipleChoiceField)  # noqa: S101 -- the same
        sites.queryset = Site.objects.filter(pk__in=placed.values("site")).order_by("name")
        routers.queryset = placed

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        if packages.name_taken(name, self.package):
            raise ValidationError(_("There is a package “%(name)s” already.") % {"name": name})
        return name

    def clean_valid_for(self) -> str:
        found: Span | None = self.cleaned_data["valid_for"]
        return str(found) if found else ""


class SimulationForm(forms.Form):
    """How somebody is assumed to buy and use a voucher."""

    bought = forms.DateTimeField(
        label=gettext_lazy("Bought"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    login = forms.DateTimeField(
        label=gettext_lazy("First login"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    hours_a_day = forms.FloatField(
        label=gettext_lazy("Hours online a day"), required=False, min_value=0, max_value=24
    )
    per_hour = ReadField(entries.read_size, gettext_lazy("Data an hour"))

    def use(self) -> clocks.Use:
        """The assumed use; a tenth of the data is upload."""
        usual = clocks.Use()
        hours, size = self.cleaned_data.get("hours_a_day"), self.cleaned_data.get("per_hour")
        if size is None:
            size = usual.download_per_hour + usual.upload_per_hour
        upload = size // 10
        return clocks.Use(usual.hours_a_day if hours is None else hours, size - upload, upload)


class Editor:
    """The three forms of the editor as one."""

    def __init__(self, data: Any = None, *, package: Package | None = None) -> None:
        self.unreadable = ""
        limit = rate_limit.RateLimit()
        if package is not None:
            try:
                limit = rate_limit.parse(package.rate_limit)
            except Unreadable:
                self.unreadable = package.rate_limit
        stated = None
        if package is not None:
            stated = AccessHours(zone=package.zone, windows=package.windows)
        self.package = package
        self.main = PackageForm(data, package=package)
        self.speed = SpeedForm(data, initial=speed_parts(limit))
        self.hours = HoursForm(data, hours=stated)

    def is_valid(self) -> bool:
        """Whether everything fits, the package and the others beside it included."""
        fits = all([form.is_valid() for form in (self.main, self.speed, self.hours)])  # noqa: C419 -- every form tells its errors
        if not fits:
            return False
        for found in self.clashes():
            field = {"speed": None, "devices": "devices", "slow_missing": "slow_profile"}.get(
                found.clash.value
            )
            self.main.add_error(field, wording.clash(found))
        return self.main.is_valid()

    def clashes(self) -> list[contradictions.Found]:
        """What contradicts what."""
        given = self.main.cleaned_data
        sites = [site.pk for site in given["sites"]]
        routers = [router.pk for router in given["routers"]]
        return contradictions.clashes(
            self.terms(), sync=given["sync"], others=packages.beside(sites, routers, self.package)
        )

    def doubts(self) -> list[str]:
        """What is probably not meant, in sentences."""
        given = self.main.cleaned_data
        prices = contradictions.Prices(
            given["price_idr"], given["selling_price_idr"], given["reseller_price_idr"]
        )
        return [wording.doubt(one) for one in contradictions.doubts(self.terms(), prices)]

    def profile_hints(self) -> list[str]:
        """What becomes of the profile at routers that do not have it."""
        given = self.main.cleaned_data
        places = packages.routers_at(
            [site.pk for site in given["sites"]], [router.pk for router in given["routers"]]
        )
        names = [given["profile"]]
        if given["at_end"] == End.SLOW and given["slow_profile"]:
            names.append(given["slow_profile"])
        known = keeping.profiles_known()
        return [
            text
            for name in names
            if (text := self._profile_hint(name, places, known, makes=name == names[0]))
        ]

    def _profile_hint(
        self, name: str, places: list[Router], known: list[str], *, makes: bool
    ) -> str:
        lacking = keeping.routers_without(name, places)
        if not lacking:
            return ""
        told = {"name": name, "routers": ", ".join(router.name for router in lacking)}
        if makes and self.main.cleaned_data["sync"]:
            text = _("The profile “%(name)s” will be made on %(routers)s.") % told
        else:
            text = _("%(routers)s: no profile “%(name)s” there.") % told
        close = close_to(name, known) if name not in known else []
        if close:
            text += " " + _("Did you mean %(names)s?") % {"names": ", ".join(close)}
        return text

    def terms(self) -> Terms:
        """The limits that were typed; only after they were found valid."""
        values = self.values()
        return Terms(
            profile=values["profile"],
            valid_for=Span(*split_span(values["valid_for"])) if values["valid_for"] else None,
            online_s=values["online_s"],
            quota_bytes=values["quota_bytes"],
            quota_upload_bytes=values["quota_upload_bytes"],
            quota_download_bytes=values["quota_download_bytes"],
            rate_limit=values["rate_limit"],
            devices=values["devices"],
            windows=values["windows"],
            zone=values["zone"],
            at_end=End(values["at_end"]),
            slow_profile=values["slow_profile"],
        )

    def values(self) -> dict[str, Any]:
        """What `packages.create` and `edit` take; only after it was found valid."""
        given = dict(self.main.cleaned_data)
        until = given.pop("sold_until")
        zone = self.hours.chosen_zone()
        limit = rate_limit.render(self.speed.limit())
        return {
            **given,
            "sold_by": None if until is None else end_of_day(until, zone),
            "zone": zone.value,
            "rate_limit": limit or self.unreadable,
            "windows": [[sorted(one.days), one.start, one.end] for one in self.hours.windows()],
        }


def end_of_day(day: Any, zone: str) -> datetime:
    """The midnight at which a day is over in a zone."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=clocks.offset(zone))


def simulation_start(zone: str, moment: datetime) -> Mapping[str, datetime]:
    """The simulator's first example: bought on the next Friday 20:00, first login Saturday 09:00."""
    now = moment.astimezone(clocks.offset(zone))
    friday = (now + timedelta(days=(4 - now.weekday()) % 7)).replace(
        hour=20, minute=0, second=0, microsecond=0
    )
    return {"bought": friday, "login": friday + timedelta(hours=13)}


def _initial(package: Package) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: getattr(package, name)
        for name in PackageForm.base_fields
        if hasattr(package, name) and name not in packages.PLACES
    }
    for name in ("quota_bytes", "quota_download_bytes", "quota_upload_bytes"):
        found[name] = entries.write_size(found[name]) if found[name] else ""
    found["online_s"] = entries.write_online(package.online_s) if package.online_s else ""
    found["sold_until"] = packages.last_day(package)
    for name in packages.PLACES:
        found[name] = list(getattr(package, name).values_list("pk", flat=True))
    return found
