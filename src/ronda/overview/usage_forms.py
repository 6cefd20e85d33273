"""What the page of hotspot use is asked for, from its address and those of its files."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ronda.devices.fields import SeenField
from ronda.devices.models import Site
from ronda.hotspot.service.usage.counts import Scope, scope_of
from ronda.kernel.periods import Period
from ronda.routers.models import Router
from ronda.web.periods import PeriodForm


class UsageForm(PeriodForm):
    """Period, site and router; what does not fit is named beside its field."""

    site = SeenField(
        Site.objects.all(), path="pk", label=_("Site"), required=False, empty_label=_("All sites")
    )
    router = SeenField(
        label=_("Router"),
        required=False,
        queryset=Router.objects.present(),
        empty_label=_("All routers"),
    )

    def asked(self) -> tuple[Period, Scope]:
        """The question; a router counts more than a site, a wrong period is this month."""
        self.is_valid()
        values = self.cleaned_data
        site, router = values.get("site"), values.get("router")
        period = self.period_asked()
        if router is not None:
            return period, scope_of(None, router.pk)
        return period, scope_of(site.pk if site else None, None)
