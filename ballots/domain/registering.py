"""How public credentials come to the roll. Nothing here learns whose they are.

A slip's code is drawn in the registrar's browser; a token is signed blindly for a signed-in person and comes back without one.
"""

import base64
import binascii
import hashlib
from uuid import UUID

from django.db import transaction

from accounts.models import User
from ballots.core import blind
from ballots.core.faults import Fault
from ballots.core.group import is_member
from ballots.core.reading import element
from ballots.domain.holding import locked, note, require_phase
from ballots.enums import Phase
from ballots.models import Elector, Poll, Registration
from core.errors import Conflict, DomainError, Missing

ISSUED = "您的电子票已经领过。为了保密，系统不能补发；请凭当时保存的投票码投票，或到现场领凭条。"


@transaction.atomic
def register_slips(poll: Poll, credentials: list[str], *, actor: User) -> Poll:
    """The public halves of all printed slips; printed again, the new set replaces the old one."""
    poll = locked(poll.uuid)
    if poll.registrar_id != actor.pk:
        raise Missing
    _require_registering(poll)
    if len(credentials) != poll.slips or len(set(credentials)) != len(credentials):
        raise DomainError("wrong_number", f"应登记 {poll.slips} 张凭条，每张都不同。")
    for credential in credentials:
        check_credential(credential)
    Registration.objects.filter(poll=poll, by_slip=True).delete()
    rows = [Registration(poll=poll, credential=c, by_slip=True) for c in sorted(credentials)]
    made = Registration.objects.bulk_create(rows, ignore_conflicts=True)
    if Registration.objects.filter(poll=poll, by_slip=True).count() != len(made):
        raise Conflict("repeated_credential", "有凭条与已登记的凭证重复，请重新生成。")
    note("register_slips", poll, actor, slips=len(credentials))
    return poll


def issue_token(poll: Poll, blinded: str, *, actor: User) -> str:
    """Sign blindly, once for each elector. No audit row: `Elector.issued` is the register, and it knows no time."""
    data = octets(blinded, "blinded")
    with transaction.atomic():
        elector = Elector.objects.select_for_update(of=("self",)).filter(poll=poll, user=actor).select_related("poll").first()
        if elector is None:
            raise Missing
        _require_registering(elector.poll)
        digest = blind_digest(data)
        if elector.issued and elector.blinded_digest != digest:
            raise Conflict("already_issued", ISSUED)
        signature = _signed(elector.poll, data)
        elector.issued, elector.blinded_digest = True, digest
        elector.save(update_fields=["issued", "blinded_digest"])
    return base64.b64encode(signature).decode()


def _signed(poll: Poll, data: bytes) -> bytes:
    try:
        return blind.sign(blind.read_key(poll.token_key), data)
    except blind.Unsound:
        raise DomainError("blinded_wrong", "领票的数据不对，请刷新页面重试。", field="blinded") from None


@transaction.atomic
def register_credential(uuid: UUID, credential: str, prefix: str, signature: str) -> None:
    """By somebody without a name: the token is the signature on this very credential. The same again changes nothing."""
    poll = Poll.objects.select_for_update(no_key=True).filter(uuid=uuid).first()
    if poll is None or not poll.token_public:
        raise Missing
    _require_registering(poll)
    check_credential(credential)
    salt = octets(prefix, "prefix")
    prepared = blind.prepare(token_message(poll.code, credential), salt) if len(salt) == blind.PREFIX else b""
    if not prepared or not blind.holds(blind.read_public(poll.token_public), prepared, octets(signature, "signature")):
        raise DomainError("token_wrong", "这张电子票不是本次投票发出的。", field="signature")
    if Registration.objects.filter(poll=poll, credential=credential, by_slip=True).exists():
        raise Conflict("repeated_credential", "这个凭证已经登记过。")
    Registration.objects.bulk_create([Registration(poll=poll, credential=credential, by_slip=False)], ignore_conflicts=True)


def token_message(code: str, credential: str) -> bytes:
    return f"{code}|{credential}".encode()


def _require_registering(poll: Poll) -> None:
    require_phase(poll, Phase.CEREMONY)
    if poll.roll_size is not None:
        raise Conflict("roll_frozen", "名册已经封定，不能再登记。")


def check_credential(credential: object) -> None:
    try:
        if credential == "1" or not is_member(element(credential, "credential")):
            raise Fault("not_in_group", "credential")
    except Fault as fault:
        raise DomainError(fault.code, f"凭证不对：{fault}", field="credential") from None


def octets(text: object, field: str) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        raise DomainError("not_base64", "数据格式不对，请刷新页面重试。", field=field) from None


def blind_digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
