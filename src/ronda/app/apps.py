from django.apps import AppConfig


class RondaConfig(AppConfig):
    name = "ronda.app"
