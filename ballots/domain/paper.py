"""Paper ballots: two tellers count by themselves, the figures are compared field by field, and only equal ones stand."""

from typing import Any

from django.db import transaction

from accounts.models import User
from ballots import rules
from ballots.domain import counting
from ballots.domain.holding import note, require_phase, seat_of
from ballots.enums import Phase
from ballots.models import PaperCount, Poll
from core.errors import Conflict, DomainError


@transaction.atomic
def enter_count(poll: Poll, figures: dict[str, Any], *, actor: User) -> PaperCount:
    """One teller's figures. Who has counted may correct the own figures until both agree; the other's are not shown before."""
    poll, seat = seat_of(poll, actor)
    require_phase(poll, Phase.CLOSED)
    if not poll.on_paper:
        raise Conflict("no_paper", "这次投票没有纸质票。")
    field, fault = rules.figures_fault(poll.layout, figures)
    if fault:
        raise DomainError("figures_wrong", fault, field=field)
    own = PaperCount.objects.filter(poll=poll, teller=seat).first()
    if own is None:
        own = PaperCount(poll=poll, teller=seat, entry=PaperCount.objects.filter(poll=poll).count() + 1)
    if own.entry > 2:
        raise Conflict("two_have_counted", "已经有两名监票人录入。需要更正请由他们本人改。")
    own.figures = figures
    own.save()
    note("enter_paper_count", poll, actor, entry=own.entry)
    counting.settle(poll)
    return own


def differences(poll: Poll) -> list[tuple[str, object, object]]:
    """The fields in which the two counts differ, as (field, first, second); empty while there are not two."""
    found = list(PaperCount.objects.filter(poll=poll).order_by("entry").values_list("figures", flat=True))
    if len(found) < 2:
        return []
    one, other = (dict(flat(figures)) for figures in found)
    return [(name, one.get(name), other.get(name)) for name in sorted({*one, *other}) if one.get(name) != other.get(name)]


def flat(figures: dict[str, Any]) -> list[tuple[str, object]]:
    marks = [(f"marks.{i}.{j}", n) for i, row in enumerate(figures["marks"]) for j, n in enumerate(row)]
    written = [(f"written.{name}", votes) for name, votes in figures.get("written", {}).items()]
    return [*((name, figures[name]) for name in ("issued", "returned", "void")), *marks, *written]
