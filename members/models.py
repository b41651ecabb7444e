"""The member file. A member, a login and a standing are three things: this row is the member, `standing` is where the
person stands in the party, `user` points at a login when there is one."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Left
from simple_history.models import HistoricalRecords

from accounts.models import User
from core.crypto import Sealed
from members.enums import TRANSITIONS, CountedGround, MovementKind, Standing
from orgs.models import Organization, path_field

TABLE = "members_member"
NOT_FULL = ~models.Q(standing=Standing.FULL)


def level_field(characters: int) -> models.GeneratedField:
    """First `characters` of the path, kept by the database: what lists of a whole level sort under (performance.md §1)."""
    return models.GeneratedField(
        expression=Left("org_path", characters),
        output_field=models.CharField(max_length=characters, db_collation="C"),
        db_persist=True,
    )


class PersonColumns(models.Model):
    """What is known of a person: the same columns in the file itself and in a draft that waits to enter it.

    Sealed columns hold ciphertext bound to the member's uuid; read and write them by their plain names.
    """

    name = models.CharField("姓名", max_length=60)
    name_sort = models.CharField("姓名拼音", max_length=120, db_collation="C")
    tokens = ArrayField(models.CharField(max_length=12), default=list)
    sex = models.CharField("性别", max_length=1)
    nation = models.CharField("民族", max_length=2, blank=True)
    birth_date = models.DateField("出生日期")
    education = models.CharField("学历", max_length=2, blank=True)
    job = models.CharField("工作岗位", max_length=4, blank=True)

    id_number_sealed = models.BinaryField(null=True, editable=False)
    id_blind = models.BinaryField(max_length=32, null=True, editable=False)
    id_unverified = models.CharField("号码待核原因", max_length=200, blank=True)
    contested = models.BooleanField("号码另有登记", default=False, editable=False)
    phone_sealed = models.BinaryField(null=True, editable=False)
    phone_blind = models.BinaryField(max_length=32, null=True, editable=False)
    landline_sealed = models.BinaryField(null=True, editable=False)
    address_sealed = models.BinaryField(null=True, editable=False)

    standing = models.CharField("党籍", max_length=16, choices=Standing)
    joined_on = models.DateField("加入党组织日期")
    converted_on = models.DateField("转为正式党员日期", null=True, blank=True)
    counted_from = models.DateField("党龄起算日期", null=True, blank=True)
    counted_ground = models.CharField("党龄起算依据", max_length=16, choices=CountedGround, blank=True)
    left_on = models.DateField("离开日期", null=True, blank=True)
    lost_on = models.DateField("失去联系日期", null=True, blank=True)
    is_floating = models.BooleanField("流动党员", default=False)
    floating_to = models.CharField("外出流向", max_length=120, blank=True)

    native_place = models.CharField("籍贯", max_length=60, blank=True)
    worked_from = models.DateField("参加工作日期", null=True, blank=True)
    school = models.CharField("毕业院校", max_length=80, blank=True)
    major = models.CharField("所学专业", max_length=60, blank=True)
    degree = models.CharField("学位", max_length=30, blank=True)

    checked = models.JSONField("各项最近核对日期", default=dict, blank=True)

    id_number = Sealed("id_number_sealed", field="id_number", table=TABLE, blind="id_blind")
    phone = Sealed("phone_sealed", field="phone", table=TABLE, blind="phone_blind")
    landline = Sealed("landline_sealed", field="landline", table=TABLE)
    address = Sealed("address_sealed", field="address", table=TABLE)

    class Meta:
        abstract = True


class Registered(models.Manager):
    """Files that stand: what everybody means who does not ask for registrations merged into another one."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().exclude(standing=Standing.MERGED)


