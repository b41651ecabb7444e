"""A member's login: opened, or its code reissued, by the branch that knows the person."""

from django.db import transaction

from accounts.domain.codes import IssuedCode, issue_code
from accounts.domain.logins import open_member_login
from accounts.models import User
from audit.domain import record
from core import access
from core.errors import Conflict
from members.enums import ON_ROLL
from members.models import Member
from orgs.enums import Capability


@transaction.atomic
def issue_activation(member: Member, *, actor: User) -> IssuedCode:
    """A one-use 启用码, shown once to the secretary; an earlier unused one ends. The member sees that it was issued."""
    access.require(actor, Capability.ISSUE_ACTIVATION, member.org_path)
    member = Member.ever.select_for_update().get(pk=member.pk)
    if member.standing not in ON_ROLL:
        raise Conflict("not_on_roll", "这位同志现在不在册，不能发放启用码。")
    if member.user is None:
        member.user = open_member_login(member.name, actor=actor)
        Member.objects.filter(pk=member.pk).update(user=member.user)
    issued = issue_code(member.user, actor=actor)
    record("issue_activation", actor=actor, kind="member", subject=member.uuid, path=member.org_path)
    return issued
