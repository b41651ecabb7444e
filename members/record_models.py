"""The records of a life, below a member: one table each, one shape in common, history kept, texts that hurt sealed.

A record stands where its member stands and is reached through the member. Codes and days stay in clear, because constraints
and questions put to many at once rest on them; words stand sealed in the record itself and in its history.
"""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from core.crypto import Sealed
from members.enums import (
    AbroadPurpose,
    AwardLevel,
    Degree,
    DutyKind,
    HardshipKind,
    HelpKind,
    RecordState,
    RectificationResult,
    Relation,
    SanctionKind,
    StudyMode,
)


def _sealed_column() -> models.BinaryField:
    return models.BinaryField(null=True, editable=False)


def _in_order(first: str, last: str, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(**{f"{first}__isnull": True}) | Q(**{f"{last}__isnull": True}) | Q(**{f"{last}__gte": F(first)}), name=name
    )


class MemberRecord(models.Model):
    """What all records have. Withdrawn is a state with a reason; a record is never deleted."""

    SEALED: ClassVar[tuple[str, ...]] = ()  # plain names of the sealed texts, for whoever moves or rotates them all
    status_field = "state"
    TRANSITIONS: ClassVar[dict[str, tuple[str, ...]]] = {RecordState.STANDING: (RecordState.WITHDRAWN,)}

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey("members.Member", models.PROTECT, related_name="%(class)s_records", verbose_name="党员")
    state = models.CharField("状态", max_length=10, choices=RecordState, default=RecordState.STANDING)
    withdrawn_reason = models.CharField("撤回的理由", max_length=200, blank=True)
    recorded_by = models.CharField("登记人", max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    history = HistoricalRecords(inherit=True, history_change_reason_field=models.CharField(max_length=300, null=True))

    class Meta:
        abstract = True
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(state=RecordState.STANDING) | ~Q(withdrawn_reason=""), name="%(class)s_withdrawn_with_reason"
            )
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.uuid}"


class Duty(MemberRecord):
    kind = models.CharField("类别", max_length=16, choices=DutyKind)
    title = models.CharField("职务", max_length=60)
    unit = models.CharField("任职的党组织或单位", max_length=120)
    from_on = models.DateField("任职日期")
    to_on = models.DateField("免职日期", null=True, blank=True)
    document_no = models.CharField("任免文号", max_length=60, blank=True)

    class Meta(MemberRecord.Meta):
        verbose_name = "职务经历"
        constraints = [*MemberRecord.Meta.constraints, _in_order("from_on", "to_on", "duty_in_order")]


class Education(MemberRecord):
    mode = models.CharField("类型", max_length=12, choices=StudyMode)
    level = models.CharField("学历", max_length=2)
    school = models.CharField("学校", max_length=80)
    major = models.CharField("专业", max_length=60, blank=True)
    degree = models.CharField("学位", max_length=10, choices=Degree, blank=True)
    from_on = models.DateField("入学日期", null=True, blank=True)
    to_on = models.DateField("毕业日期", null=True, blank=True)

    class Meta(MemberRecord.Meta):
        verbose_name = "教育经历"
        constraints = [*MemberRecord.Meta.constraints, _in_order("from_on", "to_on", "education_in_order")]


class Award(MemberRecord):
    title = models.CharField("荣誉名称", max_length=100)
    level = models.CharField("级别", max_length=12, choices=AwardLevel)
    awarded_on = models.DateField("授予日期")
    awarded_by = models.CharField("授予单位", max_length=120)
    document_no = models.CharField("文号", max_length=60, blank=True)

    class Meta(MemberRecord.Meta):
        verbose_name = "表彰奖励"


class Sanction(MemberRecord):
    """处分. The days at the end are worked out from the rule pack when it is written (`rules.sanction_terms`)."""

    SEALED = ("document_no", "decided_by", "facts", "posts_removed", "lift_document", "appeal")

    kind = models.CharField("处分种类", max_length=16, choices=SanctionKind)
    decided_on = models.DateField("生效日期")
    months = models.PositiveSmallIntegerField("留党察看几个月", default=0)
    extended_months = models.PositiveSmallIntegerField("延长几个月", default=0)
    lifted_on = models.DateField("撤销或解除的日期", null=True, blank=True)
    rights_from = models.DateField("不行使权利自", null=True, editable=False)
    rights_until = models.DateField("不行使权利至", null=True, editable=False)
    effect_from = models.DateField("影响期自", null=True, editable=False)
    effect_until = models.DateField("影响期至", null=True, editable=False)
    document_no_sealed = _sealed_column()
    decided_by_sealed = _sealed_column()
    facts_sealed = _sealed_column()
    posts_removed_sealed = _sealed_column()
    lift_document_sealed = _sealed_column()
    appeal_sealed = _sealed_column()

    document_no = Sealed("document_no_sealed", field="document_no")
    decided_by = Sealed("decided_by_sealed", field="decided_by")
    facts = Sealed("facts_sealed", field="facts")
    posts_removed = Sealed("posts_removed_sealed", field="posts_removed")
    lift_document = Sealed("lift_document_sealed", field="lift_document")
    appeal = Sealed("appeal_sealed", field="appeal")

    class Meta(MemberRecord.Meta):
        verbose_name = "处分"
        constraints = [
            *MemberRecord.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind=SanctionKind.WATCH, months__gt=0)
                | (~Q(kind=SanctionKind.WATCH) & Q(months=0, extended_months=0)),
                name="sanction_months_of_watch",
            ),
            models.CheckConstraint(
                condition=Q(lifted_on__isnull=True) | Q(lifted_on__gt=F("decided_on")), name="sanction_lifted_later"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[SanctionKind.WATCH, SanctionKind.EXPULSION, SanctionKind.RIGHTS_SUSPENDED])
                & Q(rights_from__isnull=False)
                | Q(rights_from__isnull=True, rights_until__isnull=True),
                name="sanction_withholds_rights",
            ),
        ]
        indexes = [
            models.Index(
                fields=["member", "rights_from"],
                name="members_rights_withheld",
                condition=Q(state=RecordState.STANDING, rights_from__isnull=False),
            )
        ]


