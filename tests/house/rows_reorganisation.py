"""Rows of the pages of reorganisations and of committees' terms."""

from datetime import date

from orgs.domain.reorganising import dissolve
from orgs.domain.terms import record_term
from orgs.domain.tree import Paper
from orgs.enums import Kind
from tests.house.matrix import Row
from tests.people import Cast, organization

BOTH = ("get", "post")
VIEW, ESTABLISH = "view_organizations", "establish_organizations"


def branch(cast: Cast) -> dict[str, object]:
    return {"uuid": cast.branch.uuid}


def dissolved(cast: Cast) -> dict[str, object]:
    """A group of the branch that has been dissolved."""
    group = organization(cast.branch, "第一党小组", Kind.GROUP)
    return {"uuid": dissolve(group, None, Paper("样组〔2026〕41号", date(2026, 11, 20)), actor=cast["department"]).uuid}


def term(cast: Cast) -> dict[str, object]:
    return {"uuid": record_term(cast.branch, date(2024, 3, 1), "样组〔2024〕3号", actor=cast["department"]).uuid}


def at_branch(need: str, **more: object) -> Row:
    return Row("at", (need,), "branch", VIEW, **{"arguments": branch, **more})  # type: ignore[arg-type]


ROWS: dict[str, Row] = {
    **{f"orgs:{act}": at_branch(ESTABLISH, methods=BOTH) for act in ("upgrade", "merge", "split", "dissolve", "record_term")},
    "orgs:reorganisations": Row("anywhere", (VIEW,)),
    "orgs:reorganisation": at_branch(VIEW, arguments=dissolved),
    "orgs:revert": at_branch(ESTABLISH, arguments=dissolved, methods=("post",)),
    "orgs:terms": Row("anywhere", (VIEW,)),
    "orgs:shift_term": at_branch(ESTABLISH, arguments=term, methods=BOTH),
}
