"""The roll for programs: the same list, filters, file and verbs as on the pages, read and refused by the same forms."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import crypto
from core.access import Scope, holds, scope
from core.api import ApiView, Asked, PageAsked, asked, sent
from core.api_schema import described, page_of, sample
from core.dates import today
from core.errors import Missing
from core.identity import mask_id, mask_phone
from members import api_acts as acts
from members import queries
from members.enums import GROUNDS, Standing
from members.history import mask_address
from members.models import TABLE, Member
from members.presenting import missing, party_facts
from members.queries import Filter
from members.rules import party_age
from members.views import choices
from orgs.enums import Capability
from orgs.models import Organization
from regulations.codes import table

TAG = "党员"
COLUMNS = (
    "uuid", "org_path", "name", "sex", "nation", "education", "job", "birth_date", "id_number_sealed", "phone_sealed", "standing",
    "joined_on", "converted_on", "counted_from", "is_floating", "lost_on", "id_unverified",
)  # fmt: skip
VIEW = Capability.VIEW_MEMBERS


class MemberRow(serializers.Serializer):
    """号码打码，出生到月。"""

    uuid = serializers.UUIDField()
    name = serializers.CharField()
    sex = serializers.CharField()
    nation = serializers.CharField(allow_blank=True)
    education = serializers.CharField(allow_blank=True)
    job = serializers.CharField(allow_blank=True)
    birth_month = serializers.CharField(help_text="如 1988-03")
    id_number = serializers.CharField(allow_blank=True, help_text="打码")
    phone = serializers.CharField(allow_blank=True, help_text="打码")
    standing = serializers.ChoiceField(Standing.choices)
    joined_on = serializers.DateField()
    converted_on = serializers.DateField(allow_null=True)
    party_years = serializers.IntegerField(allow_null=True, help_text="党龄；尚未起算为 null")
    is_floating = serializers.BooleanField()
    is_lost = serializers.BooleanField()
    is_unverified = serializers.BooleanField(help_text="号码待核")
    branch = serializers.CharField(help_text="所在党支部的层级码")


class RightsShape(serializers.Serializer):
    held = serializers.BooleanField(help_text="今天有没有表决权、选举权、被选举权")
    reason = serializers.CharField(allow_blank=True, help_text="没有的话，为什么")


class DecisionShape(serializers.Serializer):
    """关于党籍的一个决定和它的材料。"""

    ground = serializers.ChoiceField(list(GROUNDS.items()))
    before = serializers.ChoiceField(Standing.choices)
    after = serializers.ChoiceField(Standing.choices)
    decided_on = serializers.DateField()
    document_no = serializers.CharField(allow_blank=True)
    decided_by = serializers.CharField(allow_blank=True)
    meeting_on = serializers.DateField(allow_null=True)
    approved_by = serializers.CharField(allow_blank=True)
    since_on = serializers.DateField(allow_null=True, help_text="期间从哪一天算起")


class MemberFile(MemberRow):
    """一名党员的档案，号码打码。"""

    landline = serializers.CharField(allow_blank=True)
    address = serializers.CharField(allow_blank=True)
    native_place = serializers.CharField(allow_blank=True)
    school = serializers.CharField(allow_blank=True)
    major = serializers.CharField(allow_blank=True)
    degree = serializers.CharField(allow_blank=True)
    worked_from = serializers.DateField(allow_null=True)
    floating_to = serializers.CharField(allow_blank=True)
    lost_on = serializers.DateField(allow_null=True)
    left_on = serializers.DateField(allow_null=True)
    left_ground = serializers.CharField(allow_blank=True, help_text="离开的情形，同 decisions 的 ground；没有登记的为空")
    decisions = DecisionShape(many=True, help_text="党籍的决定，最近的在前")
    counted_from = serializers.DateField(allow_null=True, help_text="党龄起算日期")
    rights = RightsShape()
    missing = serializers.ListField(child=serializers.CharField(), help_text="采集表要求、档案里还缺的项目")
    checked = serializers.DictField(child=serializers.CharField(), help_text="各项最近核对的日期")
    version = serializers.IntegerField(help_text="修改时要带上，防止覆盖别人刚改的")


class NumberSent(Asked):
    number = serializers.CharField(max_length=40, help_text="完整的公民身份号码或手机号")


class FilterAsked(Asked):
    """The filters of the page, with what each may be."""

    q = serializers.CharField(required=False, max_length=choices.LONGEST_SEARCH, help_text="姓名或其一部分；号码用“按号码查找”")
    org = serializers.CharField(required=False, max_length=64, help_text="组织的层级码，连同下级")

    def get_fields(self) -> dict[str, serializers.Field]:
        """Those that are asked for; all of them for the description."""
        fields, given = super().get_fields(), getattr(self, "initial_data", None)
        for d in choices.DIMENSIONS:
            if given is None or d.name in given:
                fields[d.name] = serializers.ChoiceField(d.choices(), required=False, help_text=d.label)
        for name, (wanted, words) in choices.FLAGS.items():
            if given is None or name in given:
                fields[name] = serializers.ChoiceField([(wanted, words)], required=False, help_text=words)
        return fields

    def validate_q(self, value: str) -> str:
        if queries.is_number(value):
            raise serializers.ValidationError("号码不能写在网址里，请用“按号码查找”提交。", code="number_in_address")
        return value.strip()


class MembersAsked(FilterAsked, PageAsked):
    pass


def place_of(whole: Scope, code: str) -> Scope:
    """The scope, or the organisation asked for inside it; outside is the same as not there."""
    if not code:
        return whole
    at = Organization.objects.filter(code=code).values_list("path", flat=True).first()
    if at is None or not whole.covers(at):
        raise Missing
    return whole.within(at)


def rows_of(found: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows of COLUMNS, or members, as plain dictionaries of texts and numbers: this is the hot list."""
    paths = {row.org_path for row in found}
    branches = dict(Organization.objects.filter(path__in=paths).values_list("path", "code"))
    words = [table(name).label for name in ("sex", "nation", "education", "job")]
    on = today()
    return [_row(row, branches.get(row.org_path, ""), words, on) for row in found]


