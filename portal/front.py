"""The door without a path: everybody is led to the page that is theirs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from core.access import signed_in


@signed_in
def front(request: HttpRequest) -> HttpResponse:
    return redirect("workbench" if request.user.is_officer else "portal:me")
