"""What the security administrator types: who gets which role where and until when, what a role may do, what is sealed."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django import forms
from django.utils import timezone

from accounts.models import User
from core.dates import today
from core.forms import DayField
from orgs.enums import CAPABILITY_WORDS, Capability
from orgs.forms import OrganizationField
from orgs.models import Organization, Role


def written_as(user: User) -> str:
    """How a field names a person: 李砚秋（liyanqiu）."""
    return f"{user.full_name}（{user.username}）"


class PersonField(forms.CharField):
    """An officer's account typed as name（login）or login."""

    suggest_people = True

    def clean(self, value: object) -> User | None:
        text = str(super().clean(value) or "").strip()
        login = re.search(r"（([^（）]+)）$", text)
        found = User.objects.filter(username=(login[1] if login else text).lower()).first()
        if found is None:
            raise forms.ValidationError("没有这个账号。请从提示里选，或填登录名。", code="person_unknown")
        return found


def first_moment(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class GiveForm(forms.Form):
    user = PersonField(label="授予谁", max_length=140, help_text="输入姓名或登录名，从提示里选；党员账号和三员账号不能授权")
    role = forms.ModelChoiceField(Role.objects.none(), label="角色", to_field_name="code", empty_label="请选择")
    organization = OrganizationField(label="在哪个组织", suggest="grants", help_text="从提示里选；权限及于全部下级")
    valid_from = DayField(label="从哪天起", required=False, help_text="不填即刻生效")
    valid_to = DayField(label="到哪天止", required=False, help_text="含当天；不填则没有截止日期")
    why = forms.CharField(label="依据", max_length=200, help_text="任职文号或批准事由，例如：样组任〔2026〕12号")

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.fields["role"].queryset = Role.objects.order_by("name")
        self.fields["organization"].among = Organization.objects.all()

    def clean_valid_from(self) -> datetime | None:
        """From the first moment of the day; today means now."""
        day = self.cleaned_data["valid_from"]
        if day is not None and day < today():
            raise forms.ValidationError("授权不能倒填日期，请填今天或以后。", code="term_in_the_past")
        return first_moment(day) if day and day > today() else None

    def clean_valid_to(self) -> datetime | None:
        """The stored end is exclusive: the first moment of the next day."""
        day = self.cleaned_data["valid_to"]
        return first_moment(day + timedelta(days=1)) if day else None


class RevokeForm(forms.Form):
    reason = forms.CharField(label="收回的理由", max_length=200, help_text="例如：任职期满，样组任〔2026〕30号")


def _capability_choices() -> Iterator[tuple[str, str]]:
    for capability in Capability:
        yield capability.value, f"{capability.label}：{CAPABILITY_WORDS[capability]}"


class RoleForm(forms.Form):
    """What a role may do, in plain words."""

    capabilities = forms.MultipleChoiceField(
        label="可以做什么", choices=list(_capability_choices()), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少勾选一项权限。"},
    )  # fmt: skip
    reason = forms.CharField(label="修改的依据", max_length=200)


class NewRoleForm(RoleForm):
    name = forms.CharField(label="名称", max_length=40)
    code = forms.SlugField(label="代号", max_length=40, help_text="小写英文字母、数字和下划线，账号名单里用它")
    note = forms.CharField(label="说明", max_length=200, required=False)
    reason = None
    field_order = ["name", "code", "note", "capabilities"]


class SealForm(forms.Form):
    organization = OrganizationField(label="封闭哪个组织", suggest="grants", help_text="连同全部下级；本级和下级自己的授权照旧")
    document_no = forms.CharField(label="批准文号", max_length=60)
    in_figures = forms.BooleanField(label="上级的汇总数仍包含这一部分", required=False, initial=True)

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.fields["organization"].among = Organization.objects.all()


class LiftForm(forms.Form):
    document_no = forms.CharField(label="批准解除的文号", max_length=60)
