"""What people type about money that has come in. Rules are asked of the domain; refusals come back to the fields."""

from uuid import uuid4

from django import forms
from django.db.models import Q

from core import paths
from core.dates import today
from dues.forms import MoneyField
from dues.up_models import Transfer
from dues.up_queries import earmark_left, earmarks_of, kept_paths
from dues.up_rules import PACK
from members.forms import DayField
from members.models import Member
from orgs.models import Organization
from regulations.packs import pack
from workflow.domain.turns import COMMITTEES


class HandInForm(forms.Form):
    amount = MoneyField(label="上交金额（元）", required=True)
    token = forms.CharField(widget=forms.HiddenInput, max_length=36, initial=uuid4)


class CountForm(forms.Form):
    counted = MoneyField(label="点收金额（元）", required=True)
    why = forms.CharField(label="差额说明", max_length=200, required=False, help_text="点收的和上交的一样就不用填")
    to_bank = forms.BooleanField(label="已经存入党费专户", required=False, initial=True)


class AccountForm(forms.Form):
    bank = forms.ChoiceField(label="开户银行")
    place = forms.CharField(label="支行", max_length=24, required=False, help_text="例如：样例支行")
    name = forms.CharField(label="户名", max_length=100)
    number = forms.CharField(label="账号", max_length=32, widget=forms.TextInput(attrs={"inputmode": "numeric"}))

    def __init__(self, node: Organization, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.fields["bank"].choices = [(bank, bank) for bank in pack(PACK, at=node.path).texts("banks")]
        self.fields["name"].initial = f"{node.name}党费专户"[:100]


class VoucherForm(forms.Form):
    """What pays a paper that somebody else prepared."""

    voucher_no = forms.CharField(label="付款凭证号", max_length=60, help_text="银行回单或转账凭证上的号")


class BankMoneyForm(VoucherForm):
    amount = MoneyField(label="金额（元）", required=True)
    field_order = ("amount", "voucher_no")


class UntilForm(forms.Form):
    until = DayField(label="算到哪一天", initial=today)


class AllocateForm(forms.Form):
    to = forms.ModelChoiceField(Organization.objects.none(), label="拨给哪个党委", empty_label="请选择")
    amount = MoneyField(label="金额（元）", required=True)
    words = forms.CharField(label="用途", max_length=200, help_text="专款专用，下级只能用在这上面")
    document_no = forms.CharField(label="文号", max_length=60)

    def __init__(self, node: Organization, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        inside = Q(path__gt=node.path, path__lt=paths.upper(node.path), kind__in=COMMITTEES)
        self.fields["to"].queryset = Organization.objects.filter(inside).order_by("path")


class ReceiveForm(forms.Form):
    received = MoneyField(label="收到金额（元）", required=True)
    why = forms.CharField(label="差额说明", max_length=200, required=False, help_text="收到的和付出的一样就不用填")


class SpendForm(forms.Form):
    use = forms.ChoiceField(label="用在哪一方面")
    amount = MoneyField(label="金额（元）", required=True)
    words = forms.CharField(label="办什么事", max_length=200)
    user_org = forms.ModelChoiceField(Organization.objects.none(), label="谁用", empty_label=None)
    payee = forms.CharField(label="收款方", max_length=100, required=False)
    recipient = forms.CharField(label="补助对象姓名", max_length=60, required=False, help_text="补助困难党员才填")
    earmark = forms.ModelChoiceField(Transfer.objects.none(), label="用哪一笔专款", required=False, empty_label="不用专款")
    meeting = forms.CharField(label="哪次会议研究的", max_length=60)
    resolution_no = forms.CharField(label="决议编号", max_length=60)
    decided_on = DayField(label="研究日期")

    def __init__(self, node: Organization, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        kept = kept_paths(node)
        self.fields["use"].choices = [(use, use) for use in pack(PACK, at=node.path).texts("uses")]
        self.fields["user_org"].queryset = Organization.objects.filter(path__in=kept).order_by("path")
        left = [one.pk for one in earmarks_of(node) if earmark_left(one) > 0]
        self.fields["earmark"].queryset = Transfer.objects.filter(pk__in=left)
        self.fields["earmark"].label_from_instance = lambda one: f"{one.words}（余 {earmark_left(one)} 元）"

    def clean(self) -> dict[str, object]:
        """Who is helped is meant by name, and stands where the money is used."""
        data = super().clean() or {}
        name, where = data.pop("recipient", ""), data.get("user_org")
        data["recipient"] = None
        if name and where:
            found = list(Member.objects.filter(name=name, org_path__gte=where.path, org_path__lt=paths.upper(where.path))[:2])
            if len(found) != 1:
                self.add_error("recipient", "使用单位里没有这个人，或有几位同名。")
            else:
                data["recipient"] = found[0]
        return data


class PublishForm(forms.Form):
    year = forms.TypedChoiceField(label="年度", coerce=int)
    names_resolution = forms.CharField(
        label="公布姓名的决议", max_length=100, required=False, help_text="只有支部决定公布每个人交了多少时才填；不填就只公布合计"
    )

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        year = today().year
        self.fields["year"].choices = [(one, f"{one}年") for one in (year, year - 1)]
