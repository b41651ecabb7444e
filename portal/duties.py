"""What a member has to do: at most five, each with its date and the page where it is done."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse

from accounts.models import ActivationCode
from core.dates import month_end, today
from dues.enums import StandardState
from dues.queries import agreement_of, open_months, unsettled
from members.enums import ON_ROLL, Standing
from members.models import Member
from members.rules import probation_ends_on
from regulations.packs import Clause, pack
from workflow.models import Case
from workflow.queries import inbox

MOST = 5
REMIND_BEFORE = timedelta(days=90)  # when the end of probation comes into sight; a matter of the page, not of the rule


@dataclass(frozen=True)
class Duty:
    """`due` is None where no day is set; `url` is empty where the way leads to the branch, not to a page."""

    title: str
    note: str
    url: str = ""
    action: str = ""
    due: date | None = None
    clause: Clause | None = None


def duties_of(member: Member, code: ActivationCode | None, gaps: list[str]) -> list[Duty]:
    """The most pressing first."""
    found = [
        _code(code),
        *_returned(member),
        _dues_base(member),
        _dues_open(member),
        _probation(member),
        _number(member),
        _gaps(gaps),
    ]
    return [duty for duty in found if duty is not None][:MOST]


def _code(code: ActivationCode | None) -> Duty | None:
    if code is None:
        return None
    who, day = code.issued_by_name or "管理员", code.issued_at
    note = f"{who}在{day.month}月{day.day}日发的，还没有使用。不是您要的，请马上换口令并告诉支部。"
    return Duty("有人给您发了启用码", note, reverse("accounts:sessions"), "去看看")


def _returned(member: Member) -> list[Duty]:
    """Matters sent back for correction: they wait for the member alone."""
    waiting = inbox(member.user)[:MOST] if member.user else []
    return [_correction(case) for case in waiting]


def _dues_base(member: Member) -> Duty | None:
    """The base of the year that is asked for, or came back."""
    asked = unsettled(member) if member.standing in ON_ROLL else None
    if asked is None or asked.state == StandardState.DECLARED:
        return None
    note = asked.returned_why or "没有变化的，点一下“和上次一样”就行。"
    return Duty(f"申报{asked.from_month.year}年的党费基数", note, reverse("own_dues:mine"), "去申报")


def _dues_open(member: Member) -> Duty | None:
    """Months assessed and not paid, without the amount. Due when the month ends, or the quarter where that was agreed."""
    months = open_months(member)
    if not months:
        return None
    this = today()
    last = this.replace(day=1, month=(this.month - 1) // 3 * 3 + 3) if agreement_of(member, this) else this
    title = f"交 {months[0].month} 月的党费" if len(months) == 1 else f"交 {len(months)} 个月的党费"
    return Duty(title, "在手机上交，或者交给支部的收缴员。", reverse("own_dues:mine"), "去交", month_end(last))


def _correction(case: Case) -> Duty:
    return Duty("更正后重新提交", case.title, reverse("matters:case", args=[case.uuid]), "去更正", case.due_on)


def _probation(member: Member) -> Duty | None:
    if member.standing != Standing.PROBATIONARY:
        return None
    ends = probation_ends_on(member.joined_on, on=today())
    if ends - today() > REMIND_BEFORE:
        return None
    clause = pack("membership", on=today()).clause("probation.months")
    return Duty(
        "向支部提出书面转正申请", "预备期满前提出，由支部大会讨论决定。", reverse("portal:my_file"), "看我的日期", ends, clause
    )


def _number(member: Member) -> Duty | None:
    if not member.id_unverified:
        return None
    return Duty("带身份证到支部核对号码", "登记的公民身份号码还没有核实。", reverse("portal:my_file"), "看登记的号码")


def _gaps(gaps: list[str]) -> Duty | None:
    if not gaps:
        return None
    return Duty("补上缺的几项", f"档案里还没有：{'、'.join(gaps)}。", reverse("portal:correct"), "现在补")
