"""The shapes of what people type. Rules are asked of the domain; its refusals come back as form errors."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace

from django import forms

from accounts import queries
from accounts.enums import RequestKind
from accounts.rules import LineDraft
from core.errors import DomainError

COLUMNS = ("username", "full_name", "role_code", "organization_code", "note")
HEADER = "登录名"


def refuse(form: forms.Form, error: DomainError) -> None:
    """A refusal of the domain beside the field it speaks of, with its clause."""
    message = error.message + (f"（依据：{error.clause}）" if error.clause else "")
    form.add_error(error.field if error.field in form.fields else None, message)


def secret_field(label: str, autocomplete: str, hint: str = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, max_length=200, strip=False, widget=widget, help_text=hint)


class SignInForm(forms.Form):
    username = forms.CharField(
        label="账号",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
        error_messages={"required": "请填写账号。"},
    )
    password = secret_field("口令", "current-password")
    next = forms.CharField(required=False, widget=forms.HiddenInput)


class CodeForm(forms.Form):
    """A code from the phone or the printed sheet."""

    code = forms.CharField(
        label="验证码",
        max_length=40,
        help_text="手机上最新的 6 位数，或打印的一次性代码中没用过的一个",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": "请填写验证码。"},
    )


class ElevateForm(forms.Form):
    """Once more who one is, and why."""

    reason = forms.CharField(label="事由", max_length=200, help_text="写明为什么要办，记入审计")
    proof = secret_field("验证码", "one-time-code", "手机上最新的 6 位数，或没用过的一次性代码")


class PolicyForm(forms.Form):
    """What is required of whom; `inherit` gives a role back to the policy of all officers."""

    subject = forms.ChoiceField(label="对谁")
    required = forms.ChoiceField(label="二次验证", choices=[("yes", "要求"), ("no", "不要求"), ("inherit", "照工作人员的规定")])
    reason = forms.CharField(label="依据", max_length=200)


class NewPasswordForm(forms.Form):
    """A new password typed twice."""

    new_password = secret_field("新口令", "new-password")
    again = secret_field("再输一遍新口令", "new-password")

    def clean(self) -> dict[str, object]:
        values = super().clean() or {}
        if values.get("new_password") and values.get("again") and values["new_password"] != values["again"]:
            self.add_error("again", "两遍口令不一样，请再输一次。")
        return values


class ActivateForm(NewPasswordForm):
    code = forms.CharField(
        label="启用码",
        max_length=60,
        help_text="12 位字母和数字，不分大小写，横线可以不输",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters"}),
    )
    field_order = ["code", "new_password", "again"]


class ChangePasswordForm(NewPasswordForm):
    present_password = secret_field("现在的口令", "current-password")
    field_order = ["present_password", "new_password", "again"]


class ListForm(forms.Form):
    """What goes with the lines; and lines pasted from a spreadsheet."""

    note = forms.CharField(
        label="说明",
        required=False,
        max_length=200,
        help_text="例如：2026 年换届后新任书记",
    )
    pasted = forms.CharField(
        label="从表格粘贴",
        required=False,
        strip=False,
        help_text="一行一个账号：登录名、姓名、角色（名称或代码）、组织层级码、备注，用制表符或逗号隔开",
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
    )


class LineForm(forms.Form):
    username = forms.CharField(label="登录名", required=False, max_length=64)
    full_name = forms.CharField(label="姓名", required=False, max_length=64)
    role_code = forms.CharField(label="角色", required=False, max_length=64, widget=forms.Select)
    organization_code = forms.CharField(label="组织层级码", required=False, max_length=64)
    note = forms.CharField(label="备注", required=False, max_length=200)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = field.label
        self.fields["role_code"].widget.choices = [("", "请选择"), *queries.every_role()]


LineFormSet = forms.formset_factory(LineForm, extra=5, max_num=200)


def drafts_of_rows(rows: Sequence[dict[str, str]]) -> list[LineDraft]:
    """Rows of the form that say anything."""
    return [_draft([row.get(column, "") for column in COLUMNS]) for row in rows if any(row.values())]


def with_role_codes(drafts: Sequence[LineDraft]) -> list[LineDraft]:
    """A role may be pasted by its name, as people know it."""
    codes = {name: code for code, name in queries.every_role()}
    return [replace(draft, role_code=codes.get(draft.role_code, draft.role_code)) for draft in drafts]


def drafts_of_text(text: str) -> list[LineDraft]:
    """Pasted lines: by tabs as a spreadsheet gives them, otherwise by commas, also Chinese ones. A header line is skipped."""
    drafts = []
    for line in text.splitlines():
        if not line.strip():
            continue
        cells = _cells(line)
        if cells[0] != HEADER:
            drafts.append(_draft(cells))
    return drafts


def _cells(line: str) -> list[str]:
    by_commas = csv.reader(io.StringIO(line.replace("，", ",")))
    cells = line.split("\t") if "\t" in line else next(by_commas)
    return [cell.strip() for cell in cells]


def _draft(cells: list[str]) -> LineDraft:
    username, full_name, role_code, organization_code, *rest = [*cells, "", "", "", ""]
    note = " ".join(part for part in rest if part)
    return LineDraft(username.strip().lower(), full_name.strip(), role_code.strip(), organization_code.strip(), note.strip())


class ReturnForm(forms.Form):
    reason = forms.CharField(label="退回原因", max_length=200)


class RequestForm(forms.Form):
    """What one administrator asks for an account."""

    username = forms.CharField(label="登录名", max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    kind = forms.ChoiceField(label="事项", choices=RequestKind.choices)
    reason = forms.CharField(
        label="原因",
        max_length=200,
        help_text="例如：本人到场说明忘记口令，已核对工作证",
    )


class DeactivateForm(forms.Form):
    reason = forms.CharField(label="停用原因", max_length=200)
