"""The officers' desk: Django's admin site in our shell. Its front page is the workbench, its record pages are our own
scoped views; Django's change lists (OFFSET, COUNT, unscoped) are not mounted."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

from portal import workbench


class Desk(AdminSite):
    site_header = site_title = "电子党务平台"
    index_title = "工作台"

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and request.user.is_active and request.user.is_officer

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [
            path("", workbench.front, name="workbench"),
            path("accounts/", include("accounts.urls")),
            path("organizations/", include("orgs.urls")),
            path("grants/", include("orgs.grant_urls")),
            path("tokens/", include("orgs.token_urls")),
            path("matters/", include("workflow.urls")),
            path("members/", include("members.urls")),
            path("cadres/", include("cadres.urls")),
            path("ballots/", include("ballots.urls")),
            path("dues/", include("dues.urls")),
            path("imports/", include("exchange.urls")),
            path("filings/", include("exchange.filing_urls")),
            path("exports/", include("exchange.request_urls")),
            path("figures/", include("insight.urls")),
            path("audit/", include("audit.urls")),
        ]


desk = Desk(name="desk")
