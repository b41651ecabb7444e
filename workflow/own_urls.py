"""A member's own matters, mounted under /me/."""

from django.urls import path

from workflow import own_views

app_name = "matters"
urlpatterns = [
    path("", own_views.mine, name="mine"),
    path("<uuid:uuid>/", own_views.my_case, name="case"),
    path("<uuid:uuid>/papers/<uuid:paper>/", own_views.my_paper, name="paper"),
]
