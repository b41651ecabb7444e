"""What programs change on the roll: each act one form and one verb, those of the pages."""

from collections.abc import Callable, Iterable
from uuid import UUID

from django.db.models import QuerySet
from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from core.access import get_for, holds
from core.api import ApiView, Asked, filled, sent, shape_of
from core.api_schema import described, sample
from core.errors import DomainError
from members.domain import roll, standing
from members.domain.reveal import FIELDS, RevealReason, reveal
from members.enums import GROUNDS, STANDING_OF, Standing
from members.forms import BranchForm, EditForm, EnrolForm, PersonForm, initial_of
from members.models import Member
from members.row_rules import Fault
from members.standing_forms import ActForm, ComeBackForm, ConvertForm, LeaveForm, ReadmitForm, RestoreForm
from orgs.enums import Capability, Kind
from orgs.models import Organization
from orgs.queries import organizations_visible_to

TAG = "党员"
EDIT = Capability.EDIT_MEMBERS
DECISION = {"on": "2026-11-20", "document_no": "样组〔2026〕8号", "reason": "支部大会通过"}
NEWCOMER = {
    "name": "样例党员", "id_number": "990001 19800101 0019", "nation": "汉族", "education": "大学本科", "category": "正式党员",
    "joined_on": "2005-07-01", "converted_on": "2006-07-01", "job": "专业技术人员", "phone": "13900009999",
    "branch": "99001001001", "ground": "registry_build",
}  # fmt: skip


class NoteShape(serializers.Serializer):
    field = serializers.CharField(allow_blank=True)
    message = serializers.CharField()


class Written(serializers.Serializer):
    """办成后档案的情况；注意事项不影响办成。"""

    uuid = serializers.UUIDField()
    version = serializers.IntegerField(help_text="下一次修改时带上")
    standing = serializers.ChoiceField(Standing.choices)
    branch = serializers.CharField(help_text="所在党支部的层级码")
    notes = NoteShape(many=True, help_text="请留意的地方")


class RevealSent(Asked):
    field = serializers.ChoiceField(list(FIELDS.items()))
    reason = serializers.ChoiceField(RevealReason.choices)
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)


class Revealed(serializers.Serializer):
    value = serializers.CharField(allow_blank=True, help_text="明文；没有登记的为空")


LEAVING = [(case, GROUNDS[case]) for case in STANDING_OF]
PAPERS = {"decided_by": "样例镇党委", "approved_by": "样例区委"}
VERSION = serializers.IntegerField(help_text="读到的档案的 version")
EnrolSent = shape_of("EnrolSent", EnrolForm)
AmendSent = shape_of("AmendSent", PersonForm, version=VERSION, reason=serializers.CharField(max_length=200))
BranchSent = shape_of("BranchSent", BranchForm, version=VERSION)
LeaveSent = shape_of("LeaveSent", LeaveForm, version=VERSION, case=serializers.ChoiceField(LEAVING))
ConvertSent = shape_of("ConvertSent", ConvertForm, version=VERSION)
RestoreSent = shape_of("RestoreSent", RestoreForm, version=VERSION)
ReadmitSent = shape_of("ReadmitSent", ReadmitForm, version=VERSION)
ComeBackSent = shape_of("ComeBackSent", ComeBackForm, version=VERSION)


def member_for(request: Request, capability: str, uuid: UUID) -> Member:
    return get_for(request.user, Member.objects.select_related("organization", "user"), capability, uuid=uuid)


def branches_of(user: User) -> QuerySet[Organization]:
    """Where this person may register members."""
    return organizations_visible_to(user, EDIT).filter(kind__in=(Kind.BRANCH, Kind.GROUP))


def written(member: Member, notes: Iterable[Fault] = (), status: int = 200) -> Response:
    said = [{"field": note.field, "message": f"{note.message}{note.remedy}"} for note in notes]
    content = {
        "uuid": member.uuid, "version": member.version, "standing": member.standing, "branch": member.organization.code,
        "notes": said,
    }  # fmt: skip
    return Response(content, status)


class Enrolment(ApiView):
    """Mounted together with the list: one address, two methods."""

    @holds(EDIT)
    @described(
        "登记党员",
        Written,
        tag=TAG,
        name="members_enrol",
        status=201,
        sent=EnrolSent,
        words="各项写法同导入的名册；branch 填党支部的层级码。性别和出生日期由号码得出。",
        examples=[sample("补登记", NEWCOMER)],
    )
    def post(self, request: Request) -> Response:
        form = EnrolForm(sent(request, EnrolSent), among=branches_of(request.user))
        made = filled(
            form,
            lambda: roll.enrol(
                form.organization, form.facts, actor=request.user, ground=form.cleaned_data["ground"],
                unverified=form.unverified_because,
            ),
        )  # fmt: skip
        return written(made, form.notes, 201)


class Amendment(ApiView):
    @holds(EDIT)
    @described(
        "修改档案", Written, tag=TAG, name="members_amend", sent=AmendSent,
        words="只改提交的各项；号码、电话、住址写“无”表示清空。",
        examples=[sample("更正学历", {"education": "硕士研究生", "reason": "学历证书复印件", "version": 1})],
    )  # fmt: skip
    def patch(self, request: Request, uuid: UUID) -> Response:
        member = member_for(request, EDIT, uuid)
        given, dates = sent(request, AmendSent), roll.may_change_dates(request.user, member)
        if not dates and (fixed := sorted({"joined_on", "converted_on"} & set(given))):
            raise DomainError("dates_need_committee", roll.DATES_NEED_COMMITTEE, field=fixed[0])
        form = EditForm(initial_of(member) | given, member=member, dates=dates)
        return written(filled(form, lambda: roll.amend(member, form.amendment(), actor=request.user)), form.notes)


