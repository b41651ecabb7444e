from django.urls import path

from accounts import factor_views, views

app_name = "accounts"
urlpatterns = [
    path("lists/", views.account_lists, name="lists"),
    path("lists/new/", views.propose, name="propose"),
    path("lists/<uuid:uuid>/", views.account_list, name="list"),
    path("lists/<uuid:uuid>/approve/", views.approve, name="approve"),
    path("lists/<uuid:uuid>/return/", views.send_back, name="return"),
    path("requests/", views.account_requests, name="requests"),
    path("requests/<uuid:uuid>/confirm/", views.confirm, name="confirm"),
    path("requests/<uuid:uuid>/refuse/", views.refuse_request, name="refuse"),
    path("people/", views.people, name="people"),
    path("people/<uuid:uuid>/deactivate/", views.deactivate, name="deactivate"),
    path("signed-in/", views.signed_in_officers, name="signed_in"),
    path("signed-in/<uuid:uuid>/end/", views.end_for, name="end_for"),
    path("factors/", factor_views.policies, name="policies"),
    path("sessions/", views.my_sessions, name="sessions"),
    path("sessions/others/end/", views.end_other_sessions, name="end_others"),
    path("sessions/<uuid:uuid>/end/", views.end_session, name="end_session"),
]
