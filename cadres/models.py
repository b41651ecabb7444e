"""Who holds which post where, since when and by which document; what access follows from it and when it is looked over again."""

import uuid
from datetime import date

from django.db import models
from django.utils import timezone
from simple_history.models import HistoricalRecords

from accounts.models import User
from cadres.enums import MAPPING_TRANSITIONS, AppointmentState, Ground, MappingState, Outcome, Verdict
from cadres.rules import post_name, posts
from core.dates import today
from members.models import Member
from orgs.enums import Capability, Kind
from orgs.models import Grant, Organization, Role, path_field


class OfficerAccount(models.Model):
    """Whose officer's account (工作账号) it is: a member who takes an office works under an account of its own."""

    member = models.OneToOneField(Member, models.PROTECT, related_name="officer_account")
    user = models.OneToOneField(User, models.PROTECT, related_name="held_by")
    linked_by = models.CharField(max_length=64)
    linked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "工作账号归属"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.member} {self.user.username}"


class Appointment(models.Model):
    """A person in a post of an organisation. In force from `from_on` to `last_on` (both included) unless ended before."""

    access_path = "org_path"
    seen_with = Capability.VIEW_CADRES

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="appointments", verbose_name="任职人")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="appointments", verbose_name="组织")
    org_path = path_field()
    post = models.CharField("职务", max_length=30)
    ground = models.CharField("任职方式", max_length=12, choices=Ground)
    document_no = models.CharField("任职文号", max_length=60)
    from_on = models.DateField("任职日期")
    last_on = models.DateField("任期最后一天", null=True, blank=True)
    acting = models.BooleanField("代理", default=False)
    concurrent = models.BooleanField("兼任", default=False)
    of_own = models.BooleanField("本组织党员", default=False, help_text="registered below the node when appointed")
    ended_on = models.DateField("免职日期", null=True, blank=True)
    end_document_no = models.CharField("免职文号", max_length=60, blank=True)
    end_reason = models.CharField("免职原因", max_length=200, blank=True)
    access_withheld = models.CharField("不给权限的原因", max_length=200, blank=True)
    recorded_by = models.CharField(max_length=64)
    recorded_at = models.DateTimeField(auto_now_add=True)

    history = HistoricalRecords(history_change_reason_field=models.CharField(max_length=300, null=True))

    class Meta:
        verbose_name = "任职"
        default_permissions = ()
        indexes = [
            models.Index(fields=["org_path", "id"], name="cadres_current", condition=models.Q(ended_on__isnull=True)),
            models.Index(fields=["org_path", "last_on"], name="cadres_ending", condition=models.Q(ended_on__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_on__isnull=True) | models.Q(last_on__gte=models.F("from_on")), name="cadres_term"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_on__isnull=True) | models.Q(ended_on__gte=models.F("from_on")),
                name="cadres_ended_after_start",
            ),
            models.CheckConstraint(condition=models.Q(acting=False) | models.Q(last_on__isnull=False), name="cadres_acting_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.organization} {self.post_name}"

    @property
    def post_name(self) -> str:
        """书记, or 代理书记."""
        return f"代理{post_name(self.post)}" if self.acting else post_name(self.post)

    @property
    def is_team(self) -> bool:
        return self.post in posts() and posts()[self.post].team

    def state_on(self, day: date) -> AppointmentState:
        if self.ended_on is not None:
            return AppointmentState.ENDED
        if self.last_on is not None and self.last_on < day:
            return AppointmentState.EXPIRED
        return AppointmentState.IN_FORCE if self.from_on <= day else AppointmentState.TO_COME

    @property
    def state(self) -> AppointmentState:
        return self.state_on(today())


class PostRole(models.Model):
    """What a post on a kind of organisation may do (职务对应角色): proposed on top, approved by the security administrator."""

    status_field = "state"
    TRANSITIONS = MAPPING_TRANSITIONS

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    post = models.CharField("职务", max_length=30)
    kind = models.CharField("组织类别", max_length=16, choices=Kind)
    role = models.ForeignKey(Role, models.PROTECT, related_name="+", verbose_name="角色")
    state = models.CharField("状态", max_length=10, choices=MappingState, default=MappingState.PROPOSED)
    reason = models.CharField("提出的依据", max_length=200)
    proposed_by = models.CharField(max_length=64)
    proposed_at = models.DateTimeField(default=timezone.now)
    decided_by = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField("审批意见", max_length=200, blank=True)
    ended_by = models.CharField(max_length=64, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "职务对应角色"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["post", "kind"], condition=models.Q(state=MappingState.IN_FORCE), name="cadres_one_role_in_force"
            ),
            models.UniqueConstraint(
                fields=["post", "kind"], condition=models.Q(state=MappingState.PROPOSED), name="cadres_one_role_proposed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}{self.post_name} → {self.role}"

    @property
    def post_name(self) -> str:
        return post_name(self.post)


class AppointmentGrant(models.Model):
    """The grant that an appointment brought. One row per grant; two appointments never share a grant, their roles may be one."""

    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="access")
    grant = models.OneToOneField(Grant, models.PROTECT, related_name="by_appointment")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.appointment} {self.grant}"


class Delegation(models.Model):
    """The access of one's post lent to another officer for a while (临时委托); its grant ends with the term."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="delegations")
    giver = models.ForeignKey(User, models.PROTECT, related_name="delegations_given")
    receiver = models.ForeignKey(User, models.PROTECT, related_name="delegations_received")
    grant = models.OneToOneField(Grant, models.PROTECT, related_name="by_delegation")
    reason = models.CharField("委托事由", max_length=200)
    from_on = models.DateField()
    last_on = models.DateField("最后一天")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=64, blank=True)
    ended_why = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "临时委托"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.giver} → {self.receiver} {self.last_on}"

    @property
    def is_open(self) -> bool:
        return self.ended_at is None and self.last_on >= today()


class AccessReview(models.Model):
    """One organisation's look over who holds access on it, once a period (权限复核)."""

    access_path = "org_path"
    seen_with = Capability.VIEW_ACCESS

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="access_reviews")
    org_path = path_field()
    period_start = models.DateField("周期起")
    due_on = models.DateField("期限")
    opened_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "权限复核"
        default_permissions = ()
        indexes = [
            models.Index(fields=["org_path", "id"], name="cadres_review_open", condition=models.Q(finished_at__isnull=True))
        ]
        constraints = [models.UniqueConstraint(fields=["organization", "period_start"], name="cadres_one_review")]

    def __str__(self) -> str:
        return f"{self.organization} {self.period_start}"


class ReviewLine(models.Model):
    """One grant looked at: kept, or asked to be withdrawn; what came of the request."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    review = models.ForeignKey(AccessReview, models.CASCADE, related_name="lines")
    grant = models.ForeignKey(Grant, models.PROTECT, related_name="reviewed")
    verdict = models.CharField("复核意见", max_length=10, choices=Verdict, default=Verdict.WAITING, blank=True)
    reason = models.CharField("理由", max_length=200, blank=True)
    reviewed_by = models.CharField(max_length=64, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField("办理结果", max_length=10, choices=Outcome, default=Outcome.WAITING, blank=True)
    outcome_reason = models.CharField(max_length=200, blank=True)
    outcome_by = models.CharField(max_length=64, blank=True)
    outcome_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["id"], name="cadres_withdrawals", condition=models.Q(verdict=Verdict.WITHDRAW, outcome=Outcome.WAITING)
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["review", "grant"], name="cadres_grant_reviewed_once")]

    def __str__(self) -> str:
        return f"{self.review} {self.grant}"
