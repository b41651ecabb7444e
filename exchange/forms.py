"""The shapes of what people type about imports."""

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from accounts.models import User
from core.errors import DomainError
from exchange.models import ImportBatch
from exchange.official import templates
from exchange.workbooks.columns import FIELDS, propose_mapping
from exchange.workbooks.headers import SEARCHED_ROWS
from orgs.enums import Capability
from orgs.models import Organization
from orgs.queries import organization_named, organizations_visible_to

WHERE = "输名称从提示里选，或填层级码。名册里的支部都应在它之下。"
EMPTY = "文件是空的（0 字节），请检查后重新选择。"
TOO_LARGE = "文件有 {has:.1f} MB，最多 {most:.0f} MB。请删去图片和无关的工作表，或按支部分成几个文件上传。"
WHY = "例如：本人没有公民身份号码，民政部门正在补办。"
HEADER_ROW = "写着“姓名”等列名的那一行。"
WHOLE = "输名称从提示里选，或填层级码。含它的全部下级。"
REJECTED = "例如：第 12 行证号重复，整批退回。"
MOVING = "例如：划归另一个平台，随组织移交资料。"
PHRASE = "至少 12 个字。平台不保存；忘了就打不开，请与文件分开保管。"
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


class HeaderForm(forms.Form):
    """Where the row stands that names the columns."""

    sheet = forms.ChoiceField(label="工作表")
    header_row = forms.IntegerField(
        label="表头在第几行", min_value=1, max_value=SEARCHED_ROWS, help_text="写着“姓名”等列名的那一行。"
    )

    def __init__(self, *args: object, batch: ImportBatch, sheets: list[str], **options: object) -> None:
        super().__init__(*args, initial={"sheet": batch.sheet, "header_row": batch.header_row}, **options)
        self.fields["sheet"].choices = [(name, name) for name in sheets]


class FilingForm(forms.Form):
    """What to report: for which organisation, in which template, since when."""

    organization = forms.CharField(
        label="报送哪个组织", max_length=200, help_text="输名称从提示里选，或填层级码。含它的全部下级。"
    )
    template = forms.ChoiceField(label="上级系统的表样")
    since = forms.DateField(
        label="从哪天起的变动",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="一般不填：接着上次报送。上级系统里已有早先资料的，第一次填接手那天。",
    )

    def __init__(self, *args: object, actor: User, **options: object) -> None:
        super().__init__(*args, **options)
        self.actor = actor
        self.fields["template"].choices = [(t.name, t.title) for t in templates().values()]

    def clean_organization(self) -> Organization:
        among = organizations_visible_to(self.actor, Capability.FILE_CHANGES)
        found = organization_named(self.cleaned_data["organization"], among)
        if found is None:
            raise forms.ValidationError(NOT_FOUND, code="organization_unknown")
        return found


class TakeOutForm(forms.Form):
    organization = forms.CharField(label="带出哪个组织", max_length=200, help_text=WHOLE)
    reason = forms.CharField(label="做什么用", max_length=190, widget=forms.Textarea(attrs={"rows": 2}), help_text=MOVING)

    def __init__(self, *args: object, actor: User, **options: object) -> None:
        super().__init__(*args, **options)
        self.actor = actor

    def clean_organization(self) -> Organization:
        among = organizations_visible_to(self.actor, Capability.TAKE_OUT)
        found = organization_named(self.cleaned_data["organization"], among)
        if found is None:
            raise forms.ValidationError(NOT_FOUND, code="organization_unknown")
        return found


class PassphraseForm(forms.Form):
    passphrase = forms.CharField(
        label="加密口令", max_length=200, strip=False, help_text=PHRASE, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label="上级系统为什么没有接收",
        max_length=190,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=REJECTED,
    )


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
