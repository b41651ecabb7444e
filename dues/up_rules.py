"""What goes up the tree, and what may be spent: pure reckoning, in Decimal with two places."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from core.errors import Conflict, DomainError
from regulations.packs import Pack

FEN = Decimal("0.01")
WHOLE = 100  # a share is so many of a hundred
PACK = "dues"
ZERO = Decimal("0.00")


@dataclass(frozen=True)
class YearPart:
    """A year's part of what is to be passed up: what came in, the share that stays, what goes up."""

    year: int
    collected: Decimal
    from_below: Decimal
    keep: int

    @property
    def basis(self) -> Decimal:
        return self.collected + self.from_below

    @property
    def up(self) -> Decimal:
        return (self.basis * (WHOLE - self.keep) / WHOLE).quantize(FEN, ROUND_HALF_UP)

    def as_json(self) -> dict[str, str | int]:
        return {
            "year": self.year, "collected": str(self.collected), "from_below": str(self.from_below), "keep": self.keep,
            "up": str(self.up),
        }  # fmt: skip


@dataclass(frozen=True)
class Reckoning:
    """应上缴: what all years together ask for, less what has gone up or is on its way. What comes late settles itself."""

    parts: tuple[YearPart, ...]
    passed: Decimal

    @property
    def amount(self) -> Decimal:
        return sum((part.up for part in self.parts), ZERO) - self.passed

    def as_json(self) -> dict[str, object]:
        return {"parts": [part.as_json() for part in self.parts], "passed": str(self.passed), "amount": str(self.amount)}


def kept_share(pack: Pack) -> int:
    """留用比例 in percent, as the node or the nearest above has registered it."""
    share = pack.integer("share.keep")
    if not 0 <= share <= WHOLE:
        raise DomainError("share_wrong", "留用比例应在 0 到 100 之间，请先更正本地规则。", clause=str(pack.clause("share.keep")))
    return share


def check_use(use: str, pack: Pack) -> None:
    uses = pack.texts("uses")
    if use not in uses:
        words = "党费只能用在规定的五个方面，请选择其中之一。"
        raise DomainError("use_unlawful", words, field="use", clause=str(pack.clause("uses")))


def check_decided(meeting: str, resolution_no: str, decided_on: date | None, on: date, pack: Pack) -> None:
    """集体研究决定: which meeting, which resolution, and not after the money has gone."""
    clause = str(pack.clause("collective"))
    for field, text in (("meeting", meeting), ("resolution_no", resolution_no)):
        if not text.strip():
            raise DomainError("not_decided", "使用党费要集体研究决定，请写明会议和决议编号。", field=field, clause=clause)
    if decided_on is None or decided_on > on:
        raise DomainError("not_decided", "研究日期要写清楚，并且不能晚于今天。", field="decided_on", clause=clause)


def check_amount(amount: Decimal, field: str = "amount") -> None:
    if amount <= 0 or amount != amount.quantize(FEN):
        raise DomainError("amount_wrong", "金额要大于零，最多两位小数。", field=field)


def check_covered(amount: Decimal, held: Decimal, what: str) -> None:
    """余额不能为负."""
    if amount > held:
        raise DomainError("not_covered", f"{what}只有 {held} 元，不够付 {amount} 元。", field="amount")


def check_bank(bank: str, pack: Pack) -> None:
    if not any(named in bank for named in pack.texts("banks")):
        banks = "、".join(pack.texts("banks"))
        raise DomainError("bank_unlawful", f"党费账户只能开在：{banks}。", field="bank", clause=str(pack.clause("banks")))


def two_people(first: object, second: object) -> None:
    """会计、出纳分设: who prepared it does not pay it."""
    if first == second:
        raise Conflict("second_person", "会计和出纳要分开，这一笔请另一位同志办理。")


def shown(total: Decimal, people: int, k: int) -> str | None:
    """A total of few people gives away what each of them pays: under k it is not told."""
    return str(total) if people >= k or people == 0 else None


def largest_first(rows: Sequence[tuple[str, Decimal]]) -> list[tuple[str, Decimal]]:
    return sorted(rows, key=lambda row: (-row[1], row[0]))
