from django.urls import include, path

from portal import front, health

app_name = "portal"
urlpatterns = [
    path("", front.front, name="front"),
    path("healthz", health.healthz, name="healthz"),
    path("", include("portal.signing_urls")),
]
