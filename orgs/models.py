"""The organisation tree, its history, its local parameters and the grants on its nodes.

A node's `path` says where it stands, its `id` and `uuid` never change, its `code` (层级码) is an attribute with history.
"""

import uuid
from datetime import date, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from guardian.models import UserObjectPermissionBase

from accounts.models import User
from orgs.enums import Capability, GrantState, Kind, ReorganisationKind, TreeVerb, UnitNature


def path_field(**options: object) -> models.CharField:
    return models.CharField(max_length=64, db_collation="C", **options)  # type: ignore[arg-type]


ATTRIBUTES = {
    "is_joint": "联合党支部",
    "is_floating": "流动党员党组织",
    "is_temporary": "临时党组织",
    "is_village_or_community": "村或社区",
}


class Unit(models.Model):
    """A unit (单位) apart from the party organisation in it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField("单位名称", max_length=120)
    uscc = models.CharField("统一社会信用代码", max_length=18, blank=True)
    nature = models.CharField("性质类别", max_length=1, choices=UnitNature, default=UnitNature.OTHER)

    class Meta:
        verbose_name = "单位"
        constraints = [
            models.UniqueConstraint(fields=["uscc"], condition=~models.Q(uscc=""), name="orgs_unit_uscc_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Standing(models.Manager):
    """Organisations that have not been dissolved: what everybody means who does not ask about the past."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(dissolved_on__isnull=True)


