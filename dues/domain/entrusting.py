"""委托代交: consent is the member's own act, names one person, and ends when the member says so."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.domain import record
from core.errors import Conflict, DomainError, Missing
from dues.domain.ledger import hold_member
from dues.pay_models import Entrustment
from members.enums import ON_ROLL
from members.models import Member
from members.queries import own_member

LONGEST = 60


@transaction.atomic
def entrust(name: str, *, relative: bool, actor: User) -> Entrustment:
    """Ask somebody to pay: a member of the own branch by name, who then sees the amount, or a relative, who pays in cash."""
    own = own_member(actor)
    if own is None:
        raise Missing
    hold_member(own)
    if Entrustment.objects.filter(member=own, ended_at__isnull=True).exists():
        raise Conflict("entrusted", "您已经委托了一个人。要换人，请先取消现在的委托。")
    name = name.strip()
    if not name or len(name) > LONGEST:
        raise DomainError("name", "请填代交人的姓名。", field="name")
    delegate = None if relative else _fellow(own, name)
    made = Entrustment.objects.create(member=own, delegate=delegate, delegate_name=name)
    record("entrust_dues", actor=actor, kind="member", subject=own.uuid, path=own.org_path)
    return made


def _fellow(own: Member, name: str) -> Member:
    """Only of one's own branch, whose members one knows; one with that name, and with an account."""
    fellows = Member.objects.filter(organization=own.organization, name=name, standing__in=ON_ROLL, user__isnull=False)
    found = list(fellows.exclude(pk=own.pk)[:2])
    if len(found) != 1:
        raise DomainError("no_fellow", "本支部没有这位同志的账号，或者有几位同名。可以请支部的党费收缴员当面代收。", field="name")
    return found[0]


@transaction.atomic
def end_entrustment(given: Entrustment, *, actor: User) -> Entrustment:
    """The member takes the consent back; so may the other, who does not want to any more."""
    locked = Entrustment.objects.select_for_update(of=("self",)).select_related("member").get(pk=given.pk)
    own = own_member(actor)
    if own is None or own.pk not in (locked.member_id, locked.delegate_id):
        raise Missing
    if locked.ended_at is None:
        locked.ended_at = timezone.now()
        locked.save(update_fields=["ended_at"])
        record("end_dues_entrustment", actor=actor, kind="member", subject=locked.member.uuid, path=locked.member.org_path)
    return locked
