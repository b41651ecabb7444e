"""Freezing: from here the election's text, its key and its roll are one fingerprint. Then the tellers rehearse, then it opens."""

import json

from django.db import transaction
from gmpy2 import mpz

from accounts.models import User
from ballots.core import archive, election, tally, trustees
from ballots.core.election import Draft
from ballots.core.faults import Fault
from ballots.core.group import dump, hex_digest, random_exponent
from ballots.core.layouts import rules_of
from ballots.core.proofs import encrypt
from ballots.core.verifying import ROLL
from ballots.domain import ceremony, chain
from ballots.domain.holding import managed, note, require_phase
from ballots.enums import Phase, Step
from ballots.models import Elector, Poll, Registration, RollEntry, Teller
from ballots.tasks import give_back_space
from core.dates import today
from core.errors import Conflict, DomainError
from core.transitions import move

DUMMY = 1  # what the rehearsed ciphertext holds


@transaction.atomic
def freeze(poll: Poll, *, actor: User) -> Poll:
    """The roll, once and for good, and the election's text. Registration is over: the key that signed tokens is gone."""
    poll = managed(poll, actor)
    require_phase(poll, Phase.CEREMONY)
    if not poll.trustees_text:
        ceremony.require_all(poll, Step.CONFIRM)
    if poll.roll_size is None:
        write_roll(poll)
    key = trustees.read(poll.trustees_text).key
    frozen = election.freeze(_draft(poll), key)
    note("freeze_poll", poll, actor, fingerprint=frozen.fingerprint, roll=poll.roll_size)
    return move(
        poll, Phase.READY, roll_size=poll.roll_size, election_text=frozen.text, fingerprint=frozen.fingerprint,
        rehearsal=_rehearsal(key), token_key_sealed=None,
    )  # fmt: skip


def write_roll(poll: Poll) -> None:
    """The registered credentials, written anew in their numerical order by one transaction, which leaves the order in which
    they came nowhere. So are the electors, whose rows changed as each took a token."""
    slips = Registration.objects.filter(poll=poll, by_slip=True).count()
    if slips != poll.slips:
        raise Conflict("slips_missing", f"凭条还没有登记：应有 {poll.slips} 张。请凭条登记人先生成凭条。")
    credentials = sorted(Registration.objects.filter(poll=poll).values_list("credential", flat=True))
    if not credentials:
        raise Conflict("roll_empty", "还没有人登记，名册是空的。")
    Registration.objects.filter(poll=poll).delete()
    RollEntry.objects.bulk_create([RollEntry(poll=poll, credential=c) for c in credentials], batch_size=5000)
    took = list(Elector.objects.filter(poll=poll).order_by("user_id").values_list("user_id", "issued"))
    Elector.objects.filter(poll=poll).delete()
    Elector.objects.bulk_create([Elector(poll=poll, user_id=user, issued=issued) for user, issued in took])
    poll.roll_size = len(credentials)
    give_back_space.delay_on_commit()


def roll_text(poll: Poll) -> str:
    return dump(sorted(RollEntry.objects.filter(poll=poll).values_list("credential", flat=True)))


def _draft(poll: Poll) -> Draft:
    layout = poll.layout
    rules = rules_of(layout, revote=poll.revote)
    rules.facts.update(**{ROLL: hex_digest(roll_text(poll))}, voters=str(poll.roll_size), tellers=str(poll.threshold))
    return Draft(poll.code, poll.title, poll.description or poll.title, layout.questions(), rules)


def _rehearsal(key: mpz) -> str:
    """A ciphertext whose randomness is published with it: helping to open it tells nothing that is not known."""
    opened = encrypt(DUMMY, key, random_exponent())
    return dump({"tally": [[opened.ciphertext.record()]], "randomness": str(opened.randomness)})


def rehearsed_tally(poll: Poll) -> tally.Tally:
    record = json.loads(poll.rehearsal)["tally"]
    return [[tally.read_ciphertext(c, "rehearsal") for c in row] for row in record]


@transaction.atomic
def rehearse(poll: Poll, partial: str, *, actor: User) -> Teller:
    """A teller shows, with the share kept on the own device, that it opens what it should."""
    poll, seat, _ = ceremony.begin_step(poll, actor, Step.REHEARSE, Step.CONFIRM, Phase.READY)
    try:
        _factors(poll, partial, seat.number)
    except Fault as fault:
        raise ceremony.fault_as_refusal(fault) from None
    return ceremony.write(seat, Step.REHEARSE, rehearsed=partial)


def _factors(poll: Poll, partial: str, number: int) -> list[list[mpz]]:
    public = trustees.read(poll.trustees_text).public_key_of(number)
    return tally.read_partial(partial, rehearsed_tally(poll), poll.election, public, f"rehearsal {number}")


@transaction.atomic
def open_poll(poll: Poll, *, actor: User) -> Poll:
    """Everybody has rehearsed: a teller who could not is replaced before, not missed after."""
    poll = managed(poll, actor)
    require_phase(poll, Phase.READY)
    if poll.electronic:
        bench = ceremony.require_all(poll, Step.REHEARSE)
        parts = {t.number: _factors(poll, t.rehearsed, t.number) for t in bench}
        counts = tally.count(parts, trustees.read(poll.trustees_text), rehearsed_tally(poll), DUMMY)
        if counts != [[DUMMY]]:
            raise DomainError("rehearsal_failed", "演练没有开出应有的结果，请重新制作钥匙。")
        chain.append(poll, archive.setup(poll.election_text, poll.trustees_text, roll_text(poll)))
    note("open_poll", poll, actor, fingerprint=poll.fingerprint)
    return move(poll, Phase.OPEN, opened_on=today())
