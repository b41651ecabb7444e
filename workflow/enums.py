"""States of a case, what happens to it, and what notices say."""

from django.db import models


class CaseState(models.TextChoices):
    WAITING = "waiting", "办理中"
    RETURNED = "returned", "退回更正"
    APPROVED = "approved", "已同意"
    REFUSED = "refused", "不同意"
    WITHDRAWN = "withdrawn", "已撤回"
    LAPSED = "lapsed", "已过期"


RUNNING: tuple[str, ...] = (CaseState.WAITING, CaseState.RETURNED)

TRANSITIONS: dict[str, tuple[str, ...]] = {
    CaseState.WAITING: (
        CaseState.RETURNED, CaseState.APPROVED, CaseState.REFUSED, CaseState.WITHDRAWN, CaseState.LAPSED,
    ),
    CaseState.RETURNED: (CaseState.WAITING, CaseState.WITHDRAWN, CaseState.LAPSED),
    CaseState.APPROVED: (),
    CaseState.REFUSED: (),
    CaseState.WITHDRAWN: (),
    CaseState.LAPSED: (),
}  # fmt: skip


class Act(models.TextChoices):
    """What an entry of the timeline records."""

    STARTED = "started", "提出"
    APPROVED = "approved", "同意"
    FIRST_APPROVED = "first_approved", "同意（第一人）"
    RETURNED = "returned", "退回更正"
    RESUBMITTED = "resubmitted", "更正后重新提交"
    REFUSED = "refused", "不同意"
    WITHDRAWN = "withdrawn", "撤回"
    LAPSED = "lapsed", "过期终止"
    DELEGATED = "delegated", "转请他人办理"
    TAKEN_BACK = "taken_back", "收回转办"
    ATTACHED = "attached", "附上材料"
    DETACHED = "detached", "撤下材料"
    MOVED = "moved", "随组织调整转移"


# Acts after which somebody has "done" the case: what the list 已办 asks by.
DECIDING: tuple[str, ...] = (
    Act.APPROVED, Act.FIRST_APPROVED, Act.RETURNED, Act.REFUSED, Act.DELEGATED,
)  # fmt: skip


class NoticeKind(models.TextChoices):
    REMIND = "remind", "快到期"
    OVERDUE = "overdue", "下级超期未办"
    OUTCOME = "outcome", "有结果"
    RETURNED = "returned", "请更正"
    DELEGATED = "delegated", "转请您办理"


class DayKind(models.TextChoices):
    WORK = "work", "上班（调休）"
    REST = "rest", "放假"
