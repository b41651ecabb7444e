"""What a member owes: the pure calculator. Brackets are whole-base, never progressive; every step names its clause.

Money is reckoned in whole fen inside and answered as Decimal with two places.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from core.dates import add_months
from core.errors import DomainError
from dues.enums import FIXED, Ground, Kind
from regulations.packs import Clause, Pack
from regulations.values import Band

PACK = "dues"
FEN = Decimal("0.01")
RATE_UNIT = 10_000  # a bracket's code is its rate in ten-thousandths
LARGEST = Decimal(100_000_000)


@dataclass(frozen=True)
class Step:
    """One line of the explanation: what, how much, in words, on which clause."""

    label: str
    value: str
    note: str = ""
    clause: str = ""


@dataclass(frozen=True)
class Bracket:
    """A line of the table of rates, `on` where the base falls."""

    label: str
    rate: str
    on: bool


@dataclass(frozen=True)
class Amount:
    """A monthly amount with everything it rests on."""

    amount: Decimal
    steps: tuple[Step, ...]
    pack: str
    brackets: tuple[Bracket, ...] = ()

    @property
    def clauses(self) -> list[str]:
        return list(dict.fromkeys(step.clause for step in self.steps if step.clause))

    def as_json(self) -> dict[str, object]:
        steps = [{"label": s.label, "value": s.value, "note": s.note, "clause": s.clause} for s in self.steps]
        return {"amount": str(self.amount), "steps": steps, "clauses": self.clauses, "pack": self.pack}


def assess(kind: str, base: Decimal | None, pack: Pack) -> Amount:
    """The monthly amount of a payer of `kind` with this base, by the rules of `pack` (第二条至第六条；组电明字〔2017〕5号)."""
    if kind in FIXED:
        return _fixed(Kind(kind), pack)
    checked = checked_base(base)
    bands = pack.bands(table_of(kind))
    band = _band_of(bands, to_fen(checked))
    reckoned = Decimal(int(band.code)) * checked / RATE_UNIT
    rounded = rounded_to_fen(reckoned, pack)
    cap = from_fen(pack.integer("cap"))
    amount = min(rounded, cap)
    steps = (
        Step("计费基数", money(checked), period_words(kind, pack), _cite(pack, f"period.{kind}")),
        Step("适用档次", rate_words(band), f"{band.label}，按全部基数计算，不分段累进", _cite(pack, table_of(kind))),
        Step("计算", money(rounded), f"{checked:,.2f} × {rate_words(band)} = {rounded:,.2f}", _cite(pack, "rounding")),
        Step("上限", "按上限" if rounded > cap else "未超过", f"每月一般不高于 {money(cap)}", _cite(pack, "cap")),
    )
    brackets = tuple(Bracket(b.label, rate_words(b), b is band) for b in bands)
    return Amount(amount, steps, edition(pack), brackets)


def _fixed(kind: Kind, pack: Pack) -> Amount:
    """第六条: a fixed amount; that of farmers is set by the province, within the limits of the regulation."""
    key = f"fixed.{kind.value}"
    fen, note = pack.integer(key), f"{kind.label}按定额交纳，不用申报"
    if kind == Kind.FARMER:
        low, high = pack.integer(f"{key}.min"), pack.integer(f"{key}.max")
        note += f"；标准由省级党委在每月 {money(from_fen(low))} 至 {money(from_fen(high))} 之间定"
        fen = min(max(fen, low), high)
    amount = from_fen(fen)
    return Amount(amount, (Step("定额", money(amount), note, _cite(pack, key)),), edition(pack))


def table_of(kind: str) -> str:
    """Which table of rates: retired people have their own (第五条)."""
    return "brackets.retired" if kind == Kind.RETIRED else "brackets.working"


def _band_of(bands: Sequence[Band], fen: int) -> Band:
    return next(band for band in bands if band.holds(fen))


def rounded_to_fen(value: Decimal, pack: Pack) -> Decimal:
    """四舍五入到分; no clause says how, so the pack does."""
    if pack.text("rounding") != "half_up":
        raise ValueError(pack.text("rounding"))
    return value.quantize(FEN, ROUND_HALF_UP)


def checked_base(base: Decimal | None) -> Decimal:
    """A base as money: not below zero, at most two places."""
    if base is None:
        raise DomainError("base_missing", "请填写基数。", field="base")
    if not base.is_finite() or not 0 <= base < LARGEST:
        raise DomainError("base_bad", "基数应是不小于 0 的金额。", field="base")
    if base != base.quantize(FEN):
        raise DomainError("base_bad", "金额最多两位小数。", field="base")
    return base.quantize(FEN)


def read_money(text: str) -> Decimal:
    """A typed amount: 6,842.00, ６８４２; DomainError when it is none."""
    plain = text.strip().replace(",", "").replace("，", "").removeprefix("¥").removesuffix("元")
    try:
        return checked_base(Decimal(plain))
    except InvalidOperation:
        raise DomainError("base_bad", "金额请写成数字，例如 6842.00。", field="base") from None


def base_of(items: Sequence[tuple[str, Decimal]]) -> Decimal:
    """列入的 less 减掉的; never below zero."""
    return max(sum((amount for _, amount in items), Decimal(0)), Decimal(0)).quantize(FEN)


def spans_from(kind: str, month: date, pack: Pack) -> date:
    """The last month of the span that a base declared for `month` holds for: to the end of the year, the quarter, the month."""
    length = 12 if kind in FIXED else pack.integer(f"period.{kind}")
    into = (month.month - 1) % length
    return add_months(month.replace(day=1), length - 1 - into)


def starts_of(kind: str, month: date, pack: Pack) -> date:
    """The first month of that span."""
    length = 12 if kind in FIXED else pack.integer(f"period.{kind}")
    return add_months(month.replace(day=1), -((month.month - 1) % length))


def reduced(amount: Decimal, relief: Decimal | None) -> tuple[Decimal, str]:
    """What is left after an approved reduction, and the ground: never more than without it (第七条)."""
    if relief is None or relief >= amount:
        return amount, Ground.STANDARD
    return relief, Ground.REDUCED if relief else Ground.EXEMPT


def period_words(kind: str, pack: Pack) -> str:
    return pack.entry(f"period.{kind}").meaning


def edition(pack: Pack) -> str:
    """The version of the rules, as it is kept beside an amount."""
    return pack.version


def rate_words(band: Band) -> str:
    return f"{Decimal(int(band.code)) / 100:f}%"


def money(amount: Decimal) -> str:
    return f"¥{amount:,.2f}"


def to_fen(amount: Decimal) -> int:
    return int(amount * 100)


def from_fen(fen: int) -> Decimal:
    return (Decimal(fen) / 100).quantize(FEN)


def first_of(day: date) -> date:
    return day.replace(day=1)


def months_between(first: date, last: date) -> list[date]:
    """The first days of the months from `first` to `last`, both included."""
    count = (last.year - first.year) * 12 + last.month - first.month
    return [add_months(first.replace(day=1), n) for n in range(count + 1)]


def _cite(pack: Pack, key: str) -> str:
    clause: Clause = pack.clause(key)
    return str(clause)
