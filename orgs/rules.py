"""Predicates of the tree: what may stand where, and when an organisation may be set up. Thresholds come from the pack."""

from dataclasses import dataclass
from datetime import date

from core.dates import add_months
from core.errors import DomainError
from orgs.enums import Kind
from regulations.packs import Pack

BELOW: dict[str, frozenset[str]] = {
    Kind.COMMITTEE: frozenset(Kind.values) - {Kind.GROUP},
    Kind.WORK_COMMITTEE: frozenset(Kind.values) - {Kind.GROUP},
    Kind.LEADING_GROUP: frozenset(),
    Kind.GENERAL_BRANCH: frozenset({Kind.BRANCH}),
    Kind.BRANCH: frozenset({Kind.GROUP}),
    Kind.GROUP: frozenset(),
}


# What an organisation may become when it grows; each with the approval of its superior.
UPGRADES: dict[str, tuple[str, ...]] = {
    Kind.BRANCH: (Kind.GENERAL_BRANCH, Kind.COMMITTEE),
    Kind.GENERAL_BRANCH: (Kind.COMMITTEE,),
}


# The field of a form that a refused threshold speaks of.
FIELD_OF = {
    "branch.formal_members.min": "formal_members",
    "branch.members.max": "members",
    "general_branch.members.min": "members",
    "committee.members.min": "members",
    "joint_branch.units.max": "units",
}


def may_stand_under(kind: str, parent_kind: str) -> bool:
    return kind in BELOW[Kind(parent_kind)]


def check_upgrade(kind: str, to: str) -> None:
    if to not in UPGRADES.get(kind, ()):
        raise DomainError("no_upgrade", f"{Kind(kind).label}不能升格为{Kind(to).label}。", field="kind")


def may_take(kind: str, other: str) -> bool:
    """Whether everything that stands in an organisation of kind `other` may stand in one of `kind`: people and organisations."""
    people = {Kind.BRANCH, Kind.GROUP}
    return BELOW[Kind(other)] <= BELOW[Kind(kind)] and (other not in people or kind in people)


def check_name(name: str, kind: str, pack: Pack) -> None:
    """The full name as on the seal: not empty, not too long, ending as its kind does (pack `organisation`)."""
    name, most = name.strip(), pack.integer("name.length.max")
    if not name:
        raise DomainError("name_missing", "请填写组织全称。", field="name")
    if len(name) > most:
        raise DomainError("name_too_long", f"组织全称最多 {most} 个字，现有 {len(name)} 个。", field="name")
    endings = pack.texts(f"name.endings.{kind}")
    if not name.endswith(endings):
        clause = str(pack.clause(f"name.endings.{kind}"))
        words = "、".join(f"“{ending}”" for ending in endings)
        raise DomainError("name_ending", f"{Kind(kind).label}的全称应以{words}结尾。", clause=clause, field="name")


def check_attributes(kind: str, *, is_joint: bool) -> None:
    if is_joint and kind != Kind.BRANCH:
        raise DomainError("joint_is_branch", "只有党支部可以是联合党支部。", field="is_joint")


@dataclass(frozen=True)
class Setup:
    """What an establishment is declared with: members are persons, units are organisations of work."""

    kind: str
    formal_members: int = 0
    members: int = 0
    units: int = 0
    is_joint: bool = False
    superior_approved: bool = False


def check_setup(setup: Setup, pack: Pack) -> None:
    """Refuse a set-up outside the thresholds of the pack `organisation` (支部工作条例 第四条; rules.md §5.1)."""
    if setup.kind == Kind.BRANCH:
        _check_branch(setup, pack)
    elif setup.kind == Kind.GENERAL_BRANCH and not setup.superior_approved:
        low, high = pack.integer("general_branch.members.min"), pack.integer("general_branch.members.below")
        if not low <= setup.members < high:
            raise _refusal(
                pack, "general_branch.members.min", f"党总支一般有党员 {low} 人以上、不足 {high} 人；现为 {setup.members} 人。"
            )
    elif setup.kind == Kind.COMMITTEE and not setup.superior_approved:
        low = pack.integer("committee.members.min")
        if setup.members < low:
            raise _refusal(pack, "committee.members.min", f"党委一般有党员 {low} 人以上；现为 {setup.members} 人。")


