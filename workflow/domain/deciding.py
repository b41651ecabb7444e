"""Deciding like cases together, under one document number."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from core.errors import DomainError
from core.procedures import Figure, procedure
from regulations.packs import pack
from workflow.domain.cases import Paper, approve, refuse
from workflow.models import Case, Decision

MOST = Figure("workflow", "together.cases.max")


@transaction.atomic
def decide_together(cases: Sequence[Case], paper: Paper, *, approved: bool, actor: User) -> Decision:
    """All of them or none: approve (or refuse) like cases, one document number for all."""
    _check_alike(cases)
    if not paper.document_no.strip():
        raise DomainError("document_missing", "一并办理须填写文号。", field="document_no")
    decision = Decision.objects.create(
        document_no=paper.document_no.strip(),
        approved=approved,
        opinion=paper.opinion.strip(),
        count=len(cases),
        decided_by=actor,
    )
    verb = approve if approved else refuse
    for case in sorted(cases, key=lambda c: c.pk):
        try:
            verb(case, paper, actor=actor, decision=decision)
        except DomainError as error:
            raise DomainError("together_refused", f"“{case.title}”：{error.message}全部未办。", clause=error.clause) from error
    return decision


def _check_alike(cases: Sequence[Case]) -> None:
    """One procedure, one version, one step; and one that the rules allow to be decided together."""
    if not cases:
        raise DomainError("nothing_chosen", "请先勾选要一并办理的事项。")
    most = pack(MOST.pack).integer(MOST.key)
    if len(cases) > most:
        raise DomainError("too_many", f"一次最多一并办理 {most} 件，现选了 {len(cases)} 件。")
    if len({(c.procedure, c.version, c.step) for c in cases}) > 1:
        raise DomainError("not_alike", "只有同一类、同一步的事项可以一并办理。")
    rules = procedure(cases[0].procedure, cases[0].version)
    if rules.one_by_one:
        raise DomainError("one_by_one", f"“{rules.title}”要逐件办理，不能一并办理。", clause=rules.one_by_one)
