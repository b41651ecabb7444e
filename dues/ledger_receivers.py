"""The books hear of the tree and of people: paths follow, money is handed over, two files of one person become one."""

from django.dispatch import receiver

from accounts.models import User
from core.registry import Change, ImpactContributor, ImpactLine, registry
from dues.domain import following, under_way
from dues.domain.ledger import reverse
from dues.ledger_models import Transaction
from members.models import Member
from members.signals import merged
from orgs.models import Organization, Reorganisation
from orgs.signals import organization_dissolved, organization_moved, organizations_merged, reorganisation_reverted


@receiver(organization_moved, dispatch_uid="books_follow_their_organization")
def follow(old_path: str, new_path: str, **_: object) -> None:
    following.move_subtree(old_path, new_path)


@receiver(organizations_merged, dispatch_uid="books_follow_merger")
def follow_merger(source: Organization, into: Organization, actor: User, reorganisation: Reorganisation, **_: object) -> object:
    return _handed(source, into, actor, reorganisation)


@receiver(organization_dissolved, dispatch_uid="books_follow_dissolution")
def follow_dissolution(
    organization: Organization, successor: Organization | None, actor: User, reorganisation: Reorganisation, **_: object
) -> object:
    if successor is None:
        following.nothing_left(organization)
        return None
    return _handed(organization, successor, actor, reorganisation)


def _handed(source: Organization, to: Organization, actor: User, done: Reorganisation) -> object:
    why = f"组织{done.get_kind_display()}移交（{done.document_no}）"
    moved = under_way.take_along(source, to)
    made = following.hand_over(source, to, why, key=f"hand_over:{done.uuid}", actor=actor)
    kept = {"source": str(source.uuid), "under_way": moved, "handed_over": str(made.uuid) if made else None}
    return {"dues": kept} if made or any(moved.values()) else None


@receiver(reorganisation_reverted, dispatch_uid="books_follow_back")
def follow_back(reorganisation: Reorganisation, actor: User, reason: str, **_: object) -> None:
    kept = reorganisation.kept.get("dues")
    if kept is None:
        return
    under_way.bring_back(Organization.ever.get(uuid=kept["source"]), kept["under_way"])
    if kept["handed_over"]:
        done = Transaction.objects.get(uuid=kept["handed_over"])
        reverse(done, key=f"hand_back:{reorganisation.uuid}", actor=actor, words=f"撤回：{reason}"[:200])


@receiver(merged, dispatch_uid="books_follow_one_person")
def follow_one_person(keep: Member, gone: Member, actor: User, **_: object) -> int:
    return following.merge_people(keep, gone, actor=actor)


def lines(change: Change) -> list[ImpactLine]:
    """What of the dues stands in the way of an end without a successor; else it goes along."""
    held = following.holds_money(change.path) if change.seen.covers(change.path) else []
    ends = change.kind == "dissolve" and not change.to
    detail = "先上交或移交" if ends else "随同移交"
    words = f"{'、'.join(held)}：{detail}"
    return [ImpactLine("党费账户余额", len(held), "项", words, left=ends, mark=str(held))]


registry.impact.append(ImpactContributor("dues", lines, 40))
REFERENCES = (
    "Posting.member", "Payment.member", "Entrustment.member", "Entrustment.delegate", "Spending.recipient", "ArrearsStep.member",
)  # fmt: skip
for _reference in REFERENCES:
    registry.merge_answers[f"dues.{_reference}"] = "转到保留的档案名下"
