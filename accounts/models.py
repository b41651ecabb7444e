"""Logins. A login is not a member and not a standing: `members.Member` may point here, never the other way round."""

import uuid

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models

from accounts.enums import AccountKind, Administrator


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who may sign in once the account is in force (`is_active`)."""

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

    objects = UserManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = "账号"
        verbose_name_plural = "账号"
        constraints = [
            models.CheckConstraint(condition=models.Q(is_superuser=False), name="accounts_no_superuser"),
            models.CheckConstraint(condition=models.Q(is_staff=False), name="accounts_no_staff"),
            models.CheckConstraint(
                condition=models.Q(administrator="") | models.Q(kind=AccountKind.OFFICER), name="accounts_administrator_is_officer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.full_name}（{self.username}）"

    @property
    def is_officer(self) -> bool:
        return self.kind == AccountKind.OFFICER
