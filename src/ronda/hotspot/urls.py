"""The pages of the hotspot."""

from django.urls import path

from ronda.hotspot.views import drift, hours, instructions, lists, profiles, users

app_name = "hotspot"

urlpatterns = [
    path("hotspot/", lists.online, name="online"),
    path("hotspot/tiles/", lists.tiles, name="tiles"),
    path("hotspot/router/<int:pk>/", lists.of_router, name="of-router"),
    path("hotspot/users/", lists.users, name="users"),
    path("hotspot/users/new/", users.user_new, name="user-new"),
    path("hotspot/users/adopt/", users.adopt, name="adopt"),
    path("hotspot/users/<int:pk>/", users.user_page, name="user"),
    path("hotspot/users/<int:pk>/edit/", users.user_edit, name="user-edit"),
    path("hotspot/profiles/", profiles.profile_list, name="profiles"),
    path("hotspot/profiles/new/", profiles.profile_new, name="profile-new"),
    path("hotspot/profiles/speed/", profiles.speed_preview, name="speed-preview"),
    path("hotspot/profiles/<int:pk>/", profiles.profile_page, name="profile"),
    path("hotspot/profiles/<int:pk>/edit/", profiles.profile_edit, name="profile-edit"),
    path("hotspot/profiles/<int:pk>/delete/", profiles.profile_delete, name="profile-delete"),
    path("hotspot/profiles/<int:pk>/adopt/", profiles.profile_adopt, name="profile-adopt"),
    path("hotspot/profiles/<int:pk>/hours/", hours.profile_hours, name="hours-profile"),
    path("hotspot/users/<int:pk>/hours/", hours.user_hours, name="hours-user"),
    path("hotspot/hours/", hours.hours_list, name="hours"),
    path("hotspot/hours/site/<int:pk>/", hours.placement, name="placement"),
    path("hotspot/act/<str:part>/", instructions.act, name="act"),
    path("hotspot/instructions/", instructions.instruction_list, name="instructions"),
    path("hotspot/instructions/<int:pk>/", instructions.instruction_page, name="instruction"),
    path(
        "hotspot/instructions/<int:pk>/undo/",
        instructions.instruction_undo,
        name="instruction-undo",
    ),
    path("hotspot/differences/", drift.drift_page, name="drift"),
    path("hotspot/differences/decide/", drift.decide, name="decide"),
    path("hotspot/refresh/", drift.refresh, name="refresh"),
    path("hotspot/lists/<str:part>/", lists.others, name="others"),
]
