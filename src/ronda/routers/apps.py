from django.apps import AppConfig


class RoutersConfig(AppConfig):
    name = "ronda.routers"

    def ready(self) -> None:
        """Say where passwords of routers lie."""
        from ronda.storage.resealing import keeps_sealed

        keeps_sealed("routers.Router", "secret", "secret_next")
