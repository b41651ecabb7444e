"""Logins. A login is not a member and not a standing: `members.Member` may point here, never the other way round."""

import uuid

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.enums import (
    LIST_TRANSITIONS,
    REQUEST_TRANSITIONS,
    AccountKind,
    Administrator,
    CodePurpose,
    FactorMethod,
    LineOutcome,
    ListState,
    RequestKind,
    RequestState,
)
from core.crypto import Sealed


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who may sign in once the account is in force (`is_active`).

    `kind` and `administrator` never change after creation (a database trigger refuses it): a member who
    takes an office gets an officer's account of their own, through a reviewed list.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    username = models.CharField("登录名", max_length=64, unique=True)
    full_name = models.CharField("姓名", max_length=64)
    kind = models.CharField("类别", max_length=8, choices=AccountKind, default=AccountKind.OFFICER)
    administrator = models.CharField("三员", max_length=8, choices=Administrator, default="", blank=True)
    is_active = models.BooleanField("已生效", default=False)
    is_staff = models.BooleanField(default=False)
    must_change_password = models.BooleanField("须改口令", default=False)
    password_changed_at = models.DateTimeField("口令更新时间", null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    deactivated_at = models.DateTimeField("停用时间", null=True, blank=True)
    deactivation_reason = models.CharField("停用原因", max_length=200, blank=True)

    objects = UserManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = "账号"
        verbose_name_plural = "账号"
        constraints = [
            models.CheckConstraint(condition=models.Q(is_superuser=False), name="accounts_no_superuser"),
            models.CheckConstraint(condition=models.Q(username=Lower("username")), name="accounts_username_lower_case"),
            models.CheckConstraint(condition=models.Q(is_staff=False), name="accounts_no_staff"),
            models.CheckConstraint(
                condition=models.Q(administrator="") | models.Q(kind=AccountKind.OFFICER),
                name="accounts_administrator_is_officer",
            ),
            models.CheckConstraint(
                condition=models.Q(is_active=False) | models.Q(deactivated_at=None), name="accounts_deactivated_not_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.full_name}（{self.username}）"

    @property
    def is_officer(self) -> bool:
        return self.kind == AccountKind.OFFICER


class PasswordHistory(models.Model):
    """Hashes of the passwords a person had, so that the last few are not taken again."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="password_history")
    password = models.CharField(max_length=256)
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["user", "-set_at"], name="accounts_pwhistory_latest")]


class AccountList(models.Model):
    """Officers' accounts proposed together by the system administrator, in force after the security administrator's review."""

    status_field = "state"
    TRANSITIONS = LIST_TRANSITIONS

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    note = models.CharField("说明", max_length=200, blank=True)
    state = models.CharField("状态", max_length=8, choices=ListState, default=ListState.PROPOSED)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField("审核意见", max_length=200, blank=True)

    class Meta:
        verbose_name = "账号名单"
        verbose_name_plural = "账号名单"
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reviewed_by=None) | ~models.Q(reviewed_by=models.F("proposed_by")),
                name="accounts_list_two_persons",
            ),
            models.CheckConstraint(
                condition=models.Q(state=ListState.PROPOSED) | models.Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
                name="accounts_list_reviewed_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"账号名单 {self.proposed_at:%Y-%m-%d}"


class AccountListLine(models.Model):
    """One account of a list. Role and organisation are codes: the grant is made by `orgs` when the list is approved."""

    list = models.ForeignKey(AccountList, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField("序号")
    username = models.CharField("登录名", max_length=64)
    full_name = models.CharField("姓名", max_length=64)
    role_code = models.CharField("角色", max_length=64)
    organization_code = models.CharField("组织代码", max_length=64)
    note = models.CharField("备注", max_length=200, blank=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    outcome = models.CharField("结果", max_length=8, choices=LineOutcome, default=LineOutcome.WAITING, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["list", "position"], name="accounts_line_position"),
            models.CheckConstraint(
                condition=models.Q(outcome=LineOutcome.CREATED, user__isnull=False)
                | (~models.Q(outcome=LineOutcome.CREATED) & models.Q(user=None)),
                name="accounts_line_user_when_created",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.full_name}（{self.username}）"


class ActivationCode(models.Model):
    """启用码: a one-use secret that lets its holder set a password. Only its keyed hash is stored."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="activation_codes")
    code_hash = models.BinaryField(max_length=32, unique=True)
    purpose = models.CharField(max_length=8, choices=CodePurpose, default=CodePurpose.ACTIVATE)
    issued_by_uuid = models.UUIDField(null=True, blank=True)
    issued_by_name = models.CharField(max_length=64, blank=True)
    issued_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(used_at=None, superseded_at=None), name="accounts_one_live_code_per_user"
            ),
            models.CheckConstraint(
                condition=models.Q(used_at=None) | models.Q(superseded_at=None), name="accounts_code_used_or_superseded"
            ),
        ]


class FailedTry(models.Model):
    """A wrong code or a wrong present password; counted by `key` to slow down guessing, deleted after a day."""

    key = models.CharField(max_length=80)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["key", "at"], name="accounts_failed_try")]


