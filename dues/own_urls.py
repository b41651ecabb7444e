"""A member's own dues, mounted under /me/."""

from django.urls import path

from dues.views import own

app_name = "own_dues"
urlpatterns = [
    path("", own.mine, name="mine"),
    path("base/", own.base, name="base"),
    path("base/unchanged/", own.unchanged, name="unchanged"),
    path("relief/", own.relief, name="relief"),
]
