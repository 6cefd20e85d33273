"""Doors of the overview: dashboard, map, wallboard, public page."""

from django.urls import path

from ronda.overview import metrics_views, report_views, start_views, usage_views, views, wall_views

app_name = "overview"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("map/", views.map_page, name="map"),
    path("map/base.pmtiles", views.base_map, name="base-map"),
    path("wallboard/", views.wallboard, name="wallboard"),
    path("wallboard/screens/", wall_views.screens_page, name="screens"),
    path("wallboard/screens/<int:pk>/end/", wall_views.end, name="screen-end"),
    path("wall/", wall_views.wall, name="wall"),
    path("wall/ongoing/", wall_views.ongoing, name="wall-ongoing"),
    path("wall/<str:key>/", wall_views.enter, name="wall-enter"),
    path("overview/ongoing/", views.ongoing, name="ongoing"),
    path("start/", start_views.guide_page, name="start"),
    path("start/card/", start_views.card, name="start-card"),
    path("start/hide/", start_views.hide, name="start-hide"),
    path("reports/", report_views.reports_page, name="reports"),
    path("reports/report.csv", report_views.report_csv, name="report-csv"),
    path("reports/report.xlsx", report_views.report_xlsx, name="report-xlsx"),
    path("hotspot/usage/", usage_views.usage_page, name="usage"),
    path("hotspot/usage/sessions/", usage_views.usage_sessions, name="usage-sessions"),
    path("hotspot/usage/chart", usage_views.usage_chart, name="usage-chart"),
    path("hotspot/usage/usage.csv", usage_views.usage_csv, name="usage-csv"),
    path("hotspot/usage/usage.xlsx", usage_views.usage_xlsx, name="usage-xlsx"),
    path("metrics", metrics_views.exposed, name="metrics"),
    path("public/", views.public, name="public"),
]
