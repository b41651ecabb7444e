"""The shapes of what people type about organisations. Rules are asked of the domain; refusals come back to the fields."""

from django import forms
from django.db.models import QuerySet

from core.dates import parse_cn, today
from core.forms import DayField
from core.templatetags.dw import number
from orgs.domain.attributes import Attributes
from orgs.domain.tree import NewOrganization
from orgs.domain.units import NewUnit
from orgs.domain.versions import Paper
from orgs.enums import Kind, UnitNature
from orgs.models import ATTRIBUTES, Organization
from orgs.queries import LocalRule, organization_named
from orgs.rules import BELOW

NOT_FOUND = "没有找到这个组织，或不在您的管理范围内。请从提示里选，或填层级码。"


class OrganizationField(forms.CharField):
    """An organisation typed as name（code）, code or full name; `among` limits what may be meant."""

    def __init__(self, *, suggest: str, **options: object) -> None:
        super().__init__(max_length=200, **options)
        self.among: QuerySet[Organization] = Organization.objects.none()
        self.suggest = suggest

    def clean(self, value: object) -> Organization | None:
        text = super().clean(value)
        if not text:
            return None
        found = organization_named(text, self.among)
        if found is None:
            raise forms.ValidationError(NOT_FOUND, code="organization_unknown")
        return found


class PaperForm(forms.Form):
    """What every change of the tree rests on."""

    document_no = forms.CharField(label="批准文号", max_length=60, help_text="例如：样组〔2026〕12号")
    effective_on = DayField(label="生效日期", initial=today)
    reason = forms.CharField(label="事由", max_length=200, required=False)

    def paper(self) -> Paper:
        data = self.cleaned_data
        return Paper(data["document_no"], data["effective_on"], data["reason"])


def _tick(label: str, hint: str = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False, help_text=hint)


class EstablishForm(PaperForm):
    kind = forms.ChoiceField(label="组织类别")
    name = forms.CharField(label="全称", max_length=120, help_text="与公章一致")
    short_name = forms.CharField(label="简称", max_length=60, required=False, help_text="不填与全称相同")
    code = forms.SlugField(label="层级码", max_length=64, required=False, help_text="不填按上级代码顺编")
    formal_members = forms.IntegerField(label="正式党员", min_value=0, max_value=100_000, initial=0, help_text="报批时的人数")
    members = forms.IntegerField(label="党员总数", min_value=0, max_value=1_000_000, initial=0, help_text="含预备党员")
    is_joint = _tick(ATTRIBUTES["is_joint"])
    is_floating = _tick(ATTRIBUTES["is_floating"])
    is_temporary = _tick(ATTRIBUTES["is_temporary"])
    is_village_or_community = _tick(ATTRIBUTES["is_village_or_community"])
    superior_approved = _tick("经上级党组织批准", "人数超出一般规定时勾选，文号填批文")
    field_order = ["kind", "name", "short_name", "code", "formal_members", "members", *ATTRIBUTES, "superior_approved"]

    def __init__(self, parent: Organization, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        below = BELOW[Kind(parent.kind)]
        self.fields["kind"].choices = [(k.value, k.label) for k in Kind if k in below]
        self.fields["kind"].initial = Kind.BRANCH if Kind.BRANCH in below else None

    def new(self) -> NewOrganization:
        names = NewOrganization.__dataclass_fields__.keys() & self.cleaned_data.keys()
        return NewOrganization(**{name: self.cleaned_data[name] for name in names})


class RenameForm(PaperForm):
    name = forms.CharField(label="新全称", max_length=120, help_text="与公章一致")
    short_name = forms.CharField(label="新简称", max_length=60, required=False, help_text="不填与全称相同")
    field_order = ["name", "short_name"]


class MoveForm(PaperForm):
    parent = OrganizationField(label="新的上级组织", suggest="establish_organizations", help_text="输入名称或层级码，从提示里选")
    field_order = ["parent"]

    def __init__(self, among: QuerySet[Organization], *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.fields["parent"].among = among


class AttributesForm(PaperForm):
    is_joint = _tick(ATTRIBUTES["is_joint"], "覆盖几个单位的党支部")
    is_floating = _tick(ATTRIBUTES["is_floating"])
    is_temporary = _tick(ATTRIBUTES["is_temporary"], "期限内不发展党员、不收党费、不换届（条号待核）")
    is_village_or_community = _tick(ATTRIBUTES["is_village_or_community"])
    field_order = list(ATTRIBUTES)

    def attributes(self) -> Attributes:
        return Attributes(**{name: self.cleaned_data[name] for name in ATTRIBUTES})


class UnitForm(forms.Form):
    name = forms.CharField(label="单位全称", max_length=120, help_text="与证照一致")
    uscc = forms.CharField(label="统一社会信用代码", max_length=30, required=False, help_text="18 位；没有代码的单位不填")
    nature = forms.ChoiceField(label="性质类别", choices=UnitNature, initial=UnitNature.OTHER)

    def new(self) -> NewUnit:
        return NewUnit(**self.cleaned_data)


class ReasonForm(forms.Form):
    reason = forms.CharField(label="原因", max_length=200)


def parameter_value(rule: LocalRule, text: str) -> object:
    """What was typed as the plain data that the rule's kind stores; what does not fit is left for the domain to refuse."""
    text = text.strip()
    if rule.entry.kind == "integer":
        return int(text) if text.isdecimal() else text
    if rule.entry.kind == "boolean":
        return {"是": True, "否": False}.get(text, text)
    if rule.entry.kind == "texts":
        return [part.strip() for part in text.replace("，", "、").split("、") if part.strip()]
    if rule.entry.kind == "date":
        try:
            return parse_cn(text).isoformat()
        except ValueError:
            return text
    return text


class ParameterForm(forms.Form):
    rule = forms.ChoiceField(label="哪一条规则")
    value = forms.CharField(label="本地口径", max_length=200, help_text="数字直接填；是否类填“是”或“否”；多项用顿号隔开")
    document_no = forms.CharField(label="批准文号", max_length=60)
    effective_from = DayField(label="起用日期", initial=today)

    def __init__(self, rules: list[LocalRule], *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.rules = {rule.key: rule for rule in rules}
        shelves: dict[str, list[tuple[str, str]]] = {}
        for key, rule in self.rules.items():
            words = f"{rule.entry.meaning}（全国口径：{number(rule.entry.value)}{rule.entry.unit}）"
            shelves.setdefault(rule.pack_title, []).append((key, words))
        self.fields["rule"].choices = [("", "请选择"), *shelves.items()]

    def chosen(self) -> LocalRule:
        return self.rules[self.cleaned_data["rule"]]

    def plain_value(self) -> object:
        return parameter_value(self.chosen(), self.cleaned_data["value"])
