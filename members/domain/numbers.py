"""One uncontested holder per number: who has it, who comes second, and who has it when the first lets it go."""

import uuid
from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import QuerySet

from accounts.models import User
from audit.domain import record_many
from core import access, crypto
from core.errors import Conflict
from core.locks import hold_value
from members.models import Member, MemberDraft
from orgs.enums import Capability


def known_elsewhere(number: str, actor: User) -> bool:
    """Whether the number stands in the registry outside the actor's view; refuses if it stands inside.

    A registration inside the view is refused whether it is held for checking or not: else the second attempt would tell
    what the first one hid. One registration of a number at a time: who comes second waits, and then finds the first.
    """
    if not number:
        return False
    for digest in sorted(crypto.blinds(number, "id_number")):  # all of them: others may not know the newest key yet
        hold_value("id_number", digest)
    known = Member.objects.filter(id_blind__in=crypto.blinds(number, "id_number"))
    seen = access.scope(actor, Capability.VIEW_MEMBERS).filter(known, Member.access_path)
    own = seen.select_related("organization").order_by("contested", "id").first()
    if own is not None:
        where = f"{own.organization.short_name}（{own.name}）"
        raise Conflict("duplicate_in_registry", f"这个号码已登记在{where}。", field="id_number")
    return known.filter(contested=False).exists()


def brought_forward(numbers: Iterable[str]) -> list[bytes]:
    """The indexes of these numbers under the current key, with every row of the registry that holds one of them.

    While keys are changed one number may stand under two of them. What compares numbers in the database brings those it
    is about under one first; otherwise this reads nothing.
    """
    found = [crypto.blinds(number, "id_number") for number in dict.fromkeys(numbers) if number]
    pairs = [(old, new) for new, *others in found for old in others]
    if pairs:
        old, new = ([pair[side] for pair in pairs] for side in (0, 1))
        with connection.cursor() as cursor:
            for table in ("members_member", "members_memberdraft"):
                cursor.execute(
                    f"""UPDATE {table} t SET id_blind = v.new FROM unnest(%s::bytea[], %s::bytea[]) AS v(old, new)
                    WHERE t.id_blind = v.old""",  # noqa: S608
                    [old, new],
                )
    return [new for new, *_ in found]


def indexes_of(holders: QuerySet[Member]) -> list[bytes]:
    """The indexes of the numbers these registrations hold, under the current key."""
    if crypto.is_changing_blind_keys():
        return brought_forward([member.id_number for member in holders])
    return [bytes(blind) for blind in holders.values_list("id_blind", flat=True)]


def drafts_brought_forward(batch: uuid.UUID) -> None:
    """The same for the numbers of a batch's drafts, before they are compared with the registry."""
    if crypto.is_changing_blind_keys():
        brought_forward([draft.id_number for draft in MemberDraft.objects.filter(batch=batch, id_blind__isnull=False)])


def release(blinds: Sequence[bytes]) -> None:
    """Of those held because one of these numbers was registered here, the first has it now.

    Nobody is told: a line in the history would say to the branch that the number stood elsewhere until this day.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE members_member SET contested = FALSE WHERE id IN (
              SELECT min(m.id) FROM members_member m WHERE m.id_blind = ANY (%s) AND m.contested AND NOT EXISTS (
                SELECT 1 FROM members_member k WHERE k.id_blind = m.id_blind AND NOT k.contested)
              GROUP BY m.id_blind) RETURNING uuid, org_path""",
            [list(blinds)],
        )
        rows = cursor.fetchall()
    record_many("release_number", [r[0] for r in rows], actor=None, kind="member", path=[r[1] for r in rows])
