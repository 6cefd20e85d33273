"""The form of the set-up guide."""

from ipaddress import IPv4Interface
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronda.kernel.addresses import AddressRefused, parse_address
from ronda.routers.models import Router
from ronda.routers.rules.entering import NotAProfile, read_profiles
from ronda.routers.rules.guide import HotspotPlan, Plan, ProfilePlan
from ronda.routers.rules.settings import LENGTHS

ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
EXAMPLE_PROFILES = (
    "5jam, 1, 1M/2M\n12jam, 1, 1M/2M\n24jam, 1, 1M/2M\n7hari, 1, 2M/4M\n30hari, 1, 2M/4M"
)


class GuideForm(forms.Form):
    """What the set-up guide needs to know to write the commands."""

    version = forms.ChoiceField(
        label=gettext_lazy("RouterOS"), choices=[("v7", "v7"), ("v6", "v6")], initial="v7"
    )
    host = forms.CharField(
        label=gettext_lazy("Address of the router"), max_length=253, initial="192.168.88.1"
    )
    server = forms.GenericIPAddressField(
        label=gettext_lazy("Address of Ronda, as the router sees it"),
        help_text=gettext_lazy("Only this address may sign in. The test finds it out."),
    )
    user = forms.CharField(
        label=gettext_lazy("User to make"), max_length=LENGTHS["user"], initial="ronda"
    )
    tls = forms.BooleanField(label=gettext_lazy("Encrypted (TLS)"), required=False, initial=True)
    rest = forms.BooleanField(label=gettext_lazy("REST as well (v7)"), required=False)
    more = forms.MultipleChoiceField(
        label=gettext_lazy("More rights for the user"),
        choices=[
            ("password", gettext_lazy("password: change its own password (for rotation)")),
            ("sensitive", gettext_lazy("sensitive: read voucher passwords when taking them over")),
            ("ftp", gettext_lazy("ftp: fetch backups of the configuration")),
            ("reboot", gettext_lazy("reboot: restart the router")),
        ],
        initial=["password"],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"), choices=[(zone, zone) for zone in ZONES]
    )
    hotspot = forms.BooleanField(label=gettext_lazy("Make a hotspot"), required=False)
    interface = forms.CharField(
        label=gettext_lazy("Hotspot interface"),
        max_length=LENGTHS["hotspot_interface"],
        required=False,
        help_text=gettext_lazy("For example bridge-hotspot, ether2 or wlan1."),
    )
    gateway = forms.CharField(
        label=gettext_lazy("Address and network of the hotspot"),
        max_length=18,
        required=False,
        initial="10.5.50.1/24",
    )
    hotspot_name = forms.CharField(
        label=gettext_lazy("Hotspot server"),
        max_length=60,
        required=False,
        initial="hotspot1",
    )
    dns_name = forms.CharField(
        label=gettext_lazy("Name of the sign-in page"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("For example login.desa.net; empty: its address."),
    )
    profiles = forms.CharField(
        label=gettext_lazy("User profiles"),
        max_length=5000,
        required=False,
        initial=EXAMPLE_PROFILES,
        widget=forms.Textarea(attrs={"rows": 5, "class": "code-input", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One a line: name, devices at once, upload/download, time of one session."
        ),
    )

    def __init__(self, data: Any, *, initial: Any, router: Router | None) -> None:
        super().__init__(data, initial=initial)
        self.router = router

    def clean_host(self) -> str:
        text = str(self.cleaned_data["host"]).strip().lower()
        try:
            return str(parse_address(text, loopback=True))
        except AddressRefused:
            raise forms.ValidationError(
                _("Write an IP address such as 192.168.88.1, or a host name.")
            ) from None

    def clean_profiles(self) -> tuple[ProfilePlan, ...]:
        try:
            return read_profiles(self.cleaned_data["profiles"])
        except NotAProfile as wrong:
            raise forms.ValidationError(
                _("Line %(line)d: %(part)s cannot be read. Write it like: %(example)s")
                % {"line": wrong.line, "part": wrong.part, "example": "1jam, 1, 512k/2M, 1h"}
            ) from None

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name in ("user", "interface", "hotspot_name", "dns_name"):
            if name in values and not values[name].isprintable():
                self.add_error(name, _("There is an invisible control character; type it again."))
        if values.get("hotspot"):
            for name in ("interface", "hotspot_name"):
                if not values.get(name):
                    self.add_error(name, _("Fill this in."))
            wrong = not _can_be_gateway(values.get("gateway", ""))
            if wrong:
                self.add_error(
                    "gateway", _("Write an address with its network, such as 10.5.50.1/24.")
                )
        return values

    def plan(self, password: str) -> Plan:
        """What was chosen, with this password for the user."""
        values = self.cleaned_data
        hotspot = None
        if values["hotspot"]:
            hotspot = HotspotPlan(
                values["interface"],
                values["gateway"],
                values["hotspot_name"],
                values["dns_name"],
            )
        return Plan(
            major=7 if values["version"] == "v7" else 6,
            server=values["server"],
            host=values["host"],
            user=values["user"],
            password=password,
            tls=values["tls"],
            rest=values["rest"],
            more=tuple(values["more"]),
            time_zone=values["time_zone"],
            hotspot=hotspot,
            profiles=values["profiles"],
        )

    def access(self) -> list[forms.BoundField]:
        """The fields about Ronda's way in."""
        names = ("version", "host", "server", "user", "tls", "rest", "more", "time_zone")
        return [self[name] for name in names]

    def guests(self) -> list[forms.BoundField]:
        """The fields about the hotspot and its profiles."""
        names = ("hotspot", "interface", "gateway", "hotspot_name", "dns_name", "profiles")
        return [self[name] for name in names]


def _can_be_gateway(text: str) -> bool:
    try:
        inside = IPv4Interface(text)
    except ValueError:
        return False
    network = inside.network
    return 16 <= network.prefixlen <= 29 and inside.ip not in (network[0], network[-1])
