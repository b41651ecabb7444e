"""Corrections that the branch raises because only the committee may make them."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core.access import holds
from core.forms import attempt
from members.correction_forms import BRANCH_FIELDS, CorrectionForm
from members.domain.corrections import hand_in, returned_to
from members.views.file import member_for, trail_to
from orgs.enums import Capability


@holds(Capability.EDIT_MEMBERS)
@sensitive_post_parameters("id_number", "birth_date")
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Propose another number or another date; or hand a returned proposal in again."""
    member = member_for(request, Capability.EDIT_MEMBERS, uuid)
    back = returned_to(member, own=False)
    initial = back.initial if back else {}
    form = CorrectionForm(request.POST or None, request.FILES or None, member=member, names=BRANCH_FIELDS, initial=initial)
    if request.method == "POST" and form.is_valid():
        proposal, proofs = form.proposal(own=False), form.proofs()
        case = attempt(form, lambda: hand_in(member, proposal, back, actor=request.user, proofs=proofs))
        if case is not None:
            messages.success(request, "已提交党委审批。同意后档案自动改好，进度在档案页和待办里看。")
            return redirect("members:file", uuid)
    context = {
        "form": form, "member": member, "back": back,
        "trail": trail_to(request, member.organization, (member.name, "")),
    }  # fmt: skip
    page = render(request, "members/correct.html", context, status=422 if form.errors else 200)
    add_never_cache_headers(page)
    return page
