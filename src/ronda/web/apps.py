from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "ronda.web"

    def ready(self) -> None:
        """Find the help that the slices keep for their pages."""
        from django.utils.module_loading import autodiscover_modules

        autodiscover_modules("help")
