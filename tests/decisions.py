"""Decisions about standing as tests give them: enough papers for every ground, on days that break no rule."""

from datetime import date

from accounts.models import User
from members.domain import standing
from members.models import Member
from members.standing_rules import Papers

PAPERS = Papers(decided_by="第一党支部", approved_by="样例镇党委")


def suspend(member: Member, *, actor: User, on: date, document_no: str = "样组〔2026〕8号", **changes: object) -> Member:
    """停止党籍 of somebody settled abroad: the ground that waits for nothing."""
    given = {"reason": "", "version": member.version, "papers": PAPERS} | changes
    return standing.leave(member, "settled_abroad", on=on, document_no=document_no, actor=actor, **given)


def expel(member: Member, *, actor: User, on: date, document_no: str = "样组〔2026〕9号", **changes: object) -> Member:
    given = {"reason": "", "version": member.version, "papers": PAPERS} | changes
    return standing.leave(member, "expelled", on=on, document_no=document_no, actor=actor, **given)


def restore(member: Member, *, actor: User, on: date, document_no: str = "样组〔2026〕10号", **changes: object) -> Member:
    given = {"reason": "", "version": member.version, "papers": PAPERS} | changes
    return standing.restore(member, on=on, document_no=document_no, actor=actor, **given)
