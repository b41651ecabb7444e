"""The tellers' rounds as the server sees them: it checks and keeps what is public and hands on what is sealed between them.

Nobody's coefficients are shown before all commitments are there, so the last to speak cannot choose the key.
"""

import re
from typing import Any

from django.db import transaction

from accounts.models import User
from ballots.core import trustees
from ballots.core.faults import Fault
from ballots.core.group import dump
from ballots.core.trustees import Agreed, Place, PublicPart
from ballots.domain.holding import note, require_phase, seat_of
from ballots.enums import Phase, Step
from ballots.models import Poll, Teller, as_sent
from core.errors import Conflict, DomainError

ORDER = [Step.NOTHING, Step.COMMIT, Step.SHARE, Step.CONFIRM, Step.REHEARSE, Step.DECRYPT, Step.DESTROY]
LONGEST_SHARE = 2000
COMMITMENT = re.compile(r"[A-Za-z0-9+/]{43}")


def reached(teller: Teller, step: str) -> bool:
    return ORDER.index(Step(teller.step)) >= ORDER.index(Step(step))


def require_all(poll: Poll, step: str) -> list[Teller]:
    bench = list(poll.tellers.select_related("user"))
    waiting = [t.user.full_name for t in bench if not reached(t, step)]
    if waiting:
        raise Conflict("tellers_missing", f"还要等监票人完成上一步：{'、'.join(waiting)}。")
    return bench


def begin_step(poll: Poll, actor: User, step: str, before: str, phase: str) -> tuple[Poll, Teller, list[Teller]]:
    """The teller's row for `step`; refused before the others are ready for it and when it has been done."""
    poll, seat = seat_of(poll, actor)
    require_phase(poll, phase)
    if reached(seat, step):
        raise Conflict("step_done", "这一步您已经完成。请刷新页面看最新情况。")
    return poll, seat, require_all(poll, before)


def fault_as_refusal(fault: Fault) -> DomainError:
    return DomainError(fault.code, f"提交的内容没有通过核验：{fault}")


@transaction.atomic
def commit(poll: Poll, commitment: str, certificate: Any, *, actor: User) -> Teller:
    """A hash of the coefficients to come, and the keys of this teller for signing and for sealed shares."""
    poll, seat, bench = begin_step(poll, actor, Step.COMMIT, Step.NOTHING, Phase.CEREMONY)
    if not isinstance(commitment, str) or not COMMITMENT.fullmatch(commitment):
        raise DomainError("wrong_shape", "承诺的格式不对。", field="commitment")
    try:
        trustees.read_certificate(certificate, Place(seat.number, len(bench), poll.threshold), "certificate")
    except Fault as fault:
        raise fault_as_refusal(fault) from None
    return write(seat, Step.COMMIT, commitment=commitment, certificate=dump(certificate))


@transaction.atomic
def share(poll: Poll, coefficients: Any, shares: Any, *, actor: User) -> Teller:
    """The coefficients that were committed to, signed, and a sealed share for every teller."""
    poll, seat, bench = begin_step(poll, actor, Step.SHARE, Step.COMMIT, Phase.CEREMONY)
    try:
        signer = _signer(seat, len(bench), poll.threshold)
        read = trustees.read_coefficients(coefficients, signer, poll.threshold, "coefficients")
    except Fault as fault:
        raise fault_as_refusal(fault) from None
    if trustees.commitment(read) != seat.commitment:
        raise DomainError("commitment_broken", "公布的内容与事先的承诺不一致。", field="coefficients")
    _check_shares(shares, len(bench))
    return write(seat, Step.SHARE, coefficients=dump(coefficients), shares=dump(shares))


def _check_shares(shares: Any, size: int) -> None:
    numbers = [str(i) for i in range(1, size + 1)]
    sound = isinstance(shares, dict) and sorted(shares) == sorted(numbers)
    if not sound or not all(isinstance(s, str) and 0 < len(s) <= LONGEST_SHARE for s in shares.values()):
        raise DomainError("wrong_shape", "每名监票人都要有一份密封的份额。", field="shares")


@transaction.atomic
def confirm(poll: Poll, verification_key: Any, signature: Any, *, actor: User) -> Teller:
    """After checking the shares received: the public half of the own share. The last one completes the key."""
    poll, seat, bench = begin_step(poll, actor, Step.CONFIRM, Step.SHARE, Phase.CEREMONY)
    try:
        _check_key(poll, seat, bench, verification_key, signature)
    except Fault as fault:
        raise fault_as_refusal(fault) from None
    write(seat, Step.CONFIRM, verification_key=dump(verification_key), signature=dump(signature))
    if all(reached(t, Step.CONFIRM) for t in poll.tellers.all()):
        _complete(poll)
    return seat


def _signer(teller: Teller, size: int, threshold: int) -> Any:
    return trustees.read_certificate(as_sent(teller.certificate), Place(teller.number, size, threshold), "certificate")


def _check_key(poll: Poll, seat: Teller, bench: list[Teller], key: Any, signature: Any) -> None:
    signers = [_signer(t, len(bench), poll.threshold) for t in bench]
    polynomials = [
        trustees.read_coefficients(as_sent(t.coefficients), s, poll.threshold, f"coefficients {t.number}")
        for t, s in zip(bench, signers, strict=True)
    ]
    signed = dump({"certs": [as_sent(t.certificate) for t in bench], "coefexps": [str(p[0]) for p in polynomials]})
    agreed = Agreed(polynomials, f"sigmsg|certs_sig|{signed}|")
    row = (key, signature, signers[seat.number - 1])
    trustees.read_verification_key(row, seat.number, agreed, "verification_key")


def _complete(poll: Poll) -> None:
    parts = [
        PublicPart(*(as_sent(text) for text in (t.certificate, t.coefficients, t.verification_key, t.signature)))  # type: ignore[arg-type]
        for t in poll.tellers.all()
    ]
    text = trustees.assemble(parts, poll.threshold)
    trustees.read(text)
    poll.trustees_text = text
    poll.save(update_fields=["trustees_text"])


def write(seat: Teller, step: str, **texts: str) -> Teller:
    seat.step = step
    for name, text in texts.items():
        setattr(seat, name, text)
    seat.save(update_fields=["step", *texts])
    note("publish_round", seat.poll, seat.user, step=str(step), teller=seat.number)
    return seat
