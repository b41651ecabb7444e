"""Two registrations side by side: which one stays, whose value stays in each field that differs, and on what ground."""

from collections.abc import Mapping
from dataclasses import dataclass

from django import forms

from members.domain.merged_fields import FIELDS, GONE, KEEP, MergedField, differing, proposed
from members.domain.merging import LOGIN
from members.enums import ON_ROLL
from members.fields import checked_on, shown
from members.models import Member

ONE, OTHER = "one", "other"
SIDES = ((ONE, "左边一份"), (OTHER, "右边一份"))
HIDDEN_PART = "打码的几位不同"


@dataclass(frozen=True)
class Cell:
    """One side of a row: the value in words, the day of its last check, whether it is chosen."""

    side: str
    value: str
    checked: str
    chosen: bool


@dataclass(frozen=True)
class Row:
    """A field of both registrations; `cells` to choose from where they differ."""

    name: str
    label: str
    cells: tuple[Cell, Cell]
    note: str
    errors: list[str]


def likely_keep(one: Member, other: Member) -> str:
    """On the roll before off it, with a login before without, with a number of its own before one in question, then the older."""

    def weight(member: Member) -> tuple[bool, bool, bool]:
        return member.standing in ON_ROLL, member.user_id is not None, bool(member.id_number) and not member.contested

    return OTHER if weight(other) > weight(one) else ONE


def words(member: Member, field: MergedField) -> str:
    """The value as the file shows it; a number that a check refused says why it was taken."""
    texts = [text for name in field.names if (text := shown(member, name))]
    if field.name == "id_number" and member.id_unverified:
        texts.append(f"待核：{member.id_unverified}")
    return "·".join(texts)


class ReasonForm(forms.Form):
    """不是同一人: on what ground."""

    reason = forms.CharField(
        label="依据", max_length=200, help_text="看了什么材料、问了谁", error_messages={"required": "请写明依据。"}
    )


class MergeForm(ReasonForm):
    """Fields that do not differ have nothing to ask."""

    versions = forms.CharField(widget=forms.HiddenInput)
    keep = forms.ChoiceField(label="保留哪一份", choices=SIDES, widget=forms.RadioSelect)

    def __init__(self, data: Mapping[str, object] | None, one: Member, other: Member) -> None:
        self.one, self.other, self.kept = one, other, likely_keep(one, other)
        self.asked = differing(one, other)
        super().__init__(data, initial={"keep": self.kept, "versions": f"{one.version}-{other.version}", **self._likely()})
        for field in self.asked:
            self._ask(field.name, field.label)
        if one.user_id and other.user_id:
            self._ask(LOGIN, "党员账号")

    def _ask(self, name: str, label: str) -> None:
        missing = f"请选择{label}以哪一份为准。"
        self.fields[name] = forms.ChoiceField(
            label=label, choices=SIDES, widget=forms.RadioSelect, error_messages={"required": missing}
        )

    def _likely(self) -> dict[str, str]:
        keep, gone = (self.one, self.other) if self.kept == ONE else (self.other, self.one)
        away = OTHER if self.kept == ONE else ONE
        sides = {name: self.kept if side == KEEP else away for name, side in proposed(keep, gone).items()}
        return sides | {LOGIN: self.kept}

    def clean_versions(self) -> tuple[int, int]:
        parts = str(self.cleaned_data["versions"]).split("-")
        if len(parts) != 2 or not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
            raise forms.ValidationError("请刷新页面再办。")
        return int(parts[0]), int(parts[1])

    def sides(self) -> tuple[Member, Member, tuple[int, int]]:
        """(keep, gone, versions of both) as chosen."""
        first, second = self.cleaned_data["versions"]
        if self.cleaned_data["keep"] == ONE:
            return self.one, self.other, (first, second)
        return self.other, self.one, (second, first)

    def choices(self) -> dict[str, str]:
        kept = self.cleaned_data["keep"]
        names = [*(f.name for f in self.asked), LOGIN]
        return {n: KEEP if self.cleaned_data[n] == kept else GONE for n in names if n in self.cleaned_data}

    def rows(self) -> list[Row]:
        """What differs, in the order of the file; the login last."""
        found = [self._row(field) for field in self.asked]
        return [*found, self._login_row()] if LOGIN in self.fields else found

    def same(self) -> list[tuple[str, str]]:
        """What both say."""
        asked = {field.name for field in self.asked}
        both = [(f.label, words(self.one, f)) for f in FIELDS.values() if f.name not in asked]
        return [(label, text) for label, text in both if text]

    def _row(self, field: MergedField) -> Row:
        texts = (words(self.one, field), words(self.other, field))
        note = HIDDEN_PART if texts[0] == texts[1] and texts[0] else ""
        days = tuple(_latest(member, field) for member in (self.one, self.other))
        return self._cells(field.name, field.label, texts, days, note)

    def _login_row(self) -> Row:
        return self._cells(LOGIN, "党员账号", (_login(self.one), _login(self.other)), ("", ""), "另一个账号停用")

    def _cells(self, name: str, label: str, texts: tuple[str, str], days: tuple[str, ...], note: str) -> Row:
        chosen = self[name].value()
        cells = [Cell(side, text, day, chosen == side) for (side, _), text, day in zip(SIDES, texts, days, strict=True)]
        return Row(name, label, (cells[0], cells[1]), note, [str(error) for error in self.errors.get(name, [])])


def _latest(member: Member, field: MergedField) -> str:
    days = [day for name in field.names if (day := checked_on(member, name))]
    return f"{max(days):%Y年%-m月%-d日}" if days else ""


def _login(member: Member) -> str:
    login = member.user
    if login is None:
        return ""
    last = f"，{login.last_login:%Y年%-m月%-d日}登录过" if login.last_login else "，还没有登录过"
    return f"{'已开通' if login.is_active else '已停用'}{last}"
