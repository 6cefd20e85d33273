"""Doors of the notices."""

from django.urls import path

from ronda.alerts import (
    channel_views,
    own_views,
    push_views,
    reached_views,
    rota_views,
    rule_views,
    views,
    why_views,
)

app_name = "alerts"
urlpatterns = [
    path("alerts/rules/", rule_views.rules, name="rules"),
    path("alerts/rules/new/", rule_views.rule_new, name="rule-new"),
    path("alerts/rules/<int:pk>/", rule_views.rule_edit, name="rule"),
    path("alerts/rules/<int:pk>/delete/", rule_views.rule_delete, name="rule-delete"),
    path("alerts/rota/", rota_views.rotas, name="rotas"),
    path("alerts/rota/new/", rota_views.rota_new, name="rota-new"),
    path("alerts/rota/<int:pk>/", rota_views.rota_edit, name="rota"),
    path("alerts/rota/<int:pk>/delete/", rota_views.rota_delete, name="rota-delete"),
    path("alerts/rota/swaps/<int:pk>/back/", rota_views.swap_back, name="swap-back"),
    path("alerts/told/", why_views.told, name="told"),
    path("alerts/told/incident/<int:number>/", why_views.of_incident, name="told-of-incident"),
    path("channels/", channel_views.channel_list, name="channels"),
    path("channels/new/<str:kind>/", channel_views.channel_new, name="channel-new"),
    path("channels/<int:pk>/", channel_views.channel_edit, name="channel"),
    path("channels/<int:pk>/test/", channel_views.channel_test, name="channel-test"),
    path("channels/<int:pk>/delete/", channel_views.channel_delete, name="channel-delete"),
    path("messages/", channel_views.message_list, name="messages"),
    path("messages/<int:pk>/again/", channel_views.message_again, name="message-again"),
    path("messages/order/<int:pk>/", channel_views.of_order, name="messages-of-order"),
    path("messages/people/", own_views.to_people, name="to-people"),
    path("messages/people/<int:pk>/again/", own_views.to_people_again, name="to-people-again"),
    path("for-me/", own_views.for_me, name="for-me"),
    path("for-me/read/", own_views.read_mine, name="read-mine"),
    path("reached/", reached_views.mine, name="mine"),
    path("push-worker.js", push_views.worker, name="push-worker"),
    path("reached/push/", push_views.subscribe, name="push-subscribe"),
    path("reached/chat/", reached_views.link_chat, name="chat-link"),
    path("reached/chat/<int:pk>/", reached_views.chat_state, name="chat-state"),
    path("reached/address/<int:pk>/<slug:deed>/", reached_views.act, name="address"),
    path("reached/<int:pk>/", reached_views.of_person, name="reached"),
    path("reached/<int:pk>/add/", reached_views.add, name="address-add"),
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.read, name="read"),
    path("notices/delete/", views.delete, name="delete"),
    path("notices/backups/", views.backups, name="backups"),
    path("notices/backups/restore/", views.restore, name="restore"),
]
