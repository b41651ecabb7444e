"""What is typed about a token: what for, where, which of one's own capabilities, how long, from which addresses."""

from django import forms

from accounts.models import User
from accounts.queries import parameters
from core.access import holds_anywhere
from orgs.domain.tokens import Wanted
from orgs.enums import CAPABILITY_WORDS, Capability
from orgs.forms import OrganizationField
from orgs.models import Organization
from orgs.queries import organizations_visible_to

USUAL_DAYS = 90


class TokenForm(forms.Form):
    name = forms.CharField(label="做什么用", max_length=60, help_text="如：与人事系统每晚对数")
    organization = OrganizationField(label="限于哪个组织", suggest="", help_text="连同它的下级；从提示里选，或填层级码")
    capabilities = forms.MultipleChoiceField(
        label="可以做什么", widget=forms.CheckboxSelectMultiple, error_messages={"required": "请至少勾选一项权限。"},
        help_text="只能是您自己有的权限；够用就好",
    )  # fmt: skip
    days = forms.IntegerField(label="有效天数", min_value=1)
    addresses = forms.CharField(
        label="只许从这些地址使用", max_length=400, required=False, help_text="不填不限；多个用逗号隔开，如 10.1.2.3，10.1.3.0/24"
    )

    def __init__(self, *args: object, owner: User, **options: object) -> None:
        super().__init__(*args, **options)
        held = [c for c in Capability if holds_anywhere(owner, c)]
        self.fields["capabilities"].choices = [(c.value, f"{c.label}：{CAPABILITY_WORDS[c]}") for c in held]
        self.fields["organization"].among = _anywhere(owner, held)
        self.fields["organization"].suggest = held[0].value if held else Capability.VIEW_ORGANIZATIONS.value
        most = parameters().integer("token_days_most")
        self.fields["days"].initial, self.fields["days"].help_text = min(USUAL_DAYS, most), f"最长 {most} 天，到期自动失效"

    def wanted(self) -> Wanted:
        data = self.cleaned_data
        typed = data["addresses"].replace("，", ",").replace("、", ",").replace(" ", ",").split(",")
        addresses = [text for text in typed if text.strip()]
        return Wanted(data["name"], data["organization"], data["capabilities"], data["days"], addresses)


def _anywhere(owner: User, held: list[Capability]) -> "forms.models.QuerySet[Organization]":
    """Where the owner holds anything at all."""
    among = Organization.objects.none()
    for capability in held:
        among = among | organizations_visible_to(owner, capability)
    return among


class RevokeTokenForm(forms.Form):
    reason = forms.CharField(label="收回的理由", max_length=200, required=False)
