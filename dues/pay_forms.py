"""The shapes of what people type when they pay or take money. What may be paid, the domain says."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from django import forms

from core.dates import parse_cn, parse_month, today
from core.errors import DomainError
from dues.ledger_enums import Means
from dues.own_pay import Until


def months_of(texts: list[str]) -> list[date]:
    """2026-11 … as the hidden fields of a page have them."""
    try:
        return [parse_month(text) for text in texts]
    except ValueError as fault:
        raise DomainError("month", "看不懂要交的月份，请返回重新选。") from fault


def token_of(text: str) -> UUID:
    """The mark of one rendered page: what is sent twice from it is one act."""
    try:
        return UUID(text)
    except ValueError as fault:
        raise DomainError("token", "页面不完整，请返回上一页刷新后再试。") from fault


class AmountField(forms.DecimalField):
    def __init__(self, **options: object) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        bounds = {"min_value": Decimal("0.01"), "max_value": Decimal(99999999), "max_digits": 10, "decimal_places": 2}
        super().__init__(widget=widget, **bounds, **options)


class UntilForm(forms.Form):
    """连交几个月: up to which month."""

    until = forms.ChoiceField(label="交到哪个月", widget=forms.RadioSelect)

    def __init__(self, *args: object, choices: list[Until], **options: object) -> None:
        super().__init__(*args, **options)
        self.fields["until"].choices = [(f"{u.month:%Y-%m}", u.words) for u in choices]

    def month(self) -> date:
        return parse_month(self.cleaned_data["until"])


class ExtraForm(forms.Form):
    amount = AmountField(label="多交多少（元）")


class EntrustForm(forms.Form):
    name = forms.CharField(label="请谁代交", max_length=60, help_text="写真实姓名")
    who = forms.ChoiceField(
        label="这个人是", choices=[("fellow", "本支部的党员，在自己手机上代交"), ("relative", "亲属，到支部交现金")],
        widget=forms.RadioSelect, initial="fellow",
    )  # fmt: skip
    agreed = forms.BooleanField(label="我同意这个人看到我要交多少党费")


class CashForm(forms.Form):
    """One person at the table: which months, who brings it, and how it comes."""

    count = forms.TypedChoiceField(label="收哪几个月", coerce=str, required=False)
    on = forms.CharField(
        label="收款日期", required=False, max_length=20, initial=lambda: f"{today():%Y-%m-%d}",
        widget=forms.DateInput(attrs={"type": "date"}),
    )  # fmt: skip
    extra = AmountField(label="自愿多交（元）", required=False, help_text="不多交就空着")
    payer_name = forms.CharField(label="谁来交的", max_length=60, required=False, help_text="本人交的不填；别人代交写代交人姓名")
    consented = forms.BooleanField(label="本人已委托这个人代交", required=False)
    means = forms.ChoiceField(
        label="钱是怎么来的", initial=Means.CASH, widget=forms.RadioSelect,
        choices=[(Means.CASH, "现金"), (Means.PAYROLL, "单位从工资里扣的"), (Means.ORGANISATION, "组织先垫的")],
    )  # fmt: skip
    inquiry = forms.CharField(label="支部了解的情况", max_length=200, required=False, help_text="补交超过规定月数的，写明原因")

    def __init__(self, *args: object, choices: list[tuple[str, str]], **options: object) -> None:
        super().__init__(*args, **options)
        self.fields["count"].choices = [("", "不收月份，只多交"), *choices]

    def clean_on(self) -> date:
        return day_of(self.cleaned_data["on"])


def day_of(text: str) -> date:
    try:
        return parse_cn(text) if text.strip() else today()
    except ValueError as fault:
        raise forms.ValidationError("看不懂这个日期，请写作 2026-11-22。", code="bad_date") from fault
