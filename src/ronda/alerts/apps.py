from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "ronda.alerts"

    def ready(self) -> None:
        from ronda.alerts.service.taking import take_notifications
        from ronda.devices.formats import Kind
        from ronda.devices.service.takers import take_over

        take_over(Kind.NOTIFICATIONS, take_notifications)
