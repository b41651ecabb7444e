"""One uncontested holder per number: who has it, who comes second, and who has it when the first lets it go."""

from collections.abc import Sequence

from django.db import connection

from accounts.models import User
from audit.domain import record_many
from core import access, crypto
from core.errors import Conflict
from core.locks import hold_value
from members.models import Member
from orgs.enums import Capability


def known_elsewhere(number: str, actor: User) -> bool:
    """Whether the number stands in the registry outside the actor's view; refuses if it stands inside.

    A registration inside the view is refused whether it is held for checking or not: else the second attempt would tell
    what the first one hid. One registration of a number at a time: who comes second waits, and then finds the first.
    """
    if not number:
        return False
    hold_value("id_number", crypto.blind(number, "id_number"))
    known = Member.objects.filter(id_blind__in=crypto.blinds(number, "id_number"))
    seen = access.scope(actor, Capability.VIEW_MEMBERS).filter(known, Member.access_path)
    own = seen.select_related("organization").order_by("contested", "id").first()
    if own is not None:
        where = f"{own.organization.short_name}（{own.name}）"
        raise Conflict("duplicate_in_registry", f"这个号码已登记在{where}。", field="id_number")
    return known.filter(contested=False).exists()


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
