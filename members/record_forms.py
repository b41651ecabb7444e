"""Forms of the records, made from their kinds: one shape for all, nothing typed is lost."""

import uuid
from decimal import Decimal, InvalidOperation

from django import forms

from members.domain.reveal import RevealReason
from members.forms import DayField, written
from members.models import MemberRecord
from members.record_kinds import Column, Kind, Values

DAY = "如 2014年9月9日 或 2014-9-9"


class MoneyField(forms.CharField):
    """An amount as people write it: 500, 500.00, 1,200 元."""

    def clean(self, value: object) -> Decimal | None:
        text = super().clean(value).replace(",", "").replace("，", "").removesuffix("元").strip()
        try:
            return Decimal(text) if text else None
        except InvalidOperation:
            raise forms.ValidationError("金额不对，请填写数字，如 500 或 500.00。", code="bad_amount") from None


def _missing(column: Column) -> dict[str, str]:
    return {"required": f"请填写{column.label}。"}


def field_for(column: Column) -> forms.Field:
    """The box of one column."""
    common = {
        "label": column.label, "required": column.needed, "help_text": column.hint, "error_messages": _missing(column)
    }  # fmt: skip
    if column.shape in ("choice", "months"):
        empty = "请选择" if column.needed else "—"
        return forms.CharField(widget=forms.Select(choices=[("", empty), *column.choices()]), **common)
    if column.shape in ("day", "future"):
        return DayField(**common | {"help_text": column.hint or DAY})
    if column.shape == "money":
        return MoneyField(max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **common)
    widget = forms.Textarea(attrs={"rows": 3}) if column.shape == "words" else forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(max_length=column.longest, widget=widget, **common)


class RecordForm(forms.Form):
    """Adds one record (`row` makes a second sending harmless) or amends one (`version`, with a reason)."""

    row = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: object, kind: Kind, record: MemberRecord | None = None, **options: object) -> None:
        start = filled(kind, record) | {"version": record.version} if record else {"row": uuid.uuid4()}
        super().__init__(*args, initial=start, **options)
        self.kind = kind
        for column in kind.columns:
            self.fields[column.name] = field_for(column)
        if record is not None:
            self.fields["reason"] = reason_field("修改的理由或依据")

    @property
    def values(self) -> Values:
        return {c.name: self.cleaned_data.get(c.name) for c in self.kind.columns}


def filled(kind: Kind, record: MemberRecord) -> dict[str, object]:
    """The boxes as the record fills them."""
    return {c.name: _as_typed(c, getattr(record, c.name)) for c in kind.columns}


def _as_typed(column: Column, value: object) -> object:
    if column.shape in ("day", "future"):
        return written(value)  # type: ignore[arg-type]
    return (str(value) if value else "") if column.shape == "months" else value


def reason_field(label: str) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=200, help_text="会记入修改记录", error_messages={"required": f"请写明{label}。"}
    )


class WithdrawForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = reason_field("撤回的理由")


class ReadingForm(forms.Form):
    """Why somebody opens the sensitive records of a person."""

    reason = forms.ChoiceField(
        label="为什么查看",
        choices=RevealReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择查看的理由。"},
    )
    note = forms.CharField(label="补充说明", required=False, max_length=200, help_text="选“其他”的请写明，本人会看到")
