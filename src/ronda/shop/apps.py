from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "ronda.shop"

    def ready(self) -> None:
        """Tell orders what became of their vouchers, and seal their passwords with those of routers."""
        from ronda.routers.service import keys
        from ronda.shop.service import life, ordering, providing

        life.on_ready("orders", providing.ready)
        keys.also_reseal("shop.orders", ordering.reseal)