class Member(PersonColumns):
    """A party member. A person registered twice has one file in the end: the other registration stays as a closed row that
    points to it (`merged_into`), stands where it stands, and is in `ever` only (`domain.merging`)."""

    access_path = "org_path"
    seen_with = "view_members"
    lent_as = "member"
    status_field = "standing"
    TRANSITIONS = TRANSITIONS

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="members", verbose_name="所在党支部")
    org_path = path_field()
    level2 = level_field(8)
    level3 = level_field(12)
    level4 = level_field(16)
    left_ground = models.CharField("离开的情形", max_length=20, blank=True, default="", db_default="")
    user = models.OneToOneField(User, models.SET_NULL, null=True, blank=True, related_name="member")
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, db_index=False, related_name="merged", verbose_name="并入"
    )

    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    history = HistoricalRecords(
        excluded_fields=["level2", "level3", "level4", "tokens", "merged_into"],
        history_change_reason_field=models.CharField(max_length=300, null=True),
    )

    objects = Registered()
    ever = models.Manager()

    class Meta:
        verbose_name = "党员"
        verbose_name_plural = "党员"
        default_permissions = ()
        indexes = [
            models.Index(fields=["level2", "name_sort", "id"], name="members_level2"),
            models.Index(fields=["level3", "name_sort", "id"], name="members_level3"),
            models.Index(fields=["level4", "name_sort", "id"], name="members_level4"),
            models.Index(fields=["name_sort", "id"], name="members_name"),
            # who is not a full member, in list order on every level: few rows, so that writing a full member costs nothing
            models.Index(fields=["standing", "name_sort", "id"], name="members_other", condition=NOT_FULL),
            models.Index(fields=["level2", "standing", "name_sort", "id"], name="members_other2", condition=NOT_FULL),
            models.Index(fields=["level3", "standing", "name_sort", "id"], name="members_other3", condition=NOT_FULL),
            models.Index(fields=["level4", "standing", "name_sort", "id"], name="members_other4", condition=NOT_FULL),
            models.Index(fields=["org_path", "standing", "id"], name="members_path"),
            models.Index(fields=["phone_blind"], name="members_phone", condition=models.Q(phone_blind__isnull=False)),
            models.Index(fields=["id_blind"], name="members_id_blind", condition=models.Q(id_blind__isnull=False)),
            GinIndex(fields=["tokens"], name="members_tokens"),
            models.Index(fields=["org_path"], name="members_contested", condition=models.Q(contested=True)),
            models.Index(fields=["merged_into"], name="members_merged", condition=models.Q(merged_into__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["id_blind"], condition=models.Q(contested=False, id_blind__isnull=False), name="members_id_once"
            ),
            models.CheckConstraint(condition=models.Q(sex__in=["1", "2"]), name="members_sex"),
            models.CheckConstraint(
                condition=models.Q(converted_on__isnull=True) | models.Q(converted_on__gte=models.F("joined_on")),
                name="members_converted_after_joined",
            ),
            models.CheckConstraint(
                condition=models.Q(id_number_sealed__isnull=False) | ~models.Q(id_unverified=""), name="members_id_or_reason"
            ),
            models.CheckConstraint(
                condition=models.Q(standing=Standing.MERGED, id_blind__isnull=True)
                | ~models.Q(standing=Standing.MERGED) & models.Q(merged_into__isnull=True),
                name="members_merged_is_closed",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Movement(models.Model):
    """A person coming onto or leaving the roll of an organisation: the rows behind 期初 + … = 期末 (rules.md §9.3).

    `registration`: the other registration of the person that it was counted under, where the roll held both at a time.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="movements")
    registration = models.ForeignKey(Member, models.PROTECT, null=True, editable=False, db_index=False, related_name="+")
    org_path = path_field()
    kind = models.CharField("变动", max_length=16, choices=MovementKind)
    happened_on = models.DateField("日期")
    document_no = models.CharField("文号", max_length=60, blank=True)
    reason = models.CharField("说明", max_length=200, blank=True)
    batch = models.UUIDField(null=True, blank=True)
    actor_name = models.CharField(max_length=64)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "增减变动"
        indexes = [
            models.Index(fields=["org_path", "happened_on"], name="members_movement_path"),
            models.Index(fields=["registration"], name="members_counted_under", condition=models.Q(registration__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.kind} {self.happened_on}"


class StandingDecision(models.Model):
    """A decision about where a person stands in the party, with its ground and its papers. Rows are only added.

    `ground` is a key of `enums.GROUNDS`; `since_on` the day from which its period counts. `movement` is what it did to the roll:
    a removal after 停止党籍 does nothing to it. Who joins anew gets new dates: `was_…` are the former ones.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="decisions")
    movement = models.OneToOneField(Movement, models.SET_NULL, null=True, related_name="decision")
    ground = models.CharField("情形", max_length=20)
    before = models.CharField("原来的党籍", max_length=16, choices=Standing)
    after = models.CharField("党籍", max_length=16, choices=Standing)
    decided_on = models.DateField("日期")
    document_no = models.CharField("文号", max_length=60, blank=True)
    decided_by = models.CharField("作出决定的党组织", max_length=120, blank=True)
    meeting_on = models.DateField("支部大会日期", null=True, blank=True)
    approved_by = models.CharField("批准或备案的上级党组织", max_length=120, blank=True)
    since_on = models.DateField("从哪一天算起", null=True, blank=True)
    reason = models.CharField("说明", max_length=200, blank=True)
    was_joined_on = models.DateField("原入党日期", null=True, blank=True)
    was_converted_on = models.DateField("原转正日期", null=True, blank=True)
    actor_name = models.CharField("经办人", max_length=64)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "党籍决定"
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(since_on__isnull=True) | models.Q(since_on__lte=models.F("decided_on")),
                name="members_decision_since_before",
            ),
            models.CheckConstraint(
                condition=models.Q(meeting_on__isnull=True) | models.Q(meeting_on__lte=models.F("decided_on")),
                name="members_decision_meeting_before",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.ground} {self.decided_on}"


class MemberDraft(PersonColumns):
    """A checked row that waits to enter the file with its batch: as a new member, or as changes to one.

    For a change, `member` is the person, `changes` the columns taken over (`domain.drafts.following`).
    `version_after` and `history_before` are written when the batch enters, so that it can be taken back
    as long as nothing later rests on it.
    """

    uuid = models.UUIDField(default=uuid.uuid4, editable=False, help_text="of the member, there already or to be")
    batch = models.UUIDField()
    row_no = models.PositiveIntegerField()
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    org_path = path_field()
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    changes = ArrayField(models.CharField(max_length=30), default=list)
    version_after = models.PositiveIntegerField(null=True)
    history_before = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = "待入库的行"
        default_permissions = ()
        indexes = [models.Index(fields=["member"], name="members_draft_member")]
        constraints = [models.UniqueConstraint(fields=["batch", "row_no"], name="members_draft_row_once")]

    def __str__(self) -> str:
        return f"{self.batch} {self.row_no}"


from members.attachment_models import Attachment  # noqa: E402 - as the records
from members.duplicate_models import NotTheSame  # noqa: E402 - as the records
from members.record_models import (  # noqa: E402 - the records stand below a member, and are models of this room
    RECORD_MODELS,
    AbroadStay,
    Award,
    Duty,
    Education,
    FamilyMember,
    FieldCheck,
    Hardship,
    Help,
    MemberRecord,
    Rectification,
    Sanction,
)

__all__ = [
    "RECORD_MODELS", "TABLE", "AbroadStay", "Attachment", "Award", "Duty", "Education", "FamilyMember", "FieldCheck", "Hardship",
    "Help", "Member", "MemberDraft", "MemberRecord", "Movement", "NotTheSame", "PersonColumns", "Rectification", "Sanction",
    "StandingDecision", "level_field",
]  # fmt: skip
