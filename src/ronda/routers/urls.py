"""The pages of routers."""

from django.urls import path

from ronda.routers.views import guide, importing, routers, testing

app_name = "routers"

urlpatterns = [
    path("routers/", routers.router_list, name="routers"),
    path("routers/new/", routers.router_new, name="router-new"),
    path("routers/import/", importing.router_import, name="router-import"),
    path("routers/setup/", guide.guide_page, name="setup"),
    path("routers/<int:pk>/", routers.router_page, name="router"),
    path("routers/<int:pk>/edit/", routers.router_edit, name="router-edit"),
    path("routers/<int:pk>/delete/", routers.router_delete, name="router-delete"),
    path("routers/<int:pk>/restore/", routers.router_restore, name="router-restore"),
    path("routers/<int:pk>/active/", routers.router_active, name="router-active"),
    path("routers/<int:pk>/test/", testing.router_test, name="router-test"),
    path(
        "routers/<int:pk>/test/<int:job>/",
        testing.router_test_progress,
        name="router-test-progress",
    ),
    path("routers/<int:pk>/password/", testing.router_password, name="router-password"),
    path("routers/<int:pk>/setup/", guide.guide_page, name="router-setup"),
    path("routers/<int:pk>/forget/", routers.router_forget, name="router-forget"),
]
