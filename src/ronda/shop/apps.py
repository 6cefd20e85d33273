from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "ronda.shop"

    def ready(self) -> None:
        """See in every reading which vouchers began and ended, tell orders, seal passwords with the others."""
        from ronda.hotspot.service.storing import take_readings
        from ronda.routers.service import keys
        from ronda.shop.service import ending, life, making, methods, ordering, providing

        take_readings("vouchers", ending.see)
        life.on_ready("orders", providing.ready)
        keys.also_reseal("shop.vouchers", making.reseal)
        keys.also_reseal("shop.orders", ordering.reseal)
        keys.also_reseal("shop.methods", methods.reseal)