def _check_branch(setup: Setup, pack: Pack) -> None:
    low, high = pack.integer("branch.formal_members.min"), pack.integer("branch.members.max")
    if setup.formal_members < low:
        raise _refusal(
            pack,
            "branch.formal_members.min",
            f"成立党支部须有正式党员 {low} 人以上；现为 {setup.formal_members} 人。可与邻近单位成立联合党支部。",
        )
    if setup.members > high and not setup.superior_approved:
        raise _refusal(pack, "branch.members.max", f"党支部党员一般不超过 {high} 人；现为 {setup.members} 人。")
    if setup.is_joint and not setup.superior_approved:
        check_joint_units(setup.units, pack)


def check_not_too_many(members: int, pack: Pack) -> None:
    """A branch into which others are merged keeps the usual size, unless the superior has approved a larger one."""
    high = pack.integer("branch.members.max")
    if members > high:
        raise _refusal(pack, "branch.members.max", f"合在一起，党支部党员一般不超过 {high} 人；将为 {members} 人。")


def check_remainder(kind: str, formal_members: int, pack: Pack) -> None:
    """A branch from which others are taken must still be one."""
    low = pack.integer("branch.formal_members.min")
    if kind == Kind.BRANCH and formal_members < low:
        words = f"划出之后，原支部只剩正式党员 {formal_members} 人，不足 {low} 人。请少划一些，或者改用“合并”。"
        raise DomainError("setup_threshold", words, clause=str(pack.clause("branch.formal_members.min")), field="people")


def check_joint_units(units: int, pack: Pack) -> None:
    """A joint branch covers a few neighbouring units (支部工作条例 第五条)."""
    most = pack.integer("joint_branch.units.max")
    if units > most:
        raise _refusal(pack, "joint_branch.units.max", f"联合党支部覆盖单位一般不超过 {most} 个；现为 {units} 个。")


TERM_KINDS = (Kind.COMMITTEE, Kind.GENERAL_BRANCH, Kind.BRANCH)


def check_has_term(kind: str, pack: Pack, *, is_temporary: bool) -> None:
    """Which organisations are elected for a term: the elected bodies, and not temporary ones (pack `terms`)."""
    if kind not in TERM_KINDS:
        raise DomainError("no_term", f"{Kind(kind).label}不按届选举，没有任期。")
    if is_temporary and not pack.value("temporary.has_term"):
        raise DomainError("no_term", "临时党支部不换届，没有任期。", clause=str(pack.clause("temporary.has_term")))


def term_rule(kind: str, *, is_village: bool) -> str:
    """The rule that sets the length: villages and communities have one of their own (任期意见 第一条)."""
    return "term.years.village" if is_village else f"term.years.{kind}"


def check_shift(began: date, due: date, ends: date, pack: Pack) -> None:
    """An election earlier or later than due stays within the limit of the pack."""
    most = pack.integer("shift.months.max")
    if not max(began, add_months(due, -most)) < ends <= add_months(due, most) or ends == due:
        clause = str(pack.clause("shift.months.max"))
        words = f"规定届满日是{due:%Y年%-m月%-d日}，提前或延期一般不超过 {most} 个月。"
        raise DomainError("shift_too_far", words, clause=clause, field="term_ends_on")


def _refusal(pack: Pack, key: str, message: str) -> DomainError:
    advice = (
        "" if "上级" in message or key == "branch.formal_members.min" else "经上级批准的，请勾选“经上级党组织批准”并填批文号。"
    )
    return DomainError("setup_threshold", message + advice, clause=str(pack.clause(key)), field=FIELD_OF[key])
