"""The doors of the account pages. allauth's own doors are in `sign_in_urls`."""

from django.urls import path

from ronda.accounts.views import people, profile, setup, sign_in, tokens, trail

app_name = "accounts"

urlpatterns = [
    path("setup/", setup.setup_needed, name="setup-needed"),
    path("welcome/", setup.welcome, name="welcome"),
    path("setup/<str:key>/", setup.use_link, name="setup"),
    path("people/", people.people_page, name="people"),
    path("people/<int:pk>/", people.person_page, name="person"),
    path("people/<int:pk>/role/", people.change_role, name="person-role"),
    path("people/<int:pk>/link/", people.new_link, name="person-link"),
    path("people/<int:pk>/second-step-off/", people.second_step_off, name="second-step-off"),
    path("people/<int:pk>/<slug:deed>/", people.act, name="person-act"),
    path("tokens/", tokens.tokens_page, name="tokens"),
    path("tokens/<int:pk>/revoke/", tokens.revoke, name="token-revoke"),
    path("programs/<int:pk>/end/", tokens.end_program, name="program-end"),
    path("sign-ins/", sign_in.history_page, name="history"),
    path("sessions/<int:pk>/end/", sign_in.end_session, name="session-end"),
    path("audit/", trail.audit_page, name="audit"),
    path("audit/audit.<slug:kind>", trail.audit_file, name="audit-file"),
    path("profile/", profile.profile_page, name="profile"),
]
