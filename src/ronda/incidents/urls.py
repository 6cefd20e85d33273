"""Addresses of the incidents' pages, included at the root."""

from django.urls import path

from ronda.incidents import views

app_name = "incidents"

urlpatterns = [
    path("incidents/", views.incidents, name="incidents"),
    path("incidents/often/", views.often, name="often"),
    path("incidents/<int:number>/", views.incident, name="incident"),
    path("incidents/<int:number>/act/", views.act, name="act"),
    path("onts/<int:ont_id>/incidents/", views.of_ont, name="of-ont"),
]
