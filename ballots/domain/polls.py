"""From the draft to the bench of tellers. After the draft what is voted on is fixed; the database refuses any change of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db import transaction

from accounts.models import User
from audit.domain.masking import mask_numbers
from ballots import rules
from ballots.core import blind
from ballots.core.layouts import Layout
from ballots.domain import chain
from ballots.domain.holding import managed, note, require_phase
from ballots.enums import Mode, Phase, Step
from ballots.models import Elector, Poll, Teller
from core import access
from core.errors import Conflict, DomainError
from core.transitions import move
from orgs.enums import Capability
from orgs.models import Organization


@dataclass(frozen=True)
class NewPoll:
    """What an organiser decides. `slips`: how many are printed; `electors`: who may take a token on the own device."""

    title: str
    layout: Layout
    mode: str = Mode.PAPER
    description: str = ""
    slips: int = 0
    electors: Sequence[User] = ()
    revote: bool = False


@dataclass(frozen=True)
class Bench:
    """Who counts: `threshold` of the tellers together open the box. `registrar` prints the slips."""

    tellers: Sequence[User]
    threshold: int
    registrar: User | None = None


@transaction.atomic
def draft(organization: Organization, new: NewPoll, *, actor: User) -> Poll:
    access.require(actor, Capability.RUN_BALLOTS, organization.path)
    poll = Poll(organization=organization, org_path=organization.path, organiser=actor, **_fields(new))
    poll.save()
    _write_electors(poll, new.electors)
    note("draft_poll", poll, actor, title=poll.title)
    return poll


@transaction.atomic
def revise(poll: Poll, new: NewPoll, *, actor: User) -> Poll:
    """A draft written anew. What has left the draft is never changed again."""
    poll = managed(poll, actor)
    if poll.phase != Phase.DRAFT:
        raise Conflict("frozen", "题目、票样和投票方式已经封定，不能再改。确需改动，请中止这次投票后重新起草。")
    fields = _fields(new)
    for name, value in fields.items():
        setattr(poll, name, value)
    poll.save(update_fields=list(fields))
    Elector.objects.filter(poll=poll).delete()
    _write_electors(poll, new.electors)
    note("revise_poll", poll, actor, title=poll.title)
    return poll


def _fields(new: NewPoll) -> dict[str, object]:
    if not new.title.strip():
        raise DomainError("title_missing", "请写明投票的题目。", field="title")
    if fault := rules.layout_fault(new.layout):
        raise DomainError("layout_wrong", fault, field="layout")
    voters = new.slips + len(new.electors)
    if new.mode != Mode.PAPER and voters < 1:
        raise DomainError("nobody_votes", "请写明印多少张凭条，或选定可在自己设备上投票的人。", field="slips")
    if new.mode == Mode.PAPER and voters:
        raise DomainError("paper_only", "只用纸质票时不印凭条，也不发电子票。", field="slips")
    return {
        "title": new.title.strip()[:120], "description": new.description.strip()[:500], "layout_record": asdict(new.layout),
        "mode": new.mode, "revote": new.revote, "slips": new.slips,
    }  # fmt: skip


def _write_electors(poll: Poll, electors: Sequence[User]) -> None:
    """In the order of accounts: the order of the rows says nothing."""
    Elector.objects.bulk_create([Elector(poll=poll, user=user) for user in sorted(set(electors), key=lambda user: user.pk)])


@transaction.atomic
def convene(poll: Poll, bench: Bench, *, actor: User) -> Poll:
    """Name the tellers. Electronic votes go on to the key ceremony, paper ones are ready."""
    poll = managed(poll, actor)
    require_phase(poll, Phase.DRAFT)
    _check_bench(poll, bench, actor)
    Teller.objects.bulk_create([Teller(poll=poll, user=user, number=i) for i, user in enumerate(bench.tellers, start=1)])
    note("convene_poll", poll, actor, tellers=[u.username for u in bench.tellers], threshold=bench.threshold)
    facts = {"threshold": bench.threshold, "registrar": bench.registrar, "organiser": actor}
    if not poll.electronic:
        return move(poll, Phase.READY, **facts)
    if poll.electors.exists():
        facts |= _token_keys(poll)
    return move(poll, Phase.CEREMONY, **facts)


def _check_bench(poll: Poll, bench: Bench, actor: User) -> None:
    if fault := rules.bench_fault(len(bench.tellers), bench.threshold):
        raise DomainError("bench_wrong", fault, field="tellers")
    registrar = bench.registrar.pk if bench.registrar else None
    if fault := rules.roles_fault(actor.pk, registrar, [u.pk for u in bench.tellers]):
        raise DomainError("roles_joined", fault, field="tellers")
    if poll.slips and registrar is None:
        raise DomainError("registrar_missing", "要印凭条，请确定凭条登记人。", field="registrar")
    if not all(u.is_active for u in bench.tellers):
        raise DomainError("account_closed", "有监票人的账号没有启用。", field="tellers")


def _token_keys(poll: Poll) -> dict[str, object]:
    """A key pair of this vote alone for blind signatures; the private half is sealed."""
    key = blind.make_key()
    poll.token_key = key.written()
    return {"token_public": blind.written_public(key.public), "token_key_sealed": poll.token_key_sealed}


@transaction.atomic
def replace_teller(poll: Poll, number: int, user: User, reason: str, *, actor: User) -> Poll:
    """A teller who is lost before the opening is replaced; everybody makes the key anew."""
    poll = managed(poll, actor)
    require_phase(poll, Phase.CEREMONY, Phase.READY)
    seat = poll.tellers.filter(number=number).first()
    if seat is None:
        raise DomainError("teller_unknown", "没有这个序号的监票人。", field="number")
    others = [t.user_id for t in poll.tellers.exclude(pk=seat.pk)]
    if fault := rules.roles_fault(poll.organiser_id, poll.registrar_id, [*others, user.pk]):
        raise DomainError("roles_joined", fault, field="user")
    if actor.pk == user.pk:
        raise DomainError("roles_joined", "组织人不能兼任监票人或凭条登记人。", field="user")
    seat.user = user
    seat.save(update_fields=["user"])
    note("replace_teller", poll, actor, _reason(reason), number=number, username=user.username)
    return _begin_again(poll)


@transaction.atomic
def restart_ceremony(poll: Poll, reason: str, *, actor: User) -> Poll:
    poll = managed(poll, actor)
    require_phase(poll, Phase.CEREMONY, Phase.READY)
    note("restart_ceremony", poll, actor, _reason(reason))
    return _begin_again(poll)


def _begin_again(poll: Poll) -> Poll:
    """Nothing published before counts any more; the frozen roll, if there is one, stays as it is."""
    blank = {"commitment": "", "certificate": "", "coefficients": "", "shares": "", "verification_key": "", "signature": ""}
    Teller.objects.filter(poll=poll).update(step=Step.NOTHING, rehearsed="", **blank)
    facts = {"attempt": poll.attempt + 1, "trustees_text": "", "election_text": "", "fingerprint": "", "rehearsal": ""}
    if poll.phase == Phase.READY and poll.electronic:
        return move(poll, Phase.CEREMONY, **facts)
    for name, value in facts.items():
        setattr(poll, name, value)
    poll.save(update_fields=list(facts))
    return poll


@transaction.atomic
def abandon(poll: Poll, reason: str, *, actor: User) -> Poll:
    """Ends without a result. What was cast stays sealed for good: without the tellers nobody can open it."""
    poll = managed(poll, actor)
    note("abandon_poll", poll, actor, _reason(reason), phase=poll.phase)
    if poll.phase == Phase.OPEN:
        chain.forget_times(poll)
    return move(poll, Phase.ABANDONED, ended_why=_reason(reason)[:200])


def _reason(text: str) -> str:
    if not text.strip():
        raise DomainError("reason_missing", "请写明原因。", field="reason")
    return mask_numbers(text.strip())
