"""What came out, as pages and the signed sheet show it; the order is the ballot's own, never that of votes."""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from ballots.core.group import hex_digest
from ballots.core.layouts import MARKS, Candidates
from ballots.domain.casting import receipt_of
from ballots.domain.freezing import roll_text
from ballots.enums import Phase
from ballots.models import Outcome, Poll

SPOKEN = 4

PUBLIC_WORDS: dict[Phase, str] = {
    Phase.DRAFT: "",
    Phase.CEREMONY: "监票人正在做票箱钥匙，投票还没有开始。",
    Phase.READY: "选票和名册已经封定，监票人正在试开箱。以下指纹以后不会变。",
    Phase.OPEN: "截止以前没有任何人（包括管理员）能看到票数分布，只有箱里的张数。",
    Phase.CLOSED: "投票已经截止，等监票人开箱。打开的只有合计数，单张票永远不打开。",
    Phase.TALLIED: "票已经计好，由监票人先在会场报告，再登在这里。",
    Phase.DONE: "结果已经宣布。下面每个数都可以自己核验。",
    Phase.ABANDONED: "这次投票已经中止，没有任何一张票会被打开。",
}


PAPER_WORDS: dict[Phase, str] = {
    Phase.READY: "选票已经定好，等主持人宣布开始。",
    Phase.OPEN: "正在会场用纸质票投票。",
    Phase.CLOSED: "投票已经截止，两名监票人各自清点，数目一样才算数。",
    Phase.DONE: "结果已经宣布。",
    Phase.ABANDONED: "这次投票已经中止，不计票。",
}


def words_for(poll: Poll) -> str:
    """Where the vote stands, for whoever looks on."""
    phase = Phase(poll.phase)
    return PUBLIC_WORDS[phase] if poll.electronic else PAPER_WORDS.get(phase, PUBLIC_WORDS[phase])


def teller_names(poll: Poll) -> list[str]:
    return list(poll.tellers.order_by("number").values_list("user__full_name", flat=True))


@dataclass(frozen=True)
class Tracker:
    digits: str
    text: str

    @property
    def spoken(self) -> str:
        """4-4-4, as it is read aloud."""
        return " ".join(self.digits[i : i + SPOKEN] for i in range(0, len(self.digits), SPOKEN))


def _digits(tracker: str) -> str:
    return receipt_of(base64.b64decode(tracker + "=").hex()).digits


def trackers_of(texts: Iterable[str]) -> list[Tracker]:
    """Sorted by their digits: the order says nothing of time."""
    return sorted((Tracker(_digits(text), text) for text in texts), key=lambda tracker: tracker.digits)


@dataclass(frozen=True)
class Row:
    name: str
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Result:
    """`instead` are names written in with their votes; their order is the roll's."""

    answers: tuple[str, ...]
    rows: list[Row]
    instead: list[Row]
    outcome: Outcome


def result_of(poll: Poll) -> Result | None:
    outcome = Outcome.objects.filter(poll=poll).first()
    if outcome is None:
        return None
    totals, layout = outcome.totals, poll.layout
    if isinstance(layout, Candidates):
        rows = [Row(c["name"], tuple(c[mark] for mark in MARKS)) for c in totals["candidates"]]
        instead = [Row(w["name"], (w["votes"],)) for w in totals["written"]]
        return Result(tuple(MARKS.values()), rows, instead, outcome)
    rows = [Row(s["name"], tuple(s["answers"][answer] for answer in layout.answers)) for s in totals["subjects"]]
    return Result(layout.answers, rows, [], outcome)


@cache
def program_digest() -> str:
    """Of the scripts that a booth runs, as `sha256sum ballots/*.js ballots/core/*.js | LC_ALL=C sort -k 2 | sha256sum` gives it
    below `static/`: whoever has the source can compare."""
    base = Path(settings.BASE_DIR) / "static"
    paths = sorted(p.relative_to(base).as_posix() for p in (base / "ballots").rglob("*.js"))
    listed = [f"{hashlib.sha256((base / path).read_bytes()).hexdigest()}  {path}\n" for path in paths]
    return hashlib.sha256("".join(listed).encode()).hexdigest()


def setup_digests(poll: Poll) -> dict[str, str]:
    """The hashes that the archive's first record will hold, or holds."""
    return {"credentials": hex_digest(roll_text(poll)), "trustees": hex_digest(poll.trustees_text)}
