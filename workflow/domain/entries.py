"""The timeline: one line for every act, with opinion and clause, and the notices that go with it."""

from typing import Any

from accounts.models import User
from audit.domain import record
from audit.domain.masking import mask_numbers
from core.dates import today
from orgs.queries import post_of
from workflow.enums import Act, NoticeKind
from workflow.models import Case, Entry, Notice
from workflow.queries import cases_open_to

TEXT = 500


def write(case: Case, act: str, *, actor: User | None, step: str = "", **texts: Any) -> Entry:
    """One line, and the same in the audit record. `texts`: opinion, clause, document_no."""
    at = case.waiting_path or case.path
    step = step or case.step
    entry = Entry(
        case=case, act=act, step=step, step_label=case.rules.step(step).label, actor=actor,
        actor_name=actor.full_name if actor else "系统", post=post_of(actor, at) if actor else "",
        opinion=mask_numbers(texts.get("opinion", "").strip())[:TEXT], clause=texts.get("clause", "").strip()[:200],
        document_no=texts.get("document_no", "").strip()[:60],
    )  # fmt: skip
    if act in (Act.STARTED, Act.RESUBMITTED) and case.data_sealed:
        entry.data_text = case.data_text
    entry.save()
    record(
        f"case_{act}", actor=actor, kind="case", subject=case.uuid, path=case.path, reason=entry.opinion,
        details={"procedure": case.procedure, "step": step, "document_no": entry.document_no},
    )  # fmt: skip
    return entry


def tell(case: Case, kind: str, text: str, user: User) -> None:
    """A notice to one person."""
    Notice.objects.get_or_create(case=case, kind=kind, turn_no=case.turn_no, user=user, defaults={"text": text[:200]})


def tell_turn(case: Case, kind: str, text: str, path: str) -> None:
    """A notice to those who hold the turn's capability at `path`, as long as the turn lasts."""
    Notice.objects.get_or_create(
        case=case, kind=kind, turn_no=case.turn_no, user=None,
        defaults={"text": text[:200], "capability": case.waiting_capability, "path": path},
    )  # fmt: skip


def tell_outcome(case: Case, actor: User | None) -> None:
    """The starter, and those who watch and may still see it, learn how it ended; not from themselves."""
    text = f"{case.title}：{case.get_state_display()}（{today():%Y-%m-%d}）"
    watching = {w.user for w in case.watches.select_related("user")}
    watching = {user for user in watching if cases_open_to(user).filter(pk=case.pk).exists()}
    for person in ({case.starter} | watching) - {actor}:
        tell(case, NoticeKind.OUTCOME, text, person)
