"""What people fill in for an upgrade, a merger, a split, a dissolution, and for the term of a committee."""

from uuid import UUID

from django import forms
from django.db.models import QuerySet

from accounts.models import User
from core.forms import DayField
from core.registry import registry
from orgs.domain.plans import Division, Upgrade
from orgs.enums import Kind
from orgs.forms import OrganizationField, PaperForm, _tick
from orgs.models import Organization
from orgs.rules import UPGRADES

SUGGEST = "establish_organizations"
APPROVED = ("经上级党组织批准", "人数超出一般规定时勾选，文号填批文")


class UpgradeForm(PaperForm):
    kind = forms.ChoiceField(label="升格为")
    name = forms.CharField(label="新全称", max_length=120, help_text="与公章一致，如“样例镇某某党总支”")
    short_name = forms.CharField(label="新简称", max_length=60, required=False, help_text="不填与全称相同")
    branch_name = forms.CharField(
        label="接收现有党员的党支部",
        max_length=120,
        required=False,
        help_text="下面同时新设这个党支部，现有党员和党小组都编进去，以后可以再拆分",
    )
    superior_approved = _tick(*APPROVED)
    field_order = ["kind", "name", "short_name", "branch_name", "superior_approved"]

    def __init__(self, organization: Organization, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].choices = [(kind, Kind(kind).label) for kind in UPGRADES.get(organization.kind, ())]
        if not organization.holds_members:
            del self.fields["branch_name"]

    def wanted(self) -> Upgrade:
        names = Upgrade.__dataclass_fields__.keys() & self.cleaned_data.keys()
        return Upgrade(**{name: self.cleaned_data[name] for name in names})


class MergeForm(PaperForm):
    into = OrganizationField(label="并入哪个组织", suggest=SUGGEST, help_text="输入名称或层级码，从提示里选")
    superior_approved = _tick(*APPROVED)
    field_order = ["into", "superior_approved"]

    def __init__(self, among: QuerySet[Organization], *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.fields["into"].among = among


class DissolveForm(MergeForm):
    into = OrganizationField(
        label="承接的组织",
        suggest=SUGGEST,
        required=False,
        help_text="党员、下级组织、所在单位都转到它那里；里面已经没有人和下级的，不填",
    )


class SplitForm(PaperForm):
    name = forms.CharField(label="新组织全称", max_length=120, help_text="与公章一致")
    short_name = forms.CharField(label="新组织简称", max_length=60, required=False, help_text="不填与全称相同")
    code = forms.SlugField(label="层级码", max_length=64, required=False, help_text="不填按上级代码顺编")
    children = forms.MultipleChoiceField(label="划过去的下级组织", required=False, widget=forms.CheckboxSelectMultiple)
    people = forms.MultipleChoiceField(label="划过去的党员", required=False, widget=forms.CheckboxSelectMultiple)
    superior_approved = _tick(*APPROVED)
    field_order = ["name", "short_name", "code", "children", "people", "superior_approved"]

    def __init__(self, organization: Organization, user: User, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        children = organization.children.order_by("path").values_list("uuid", "name")
        people = [person for keeper in registry.rolls for person in keeper.people_at(user, organization.path)]
        for name, choices in (("children", list(children)), ("people", people)):
            if choices:
                self.fields[name].choices = [(str(uuid), words) for uuid, words in choices]
            else:
                del self.fields[name]

    def wanted(self) -> Division:
        data = self.cleaned_data
        chosen = {name: tuple(UUID(text) for text in data.get(name, ())) for name in ("children", "people")}
        return Division(data["name"], data["short_name"], data["code"], **chosen, superior_approved=data["superior_approved"])


class TermForm(forms.Form):
    term_began_on = DayField(label="本届任期开始日期", help_text="选举结果批复的日期；届满日期按规定自动算出")
    document_no = forms.CharField(label="批复文号", max_length=60)


class ShiftForm(forms.Form):
    term_ends_on = DayField(label="提前或延期到")
    document_no = forms.CharField(label="上级批复文号", max_length=60)
    reason = forms.CharField(label="事由", max_length=200, required=False)
