"""The shapes of what people type about posts. Rules are asked of the domain; refusals come back to the fields."""

from datetime import timedelta

from django import forms

from accounts.models import User
from cadres.domain.appointments import Commission, may_appoint
from cadres.enums import Ground
from cadres.models import Appointment
from cadres.queries import person_meant, running_term
from cadres.rules import post_name, posts, posts_of
from core.dates import today
from core.forms import DayField
from members.models import Member
from orgs.enums import Kind
from orgs.models import Organization, Role

PERSON_UNKNOWN = "没有找到这个人，或有几位同名。请从提示里选；要在您的管理范围内、现在在册。"


class AppointForm(forms.Form):
    """A document read into the registry: who, which post, since when."""

    member = forms.CharField(label="任职人", max_length=120, help_text="输入姓名，从提示里选")
    post = forms.ChoiceField(label="职务")
    ground = forms.ChoiceField(label="任职方式", choices=Ground.choices, initial=Ground.ELECTED)
    document_no = forms.CharField(label="文号", max_length=60, help_text="批复或任职通知，例如：样组任〔2026〕12号")
    from_on = DayField(label="任职日期", initial=today)
    last_on = DayField(label="任期最后一天", required=False, help_text="不填则到免职为止；权限同日到期")
    acting = forms.BooleanField(label="代理、代管（要写最后一天）", required=False)

    def __init__(self, organization: Organization, user: User, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.organization, self.user = organization, user
        self.person: Member | None = None
        allowed = [p for p in posts_of(organization.kind) if may_appoint(user, organization, p)]
        self.fields["post"].choices = [("", "请选择"), *((p.code, p.name) for p in allowed)]
        term = running_term(organization)
        self.fields["last_on"].initial = term.term_ends_on if term else None
        if term:
            self.fields["last_on"].help_text = "已按本届任期填好；不填则到免职为止，权限同日到期"
        self.fields["member"].suggest_url = True

    def clean_member(self) -> Member:
        found = person_meant(self.user, self.cleaned_data["member"], self.organization)
        if found is None:
            raise forms.ValidationError(PERSON_UNKNOWN, code="person_unknown")
        return found

    def commission(self) -> Commission:
        data = self.cleaned_data
        names = ("post", "ground", "document_no", "from_on", "last_on", "acting")
        return Commission(**{name: data[name] for name in names})


class EndForm(forms.Form):
    on = DayField(label="免职日期", initial=today)
    document_no = forms.CharField(label="文号", max_length=60, help_text="免职通知或批复")
    reason = forms.CharField(label="原因", max_length=200, help_text="例如：换届、工作调动、到龄退休")


class TermForm(forms.Form):
    last_on = DayField(label="任期最后一天", required=False, help_text="不填则到免职为止")
    document_no = forms.CharField(label="文号", max_length=60, help_text="同意延长或调整任期的批复")


class AccountForm(forms.Form):
    username = forms.CharField(
        label="登录名", max_length=64, help_text="任职人的工作账号，姓名要与档案一致；没有的先由系统管理员建号"
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(label="原因", max_length=200)


class DelegateForm(forms.Form):
    full_name = forms.CharField(label="委托给谁", max_length=64, help_text="对方工作账号的姓名")
    username = forms.CharField(label="对方的登录名", max_length=64)
    last_on = DayField(label="最后一天", help_text="含当天，到期自动收回")
    reason = forms.CharField(label="事由", max_length=200, help_text="例如：外出培训一周")

    def __init__(self, appointment: Appointment, most: int, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        last = today() + timedelta(days=most - 1)
        self.fields["last_on"].initial = min(today() + timedelta(days=6), appointment.last_on or last, last)
        self.fields["last_on"].help_text = f"含当天，到期自动收回；一次不超过 {most} 天"


class MappingForm(forms.Form):
    post = forms.ChoiceField(label="职务")
    role = forms.ModelChoiceField(Role.objects.none(), label="对应的角色", to_field_name="code", empty_label="请选择")
    reason = forms.CharField(label="依据", max_length=200)

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        pairs = [(f"{p.code}:{k}", f"{Kind(k).label}·{p.name}") for p in posts().values() for k in p.kinds]
        self.fields["post"].choices = [("", "请选择"), *sorted(pairs, key=lambda pair: list(Kind).index(pair[0].split(":")[1]))]
        self.fields["role"].queryset = Role.objects.order_by("name")

    def pair(self) -> tuple[str, str]:
        code, kind = self.cleaned_data["post"].split(":")
        return code, kind


def post_choices() -> list[tuple[str, str]]:
    return [(code, post_name(code)) for code in posts()]
