from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "ronda.shop"

    def ready(self) -> None:
        """See in every reading which vouchers began and ended, tell orders, seal passwords with the others."""
        from ronda.hotspot.service.hours import leave_out
        from ronda.hotspot.service.storing import take_readings
        from ronda.shop.service import ending, life, providing
        from ronda.storage.resealing import keeps_sealed

        take_readings("vouchers", ending.see)
        leave_out("vouchers", ending.over_at)
        life.on_ready("orders", providing.ready)
        keeps_sealed("shop.Voucher", "password")
        keeps_sealed("shop.Order", "wanted_password")
        keeps_sealed("shop.PaymentMethod", "secret")