class Organization(models.Model):
    """A node of the tree. `objects` are those that stand today; `ever` has the dissolved ones too, which keep their row, their
    path and their code for the sake of files, figures and versions of the past."""

    access_path = "path"
    seen_with = Capability.VIEW_ORGANIZATIONS

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    path = path_field(unique=True)
    depth = models.PositiveSmallIntegerField()
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    children_made = models.PositiveIntegerField(default=0, help_text="segments are never reused")
    code = models.CharField("层级码", max_length=64, unique=True)
    name = models.CharField("全称", max_length=120)
    short_name = models.CharField("简称", max_length=60)
    kind = models.CharField("组织类别", max_length=16, choices=Kind)
    is_joint = models.BooleanField("联合党支部", default=False)
    is_floating = models.BooleanField("流动党员党组织", default=False)
    is_temporary = models.BooleanField("临时党组织", default=False)
    is_village_or_community = models.BooleanField("村或社区", default=False)
    units = models.ManyToManyField(Unit, blank=True, related_name="organizations", verbose_name="所在单位")
    established_on = models.DateField("设立日期")
    dissolved_on = models.DateField("撤销日期", null=True, blank=True)
    successor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="承接组织")

    objects = Standing()
    ever = models.Manager()

    class Meta:
        verbose_name = "组织"
        verbose_name_plural = "组织"
        default_permissions = ()
        permissions = [(c.value, c.label) for c in Capability]
        indexes = [models.Index(fields=["parent", "path"], name="orgs_children")]
        constraints = [
            models.CheckConstraint(condition=models.Q(depth__gte=1), name="orgs_depth_positive"),
            models.CheckConstraint(
                condition=models.Q(dissolved_on__isnull=False) | models.Q(successor__isnull=True),
                name="orgs_successor_of_dissolved",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def attributes(self) -> list[str]:
        """The attributes that apply, in words."""
        return [words for name, words in ATTRIBUTES.items() if getattr(self, name)]

    @property
    def holds_members(self) -> bool:
        """Members stand in branches; groups (党小组) are parts of one."""
        return self.kind in (Kind.BRANCH, Kind.GROUP)


class OrganizationVersion(models.Model):
    """The node as it stood from `valid_from` (inclusive) to `valid_to` (exclusive): the tree as of any date."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="versions")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    path = path_field()
    parent = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    code = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=60)
    kind = models.CharField(max_length=16, choices=Kind)
    is_joint = models.BooleanField(default=False, db_default=False)
    is_floating = models.BooleanField(default=False, db_default=False)
    is_temporary = models.BooleanField(default=False, db_default=False)
    is_village_or_community = models.BooleanField(default=False, db_default=False)
    verb = models.CharField(max_length=12, choices=TreeVerb)
    document_no = models.CharField("文号", max_length=60)
    reason = models.CharField("事由", max_length=200, blank=True)
    actor_name = models.CharField(max_length=64)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["path", "valid_from"], name="orgs_version_path")]
        constraints = [
            models.UniqueConstraint(
                fields=["organization"], condition=models.Q(valid_to__isnull=True), name="orgs_one_open_version"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
                name="orgs_version_term",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.valid_from}"

    @property
    def attributes(self) -> list[str]:
        return [words for name, words in ATTRIBUTES.items() if getattr(self, name)]


class Reorganisation(models.Model):
    """An upgrade, merger, split or dissolution: what it rested on, what it did, and what is needed to take it back."""

    access_path = "place"
    seen_with = Capability.VIEW_ORGANIZATIONS

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField("调整", max_length=12, choices=ReorganisationKind)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="reorganisations", verbose_name="组织")
    other = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="承接或新设的组织"
    )
    document_no = models.CharField("文号", max_length=60)
    effective_on = models.DateField("生效日期")
    reason = models.CharField("事由", max_length=200, blank=True)
    impact = models.JSONField("影响", default=list, help_text="the lines that were confirmed: label, count, detail")
    kept = models.JSONField(default=dict, help_text="by room: what is needed to put things back")
    actor_name = models.CharField(max_length=64)
    recorded_at = models.DateTimeField(auto_now_add=True)
    reverted_at = models.DateTimeField(null=True, blank=True)
    reverted_by = models.CharField(max_length=64, blank=True)
    reverted_why = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "组织调整"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.organization}"

    @property
    def place(self) -> str:
        return self.organization.path


class CommitteeTerm(models.Model):
    """A term (届) of a node's committee. `due_on` follows from the rule pack, `ends_on` from it or from an approved shift."""

    access_path = "place"
    seen_with = Capability.VIEW_ORGANIZATIONS

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="terms")
    term_began_on = models.DateField("本届任期开始日期")
    due_on = models.DateField("规定届满日期")
    term_ends_on = models.DateField("届满日期")
    document_no = models.CharField("批复文号", max_length=60)
    shift_document_no = models.CharField("提前或延期批复文号", max_length=60, blank=True)
    shift_reason = models.CharField("提前或延期事由", max_length=200, blank=True)
    ended_on = models.DateField("卸任日期", null=True, blank=True)
    recorded_by = models.CharField(max_length=64)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "委员会任期"
        default_permissions = ()
        indexes = [
            models.Index(fields=["term_ends_on"], condition=models.Q(ended_on__isnull=True), name="orgs_term_running"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organization"], condition=models.Q(ended_on__isnull=True), name="orgs_one_running_term"
            ),
            models.CheckConstraint(condition=models.Q(term_ends_on__gt=models.F("term_began_on")), name="orgs_term_runs_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.organization} {self.term_began_on}"

    @property
    def place(self) -> str:
        return self.organization.path


class OrganizationUserPermission(UserObjectPermissionBase):
    """Guardian's direct foreign key rows: the materialisation of grants, written only by `orgs.domain.grants`."""

    content_object = models.ForeignKey(Organization, models.CASCADE)


class Role(models.Model):
    """A named set of capabilities, kept by the security administrator."""

    code = models.SlugField("代号", max_length=40, unique=True)
    name = models.CharField("名称", max_length=40, unique=True)
    capabilities = ArrayField(models.CharField(max_length=40, choices=Capability), verbose_name="权限", default=list)
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = "角色"

    def __str__(self) -> str:
        return self.name

    @property
    def capability_labels(self) -> list[str]:
        return [c.label for c in Capability if c.value in self.capabilities]


class Grant(models.Model):
    """A role on a node for a term: the truth that guardian's rows follow. In force while from <= now < to."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="grants")
    role = models.ForeignKey(Role, models.PROTECT, related_name="grants")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="grants")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    why = models.CharField("依据", max_length=200)
    granted_by = models.CharField(max_length=64)
    granted_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=64, blank=True)
    revoked_why = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "授权"
        indexes = [models.Index(fields=["user", "organization"], name="orgs_grant_user")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=models.F("valid_from")), name="orgs_grant_term"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.role} · {self.organization}"

    @property
    def state(self) -> GrantState:
        now = timezone.now()
        if self.revoked_at is not None:
            return GrantState.REVOKED
        if self.valid_to is not None and self.valid_to <= now:
            return GrantState.EXPIRED
        return GrantState.IN_FORCE if self.valid_from <= now else GrantState.TO_COME

    @property
    def last_day(self) -> date | None:
        """The last local day on which it holds: the stored end is exclusive."""
        return timezone.localtime(self.valid_to - timedelta(microseconds=1)).date() if self.valid_to else None


class Seal(models.Model):
    """A subtree closed to grants from above it."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="seals")
    document_no = models.CharField("文号", max_length=60)
    in_figures = models.BooleanField("上级统计包含", default=True)
    sealed_at = models.DateTimeField()
    sealed_by = models.CharField(max_length=64)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.CharField(max_length=64, blank=True)
    lift_document_no = models.CharField("解除文号", max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization"], condition=models.Q(lifted_at__isnull=True), name="orgs_one_seal"),
        ]

    def __str__(self) -> str:
        return f"{self.organization} {self.document_no}"


class LocalParameter(models.Model):
    """A node's confirmed reading of a rule that the central text leaves to it, with its document number."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="parameters")
    pack = models.CharField(max_length=40)
    key = models.CharField(max_length=80)
    value = models.JSONField()
    document_no = models.CharField("文号", max_length=60)
    effective_from = models.DateField("起用日期")
    ended_on = models.DateField("停用日期", null=True, blank=True)
    recorded_by = models.CharField(max_length=64)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "本地参数"
        indexes = [models.Index(fields=["pack", "key"], name="orgs_parameter_key")]

    def __str__(self) -> str:
        return f"{self.organization} {self.pack}.{self.key}"


class Installation(models.Model):
    """The one row that says what this database is. `is_demo` is written by the demo command alone, into an empty database."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    is_demo = models.BooleanField(default=False)
    founded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="orgs_one_installation")]

    def __str__(self) -> str:
        return "演示" if self.is_demo else "正式"


class ApiToken(models.Model):
    """接口令牌: lets a program act for an officer on one node with some of the officer's capabilities, never with more than the
    officer holds at that moment. Only the hash of the token is kept."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(User, models.PROTECT, related_name="api_tokens")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    name = models.CharField("用途", max_length=60)
    capabilities = ArrayField(models.CharField(max_length=40, choices=Capability), verbose_name="权限")
    addresses = ArrayField(models.CharField(max_length=43), verbose_name="限用地址", default=list, blank=True)
    token_hash = models.BinaryField(max_length=32, unique=True)
    hint = models.CharField("末四位", max_length=4)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField("到期")
    last_used_at = models.DateTimeField("最近使用", null=True, help_text="written at most once a minute")
    last_address = models.CharField("最近使用的地址", max_length=64, blank=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=64, blank=True)
    revoked_why = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "接口令牌"
        default_permissions = ()
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["owner", "-made_at"], name="orgs_token_owner")]
        constraints = [
            models.CheckConstraint(condition=models.Q(expires_at__gt=models.F("made_at")), name="orgs_token_term"),
        ]

    def __str__(self) -> str:
        return f"{self.name}（…{self.hint}）"

    @property
    def state(self) -> GrantState:
        if self.revoked_at is not None:
            return GrantState.REVOKED
        return GrantState.IN_FORCE if timezone.now() < self.expires_at else GrantState.EXPIRED

    @property
    def last_day(self) -> date:
        return timezone.localtime(self.expires_at - timedelta(microseconds=1)).date()

    @property
    def capability_labels(self) -> list[str]:
        return [c.label for c in Capability if c.value in self.capabilities]
