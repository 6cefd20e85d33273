from django.apps import AppConfig


class HotspotConfig(AppConfig):
    name = "ronda.hotspot"
