"""The member's own correction: say what is wrong in the file, see what became of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core.access import own_file
from core.forms import attempt
from members.correction_forms import OWN_FIELDS, CorrectionForm
from members.domain.corrections import hand_in, returned_to, running_for
from members.queries import own_member


@own_file
@sensitive_post_parameters("id_number", "birth_date", "phone", "landline", "address")
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest) -> HttpResponse:
    member = own_member(request.user)
    if member is None:
        return render(request, "portal/no_file.html", {"base": "base_member.html"})
    back = returned_to(member, own=True)
    initial = back.initial if back else {}
    form = CorrectionForm(request.POST or None, request.FILES or None, member=member, names=OWN_FIELDS, initial=initial)
    if request.method == "POST" and form.is_valid():
        proposal, proofs = form.proposal(own=True), form.proofs()
        case = attempt(form, lambda: hand_in(member, proposal, back, actor=request.user, proofs=proofs))
        if case is not None:
            messages.success(request, "已提交，支部会核对。结果在“我的档案”里看。")
            return redirect("portal:my_file")
    waiting = running_for(member)
    context = {"form": form, "member": member, "back": back, "waiting": None if back else waiting}
    page = render(request, "portal/correct.html", context, status=422 if form.errors else 200)
    add_never_cache_headers(page)
    return page
