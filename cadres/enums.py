"""Grounds of an appointment, and where a mapping or a reviewed grant stands."""

from django.db import models


class Ground(models.TextChoices):
    """How a person comes to a post."""

    ELECTED = "elected", "选举产生"
    APPOINTED = "appointed", "上级任命"
    ASSIGNED = "assigned", "指派"


class AppointmentState(models.TextChoices):
    """What an appointment is on a day; worked out from its dates, never stored."""

    IN_FORCE = "in_force", "在任"
    TO_COME = "to_come", "尚未到任"
    EXPIRED = "expired", "任期已满"
    ENDED = "ended", "已免去"


class MappingState(models.TextChoices):
    PROPOSED = "proposed", "待批准"
    IN_FORCE = "in_force", "执行中"
    REFUSED = "refused", "不同意"
    ENDED = "ended", "已停用"


MAPPING_TRANSITIONS: dict[str, tuple[str, ...]] = {
    MappingState.PROPOSED: (MappingState.IN_FORCE, MappingState.REFUSED),
    MappingState.IN_FORCE: (MappingState.ENDED,),
    MappingState.REFUSED: (),
    MappingState.ENDED: (),
}


class Verdict(models.TextChoices):
    """What the reviewer says of a grant."""

    WAITING = "", "待复核"
    CONFIRMED = "confirmed", "确认保留"
    WITHDRAW = "withdraw", "请求收回"


class Outcome(models.TextChoices):
    """What the security administrator did with a request to withdraw."""

    WAITING = "", "待办理"
    WITHDRAWN = "withdrawn", "已收回"
    KEPT = "kept", "没有收回"
