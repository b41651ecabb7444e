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


class ListState(models.TextChoices):
    PROPOSED = "proposed", "待审核"
    APPROVED = "approved", "已批准"
    RETURNED = "returned", "已退回"


class LineOutcome(models.TextChoices):
    WAITING = "", "待审核"
    CREATED = "created", "已生效"
    LEFT_OUT = "left_out", "未批准"


class CodePurpose(models.TextChoices):
    ACTIVATE = "activate", "启用账号"
    RESET = "reset", "重设口令"


class FactorMethod(models.TextChoices):
    """By what a person is known besides the password."""

    TOTP = "totp", "手机动态口令"
    SHEET = "sheet", "打印的一次性代码"
    CERTIFICATE = "certificate", "数字证书"


class FactorSubject(models.TextChoices):
    """For whom a second factor may be required; a role of the officers is written `role:CODE`."""

    OFFICER = "officer", "工作人员"
    SYSTEM = "system", "系统管理员"
    SECURITY = "security", "安全保密管理员"
    AUDIT = "audit", "安全审计员"
    MEMBER = "member", "党员"


class GuardedAct(models.TextChoices):
    """Acts for which a policy may ask to show the second factor once more, just before (an elevated session)."""

    TAKE_OUT = "act:take_out", "整体带出一个组织"
    NUMBERS = "act:numbers", "批量取出号码明文（导出、报送）"


class RequestKind(models.TextChoices):
    RESET = "reset", "重设口令"
    FACTOR = "factor", "解除二次验证"
    REACTIVATE = "reactivate", "恢复账号"


class RequestState(models.TextChoices):
    REQUESTED = "requested", "待确认"
    CONFIRMED = "confirmed", "已确认"
    REFUSED = "refused", "不同意"


LIST_TRANSITIONS: dict[str, tuple[str, ...]] = {
    ListState.PROPOSED: (ListState.APPROVED, ListState.RETURNED),
    ListState.APPROVED: (),
    ListState.RETURNED: (),
}
REQUEST_TRANSITIONS: dict[str, tuple[str, ...]] = {
    RequestState.REQUESTED: (RequestState.CONFIRMED, RequestState.REFUSED),
    RequestState.CONFIRMED: (),
    RequestState.REFUSED: (),
}
