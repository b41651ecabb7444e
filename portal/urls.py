from django.urls import include, path

from portal import correcting, front, health, own

app_name = "portal"
urlpatterns = [
    path("", front.front, name="front"),
    path("me/", own.me, name="me"),
    path("me/file/", own.my_file, name="my_file"),
    path("me/file/records/", own.my_records, name="my_records"),
    path("me/attachments/<uuid:uuid>/", own.my_attachment, name="my_attachment"),
    path("me/file/correct/", correcting.correct, name="correct"),
    path("me/lookups/", own.lookups, name="lookups"),
    path("me/lookups/seers/", own.seers, name="seers"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics_page, name="metrics"),
    path("", include("portal.signing_urls")),
]
