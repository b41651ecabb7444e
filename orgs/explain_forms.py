"""What is asked about access: a person's capability on a node; what a role would open there."""

import re

from django import forms
from django.db.models import QuerySet

from orgs.enums import Capability
from orgs.forms import OrganizationField
from orgs.models import Organization, Role


class WhyForm(forms.Form):
    user = forms.CharField(label="谁", max_length=140, help_text="输入姓名或登录名，从提示里选")
    capability = forms.ChoiceField(label="哪一项权限", choices=Capability.choices, initial=Capability.VIEW_MEMBERS)
    organization = OrganizationField(label="在哪个组织", suggest=Capability.VIEW_ACCESS.value, help_text="输入名称，从提示里选")

    def __init__(self, *args: object, among: QuerySet[Organization], **options: object) -> None:
        super().__init__(*args, **options)
        self.fields["organization"].among = among

    @property
    def login(self) -> str:
        """The login name meant: name（login） or the login itself."""
        text = self.cleaned_data["user"].strip()
        found = re.search(r"（([^（）]+)）$", text)
        return (found[1] if found else text).lower()


class SimulateForm(forms.Form):
    role = forms.ModelChoiceField(Role.objects.none(), label="角色", to_field_name="code", empty_label="请选择")
    organization = OrganizationField(label="在哪个组织", suggest=Capability.VIEW_ACCESS.value, help_text="输入名称，从提示里选")

    def __init__(self, *args: object, among: QuerySet[Organization], **options: object) -> None:
        super().__init__(*args, **options)
        self.fields["role"].queryset = Role.objects.order_by("name")
        self.fields["organization"].among = among
