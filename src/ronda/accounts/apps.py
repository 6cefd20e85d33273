from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "ronda.accounts"

    def ready(self) -> None:
        """Listen to what happens at the sign-in pages."""
        from ronda.accounts import signals

        signals.connect()
