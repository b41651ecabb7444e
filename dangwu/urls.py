"""Doors of the platform. Officers' pages stand under /admin/ in one shell; members' own pages under /me/,
what programs ask for under /api/."""

from django.urls import include, path

from portal.desk import desk

urlpatterns = [
    path("me/matters/", include("workflow.own_urls")),
    path("me/dues/", include("dues.own_urls")),
    path("me/ballots/", include("ballots.own_urls")),
    path("vote/", include("ballots.vote_urls")),
    path("", include("portal.urls")),
    path("api/v1/", include("portal.api")),
    path("admin/", include(desk.get_urls())),
]

handler400 = "core.web.bad_request"
handler403 = "core.web.forbidden"
handler404 = "core.web.not_found"
handler500 = "core.web.server_error"
