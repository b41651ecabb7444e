"""为什么是这个数: everything an amount rests on, in words, for whoever may see it."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.utils import timezone

from dues.enums import Ground, Source
from dues.models import Relief, Standard
from dues.queries import due_for, in_force, latest_assessment, relief_of
from dues.rules import PACK, Bracket, Step, assess, money
from members.models import Member
from regulations.packs import pack


@dataclass(frozen=True)
class Explanation:
    """`amount` is None where no base is known yet; `assessed` tells whether the month was run over."""

    month: date
    amount: Decimal | None
    ground: str
    ground_words: str
    steps: tuple[Step, ...]
    brackets: tuple[Bracket, ...]
    standard: Standard | None
    relief: Relief | None
    pack: str
    assessed: bool

    @property
    def key_step(self) -> Step | None:
        return self.steps[0] if self.steps else None


def explain(member: Member, month: date) -> Explanation:
    """A month as it was assessed, by the base and the rules of then; before the run, as it would be."""
    found = latest_assessment(member, month)
    amount, ground = (found.due_after, found.ground) if found else due_for(member, month)
    standard = found.standard if found else in_force(member, month)
    relief = found.relief if found else _counted_relief(member, month, ground)
    words = str(Ground(ground).label) if ground else ""
    if standard is None or ground == Ground.OFF_ROLL:
        return Explanation(month, amount, ground, words, (), (), None, None, "", found is not None)
    counted = assess(standard.kind, standard.base, pack(PACK, on=standard.from_month, at=member.org_path))
    first = replace(counted.steps[0], note=f"{counted.steps[0].note}{_who_confirmed(standard)}")
    steps = (first, *counted.steps[1:], *_other(member, month, ground, relief))
    return Explanation(
        month, amount, ground, words, steps, counted.brackets, standard, relief, standard.pack or counted.pack, found is not None
    )


def _counted_relief(member: Member, month: date, ground: str) -> Relief | None:
    return relief_of(member, month) if ground in (Ground.REDUCED, Ground.EXEMPT) else None


def _who_confirmed(standard: Standard) -> str:
    if standard.source == Source.FIXED or standard.confirmed_at is None:
        return ""
    day = timezone.localtime(standard.confirmed_at)
    since = f"{standard.from_month:%Y年%-m月}起算"
    return f"。{standard.get_source_display()}，{day:%Y年%-m月%-d日}由{standard.confirmed_by}确认，{since}"


def _other(member: Member, month: date, ground: str, relief: Relief | None) -> tuple[Step, ...]:
    """The reduction (or that there is none), what is carried over, what is deferred."""
    rules = pack(PACK, on=month, at=member.org_path)
    clause = str(rules.clause("relief.approval"))
    if relief:
        until = f"到{relief.to_month:%Y年%-m月}，{relief.approved_by}按{relief.document_no}批准"
        made = [Step("减免", "免交" if not relief.monthly else f"交 {money(relief.monthly)}", until, clause)]
    else:
        made = [Step("减免", "无", "确有困难可以申请少交或免交，由支部研究、上一级党委批准", clause)]
    for key, wanted in (("until_confirmed.previous", Ground.CARRIED), ("abroad.deferred", Ground.ABROAD)):
        if ground == wanted:
            made.append(Step("说明", Ground(ground).label, "", str(rules.clause(key))))
    return tuple(made)
