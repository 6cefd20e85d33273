"""The pages of ways to pay, the queue of proofs, and the doors that gateways call."""

from django.urls import path

from ronda.shop.views import callbacks, methods, proofs

urls_payments = [
    path("shop/methods/", methods.method_list, name="methods"),
    path("shop/methods/new/<slug:kind>/", methods.method_new, name="method-new"),
    path("shop/methods/<int:pk>/", methods.method_edit, name="method"),
    path("shop/methods/<int:pk>/remove/", methods.method_remove, name="method-remove"),
    path("shop/methods/<int:pk>/test/", methods.method_test, name="method-test"),
    path("shop/proofs/", proofs.queue, name="proofs"),
    path("shop/proofs/<int:pk>/", proofs.decide, name="proof"),
    path("shop/proofs/<int:pk>/picture/", proofs.picture, name="proof-picture"),
    path("pay/<int:pk>/callback", callbacks.callback, name="callback"),
    path("pay/<int:pk>/picture", callbacks.picture, name="method-picture"),
]