def _decided(request: Request, form: ActForm, verb: Callable[..., Member]) -> Response:
    """An act that rests on a decision already made, with its papers."""
    return written(filled(form, lambda: verb(form.member, **form.decision, actor=request.user)))


class Branch(ApiView):
    @holds(EDIT)
    @described(
        "编入别的支部", Written, tag=TAG, name="members_change_branch", sent=BranchSent, words="限于您管理范围内的党支部。",
        examples=[sample("支部调整", {"branch": "99001001002", "reason": "样组〔2026〕9号", "version": 1})],
    )  # fmt: skip
    def post(self, request: Request, uuid: UUID) -> Response:
        member = member_for(request, EDIT, uuid)
        form = BranchForm(sent(request, BranchSent), member=member, among=branches_of(request.user))

        def act() -> Member:
            data = form.cleaned_data
            return roll.change_branch(
                member, form.organization, actor=request.user, reason=data["reason"], version=data["version"]
            )

        return written(filled(form, act))


class Leave(ApiView):
    @holds(EDIT)
    @described(
        "登记离开", Written, tag=TAG, name="members_leave", sent=LeaveSent,
        words="登记已经作出的决定；档案保留。各种情形要有的材料和期间按规定检查。",
        examples=[sample("转出", {"case": "transferred", **DECISION, "version": 1})],
    )  # fmt: skip
    def post(self, request: Request, uuid: UUID) -> Response:
        member = member_for(request, EDIT, uuid)
        return _decided(request, LeaveForm(sent(request, LeaveSent), member=member), standing.leave)


class Convert(ApiView):
    @holds(EDIT)
    @described(
        "登记转正", Written, tag=TAG, name="members_convert", sent=ConvertSent, words="预备期满后，支部大会通过、上级批准的。",
        examples=[sample("按期转正", {**DECISION, "version": 1})],
    )  # fmt: skip
    def post(self, request: Request, uuid: UUID) -> Response:
        member = member_for(request, EDIT, uuid)
        return _decided(request, ConvertForm(sent(request, ConvertSent), member=member), standing.convert)


class Restore(ApiView):
    @holds(EDIT)
    @described(
        "恢复党籍", Written, tag=TAG, name="members_restore", sent=RestoreSent,
        words="停止党籍的，经批准恢复；决定对党龄另有认定的写 counted_from。",
        examples=[sample("恢复", {**DECISION, **PAPERS, "version": 2})],
    )  # fmt: skip
    def post(self, request: Request, uuid: UUID) -> Response:
        member = member_for(request, EDIT, uuid)
        return _decided(request, RestoreForm(sent(request, RestoreSent), member=member), standing.restore)


class Readmit(ApiView):
    @holds(EDIT)
    @described(
        "重新入党", Written, tag=TAG, name="members_readmit", sent=ReadmitSent,
        words="出党的人重新走完发展程序以后；on 是支部大会通过之日，开除党籍的受年限限制。",
        examples=[sample("重新入党", {**DECISION, "approved_by": "样例区委", "version": 2})],
    )  # fmt: skip
    def post(self, request: Request, uuid: UUID) -> Response:
        member = member_for(request, EDIT, uuid)
        return _decided(request, ReadmitForm(sent(request, ReadmitSent), member=member), standing.readmit)


class ComeBack(ApiView):
    @holds(EDIT)
    @described(
        "登记转回", Written, tag=TAG, name="members_come_back", sent=ComeBackSent,
        words="以前转出的凭介绍信转回；在外转正的写 converted_on。",
        examples=[sample("转回", {**DECISION, "decided_by": "外省样例党委", "version": 2})],
    )  # fmt: skip
    def post(self, request: Request, uuid: UUID) -> Response:
        member = member_for(request, EDIT, uuid)
        return _decided(request, ComeBackForm(sent(request, ComeBackSent), member=member), standing.come_back)


class Reveal(ApiView):
    @holds(Capability.REVEAL_IDENTITY)
    @described(
        "查看一项明文", Revealed, tag=TAG, name="members_reveal", sent=RevealSent, words="每次都记录，本人看得到谁看过、为什么。",
        examples=[sample("联系本人", {"field": "phone", "reason": "contact"})],
    )  # fmt: skip
    def post(self, request: Request, uuid: UUID) -> Response:
        member = member_for(request, Capability.REVEAL_IDENTITY, uuid)
        data = sent(request, RevealSent)
        value = reveal(member, data["field"], actor=request.user, reason=data["reason"], note=data.get("note", ""))
        return Response({"value": value}, headers={"Cache-Control": "no-store, private"})


urlpatterns = [
    path("members/<uuid:uuid>/branch/", Branch.as_view(), name="member_branch"),
    path("members/<uuid:uuid>/leave/", Leave.as_view(), name="member_leave"),
    path("members/<uuid:uuid>/convert/", Convert.as_view(), name="member_convert"),
    path("members/<uuid:uuid>/restore/", Restore.as_view(), name="member_restore"),
    path("members/<uuid:uuid>/readmit/", Readmit.as_view(), name="member_readmit"),
    path("members/<uuid:uuid>/come-back/", ComeBack.as_view(), name="member_come_back"),
    path("members/<uuid:uuid>/reveal/", Reveal.as_view(), name="member_reveal"),
]