class Rectification(MemberRecord):
    """限期改正 (组织处置办法): demanded by a decision, until a day, with what came of it."""

    SEALED = ("ground", "demands", "document_no", "decided_by", "outcome")

    decided_on = models.DateField("决定日期")
    due_on = models.DateField("改正期限")
    result = models.CharField("期满的结论", max_length=16, choices=RectificationResult, blank=True)
    result_on = models.DateField("作出结论的日期", null=True, blank=True)
    ground_sealed = _sealed_column()
    demands_sealed = _sealed_column()
    document_no_sealed = _sealed_column()
    decided_by_sealed = _sealed_column()
    outcome_sealed = _sealed_column()

    ground = Sealed("ground_sealed", field="ground")
    demands = Sealed("demands_sealed", field="demands")
    document_no = Sealed("document_no_sealed", field="document_no")
    decided_by = Sealed("decided_by_sealed", field="decided_by")
    outcome = Sealed("outcome_sealed", field="outcome")

    class Meta(MemberRecord.Meta):
        verbose_name = "限期改正"
        constraints = [
            *MemberRecord.Meta.constraints,
            _in_order("decided_on", "due_on", "rectification_in_order"),
            _in_order("decided_on", "result_on", "rectification_result_in_order"),
            models.CheckConstraint(
                condition=Q(result="", result_on__isnull=True) | (~Q(result="") & Q(result_on__isnull=False)),
                name="rectification_result_dated",
            ),
        ]


class AbroadStay(MemberRecord):
    SEALED = ("place", "contact_note")

    purpose = models.CharField("事由", max_length=8, choices=AbroadPurpose)
    left_on = models.DateField("出境日期")
    due_back_on = models.DateField("预计回国日期", null=True, blank=True)
    back_on = models.DateField("回国日期", null=True, blank=True)
    last_contact_on = models.DateField("最近一次联系", null=True, blank=True)
    place_sealed = _sealed_column()
    contact_note_sealed = _sealed_column()

    place = Sealed("place_sealed", field="place")
    contact_note = Sealed("contact_note_sealed", field="contact_note")

    class Meta(MemberRecord.Meta):
        verbose_name = "出国（境）"
        constraints = [
            *MemberRecord.Meta.constraints,
            _in_order("left_on", "back_on", "abroad_in_order"),
            _in_order("left_on", "last_contact_on", "abroad_contact_in_order"),
        ]


class Hardship(MemberRecord):
    SEALED = ("situation",)

    kind = models.CharField("困难情形", max_length=12, choices=HardshipKind)
    since_on = models.DateField("认定日期")
    ended_on = models.DateField("解除日期", null=True, blank=True)
    situation_sealed = _sealed_column()

    situation = Sealed("situation_sealed", field="situation")

    class Meta(MemberRecord.Meta):
        verbose_name = "困难情况"
        constraints = [*MemberRecord.Meta.constraints, _in_order("since_on", "ended_on", "hardship_in_order")]


class Help(MemberRecord):
    SEALED = ("content",)

    kind = models.CharField("帮扶方式", max_length=8, choices=HelpKind)
    helped_on = models.DateField("日期")
    amount = models.DecimalField("金额（元）", max_digits=10, decimal_places=2, null=True, blank=True)
    helper = models.CharField("帮扶人或单位", max_length=80)
    content_sealed = _sealed_column()

    content = Sealed("content_sealed", field="content")

    class Meta(MemberRecord.Meta):
        verbose_name = "帮扶"
        constraints = [
            *MemberRecord.Meta.constraints,
            models.CheckConstraint(condition=Q(amount__isnull=True) | Q(amount__gte=0), name="help_amount"),
        ]


class FamilyMember(MemberRecord):
    """家庭成员和主要社会关系. Other people's data: everything but the relation is sealed."""

    SEALED = ("name", "birth_month", "politics", "work")

    relation = models.CharField("称谓", max_length=16, choices=Relation)
    name_sealed = _sealed_column()
    birth_month_sealed = _sealed_column()
    politics_sealed = _sealed_column()
    work_sealed = _sealed_column()

    name = Sealed("name_sealed", field="name")
    birth_month = Sealed("birth_month_sealed", field="birth_month")
    politics = Sealed("politics_sealed", field="politics")
    work = Sealed("work_sealed", field="work")

    class Meta(MemberRecord.Meta):
        verbose_name = "家庭成员和主要社会关系"


RECORD_MODELS: tuple[type[MemberRecord], ...] = (
    Duty, Education, Award, Sanction, Rectification, AbroadStay, Hardship, Help, FamilyMember,
)  # fmt: skip


class FieldCheck(models.Model):
    """One field of a file, checked against a document on a day. Rows are only added; the latest of a field counts."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey("members.Member", models.PROTECT, related_name="field_checks")
    fields = ArrayField(models.CharField(max_length=30))
    document = models.CharField("核对的材料", max_length=120)
    checked_on = models.DateField("核对日期")
    actor_name = models.CharField("核对人", max_length=64)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "核对"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.checked_on} {self.document}"
