"""A vote to try: one process plays organiser, registrar and tellers by the real verbs. Only where everything is made up.

In a real vote nobody, the server least, holds what is held together here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gmpy2 import mpz

from accounts.models import User
from ballots.core import credentials, tally, trustees
from ballots.core.credentials import Credential
from ballots.core.group import Q
from ballots.core.layouts import Candidates, Layout
from ballots.core.trustees import Place
from ballots.domain import ceremony, counting, freezing, polls, registering, trial_files
from ballots.domain.polls import Bench, NewPoll
from ballots.enums import Mode, Phase
from ballots.models import Outcome, Poll
from core import installation
from core.errors import Conflict
from orgs.models import Organization

TITLE = "试投：支部委员会选举"
CANDIDATES = ("候选人甲", "候选人乙", "候选人丙", "候选人丁")
ON_ROLL = ("党员一", "党员二", "党员三")
SEATS = 3
NOT_SEALED = "演练中由同一个程序扮演各方"


@dataclass(frozen=True)
class Company:
    """Whose accounts are played: different people, as in a real vote."""

    organiser: User
    registrar: User
    tellers: Sequence[User]
    threshold: int = 2


@dataclass(frozen=True)
class Tried:
    """An open vote, the codes of its slips and what its tellers keep."""

    poll: Poll
    codes: list[str]
    shares: list[mpz]


def require_demo() -> None:
    if not installation.is_demo():
        raise Conflict("not_demo", "只能在演示数据里试投：这里一个程序会看到所有人的秘密。")


def set_up(organization: Organization, company: Company, title: str, layout: Layout, slips: int) -> Tried:
    """From the draft to the open box."""
    require_demo()
    new = NewPoll(title, layout, Mode.VERIFIABLE, description="演练：结果不作数。", slips=slips)
    poll = polls.draft(organization, new, actor=company.organiser)
    bench = Bench(company.tellers, company.threshold, company.registrar)
    poll = polls.convene(poll, bench, actor=company.organiser)
    shares = make_key(poll, company)
    drawn: list[Credential] = [credentials.draw(poll.code) for _ in range(slips)]
    registering.register_slips(poll, [str(c.public) for c in drawn], actor=company.registrar)
    poll = freezing.freeze(poll, actor=company.organiser)
    for teller, share in zip(company.tellers, shares, strict=True):
        part = tally.decrypt_partially(freezing.rehearsed_tally(poll), poll.election, share)
        freezing.rehearse(poll, part, actor=teller)
    return Tried(freezing.open_poll(poll, actor=company.organiser), [c.code for c in drawn], shares)


def make_key(poll: Poll, company: Company) -> list[mpz]:
    """All rounds of the ceremony, one teller after another; answers the tellers' shares."""
    size = len(company.tellers)
    seats = [(user, trustees.new_teller(Place(i, size, company.threshold))) for i, user in enumerate(company.tellers, start=1)]
    certificates = [teller.certificate() for _, teller in seats]
    for (user, teller), certificate in zip(seats, certificates, strict=True):
        ceremony.commit(poll, trustees.commitment(teller.coefficients), certificate, actor=user)
    for user, teller in seats:
        ceremony.share(poll, teller.published(), {str(i): NOT_SEALED for i in range(1, size + 1)}, actor=user)
    shares = [sum((teller.share_for(j) for _, teller in seats), mpz(0)) % Q for j in range(1, size + 1)]
    firsts = [str(teller.coefficients[0]) for _, teller in seats]
    for (user, teller), share in zip(seats, shares, strict=True):
        ceremony.confirm(poll, teller.verification_key(share), teller.signature(certificates, firsts), actor=user)
    return shares


def begin(organization: Organization, organiser: User, slips: int) -> Tried:
    """A small election with four other officers' accounts in the other parts."""
    others = (
        User.objects.filter(is_active=True, administrator="", kind=organiser.kind).exclude(pk=organiser.pk).order_by("pk")[:4]
    )
    if len(others) < 4:
        raise Conflict("too_few_accounts", "试投还要四个工作账号：一名凭条登记人、三名监票人。")
    company = Company(organiser, others[0], list(others[1:]))
    tried = set_up(organization, company, TITLE, Candidates(CANDIDATES, SEATS, ON_ROLL), slips)
    trial_files.keep(tried.poll.code, tried.codes, tried.shares)
    return tried


def running() -> tuple[Poll, list[str]] | None:
    """The tried vote that is open now, with the codes of its slips."""
    poll = Poll.objects.filter(title=TITLE, phase=Phase.OPEN).order_by("pk").last()
    return (poll, trial_files.codes_of(poll.code)) if poll else None


def finish(poll: Poll) -> Outcome:
    """Close, open with as many tellers as it takes, announce."""
    require_demo()
    shares, organiser = trial_files.shares_of(poll.code), poll.organiser
    poll = counting.close(poll, poll.slips, actor=organiser)
    total = tally.read_tally(counting.tally_text(poll), poll.election)
    for seat in poll.tellers.select_related("user")[: poll.threshold]:
        part = tally.decrypt_partially(total, poll.election, shares[seat.number - 1])
        counting.decrypt(poll, part, actor=seat.user)
    return counting.announce(poll, actor=organiser)