def _row(row: Any, branch: str, words: list[Callable[[str], str]], on: date) -> dict[str, Any]:
    sex, nation, education, job = words
    return {
        "uuid": str(row.uuid), "name": row.name, "sex": sex(row.sex), "nation": nation(row.nation),
        "education": education(row.education), "job": job(row.job), "birth_month": row.birth_date.isoformat()[:7],
        "id_number": mask_id(_opened(row, "id_number")), "phone": mask_phone(_opened(row, "phone")), "standing": row.standing,
        "joined_on": row.joined_on.isoformat(), "converted_on": row.converted_on.isoformat() if row.converted_on else None,
        "party_years": party_age(row.counted_from, on) if row.counted_from else None, "is_floating": row.is_floating,
        "is_lost": row.lost_on is not None, "is_unverified": bool(row.id_unverified), "branch": branch,
    }  # fmt: skip


def _opened(row: Any, field: str) -> str:
    sealed = getattr(row, f"{field}_sealed")
    return crypto.unseal(bytes(sealed), table=TABLE, row=row.uuid, field=field) if sealed else ""


def file_of(member: Member) -> dict[str, Any]:
    """The file as a page shows it, numbers masked; `version` is what a change has to name."""
    shown = party_facts(member, today())
    return rows_of([member])[0] | {
        "landline": mask_phone(member.landline), "address": mask_address(member.address), "native_place": member.native_place,
        "school": member.school, "major": member.major, "degree": member.degree, "worked_from": member.worked_from,
        "floating_to": member.floating_to, "lost_on": member.lost_on, "left_on": member.left_on,
        "left_ground": member.left_ground,
        "decisions": list(member.decisions.order_by("-decided_on", "-id").values(*DecisionShape().fields)),
        "counted_from": member.counted_from, "rights": {"held": shown.rights.held, "reason": shown.rights.reason},
        "missing": missing(member), "checked": member.checked, "version": member.version,
    }  # fmt: skip


class Members(acts.Enrolment):
    @holds(VIEW)
    @described("列出党员", page_of("Member", MemberRow), tag=TAG, name="members_list", params=MembersAsked)
    def get(self, request: Request) -> Response:
        given = asked(request, MembersAsked)
        narrowed = place_of(scope(request.user, VIEW), given.pop("org", ""))
        after, size = given.pop("after", None), given.pop("size")
        page = queries.page_of(narrowed, Filter(**given), after=after, size=size, columns=COLUMNS)
        return Response({"items": rows_of(page.rows), "next": page.next_after})


class Find(ApiView):
    @holds(VIEW)
    @described(
        "按号码查找", MemberRow, tag=TAG, name="members_find", sent=NumberSent, words="号码只在提交的内容里，不进网址和记录。",
        examples=[sample("按手机号", {"number": "13900000001"})],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        found = queries.by_number(scope(request.user, VIEW), sent(request, NumberSent)["number"])
        if found is None:
            raise Missing
        return Response(rows_of([found])[0])


class OneMember(acts.Amendment):
    @holds(VIEW)
    @described("一名党员的档案", MemberFile, tag=TAG, name="members_read")
    def get(self, request: Request, uuid: UUID) -> Response:
        try:
            found = acts.member_for(request, VIEW, uuid)
        except Missing:  # a registration that was merged answers with the file that stays
            stays = queries.file_that_stays(uuid)
            if stays is None:
                raise
            found = acts.member_for(request, VIEW, stays)
        return Response(file_of(found))


urlpatterns = [
    path("members/", Members.as_view(), name="members"),
    path("members/find/", Find.as_view(), name="members_find"),
    path("members/<uuid:uuid>/", OneMember.as_view(), name="member"),
    *acts.urlpatterns,
]
