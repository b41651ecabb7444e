"""What people type beside a case. Rules are asked of the domain; its refusals come back as form errors."""

from datetime import timedelta

from django import forms

from accounts.models import User
from core.dates import today
from core.errors import DomainError
from workflow.enums import DayKind
from workflow.models import Case
from workflow.queries import peers_of

WEEK = timedelta(days=7)


def refuse(form: forms.Form, error: DomainError) -> None:
    """A refusal of the domain beside the field it speaks of, with its clause under the summary."""
    form.refused_by = error.clause  # type: ignore[attr-defined]
    form.add_error(error.field if error.field in form.fields else None, error.message)


def opinion_field(label: str = "意见", *, required: bool = False) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, max_length=500, required=required, widget=widget, help_text="不要写身份证号、手机号。")


def number_field(*, required: bool = False) -> forms.CharField:
    return forms.CharField(label="文号", max_length=60, required=required, help_text="如：样组〔2026〕7号")


class DecisionForm(forms.Form):
    """Beside the buttons 同意、退回更正、不同意."""

    opinion = opinion_field()
    clause = forms.CharField(label="依据", max_length=200, required=False, help_text="退回、不同意时写明依据的条款，可以不填。")
    document_no = number_field()

    def __init__(self, *args: object, case: Case, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if not case.current.document_no:
            del self.fields["document_no"]


class WordForm(forms.Form):
    """Beside 重新提交 and 撤回."""

    opinion = opinion_field("说明")


class DelegateForm(forms.Form):
    delegate = forms.ModelChoiceField(User.objects.none(), label="转给谁", to_field_name="uuid", empty_label="请选择")
    until = forms.DateField(label="到哪一天", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(label="原因", max_length=200, help_text="如：出差、休假。只能转给本来就有权办理的同志。")

    def __init__(self, *args: object, case: Case, actor: User, **kwargs: object) -> None:
        super().__init__(*args, initial={"until": today() + WEEK}, **kwargs)
        self.fields["delegate"].queryset = peers_of(case, actor)
        self.fields["delegate"].label_from_instance = lambda user: user.full_name


class TogetherForm(forms.Form):
    verdict = forms.ChoiceField(label="决定", choices=[("approve", "同意"), ("refuse", "不同意")], widget=forms.RadioSelect)
    document_no = number_field(required=True)
    opinion = opinion_field()


class DayForm(forms.Form):
    day = forms.DateField(label="日期", widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(label="安排", choices=DayKind.choices, widget=forms.RadioSelect)
    document_no = forms.CharField(label="文号", max_length=60, help_text="放假安排通知的文号")
    note = forms.CharField(label="说明", max_length=60, required=False, help_text="如：国庆节调休")
