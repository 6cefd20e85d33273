from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "ronda.shop"
