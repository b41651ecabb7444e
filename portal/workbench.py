"""The workbench: the officers' front page, made of the panels that rooms hang up; administrators have a plain one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from accounts.models import User
from accounts.queries import waiting_for
from core.access import signed_in
from core.dates import today
from core.registry import Panel, registry
from members.models import Member

POSTS = {
    "system": "您管账号、配置和备份，看不到党员数据，也不能给自己授权。",
    "security": "您审核账号，管理角色和授权，看不到党员数据。",
    "audit": "您查看审计记录，不能改动任何数据。",
}


def _of_administrator(user: User) -> dict[str, object]:
    return {"duty": POSTS[user.administrator], "today": today(), "waiting": waiting_for(user)}


@signed_in
@require_GET
def front(request: HttpRequest) -> HttpResponse:
    user = request.user
    if not user.is_officer:
        return redirect("portal:me")
    if user.administrator:
        return render(request, "portal/administrator.html", _of_administrator(user))
    columns: dict[str, list[tuple[Panel, dict[str, object]]]] = {"main": [], "side": []}
    for panel in sorted(registry.workbench_panels, key=lambda p: p.order):
        context = panel.context(request)
        if context is not None:
            columns[panel.column].append((panel, context))
    own = Member.objects.filter(user=user).exists()
    return render(request, "portal/workbench.html", {**columns, "today": today(), "own_file": own})
