from django.apps import AppConfig


class HotspotConfig(AppConfig):
    name = "ronda.hotspot"

    def ready(self) -> None:
        from ronda.hotspot.service.storing import take_readings
        from ronda.hotspot.service.usage import listening

        take_readings("usage", listening.take)
