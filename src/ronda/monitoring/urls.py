"""Addresses of the monitoring pages, included at the root."""

from django.urls import path

from ronda.monitoring import backup_views, maintenance_views, views

app_name = "monitoring"

urlpatterns = [
    path("outages/", views.outages, name="outages"),
    path("outages/summary/", views.summary, name="summary"),
    path("outages/hide/", views.clear, name="clear"),
    path("outages/show-hidden/", views.restore, name="restore"),
    path("outages/backups/", backup_views.backups, name="outage-backups"),
    path("outages/backups/<slug:deed>/", backup_views.act, name="outage-backup-act"),
    path("outages/export.csv", views.export, name="export"),
    path("onts/<int:ont_id>/why/", views.why, name="why"),
    path("onts/<int:ont_id>/chart/", views.chart, name="chart"),
    path("onts/<int:ont_id>/outages/", views.ont_outages, name="ont-outages"),
    path("maintenance/", maintenance_views.windows, name="maintenance"),
    path("maintenance/new/", maintenance_views.new, name="maintenance-new"),
    path("maintenance/preview/", maintenance_views.preview, name="maintenance-preview"),
    path("maintenance/<int:number>/", maintenance_views.edit, name="maintenance-edit"),
    path("maintenance/<int:number>/end/", maintenance_views.end, name="maintenance-end"),
    path("watch/", views.health, name="health"),
    path("watch/rounds.json", views.rounds, name="rounds"),
]
