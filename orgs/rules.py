"""Predicates of the tree: what may stand where, and when an organisation may be set up. Thresholds come from the pack."""

from dataclasses import dataclass

from regulations.packs import Pack

from core.errors import DomainError
from orgs.enums import Kind

BELOW: dict[str, frozenset[str]] = {
    Kind.COMMITTEE: frozenset(Kind.values) - {Kind.GROUP},
    Kind.WORK_COMMITTEE: frozenset(Kind.values) - {Kind.GROUP},
    Kind.LEADING_GROUP: frozenset(),
    Kind.GENERAL_BRANCH: frozenset({Kind.BRANCH}),
    Kind.BRANCH: frozenset({Kind.GROUP}),
    Kind.GROUP: frozenset(),
}


def may_stand_under(kind: str, parent_kind: str) -> bool:
    return kind in BELOW[Kind(parent_kind)]


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
        low, high = pack.value("general_branch.members.min"), pack.value("general_branch.members.below")
        if not low <= setup.members < high:
            raise _refusal(
                pack, "general_branch.members.min", f"党总支一般有党员 {low} 人以上、不足 {high} 人；现为 {setup.members} 人。"
            )
    elif setup.kind == Kind.COMMITTEE and not setup.superior_approved:
        low = pack.value("committee.members.min")
        if setup.members < low:
            raise _refusal(pack, "committee.members.min", f"党委一般有党员 {low} 人以上；现为 {setup.members} 人。")


def _check_branch(setup: Setup, pack: Pack) -> None:
    low, high = pack.value("branch.formal_members.min"), pack.value("branch.members.max")
    if setup.formal_members < low:
        raise _refusal(
            pack,
            "branch.formal_members.min",
            f"成立党支部须有正式党员 {low} 人以上；现为 {setup.formal_members} 人。可与邻近单位成立联合党支部。",
        )
    if setup.members > high and not setup.superior_approved:
        raise _refusal(
            pack, "branch.members.max", f"党支部党员一般不超过 {high} 人；现为 {setup.members} 人。经上级批准的请勾选并填批文号。"
        )
    if setup.is_joint and setup.units > (most := pack.value("joint_branch.units.max")):
        raise _refusal(pack, "joint_branch.units.max", f"联合党支部覆盖单位一般不超过 {most} 个；现为 {setup.units} 个。")


def _refusal(pack: Pack, key: str, message: str) -> DomainError:
    return DomainError(
        "setup_threshold", message + ("" if "上级" in message else "经上级批准的请注明。"), clause=str(pack.clause(key))
    )
