"""Reading a bank's statement: CSV or xlsx, the columns found by their titles, credits only."""

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from python_calamine import CalamineError, CalamineWorkbook

from core.dates import parse_cn
from core.errors import DomainError
from dues.pay_rules import CENT

MOST_BYTES, MOST_UNPACKED, MOST_ROWS = 5 << 20, 64 << 20, 5000
TITLES: dict[str, tuple[str, ...]] = {
    "paid_on": ("交易日期", "入账日期", "记账日期", "交易时间", "日期"),
    "amount": ("贷方发生额", "收入金额", "贷方金额", "收入", "贷方", "交易金额", "金额"),
    "payer": ("对方户名", "付款人", "付款人名称", "对方名称", "户名"),
    "remark": ("摘要", "附言", "备注", "用途"),
    "serial": ("交易流水号", "流水号", "凭证号"),
}
UNREADABLE = "读不出这个文件。请用银行导出的 CSV 或 xlsx，第一张表里要有日期和收入金额两列。"


@dataclass(frozen=True)
class Credit:
    """Money that came in. `nth`: which of several lines that read alike."""

    paid_on: date
    amount: Decimal
    payer: str = ""
    remark: str = ""
    serial: str = ""
    nth: int = 0


def read_credits(data: bytes) -> list[Credit]:
    """Every credit of the file; DomainError in words where it cannot be read."""
    if len(data) > MOST_BYTES:
        raise DomainError("too_big", "文件太大（不超过 5 MB），请分月导出。", field="file")
    rows = _workbook(data) if data[:2] == b"PK" else _text(data)
    return _credits(rows)


def _workbook(data: bytes) -> list[list[object]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
                raise _unreadable()
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
        return [list(row) for row in sheet.to_python(nrows=MOST_ROWS + 50)]
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError, IndexError) as fault:
        raise _unreadable() from fault


def _text(data: bytes) -> list[list[object]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        try:
            return [list(row) for row in csv.reader(io.StringIO(text, newline=""))][: MOST_ROWS + 50]
        except csv.Error as fault:
            raise _unreadable() from fault
    raise _unreadable()


def _unreadable() -> DomainError:
    return DomainError("unreadable", UNREADABLE, field="file")


def _credits(rows: Sequence[Sequence[object]]) -> list[Credit]:
    for number, row in enumerate(rows[:20]):
        places = _places(row)
        if "paid_on" in places and "amount" in places:
            return list(_numbered(_each(rows[number + 1 :], places)))[:MOST_ROWS]
    raise _unreadable()


def _places(row: Sequence[object]) -> dict[str, int]:
    """Which column holds what: the first title of each list that stands there."""
    titles = [re.sub(r"[\s（(].*$", "", str(cell).strip()) for cell in row]
    found: dict[str, int] = {}
    for name, words in TITLES.items():
        place = next((titles.index(word) for word in words if word in titles), None)
        if place is not None:
            found[name] = place
    return found


def _each(rows: Iterable[Sequence[object]], places: dict[str, int]) -> Iterable[Credit]:
    for row in rows:
        cells = {name: row[place] if place < len(row) else "" for name, place in places.items()}
        day, amount = _day(cells["paid_on"]), _amount(cells["amount"])
        if day is not None and amount is not None and amount > 0:
            texts = {name: str(cells.get(name) or "").strip()[:200] for name in ("payer", "remark", "serial")}
            yield Credit(day, amount, **texts)


def _numbered(credits: Iterable[Credit]) -> Iterable[Credit]:
    seen: Counter[Credit] = Counter()
    for credit in credits:
        yield Credit(**{**vars(credit), "nth": seen[credit]})
        seen[credit] += 1


def _day(cell: object) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    try:
        return parse_cn(str(cell).strip().split(" ")[0].split("T")[0])
    except ValueError:
        return None


def _amount(cell: object) -> Decimal | None:
    """To the cent; what a workbook keeps as a float is rounded to what it shows."""
    try:
        amount = Decimal(re.sub(r"[,，¥\s]", "", str(cell)))
        return amount.quantize(CENT) if abs(amount) < 10**9 else None
    except InvalidOperation:
        return None
