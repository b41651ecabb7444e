"""The ladder of arrears: a reminder, help, a written notice, then the branch looks into it. It removes nobody."""

from django.db import models

from regulations.packs import Pack


class Rung(models.TextChoices):
    REMIND = "remind", "提醒"
    HELP = "help", "问一问有没有困难"
    NOTICE = "notice", "书面通知限期改正"
    INQUIRY = "inquiry", "支部核查"


# in the order in which they come, each with the months of its entry in the pack
MONTHS: dict[str, str] = {
    Rung.REMIND: "arrears.remind.months",
    Rung.HELP: "arrears.help.months",
    Rung.NOTICE: "arrears.notice.months",
    Rung.INQUIRY: "arrears.inquiry.months",
}


class StepState(models.TextChoices):
    OPEN = "open", "待办"
    DONE = "done", "已办"
    SETTLED = "settled", "已交清"


STEP_TRANSITIONS: dict[str, tuple[str, ...]] = {
    StepState.OPEN: (StepState.DONE, StepState.SETTLED),
    StepState.DONE: (),
    StepState.SETTLED: (),
}


class Finding(models.TextChoices):
    """What came of the talk or the inquiry. None of them changes anybody's standing."""

    WILL_PAY = "will_pay", "忘了，近期补交"
    HARDSHIP = "hardship", "确有困难，帮助申请减免"
    REASON = "reason", "有正当理由"
    TOLD = "told", "书面通知已送达"
    MEETING = "meeting", "无正当理由，提请支部大会研究"


FINDINGS: dict[str, tuple[str, ...]] = {
    Rung.HELP: (Finding.WILL_PAY, Finding.HARDSHIP, Finding.REASON),
    Rung.NOTICE: (Finding.TOLD, Finding.HARDSHIP, Finding.REASON),
    Rung.INQUIRY: (Finding.WILL_PAY, Finding.HARDSHIP, Finding.REASON, Finding.MEETING),
}


def rungs_reached(months: int, rules: Pack) -> list[str]:
    """Every rung that somebody who is `months` behind has reached."""
    return [rung for rung, key in MONTHS.items() if months >= rules.integer(key)]


def is_quiet(hour: int, rules: Pack) -> bool:
    """Whether nobody is reminded at this hour of the day (0 to 23)."""
    first, last = rules.integer("quiet.from_hour"), rules.integer("quiet.to_hour")
    return hour >= first or hour < last if first > last else first <= hour < last
