"""From the close to the announced result: the sum stays encrypted until enough tellers have given their part."""

from collections.abc import Iterator

from django.db import transaction

from accounts.models import User
from ballots.core import archive, checking, tally, trustees
from ballots.core.archive import Event
from ballots.core.checking import Ballot
from ballots.core.faults import Fault
from ballots.core.layouts import MARKS
from ballots.domain import ceremony, chain
from ballots.domain.holding import managed, note, require_phase, seat_of
from ballots.enums import EventKind, Phase, Step
from ballots.models import Elector, Outcome, PaperCount, Poll, RollEntry, Teller
from core.dates import today
from core.errors import Conflict, DomainError
from core.transitions import move

DESTROYED = "钥匙已销毁"


@transaction.atomic
def close(poll: Poll, slips_given: int | None = None, *, actor: User) -> Poll:
    """End of voting. `slips_given`: how many slips were drawn at the door; the rest were destroyed before the tellers."""
    poll = managed(poll, actor)
    require_phase(poll, Phase.OPEN)
    if poll.slips and (slips_given is None or not 0 <= slips_given <= poll.slips):
        raise DomainError("slips_given", f"请写明发出了多少张凭条，0 至 {poll.slips}。", field="slips_given")
    if poll.electronic:
        _require_slips_for_ballots(poll, slips_given or 0)
        chain.forget_times(poll)
        chain.append(poll, Event(EventKind.END))
        ballots = _read_box(poll)
        total = tally.encrypted_tally(ballots, poll.election)
        chain.append(poll, archive.tallied(tally.tally_text(total), len(ballots)))
    note("close_poll", poll, actor, slips_given=slips_given)
    return move(poll, Phase.CLOSED, slips_given=slips_given)


def _require_slips_for_ballots(poll: Poll, given: int) -> None:
    """More voters than slips and tokens handed out cannot be: somebody miscounted, or used a slip that nobody drew."""
    voted = poll.events.filter(kind=EventKind.BALLOT, turn=0).count()
    if poll.slips and voted > given + tokens_issued(poll):
        words = f"箱里有 {voted} 张票，多于发出的凭条和电子票。请重新清点凭条，必要时请监票人核查。"
        raise Conflict("more_ballots_than_slips", words)


def tokens_issued(poll: Poll) -> int:
    return Elector.objects.filter(poll=poll, issued=True).count()


def _read_box(poll: Poll) -> list[Ballot]:
    """What lies in the box was checked at the door; what came in by another way is named, and nothing is counted."""
    try:
        return those_that_count(poll)
    except Fault as fault:
        raise Conflict("box_unsound", f"箱里有一张不是从投票入口进来的票，不能计票：{fault}。请马上告诉监票人。") from None


def those_that_count(poll: Poll) -> list[Ballot]:
    """The last ballot of each credential. They were checked at the door: here they are only read."""
    latest: dict[str, str] = {}
    for voter, digest in poll.events.filter(kind=EventKind.BALLOT).order_by("height").values_list("voter", "payload"):
        latest.pop(voter, None)
        latest[voter] = digest
    kept, roll = frozenset(latest.values()), frozenset(poll.roll.values_list("credential", flat=True))
    return [checking.read(text, poll.election, roll) for text in _ballot_texts(poll) if archive.hex_digest(text) in kept]


def _ballot_texts(poll: Poll) -> Iterator[str]:
    return (event.texts[0] for event in chain.read(poll) if event.kind == EventKind.BALLOT)


def tally_text(poll: Poll) -> str:
    found = chain.last_texts(poll, EventKind.TALLY)
    return found[0][0] if found else ""


@transaction.atomic
def decrypt(poll: Poll, partial: str, *, actor: User) -> Teller:
    """One teller's part of the opening, made in the teller's own browser. Enough of them and the box is open."""
    poll, seat = seat_of(poll, actor)
    require_phase(poll, Phase.CLOSED, Phase.TALLIED)
    if not poll.electronic or ceremony.reached(seat, Step.DECRYPT):
        raise Conflict("step_done", "这一步您已经完成。请刷新页面看最新情况。")
    public = trustees.read(poll.trustees_text).public_key_of(seat.number)
    try:
        total = tally.read_tally(tally_text(poll), poll.election)
        tally.read_partial(partial, total, poll.election, public, f"partial_decryption {seat.number}")
    except Fault as fault:
        raise ceremony.fault_as_refusal(fault) from None
    chain.append(poll, archive.partial(seat.number, partial))
    ceremony.write(seat, Step.DECRYPT)
    settle(poll)
    return seat


