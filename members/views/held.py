"""Numbers held for checking: two registrations side by side, decided by somebody who may see both."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_GET, require_http_methods

from core.access import get_for, holds
from core.errors import Missing
from core.forms import attempt
from members import presenting as facts
from members.domain.identities import confirm_different, confirm_same
from members.forms import DecisionForm
from members.models import Member
from members.queries import contested_below, other_registration
from orgs.enums import Capability

CHECK = Capability.CHECK_IDENTITIES
SHOWN = 100
DONE = {"different": "已记下：是两个人。号码退回支部核实。", "same": "已记下：是同一个人。后登记的一份已并入先登记的。"}


@holds(CHECK)
@require_GET
def held(request: HttpRequest) -> HttpResponse:
    waiting = list(contested_below(request.user)[: SHOWN + 1])
    return render(request, "members/held.html", {"waiting": waiting[:SHOWN], "more": len(waiting) > SHOWN})


@holds(CHECK)
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, uuid: UUID) -> HttpResponse:
    member = get_for(request.user, contested_below(request.user), CHECK, uuid=uuid)
    other = other_registration(member)
    if other is None:
        raise Missing
    form = DecisionForm(request.POST or None, initial={"version": member.version})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        verb = confirm_different if data["decision"] == "different" else confirm_same

        def decided() -> bool:
            verb(member, data["reason"], actor=request.user, version=data["version"])
            return True

        if attempt(form, decided):
            messages.success(request, DONE[data["decision"]])
            return redirect("members:held")
    page = render(request, "members/decide.html", _both(form, member, other), status=422 if form.errors else 200)
    add_never_cache_headers(page)
    return page


def _both(form: DecisionForm, member: Member, other: Member) -> dict[str, object]:
    sides = [("后登记的一份", member), ("先登记的一份", other)]
    return {"form": form, "member": member, "sides": [(words, who, facts.particulars(who)) for words, who in sides]}
