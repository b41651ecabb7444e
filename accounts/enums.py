from django.db import models


class Administrator(models.TextChoices):
    """The three administrators (三员, rules.md §11.2): nobody holds two, none sees business data."""

    NONE = "", "—"
    SYSTEM = "system", "系统管理员"
    SECURITY = "security", "安全保密管理员"
    AUDIT = "audit", "安全审计员"


class AccountKind(models.TextChoices):
    OFFICER = "officer", "工作人员"
    MEMBER = "member", "党员"
