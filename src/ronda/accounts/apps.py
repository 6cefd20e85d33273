from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "ronda.accounts"

    def ready(self) -> None:
        """Listen to what happens at the sign-in pages; say where keys of the audit trail and second steps lie."""
        from ronda.accounts import signals
        from ronda.storage.resealing import keeps_sealed, keeps_sealed_within

        signals.connect()
        keeps_sealed("accounts.AuditKey", "secret")
        keeps_sealed("accounts.AuditMark", "sealed")
        keeps_sealed_within("mfa.Authenticator", "data", "secret", "seed")
