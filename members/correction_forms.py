"""The form in which a correction is proposed: empty means that the file is right."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile

from members.domain.corrections import CORRECTABLE, Proposal, current, read
from members.fields import FIELDS
from members.models import Member
from regulations.codes import table
from workflow.domain.papers import Sent
from workflow.forms import paper_field

CODED = ("nation", "education", "job")
OWN_FIELDS = tuple(f.name for f in CORRECTABLE if f.name != "sex")  # sex follows the number
BRANCH_FIELDS = ("id_number", "birth_date", "joined_on", "converted_on")  # what the branch cannot change by itself
NUMBER_KEYS = ("phone", "landline")
# How the boxes are folded when there are many: few lines on a phone, and what is wrong is found by its word.
SHELVES = {
    "姓名、身份证号码、出生日期、民族": ("name", "id_number", "birth_date", "nation"),
    "入党日期、转正日期": ("joined_on", "converted_on"),
    "学历、学校、专业": ("education", "school", "major", "degree"),
    "工作": ("job", "worked_from"),
    "电话、住址、籍贯": ("phone", "landline", "address", "native_place"),
}
# What a roster's row is told does not help a person who proposes.
REMEDIES = {
    "birth_contradicts_id": "请对照身份证改正。档案认定的和号码本来不同的，先由支部凭材料在“修改”里登记为“号码待核”，再提更正。",
    "phone_odd": "请核对后再填。",
}


@dataclass(frozen=True)
class Shelf:
    """Boxes that are opened together; open from the start when something is written in one of them."""

    label: str
    boxes: list[forms.BoundField]

    @property
    def is_open(self) -> bool:
        return any(box.value() or box.errors for box in self.boxes)


class CorrectionForm(forms.Form):
    """One box for every field that may be wrong, the present value beside it."""

    reason = forms.CharField(
        label="为什么要改，凭什么材料", max_length=200, help_text="如：身份证上是 1988年3月15日",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明为什么要改、凭什么材料。"},
    )  # fmt: skip

    def __init__(self, *args: object, member: Member, names: Iterable[str], **options: object) -> None:
        super().__init__(*args, **options)
        self.member, self.names = member, tuple(names)
        for name in self.names:
            self.fields[name] = _box(name, current(member, name))
        self.fields["file"] = paper_field(required=False, many=True)
        self.fields["file"].label = "凭据：证件、证书的照片或文件"
        self.fields["file"].help_text += "。可以一次选几份"

    @property
    def boxes(self) -> list[forms.BoundField]:
        return [self[name] for name in self.names]

    @property
    def shelves(self) -> list[Shelf]:
        """The boxes by what they speak of; those few of the branch lie open."""
        if len(self.names) <= len(BRANCH_FIELDS):
            return []
        return [Shelf(label, [self[name] for name in inside if name in self.names]) for label, inside in SHELVES.items()]

    @property
    def values(self) -> dict[str, str]:
        return {name: self.cleaned_data[name].strip() for name in self.names if self.cleaned_data.get(name, "").strip()}

    def clean(self) -> dict[str, object]:
        values = self.values
        if not values:
            raise forms.ValidationError("还没有写要改成什么。没有要改的就不用提交。", code="nothing_changed")
        for fault in read(self.member, values)[1]:
            remedy = REMEDIES.get(fault.code, fault.remedy)
            self.add_error(fault.field, forms.ValidationError(f"{fault.message}{remedy}", code=fault.code))
        if self.errors and self.cleaned_data.get("file"):
            self.add_error("file", forms.ValidationError("改好以后，请把文件再选一次。", code="file_again"))
        return self.cleaned_data

    def proposal(self, *, own: bool) -> Proposal:
        return Proposal(self.values, self.cleaned_data["reason"], own)

    def proofs(self) -> list[Sent]:
        sent: list[UploadedFile] = self.cleaned_data["file"]
        titles = ["更正凭据", *(f"更正凭据（{n}）" for n in range(2, len(sent) + 1))]
        return [Sent(f.read(), f.name or "", title, uuid4()) for f, title in zip(sent, titles, strict=False)]


def _box(name: str, now: str) -> forms.CharField:
    hint = f"现在是：{now}"
    if name in CODED:
        words = [(label, label) for _, label in table(name).choices]
        widget: forms.Widget = forms.Select(choices=[("", "不用改"), *words])
    else:
        mode = "tel" if name in NUMBER_KEYS else "text"
        widget = forms.TextInput(attrs={"autocomplete": "off", "inputmode": mode, "placeholder": "不用改就空着"})
    return forms.CharField(label=FIELDS[name].label, required=False, max_length=120, help_text=hint, widget=widget)
