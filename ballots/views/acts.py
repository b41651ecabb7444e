"""The organiser's acts on a vote: each its own address, done by POST, back on the vote's page."""

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_POST

from ballots.domain import counting, freezing
from ballots.domain import polls as verbs
from ballots.forms import BenchForm, CloseForm, ReasonForm, ReplaceForm
from ballots.models import Poll
from ballots.views.desk import RUN, poll_for
from core.access import holds
from core.errors import DomainError, Missing, NotAllowed
from core.forms import attempt


def _back(uuid: UUID) -> HttpResponse:
    return redirect("ballots:poll", uuid)


def _carry_out(request: HttpRequest, uuid: UUID, verb: Callable[[], object], done: str) -> HttpResponse:
    """An act without anything to fill in; what refuses it is said on the page it came from."""
    try:
        verb()
    except (Missing, NotAllowed):
        raise
    except DomainError as error:
        messages.error(request, error.message)
        return _back(uuid)
    messages.success(request, done)
    return _back(uuid)


def _ask(request: HttpRequest, poll: Poll, form: forms.Form, verb: Callable[[], object], **words: str) -> HttpResponse:
    """An act with something to fill in: shown, refused with everything still in it, or done."""
    if request.method == "POST" and form.is_valid() and attempt(form, verb) is not None:
        messages.success(request, words["done"])
        return _back(poll.uuid)
    here = reverse("ballots:poll", args=[poll.uuid])
    trail = [("无记名投票", reverse("ballots:list")), (poll.title, here), (words["heading"], "")]
    context = {"poll": poll, "form": form, "trail": trail, **words}
    answer = render(request, "ballots/act.html", context, status=422 if request.method == "POST" else 200)
    add_never_cache_headers(answer)
    return answer


@holds(RUN)
@require_http_methods(["GET", "POST"])
def convene(request: HttpRequest, uuid: UUID) -> HttpResponse:
    poll = poll_for(request, uuid)
    form = BenchForm(poll, request.POST or None)
    words = {
        "heading": "定监票人",
        "submit": "定下来",
        "done": "监票人已定，他们登录后在“我的投票”里看得到。",
        "note": "组织者、凭条登记人、监票人要由不同的人担任：没有哪一个人能单独塞票或开箱。定下以后，题目和候选人就不能再改。",
    }
    return _ask(request, poll, form, lambda: verbs.convene(poll, form.bench(), actor=request.user), **words)


@holds(RUN)
@require_http_methods(["GET", "POST"])
def replace(request: HttpRequest, uuid: UUID) -> HttpResponse:
    poll = poll_for(request, uuid)
    form = ReplaceForm(poll, request.POST or None)
    words = {
        "heading": "更换监票人",
        "submit": "更换",
        "done": "已更换，所有监票人要重新做一次钥匙。",
        "note": "开始投票以前可以更换。换人以后，全体监票人重新做钥匙；已经印好的凭条照样用。",
    }

    def verb() -> Poll:
        data = form.cleaned_data
        return verbs.replace_teller(poll, data["number"], data["user"], data["reason"], actor=request.user)

    return _ask(request, poll, form, verb, **words)


@holds(RUN)
@require_http_methods(["GET", "POST"])
def restart(request: HttpRequest, uuid: UUID) -> HttpResponse:
    poll = poll_for(request, uuid)
    form = ReasonForm(request.POST or None)
    words = {
        "heading": "重新做钥匙",
        "submit": "重新做",
        "done": "请监票人重新做一次钥匙。",
        "note": "有人丢了自己的一份，或者念的数对不上，就重新做。已经印好的凭条照样用。",
    }
    return _ask(
        request, poll, form, lambda: verbs.restart_ceremony(poll, form.cleaned_data["reason"], actor=request.user), **words
    )


@holds(RUN)
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, uuid: UUID) -> HttpResponse:
    poll = poll_for(request, uuid)
    form = CloseForm(poll, request.POST or None)
    words = {
        "heading": "截止投票",
        "submit": "截止投票",
        "done": "投票已截止，请监票人计票。",
        "note": "截止以后谁也不能再投，也不能重新开始。请先在会场问一遍：还有没有没投的同志。",
        "confirm": "截止以后不能再投，也不能重开。确实都投完了吗？",
    }
    given = lambda: form.cleaned_data.get("slips_given")  # noqa: E731 - read when the form has been checked
    return _ask(request, poll, form, lambda: counting.close(poll, given(), actor=request.user), **words)


@holds(RUN)
@require_http_methods(["GET", "POST"])
def abandon(request: HttpRequest, uuid: UUID) -> HttpResponse:
    poll = poll_for(request, uuid)
    form = ReasonForm(request.POST or None)
    words = {
        "heading": "中止投票",
        "submit": "中止投票",
        "done": "已中止。已经投出的票永远不会打开。",
        "note": "中止以后不能恢复，已经投出的票不打开、不计票。要再投，请重新起草。",
        "confirm": "中止以后不能恢复。",
    }
    return _ask(request, poll, form, lambda: verbs.abandon(poll, form.cleaned_data["reason"], actor=request.user), **words)


@holds(RUN)
@require_POST
def freeze(request: HttpRequest, uuid: UUID) -> HttpResponse:
    poll = poll_for(request, uuid)
    return _carry_out(request, uuid, lambda: freezing.freeze(poll, actor=request.user), "选票和名册已封定。请监票人试开箱。")


@holds(RUN)
@require_POST
def open_vote(request: HttpRequest, uuid: UUID) -> HttpResponse:
    poll = poll_for(request, uuid)
    return _carry_out(request, uuid, lambda: freezing.open_poll(poll, actor=request.user), "投票开始。")


@holds(RUN)
@require_POST
def announce(request: HttpRequest, uuid: UUID) -> HttpResponse:
    poll = poll_for(request, uuid)
    return _carry_out(
        request, uuid, lambda: counting.announce(poll, actor=request.user), "结果已登出。请监票人各自销毁自己的一份。"
    )
