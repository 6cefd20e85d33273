from django.apps import AppConfig


class DevicesConfig(AppConfig):
    name = "ronda.devices"

    def ready(self) -> None:
        """Take the older system's status cache."""
        from ronda.devices.formats import Kind
        from ronda.devices.service import taking
        from ronda.devices.service.takers import take_over

        take_over(Kind.STATUS_CACHE, taking.take, look=taking.look, undo=taking.undo)
