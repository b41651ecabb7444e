"""Where a step's turn stands, by when it ends, and who may take it. Written onto the row that the inbox asks."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from core import access, paths
from core.dates import today
from core.errors import Conflict, DomainError
from core.procedures import Deadline, Figure, Place, Step
from orgs.domain.tree import keep_place
from orgs.enums import Kind
from orgs.models import Organization
from regulations.packs import pack
from workflow.models import Case, Entry
from workflow.queries import calendar
from workflow.rules import last_day

COMMITTEES = (Kind.COMMITTEE, Kind.WORK_COMMITTEE)
TURN_FIELDS = (
    "step", "turn_no", "waiting_capability", "waiting_node", "waiting_path", "told_path", "not_by_starter", "first_approver",
    "delegate", "delegated_by", "delegated_until", "due_on", "provisional", "remind_on", "tell_on", "lapse_on",
    "turn_began_at",
)  # fmt: skip


def hold(case: Case) -> Case:
    """The case, locked, with its organisations standing still. Refused when somebody acted since `case` was read."""
    nodes = Organization.objects.filter(pk__in={case.node_id, case.origin_id, case.named_id} - {None}).order_by("path")
    for node in nodes:
        keep_place(node)
    locked = Case.objects.select_for_update().get(pk=case.pk)
    if locked.turn_no != case.turn_no:
        last = Entry.objects.filter(case=locked).order_by("-id").first()
        who = last.actor_name if last else ""
        raise Conflict("case_moved_on", f"这件事刚刚由{who}办理过，请刷新页面看最新情况。")
    if {locked.node_id, locked.origin_id, locked.named_id} - {n.pk for n in nodes} - {None}:
        raise Conflict("subtree_busy", "这件事所在的组织刚刚调整过，请刷新页面再办。")
    return locked


def place_of(case: Case, place: Place) -> Organization:
    """The organisation a declared place means for this case."""
    node = case.node
    if place == Place.ORIGIN:
        return case.origin
    if place == Place.NAMED:
        if case.named is None:
            raise DomainError("place_missing", "请选择要去的组织。", field="named")
        return case.named
    if place == Place.SUPERIOR:
        return node.parent or node
    if place == Place.OWN:
        return node
    committee = nearest_committee(node)
    return (committee.parent or committee) if place == Place.COMMITTEE_SUPERIOR else committee


def nearest_committee(node: Organization) -> Organization:
    """The nearest committee at or above the node; the top where there is none."""
    above = Organization.objects.filter(path__in=paths.ancestors(node.path), kind__in=COMMITTEES).order_by("-depth").first()
    return above or Organization.objects.get(path=paths.ancestors(node.path)[0])


def figure(named: Figure, at: str) -> int:
    return pack(named.pack, at=at).integer(named.key)


SECOND_PERSON = DomainError("second_person", "这一步要由两个人办理，您已经同意过，请另一位同志确认。")


@dataclass(frozen=True)
class _Turn:
    capability: str = ""
    node: Organization | None = None
    deadline: Deadline | None = None
    not_by_starter: bool = False


def begin_step(case: Case, step: Step) -> None:
    """Set the turn of `step` on the row; the caller saves TURN_FIELDS."""
    case.step = step.code
    node = place_of(case, step.turn.place)
    _begin(case, _Turn(step.turn.capability, node, step.deadline, step.not_by_starter))


def begin_correction(case: Case) -> None:
    """The starter's turn: a member alone, or whoever holds the starting capability where the case was started."""
    starts = case.rules.starts
    officers = starts is not None and case.starter.is_officer
    capability = starts.capability if starts is not None and officers else ""
    _begin(case, _Turn(capability, case.origin if officers else None, case.rules.correction))


def end_turn(case: Case) -> None:
    _begin(case, _Turn())


def _begin(case: Case, turn: _Turn) -> None:
    case.turn_no += 1
    case.waiting_capability, case.waiting_node, case.not_by_starter = turn.capability, turn.node, turn.not_by_starter
    case.waiting_path, case.told_path = turn.node.path if turn.node else "", ""
    case.first_approver = case.delegate = case.delegated_by = case.delegated_until = None
    case.turn_began_at = timezone.now()
    set_deadline(case, turn.deadline)


def set_deadline(case: Case, deadline: Deadline | None) -> None:
    """Due day and the days on which the sweep has something to do, counted from the day the turn began."""
    case.due_on = case.remind_on = case.tell_on = case.lapse_on = None
    case.provisional = False
    if deadline is None:
        return
    at = case.waiting_path or case.path
    start = timezone.localtime(case.turn_began_at).date() if case.turn_began_at else today()
    last = last_day(start, deadline.span, figure(deadline.figure, at), calendar())
    case.due_on, case.provisional = last.day, last.provisional
    if deadline.remind:
        case.remind_on = last.day - timedelta(days=figure(deadline.remind, at))
    if deadline.tell_superior:
        case.tell_on = last.day + timedelta(days=figure(deadline.tell_superior, at))
    if deadline.lapses:
        case.lapse_on = last.day + timedelta(days=1)


def check_turn(case: Case, actor: User) -> Step:
    """Refuse whoever may not take the present step: capability at the node, delegation, own matter, second person."""
    step = case.current
    access.forget(actor)
    access.require(actor, case.waiting_capability, case.waiting_path)
    if delegation_holds(case) and case.delegate_id != actor.pk:
        raise Conflict(
            "delegated",
            f"这一步已由{case.delegated_by.full_name}转请{case.delegate.full_name}办理，到{case.delegated_until}为止。",
        )
    if step.not_by_starter and case.starter_id == actor.pk:
        raise DomainError("own_matter", "自己提出的事项要由别人办理。")
    return step


def refusal_of(case: Case, actor: User) -> DomainError | None:
    """Why the actor may not take the present step; None when nothing stands against it."""
    try:
        check_turn(case, actor)
    except DomainError as error:
        return error
    return SECOND_PERSON if case.first_approver_id == actor.pk else None


def delegation_holds(case: Case) -> bool:
    """Delegation lasts to its last day, and only while the delegate still holds the turn."""
    if case.delegate_id is None or case.delegated_until is None or case.delegated_until < today():
        return False
    return case.delegate.is_active and may_take(case.delegate, case)


def may_take(user: User, case: Case) -> bool:
    return access.scope(user, case.waiting_capability).covers(case.waiting_path)
