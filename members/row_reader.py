"""Reads the cells of one row, field by field, and collects what is wrong with each."""

from collections.abc import Mapping
from datetime import date

from audit.domain.masking import mask_numbers
from core.identity import id_fault, normalise_id, normalise_phone, phone_valid
from core.names import clean_name
from members import row_faults
from members.cells import DayError, FormulaError, PrecisionError, day_of, digits_of, text_of
from members.row_faults import Fault
from regulations.codes import table

# Characters, as wide as the columns of the member file.
LIMITS = {
    "name": 60,
    "branch": 120,
    "phone": 40,
    "landline": 40,
    "address": 200,
    "floating_to": 120,
    "native_place": 60,
    "school": 80,
    "major": 60,
    "degree": 30,
}
ID_SHOWN = 24  # a refused number is kept up to this length
SHOWN = 20  # characters of a cell repeated in a message


class Reader:
    """One row being read. A field with a fault reads as empty, so that nothing is concluded from it."""

    def __init__(self, cells: Mapping[str, object], *, on: date, demo: bool) -> None:
        self.cells, self.on, self.demo = cells, on, demo
        self.faults: list[Fault] = []
        self.notes: list[Fault] = []

    def refuse(self, fault: Fault) -> None:
        self.faults.append(fault)

    def note(self, field: str, code: str, message: str, remedy: str) -> None:
        self.notes.append(Fault(field, code, message, remedy))

    def spoiled(self, field: str) -> bool:
        """Whether the field already has a fault of its own."""
        return any(fault.field == field for fault in self.faults)

    def text(self, field: str) -> str:
        try:
            text = text_of(self.cells.get(field))
        except FormulaError:
            self.refuse(row_faults.formula(field))
            return ""
        if len(text) > LIMITS.get(field, len(text)):
            self.refuse(row_faults.too_long(field, LIMITS[field]))
            return ""
        return " ".join(text.split())

    def words(self, field: str) -> str:
        """A text that is stored in clear: a number in it belongs into a column of its own, where it is sealed."""
        text = self.text(field)
        if mask_numbers(text) != text:
            self.refuse(row_faults.number_in_text(field))
            return ""
        return text

    def required_text(self, field: str) -> str:
        text = self.text(field)
        if not text and not self.spoiled(field):
            self.refuse(Fault.missing(field))
        return text

    def name(self) -> str:
        name = clean_name(self.words("name"))
        if not name and not self.spoiled("name"):
            self.refuse(Fault.missing("name"))
        if any(sign.isdigit() for sign in name):
            self.note("name", "name_odd", "姓名里有数字。", "请核对是否填错了列。")
        return name

    def identity(self) -> str:
        """The number as it was meant, with at most one fault; a refused number stays, for 号码待核."""
        try:
            number = normalise_id(digits_of(self.cells.get("id_number")))
        except FormulaError:
            self.refuse(row_faults.formula("id_number"))
            return ""
        except PrecisionError:
            self.refuse(row_faults.identity("id_precision_lost"))
            return ""
        code = id_fault(number, demo=self.demo) if number else None
        if not number:
            self.refuse(Fault.missing("id_number"))
        elif code:
            self.refuse(row_faults.identity(code))
        return number[:ID_SHOWN]

    def phone(self, field: str) -> str:
        number = normalise_phone(self.text(field))
        if number and not phone_valid(number):
            self.note(field, "phone_odd", "电话号码的位数或开头不常见。", "请核对；确实如此的可以保留。")
        return number

    def code(self, field: str, name: str, only: tuple[str, ...] = ()) -> str:
        text = self.text(field)
        if not text:
            return ""
        codes = table(name)
        code = codes.code_of(text)
        if code is None or (only and code not in only):
            examples = [label for _, label in codes.choices][:12]
            self.refuse(row_faults.unknown_code(field, text[:SHOWN], examples))
            return ""
        return code

    def yes_no(self, field: str) -> bool | None:
        code = self.code(field, "yes_no")
        return None if code == "" else code == "1"

    def day(self, field: str, *, month_will_do: bool = False) -> date | None:
        try:
            found = day_of(self.cells.get(field), month_will_do=month_will_do)
        except FormulaError:
            self.refuse(row_faults.formula(field))
            return None
        except DayError as error:
            self.refuse(row_faults.bad_day(field, error.why, str(self.cells.get(field)).strip()[:SHOWN]))
            return None
        if found is None:
            return None
        if found.month_only:
            self.note(field, "month_only", "只有年月，按当月 1 日登记。", "知道日期的请补上。")
        return self._not_later(field, found.value)

    def _not_later(self, field: str, day: date) -> date | None:
        if day <= self.on:
            return day
        label = row_faults.LABELS[field]
        self.refuse(Fault(field, "future_date", f"{label}晚于名册日期 {self.on:%Y年%m月%d日}。", "请核对年份。"))
        return None
