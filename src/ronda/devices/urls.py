"""The pages of devices."""

from django.urls import path

from ronda.devices import transfer_urls
from ronda.devices.views import backups, changes, editing, onts, scope, sites

app_name = "devices"

urlpatterns = [
    *transfer_urls.urlpatterns,
    path("onts/", onts.ont_list, name="onts"),
    path("onts/new/", editing.ont_new, name="ont-new"),
    path("onts/bulk/", editing.ont_bulk, name="onts-bulk"),
    path("onts/<int:pk>/", onts.ont_page, name="ont"),
    path("onts/<int:pk>/edit/", editing.ont_edit, name="ont-edit"),
    path("onts/<int:pk>/delete/", editing.ont_delete, name="ont-delete"),
    # The older system's address; there a mere GET deleted, here it asks.
    path("delete/<int:pk>", editing.ont_delete, name="ont-delete-older"),
    path("sites/", sites.site_list, name="sites"),
    path("sites/<int:pk>/", sites.site_page, name="site"),
    path("sites/<int:pk>/edit/", sites.site_edit, name="site-edit"),
    path("sites/<int:pk>/delete/", sites.site_delete, name="site-delete"),
    path("sites/<int:pk>/merge/", sites.areas_merge, name="areas-merge"),
    path("sites/of/<int:pk>/", scope.person_sites, name="person-sites"),
    path("areas/<int:pk>/edit/", sites.area_edit, name="area-edit"),
    path("areas/<int:pk>/delete/", sites.area_delete, name="area-delete"),
    path("changes/", changes.change_list, name="changes"),
    path("changes/<int:pk>/", changes.change_page, name="change"),
    path("backups/", backups.backup_list, name="backups"),
    path("backups/now/", backups.backup_now, name="backup-now"),
    path("backups/<str:name>/", backups.backup_file, name="backup"),
    path("backups/<str:name>/restore/", backups.backup_restore, name="backup-restore"),
]
