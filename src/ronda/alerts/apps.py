from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AlertsConfig(AppConfig):
    name = "ronda.alerts"

    def ready(self) -> None:
        from ronda.accounts.pages import profile_links
        from ronda.alerts.service import places, sending, telling, wording_alerts
        from ronda.alerts.service.buyers import can_reach
        from ronda.alerts.service.taking import take_notifications
        from ronda.devices.formats import Kind
        from ronda.devices.service.takers import take_over
        from ronda.incidents.pages import incident_sections
        from ronda.shop.pages import order_sections
        from ronda.shop.service import finding
        from ronda.storage.resealing import keeps_sealed
        from ronda.web.sections import Link, Section

        take_over(Kind.NOTIFICATIONS, take_notifications)
        finding.sent_by(can_reach)
        keeps_sealed("alerts.Channel", "secret")
        keeps_sealed("alerts.Address", "secret")
        sending.say(telling.WHAT, wording_alerts.words, places.page, bundled=places.of_several)
        order_sections.add(Section("alerts:messages-of-order", _("Sent to the buyer"), order=10))
        profile_links.add(Link("alerts:mine", _("How I am reached"), "bell"))
        incident_sections.add(Section("alerts:told-of-incident", _("Who was told"), order=10))
