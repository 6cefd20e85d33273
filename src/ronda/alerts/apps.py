from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "ronda.alerts"

    def ready(self) -> None:
        from ronda.alerts.service import channels
        from ronda.alerts.service.taking import take_notifications
        from ronda.devices.formats import Kind
        from ronda.devices.service.takers import take_over
        from ronda.routers.service import keys

        take_over(Kind.NOTIFICATIONS, take_notifications)
        keys.also_reseal("channels", channels.reseal)
