from django.urls import path

from orgs import token_views as views

app_name = "tokens"
urlpatterns = [
    path("", views.mine, name="list"),
    path("new/", views.new, name="new"),
    path("all/", views.everybodys, name="all"),
    path("<uuid:uuid>/revoke/", views.revoke, name="revoke"),
]
