"""What people type about bases and reductions. The parts of an income come from the rule pack."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django import forms

from core.dates import add_months, today
from core.errors import DomainError
from dues.domain.reliefs import Plea
from dues.domain.standards import Declaration
from dues.enums import FIXED, Kind
from dues.rules import PACK, first_of, months_between, read_money
from regulations.packs import pack

TAKES_OFF = (Kind.SALARIED, Kind.ANNUAL_PAY)


class MoneyField(forms.CharField):
    """An amount as people write it; empty is nothing."""

    def __init__(self, **options: object) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_length=20, widget=widget, **options)  # type: ignore[arg-type]

    def clean(self, value: object) -> Decimal | None:
        text = str(super().clean(value)).strip()
        if not text:
            return None
        try:
            return read_money(text)
        except DomainError as refused:
            raise forms.ValidationError(refused.message, code=refused.code) from None


class KindForm(forms.Form):
    """First question: whose dues are reckoned how."""

    kind = forms.ChoiceField(label="交纳类别", choices=Kind.choices, widget=forms.RadioSelect)


class BaseForm(forms.Form):
    """The parts of the income of one kind. What is put in and what is taken off are the pack's lists."""

    why = forms.CharField(
        label="年内变动的原因", max_length=200, required=False, help_text="基数已经核定、年内要改的才填；每年第一次申报不用填"
    )

    def __init__(self, kind: str, at: str, *args: object, last: Sequence[tuple[str, Decimal]] = (), **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.parts, self.refused_by = kind, {}, ""
        known = dict(last)
        rules = pack(PACK, at=at)
        if kind not in FIXED:
            for sign, key in ((1, f"items.{kind}.in"), (-1, "items.out")):
                if sign < 0 and kind not in TAKES_OFF:
                    continue
                for number, label in enumerate(rules.texts(key)):
                    self._add(f"{'in' if sign > 0 else 'out'}{number}", label, sign, known)
        self.order_fields([*self.parts, "why"])

    def _add(self, name: str, label: str, sign: int, known: dict[str, Decimal]) -> None:
        words = label if sign > 0 else f"减：{label}"
        first = abs(known[label]) if label in known else None
        self.fields[name] = MoneyField(label=words, required=False, initial=first)
        self.parts[name] = (label, sign)

    def ask_month(self) -> None:
        """For the branch: a base from an earlier month, such as that of a stay abroad."""
        choices = [("", "本年度（一般不用选）"), *reversed(month_choices(-12))]
        self.fields["month"] = forms.ChoiceField(label="从哪个月起", choices=choices, required=False)

    def declaration(self) -> Declaration:
        month = self.cleaned_data.get("month")
        values = ((self.parts[name], self.cleaned_data.get(name)) for name in self.parts)
        items = [(label, value * sign) for (label, sign), value in values if value is not None]
        return Declaration(self.kind, items, date.fromisoformat(month) if month else None, self.cleaned_data["why"])


def month_choices(ahead: int = 12) -> list[tuple[str, str]]:
    """This month and so many ahead of it, or (less than zero) before it."""
    first, other = first_of(today()), add_months(first_of(today()), ahead)
    return [(m.isoformat(), f"{m:%Y年%-m月}") for m in months_between(min(first, other), max(first, other))]


class PleaForm(forms.Form):
    """Asking for a reduction or an exemption."""

    monthly = MoneyField(label="减免后每月交（元）", help_text="免交填 0")
    from_month = forms.ChoiceField(label="从哪个月")
    to_month = forms.ChoiceField(label="到哪个月")
    why = forms.CharField(label="困难的情况", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.refused_by = ""
        for name in ("from_month", "to_month"):
            self.fields[name].choices = month_choices()

    def plea(self, *, own: bool) -> Plea:
        data = self.cleaned_data
        first, last = date.fromisoformat(data["from_month"]), date.fromisoformat(data["to_month"])
        return Plea(data["monthly"], first, last, data["why"], own)
