"""Cases follow the tree: copied paths are rewritten, and a turn that hangs on the place of its subject is set anew."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection, transaction

from accounts.models import User
from core import paths
from core.errors import Conflict
from core.locks import hold_value
from core.procedures import Place, declared, procedure
from orgs.models import Organization
from workflow.domain import entries, turns
from workflow.enums import RUNNING, Act, CaseState
from workflow.models import Case, Loan

COLUMNS = {
    "workflow_case": ("path", "origin_path", "named_path", "waiting_path", "told_path"),
    "workflow_loan": ("node_path",),
    "workflow_notice": ("path",),
}


@transaction.atomic
def follow_move(old_path: str, new_path: str) -> None:
    """The subtree stands elsewhere: rewrite every copied path, then look again at turns above the moved subjects."""
    with connection.cursor() as cursor:
        for table, columns in COLUMNS.items():
            for column in columns:
                cursor.execute(
                    f"UPDATE {table} SET {column} = %s || substr({column}, %s) WHERE {column} >= %s AND {column} < %s",  # noqa: S608
                    [new_path, len(old_path) + 1, old_path, paths.upper(old_path)],
                )
    moved = Case.objects.filter(path__gte=new_path, path__lt=paths.upper(new_path), state__in=RUNNING)
    for case in moved.select_for_update():
        place_anew(case)


# (model, its reference to an organisation, the copied path)
REFERENCES = (
    (Case, "node", "path"),
    (Case, "origin", "origin_path"),
    (Case, "named", "named_path"),
    (Case, "waiting_node", "waiting_path"),
    (Loan, "node", "node_path"),
)
Kept = dict[str, list[int]]
PERSON = "member"  # the kind of subject that is a person of the roll


@transaction.atomic
def succeed(ended: Organization, successor: Organization) -> Kept:
    """`ended` is no more: whatever stands there, was raised there, goes there or waits there is its successor's now.

    Returns the rows it changed, by reference: what `put_back` needs when the reorganisation is taken back.
    """
    kept = {f"{model.__name__}.{node}": _ids(model, node, ended) for model, node, _ in REFERENCES}
    _point(kept, ended, successor)
    return kept


@transaction.atomic
def put_back(kept: Kept, successor: Organization, organization: Organization) -> None:
    """`organization` stands again: what went to its successor and is still there comes back."""
    _point(kept, successor, organization)


def _ids(model: type, node: str, organization: Organization) -> list[int]:
    return list(model.objects.filter(**{node: organization}).order_by("pk").values_list("pk", flat=True))  # type: ignore[attr-defined]


def _point(kept: Kept, old: Organization, new: Organization) -> None:
    for model, node, path in REFERENCES:
        rows = model.objects.filter(pk__in=kept.get(f"{model.__name__}.{node}", []), **{node: old})
        rows.update(**{node: new, path: new.path})
    for case in Case.objects.filter(node=new, state__in=RUNNING).select_for_update():
        place_anew(case)


@transaction.atomic
def follow_people(source: Organization, made: Organization, people: Iterable[UUID] | None = None) -> None:
    """Persons who stood directly in `source` (the chosen ones, or all) stand in `made` now, with what is about them."""
    about = Case.objects.filter(node=source, subject_kind=PERSON)
    rows = about if people is None else about.filter(subject_uuid__in=list(people))
    ids = list(rows.values_list("pk", flat=True))
    _point({"Case.node": ids, "Case.origin": ids}, source, made)


@transaction.atomic
def rehome(kind: str, uuids: Iterable[UUID], node: Organization) -> None:
    """The subjects stand at `node` now (a member changed branch): their running cases go with them."""
    running = Case.objects.filter(subject_kind=kind, subject_uuid__in=list(uuids), state__in=RUNNING).exclude(node=node)
    for case in running.select_for_update():
        case.node, case.path = node, node.path
        case.save(update_fields=["node", "path"])
        place_anew(case)


@transaction.atomic
def take_over(kind: str, old: UUID, new: UUID) -> int:
    """Two subjects have turned out to be one: what is and was about `old` is about `new`, with what is lent for it.

    Both have nothing begun meanwhile; two running cases of one procedure cannot both be about one subject.
    """
    for code in (p.code for p in declared() if p.subject_kind == kind):
        for uuid in sorted((old, new)):
            hold_value(f"case:{code}", uuid.bytes)
    running = Case.objects.filter(subject_kind=kind, subject_uuid__in=(old, new), state__in=RUNNING)
    codes = list(running.select_for_update().order_by("pk").values_list("procedure", flat=True))
    twice = next((code for code in codes if codes.count(code) > 1), None)
    if twice:
        raise Conflict("case_running", f"两边各有一件“{procedure(twice).title}”正在办理，请先办结其中一件。")
    Loan.objects.filter(object_kind=kind, object_uuid=old).update(object_uuid=new)
    return Case.objects.filter(subject_kind=kind, subject_uuid=old).update(subject_uuid=new)


def start_as(kind: str, subject: UUID, old: User, new: User) -> None:
    """The starter works under another login from now on: what runs about the subject comes back to that one."""
    running = Case.objects.filter(subject_kind=kind, subject_uuid=subject, state__in=RUNNING)
    running.filter(starter=old).update(starter=new)


def place_anew(case: Case) -> None:
    """Where the present turn stands after its subject moved. The deadline runs on."""
    if case.state != CaseState.WAITING or case.current.turn.place in (Place.ORIGIN, Place.NAMED):
        return
    node = turns.place_of(case, case.current.turn.place)
    if node.path == case.waiting_path and node.pk == case.waiting_node_id:
        return
    case.waiting_node, case.waiting_path, case.turn_no = node, node.path, case.turn_no + 1
    case.delegate = case.delegated_by = case.delegated_until = None
    case.told_path = ""
    fields = ["waiting_node", "waiting_path", "told_path", "turn_no", "delegate", "delegated_by", "delegated_until"]
    case.save(update_fields=fields)
    entries.write(case, Act.MOVED, actor=None, opinion=f"随组织调整转由{node.short_name}办理。")
