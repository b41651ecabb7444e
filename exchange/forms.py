"""The shapes of what people type about imports."""

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from accounts.models import User
from core.errors import DomainError
from exchange.models import ImportBatch
from exchange.workbooks.columns import FIELDS, propose_mapping
from orgs.enums import Capability
from orgs.models import Organization
from orgs.queries import organization_named, organizations_visible_to

WHERE = "输名称从提示里选，或填层级码。名册里的支部都应在它之下。"
EMPTY = "文件是空的（0 字节），请检查后重新选择。"
TOO_LARGE = "文件有 {has:.1f} MB，最多 {most:.0f} MB。请删去图片和无关的工作表，或按支部分成几个文件上传。"
WHY = "例如：本人没有公民身份号码，民政部门正在补办。"
NOT_FOUND = "没有找到这个组织，或不在您的管理范围内。请从提示里选，或填层级码。"


class UploadForm(forms.Form):
    organization = forms.CharField(
        label="导入到", max_length=200, help_text="输名称从提示里选，或填层级码。名册里的支部都应在它之下。"
    )
    file = forms.FileField(label="名册文件：拖到这里，或点选", help_text="Excel 工作簿（.xlsx），最大 20 MB。")

    def __init__(self, *args: object, actor: User, **options: object) -> None:
        super().__init__(*args, **options)
        self.actor = actor
        self.fields["file"].widget.attrs["accept"] = ".xlsx"
        self.fields["file"].error_messages |= {
            "required": "请选择名册文件。",
            "empty": "文件是空的（0 字节），请检查后重新选择。",
        }

    def clean_organization(self) -> Organization:
        found = organization_named(
            self.cleaned_data["organization"], organizations_visible_to(self.actor, Capability.IMPORT_MEMBERS)
        )
        if found is None:
            raise forms.ValidationError(NOT_FOUND, code="organization_unknown")
        return found

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > settings.UPLOAD_LIMIT_BYTES:
            most, has = settings.UPLOAD_LIMIT_BYTES / 1024 / 1024, file.size / 1024 / 1024
            raise forms.ValidationError(TOO_LARGE.format(has=has, most=most), code="file_too_large")
        return file


class MappingForm(forms.Form):
    """One choice for each column of the file, in its order."""

    def __init__(self, *args: object, batch: ImportBatch, remembered: dict[str, str], **options: object) -> None:
        super().__init__(*args, **options)
        self.batch = batch
        choices = [("", "不导入这一列"), *((f.name, f.header) for f in FIELDS)]
        guesses = propose_mapping(batch.headers, remembered).columns
        for i, header in enumerate(batch.headers):
            known = batch.mapping[i] if batch.mapping and i < len(batch.mapping) else guesses[i].field or ""
            label = header or f"第 {i + 1} 列（没有列名）"
            self.fields[f"column_{i}"] = forms.ChoiceField(label=label, choices=choices, required=False, initial=known)

    @property
    def mapping(self) -> list[str]:
        return [self.cleaned_data[f"column_{i}"] for i in range(len(self.batch.headers))]


class ExceptionForm(forms.Form):
    reason = forms.CharField(
        label="为什么属实",
        max_length=90,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=WHY,
    )
    proof = forms.CharField(
        label="依据的证明材料", max_length=90, help_text="材料名称和文号，例如：某某村委会证明〔2026〕3号。原件由支部留存。"
    )


class UndoForm(forms.Form):
    reason = forms.CharField(label="为什么撤销", max_length=190, widget=forms.Textarea(attrs={"rows": 2}))


def refuse(form: forms.Form, error: DomainError) -> None:
    """Put a refusal beside the field it speaks of; nothing typed is lost."""
    form.add_error(error.field if error.field in form.fields else None, error.message)
