"""The pages of moving from Mikhmon."""

from django.urls import path

from ronda.shop.views import moving

urls_moving = [
    path("shop/mikhmon/", moving.mikhmon_page, name="mikhmon"),
    path("shop/mikhmon/<int:pk>/progress/", moving.progress, name="mikhmon-progress"),
    path("shop/mikhmon/<int:pk>/take/", moving.take, name="mikhmon-take"),
    path("shop/mikhmon/<int:pk>/cut-over/", moving.cut_over, name="mikhmon-cut-over"),
    path("shop/mikhmon/<int:pk>/put-back/", moving.put_back, name="mikhmon-put-back"),
]
