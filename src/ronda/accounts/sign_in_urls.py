"""allauth's doors, less those that have no place here.

allauth looks its own addresses up by name, so they stay; the paths below come first and close them.
"""

from django.urls import include, path, re_path

from ronda.accounts.views import sign_in

urlpatterns = [
    path("signup/", sign_in.closed),
    path("email/", sign_in.closed),
    path("login/code/confirm/", sign_in.closed),
    re_path(r"^confirm-email/(?:(?P<key>[-:\w]+)/)?$", sign_in.closed),
    path("password/set/", sign_in.closed),
    path("password/reset/", sign_in.forgotten),
    re_path(r"^password/reset/(?P<key>.+)$", sign_in.closed),
    path("", include("allauth.urls")),
]