class AccountRequest(models.Model):
    """What one administrator asks for an account and a second one confirms (重设口令, 恢复账号)."""

    status_field = "state"
    TRANSITIONS = REQUEST_TRANSITIONS

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="account_requests")
    kind = models.CharField("事项", max_length=10, choices=RequestKind)
    state = models.CharField("状态", max_length=10, choices=RequestState, default=RequestState.REQUESTED)
    reason = models.CharField("原因", max_length=200)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.CharField("意见", max_length=200, blank=True)

    class Meta:
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"], condition=models.Q(state=RequestState.REQUESTED), name="accounts_one_open_request"
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | ~models.Q(decided_by=models.F("requested_by")),
                name="accounts_request_two_persons",
            ),
            models.CheckConstraint(
                condition=~models.Q(requested_by=models.F("user"))
                & (models.Q(decided_by=None) | ~models.Q(decided_by=models.F("user"))),
                name="accounts_request_not_for_oneself",
            ),
        ]


class SignedInSession(models.Model):
    """One place where a person is signed in. The row is the truth: without it the session is over at the next request."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="signed_in_sessions")
    token_hash = models.BinaryField(max_length=32, unique=True)
    started_at = models.DateTimeField(default=timezone.now)
    last_seen = models.DateTimeField("最近活动", default=timezone.now, help_text="written at most once a minute")
    address = models.CharField("地址", max_length=64, blank=True)
    agent = models.CharField("设备", max_length=80, blank=True)
    factor = models.CharField("二次验证", max_length=12, choices=FactorMethod, blank=True, default="", db_default="")

    class Meta:
        ordering = ["-last_seen"]


class SecondFactor(models.Model):
    """What a person has besides the password. In force once `confirmed_at` is set.

    The secret of a phone and the one waiting to be confirmed are sealed; `last_step` is the newest time step that was taken,
    so that none is taken twice.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_factor")
    method = models.CharField(max_length=12, choices=FactorMethod, default=FactorMethod.TOTP)
    secret_sealed = models.BinaryField(null=True, editable=False)
    pending_sealed = models.BinaryField(null=True, editable=False)
    last_step = models.BigIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    secret = Sealed("secret_sealed", field="totp_secret")
    pending = Sealed("pending_sealed", field="totp_pending")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(method=FactorMethod.TOTP, confirmed_at__isnull=False) | models.Q(secret_sealed__isnull=False),
                name="accounts_factor_phone_has_secret",
            ),
        ]


class RecoveryCode(models.Model):
    """One code of a printed sheet, good once. Its hash is sealed, so that a rotation of keys finds and rewrites it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    hash_sealed = models.BinaryField(editable=False)
    made_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)

    hashed = Sealed("hash_sealed", field="recovery_code")


class ClientCertificate(models.Model):
    """A certificate that the proxy has checked, bound to one account by its fingerprint."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="certificates")
    fingerprint = models.CharField(max_length=128)
    name = models.CharField("持有人", max_length=200, blank=True)
    bound_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fingerprint"], name="accounts_certificate_of_one_account")]


class FactorPolicy(models.Model):
    """Whether a second factor is required of a kind of account, a post, or a role (`FactorSubject`, `role:CODE`)."""

    subject = models.CharField(max_length=60, unique=True)
    required = models.BooleanField()
    reason = models.CharField(max_length=200, blank=True)
    changed_by = models.CharField(max_length=64, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)


class Elevation(models.Model):
    """A session lifted for one extraordinary act: one capability on one node, for a short time, for a reason."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="elevations")
    session = models.ForeignKey(SignedInSession, on_delete=models.CASCADE, related_name="elevations")
    capability = models.CharField(max_length=40)
    path = models.CharField(max_length=64, db_collation="C")
    place = models.CharField("组织", max_length=120, blank=True)
    reason = models.CharField("事由", max_length=200)
    started_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["session", "capability"], name="accounts_elevation_of_session")]
        constraints = [
            models.CheckConstraint(condition=models.Q(expires_at__gt=models.F("started_at")), name="accounts_elevation_term"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="accounts_elevation_has_reason"),
        ]
