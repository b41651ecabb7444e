"""What the organisations of a member have told of their dues."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core.access import own_file
from core.dates import today
from dues.domain.publishing import published_for
from dues.up_rules import PACK
from members.queries import own_member
from regulations.packs import pack

YEARS = 3


@own_file
@require_GET
def published(request: HttpRequest) -> HttpResponse:
    """Of one's own branch and the committees above it, the last years."""
    member = own_member(request.user)
    if member is None:
        return render(request, "portal/no_file.html", {"base": "base_member.html"})
    rows = published_for(member.org_path, today().replace(year=today().year - YEARS, month=1, day=1))
    for row in rows:
        own = row.org_path == member.org_path
        row.people = json.loads(row.names) if own and row.names else []
    rows.sort(key=lambda row: (-row.year, -len(row.org_path)))
    return render(request, "dues/own_published.html", {"rows": rows, "clause": pack(PACK).clause("publish.yearly")})
