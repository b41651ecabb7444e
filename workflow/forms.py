"""What people type beside a case. Rules are asked of the domain; its refusals come back as form errors."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile

from accounts.models import User
from core.dates import today
from core.errors import DomainError
from regulations.packs import pack
from workflow.domain.papers import OTHER, declared
from workflow.enums import DayKind
from workflow.models import Case
from workflow.queries import peers_of, posts_for

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


def paper_field(*, required: bool = True, many: bool = False) -> forms.FileField:
    """A file or, on a phone, a photograph taken on the spot; what may come in is looked at by its content."""
    rules = pack("registry", on=today())
    kinds = "、".join(kind.upper() for kind in rules.texts("attachment.kinds"))
    text = f"可以直接拍照。{kinds}，每个不超过 {rules.integer('attachment.megabytes.max')} MB；照片里的拍摄地点会去掉"
    kind = FilesField if many else forms.FileField
    widget = FilesInput(TAKEN | {"multiple": True}) if many else forms.FileInput(TAKEN)
    empty = {"required": "请选择文件。"}
    return kind(label="照片或文件", required=required, allow_empty_file=True, help_text=text, error_messages=empty, widget=widget)


TAKEN = {"accept": "image/*,application/pdf,.ofd,.docx,.xlsx"}


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once; cleans to a list."""

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        sent = data if isinstance(data, list | tuple) else [data]
        return [one for one in (super(FilesField, self).clean(d, initial) for d in sent) if one]


class PaperForm(forms.Form):
    """A paper beside a case: one that a step asks for, or another one under its own title."""

    code = forms.ChoiceField(label="这是哪一样")
    title = forms.CharField(label="这是什么材料", max_length=60, required=False, help_text="如：身份证正面、毕业证书")
    ticket = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, initial={"ticket": uuid4()}, **kwargs)
        known = declared(case)
        self.fields["code"].choices = [*known.items(), (OTHER, "其他材料")]
        self.fields["file"] = paper_field()
        if not known:
            self.fields["code"].widget, self.fields["code"].initial = forms.HiddenInput(), OTHER

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("code") == OTHER and not data.get("title", "").strip():
            self.add_error("title", "请写明这是什么材料。")
        return data


class DelegateForm(forms.Form):
    delegate = forms.ModelChoiceField(User.objects.none(), label="转给谁", to_field_name="uuid", empty_label="请选择")
    until = forms.DateField(label="到哪一天", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(label="原因", max_length=200, help_text="如：出差、休假。只能转给本来就有权办理的同志。")

    def __init__(self, *args: object, case: Case, actor: User, **kwargs: object) -> None:
        super().__init__(*args, initial={"until": today() + WEEK}, **kwargs)
        self.fields["delegate"].queryset = peers_of(case, actor)
        posts = posts_for(case)
        self.fields["delegate"].label_from_instance = lambda user: f"{user.full_name}（{posts[user.pk]}）"


class TogetherForm(forms.Form):
    verdict = forms.ChoiceField(label="决定", choices=[("approve", "同意"), ("refuse", "不同意")], widget=forms.RadioSelect)
    document_no = number_field(required=True)
    opinion = opinion_field()


class DayForm(forms.Form):
    day = forms.DateField(label="日期", widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(label="安排", choices=DayKind.choices, widget=forms.RadioSelect)
    document_no = forms.CharField(label="文号", max_length=60, help_text="放假安排通知的文号")
    note = forms.CharField(label="说明", max_length=60, required=False, help_text="如：国庆节调休")