def settle(poll: Poll) -> None:
    """Counted when every way of voting is: enough parts for the box, two counts that agree for the paper."""
    opened = not poll.electronic or poll.events.filter(kind=EventKind.PARTIAL).count() >= poll.threshold
    counted = not poll.on_paper or agreed_figures(poll) is not None
    if poll.phase == Phase.CLOSED and opened and counted:
        move(poll, Phase.TALLIED)


def agreed_figures(poll: Poll) -> dict[str, object] | None:
    """What both tellers counted, if they counted the same."""
    found = list(PaperCount.objects.filter(poll=poll).order_by("entry").values_list("figures", flat=True))
    return found[0] if len(found) == 2 and found[0] == found[1] else None


@transaction.atomic
def announce(poll: Poll, *, actor: User) -> Outcome:
    poll = managed(poll, actor)
    require_phase(poll, Phase.TALLIED)
    parts = [t for t in (_electronic(poll), _paper(poll)) if t is not None]
    totals = parts[0]["totals"] if len(parts) == 1 else together(parts[0]["totals"], parts[1]["totals"])
    sums = {name: sum(int(p[name]) for p in parts) for name in ("issued", "returned", "void")}  # type: ignore[call-overload]
    made = Outcome.objects.create(poll=poll, totals=totals, announced_on=today(), **sums)
    note("announce_poll", poll, actor, fingerprint=poll.fingerprint, **sums)
    move(poll, Phase.DONE)
    return made


def _electronic(poll: Poll) -> dict[str, object] | None:
    if not poll.electronic:
        return None
    people = trustees.read(poll.trustees_text)
    total = tally.read_tally(tally_text(poll), poll.election)
    parts = {}
    for text, owned in chain.last_texts(poll, EventKind.PARTIAL):
        owner = int(archive.reading.parse(owned)["owner"])
        parts[owner] = tally.read_partial(text, total, poll.election, people.public_key_of(owner), f"partial_decryption {owner}")
    voted = poll.events.filter(kind=EventKind.BALLOT, turn=0).count()
    counts = tally.count(parts, people, total, voted)
    chain.append(poll, Event(EventKind.RESULT, (tally.result_text(counts),)))
    issued = (poll.slips_given or 0) + tokens_issued(poll)
    return {"totals": poll.layout.totals(counts), "issued": issued, "returned": voted, "void": 0}


def _paper(poll: Poll) -> dict[str, object] | None:
    figures = agreed_figures(poll) if poll.on_paper else None
    return {**figures, "totals": paper_totals(poll, figures)} if figures else None


def paper_totals(poll: Poll, figures: dict[str, object]) -> dict[str, object]:
    """The figures of the counting sheet in the shape of an electronic result."""
    layout = poll.layout
    rows: list[list[int]] = figures["marks"]  # type: ignore[assignment]
    if layout.kind != "candidates":
        return layout.totals(rows)
    written: dict[str, int] = figures.get("written", {})  # type: ignore[assignment]
    marks = [{"name": n, **dict(zip(MARKS, row, strict=True))} for n, row in zip(layout.candidates, rows, strict=True)]
    return {"candidates": marks, "written": [{"name": name, "votes": votes} for name, votes in sorted(written.items())]}


def together(one: dict[str, list[dict]], other: dict[str, list[dict]]) -> dict[str, object]:
    """Electronic and paper ballots of one vote added up, person by person."""
    if "subjects" in one:
        pairs = zip(one["subjects"], other["subjects"], strict=True)
        return {"subjects": [{"name": a["name"], "answers": _added(a["answers"], b["answers"])} for a, b in pairs]}
    rows = zip(one["candidates"], other["candidates"], strict=True)
    votes: dict[str, int] = {}
    for entry in [*one["written"], *other["written"]]:
        votes[entry["name"]] = votes.get(entry["name"], 0) + entry["votes"]
    candidates = [{"name": a["name"], **{mark: a[mark] + b[mark] for mark in MARKS}} for a, b in rows]
    return {"candidates": candidates, "written": [{"name": n, "votes": v} for n, v in votes.items()]}


def _added(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {name: votes + other[name] for name, votes in one.items()}


@transaction.atomic
def destroy(poll: Poll, phrase: str, *, actor: User) -> Teller:
    """A teller declares that the own share is gone from every place where it was kept."""
    poll, seat = seat_of(poll, actor)
    require_phase(poll, Phase.DONE, Phase.ABANDONED)
    if phrase != DESTROYED:
        raise DomainError("phrase_wrong", f"请输入“{DESTROYED}”。", field="phrase")
    if ceremony.reached(seat, Step.DESTROY):
        raise Conflict("step_done", "您已经声明过。")
    return ceremony.write(seat, Step.DESTROY)


def missing_roll(poll: Poll) -> bool:
    return poll.roll_size != RollEntry.objects.filter(poll=poll).count()
