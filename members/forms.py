"""The shapes of what people type about members. A row is read and checked by `row_rules`, as a workbook's row is."""

from datetime import date

from django import forms
from django.db.models import QuerySet

from core.dates import parse_cn, today
from core.identity import mask_id, mask_phone
from core.installation import is_demo
from members.domain.drafts import facts_of
from members.domain.roll import Amendment
from members.enums import EnrolGround, Standing
from members.history import mask_address
from members.models import Member
from members.row_rules import LABELS, Fault, PersonFacts, missing_for_registration, read_person
from orgs.models import Organization
from orgs.queries import organization_named, written_as
from regulations.codes import table

BRANCHES_OFFERED = 40  # more than fit into a list are found by typing
SENSITIVE = ("id_number", "phone", "landline", "address")
NUMBER_FAULTS = ("sex_contradicts_id", "birth_contradicts_id", "missing_id")
BRANCH_UNKNOWN = "没有找到这个党支部，或不在您的管理范围内。请从列表里选。"
DAY_HINT = "如 2014年9月9日 或 2014-9-9"


def written(value: date | None) -> str:
    return f"{value.year}年{value.month}月{value.day}日" if value else ""


def _text(field: str, hint: str = "", **attrs: object) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", **attrs})
    return forms.CharField(label=LABELS[field], required=False, help_text=hint, widget=widget)


def _code(field: str) -> forms.CharField:
    """A select whose values are the words themselves: what is chosen is read exactly like a cell of a workbook."""
    words = [(label, label) for _, label in table(field).choices]
    return forms.CharField(label=LABELS[field], required=False, widget=forms.Select(choices=[("", "请选择"), *words]))


def _day(field: str, hint: str = DAY_HINT) -> forms.CharField:
    return _text(field, hint, inputmode="text")


class PersonForm(forms.Form):
    """One person, new or known. Sex and birth follow from the number and are asked only when the number itself is in doubt."""

    name = _text("name")
    id_number = _text("id_number", "18 位；性别和出生日期由号码得出", inputmode="text", spellcheck="false")
    phone = _text("phone", inputmode="tel")
    nation = _code("nation")
    education = _code("education")
    job = _code("job")
    category = forms.CharField(
        label=LABELS["category"],
        required=False,
        widget=forms.RadioSelect(choices=[("正式党员", "正式党员"), ("预备党员", "预备党员")]),
    )
    joined_on = _day("joined_on", "支部大会通过接收为预备党员之日")
    converted_on = _day("converted_on", "预备党员不填")
    address = _text("address")
    landline = _text("landline", inputmode="tel")
    is_floating = forms.BooleanField(label="是流动党员", required=False)
    floating_to = _text("floating_to")
    lost_on = _day("lost_on", "没有失联的不填")
    native_place = _text("native_place")
    worked_from = _day("worked_from", "只知道年月的可以写 2010年7月")
    school = _text("school")
    major = _text("major")
    degree = _text("degree")
    unverified = forms.BooleanField(label="号码有疑问但本人属实，先按“号码待核”登记", required=False)
    unverified_reason = forms.CharField(
        label="为什么号码通不过检查", required=False, max_length=100, help_text="如：户口簿上的号码就是这样，正在申请更正"
    )
    proof = forms.CharField(label="依据的材料", required=False, max_length=80, help_text="如：户口簿复印件，2026年11月20日查验")
    sex = forms.CharField(label=LABELS["sex"], required=False, widget=forms.RadioSelect(choices=[("男", "男"), ("女", "女")]))
    birth_date = _day("birth_date")

    facts: PersonFacts
    notes: tuple[Fault, ...] = ()
    offers_exception = False

    def cells(self) -> dict[str, object]:
        """What was typed, under the names of the columns of a workbook."""
        typed = {field: self.cleaned_data.get(field) for field in LABELS if field in self.fields}
        typed["is_floating"] = "是" if typed.get("is_floating") else "否"
        return typed

    def clean(self) -> dict[str, object]:
        reading = read_person(self.cells(), on=today(), demo=is_demo())
        self.facts, self.notes = reading.facts, reading.notes
        for fault in self._standing_faults(reading.faults):
            self._refuse(fault)
        return self.cleaned_data

    def _refuse(self, fault: Fault) -> None:
        field = fault.field if fault.field in self.fields else None
        self.add_error(field, forms.ValidationError(f"{fault.message}{fault.remedy}", code=fault.code))

    def _standing_faults(self, faults: tuple[Fault, ...]) -> list[Fault]:
        """Without those of the number, where the person is taken in as 号码待核 with reason and proof."""
        self.offers_exception = any(_of_number(fault) for fault in faults)
        if not self.cleaned_data.get("unverified"):
            return list(faults)
        for field, words in (("unverified_reason", "请写明原因。"), ("proof", "请写明依据的材料。")):
            if not self.cleaned_data.get(field, "").strip():
                self.add_error(field, forms.ValidationError(words, code=f"missing_{field}"))
        left = [fault for fault in faults if not _of_number(fault)]
        return left + [f for f in missing_for_registration(self.facts) if f.field not in {fault.field for fault in left}]

    @property
    def unverified_because(self) -> str:
        data = self.cleaned_data
        return f"{data['unverified_reason'].strip()}（依据：{data['proof'].strip()}）" if data.get("unverified") else ""

    @property
    def in_doubt(self) -> bool:
        """Whether the part about a doubtful number stands open."""
        return self.offers_exception or bool(self.data.get("unverified"))


def _of_number(fault: Fault) -> bool:
    return fault.code.startswith("id_") or fault.code in NUMBER_FAULTS


class EnrolForm(PersonForm):
    branch = forms.CharField(label=LABELS["branch"], required=False)
    ground = forms.ChoiceField(
        label="怎样来到支部",
        choices=[
            (EnrolGround.REGISTRY_BUILD, "早已在支部，补登记"),
            (EnrolGround.TRANSFERRED_IN, "转入"),
            (EnrolGround.DEVELOPED, "新发展"),
        ],
        initial=EnrolGround.REGISTRY_BUILD,
        widget=forms.RadioSelect,
    )
    organization: Organization | None = None

    def __init__(self, *args: object, among: QuerySet[Organization], **options: object) -> None:
        super().__init__(*args, **options)
        self.among = among
        offer_branches(self.fields["branch"], among)

    def clean_branch(self) -> str:
        typed = self.cleaned_data["branch"].strip()
        self.organization = organization_named(typed, self.among) if typed else None
        if typed and self.organization is None:
            raise forms.ValidationError(BRANCH_UNKNOWN, code="unknown_branch")
        return self.organization.name if self.organization else ""

    def _standing_faults(self, faults: tuple[Fault, ...]) -> list[Fault]:
        found = super()._standing_faults(faults)
        return [f for f in found if f.field != "branch"] if self.has_error("branch") else found


def offer_branches(field: forms.Field, among: QuerySet[Organization]) -> None:
    """A list where it is short; else a box that finds by typing (`suggested`)."""
    few = list(among.order_by("path")[: BRANCHES_OFFERED + 1])
    field.suggested = len(few) > BRANCHES_OFFERED  # type: ignore[attr-defined]
    if field.suggested:  # type: ignore[attr-defined]
        field.help_text = "输入名称的一部分，从提示里选"
        return
    words = [(written_as(node), node.name) for node in few]
    field.widget = forms.Select(choices=words if len(words) == 1 else [("", "请选择"), *words])


class EditForm(PersonForm):
    """Changes to a known person. Empty sensitive boxes mean: unchanged; “无” empties one."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="修改的理由或依据",
        max_length=200,
        help_text="会记入修改记录",
        error_messages={"required": "请写明修改的理由或依据的材料。"},
    )

    def __init__(self, *args: object, member: Member, dates: bool, **options: object) -> None:
        super().__init__(*args, initial=initial_of(member), **options)
        self.member = member
        if not dates:
            del self.fields["joined_on"], self.fields["converted_on"]
        masks = {"id_number": mask_id, "phone": mask_phone, "landline": mask_phone, "address": mask_address}
        for field in SENSITIVE:
            shown = masks[field](getattr(member, field))
            self.fields[field].widget.attrs["placeholder"] = f"{shown}（不改就空着）" if shown else "未登记"
        self.fields["id_number"].help_text = "只在更正时填写完整号码"
        self.fields["phone"].help_text = "不改就空着；停用的写“无”"
        del self.fields["category"]
        if member.standing == Standing.PROBATIONARY:
            self.fields.pop("converted_on", None)
        for field in ("nation", "education", "job"):
            self._keep_old_code(field)

    def _keep_old_code(self, field: str) -> None:
        """A code no longer offered stays choosable for whom it is written."""
        widget, word = self.fields[field].widget, self.initial.get(field)
        if word and word not in dict(widget.choices):
            widget.choices = [*widget.choices, (word, word)]

    def cells(self) -> dict[str, object]:
        typed, known = super().cells(), facts_of(self.member).as_cells()
        untouched = {field for field in SENSITIVE if not (typed.get(field) or "").strip()}
        kept = {field: known[field] for field in LABELS if field not in typed or field in untouched}
        cells = typed | kept
        if "id_number" in untouched:
            cells |= {field: known[field] for field in ("sex", "birth_date") if not typed.get(field)}
        self.touched = [field for field in SENSITIVE if field not in untouched]
        return cells | {"is_lost": None}

    def _standing_faults(self, faults: tuple[Fault, ...]) -> list[Fault]:
        """A number that already stands as 待核 is not refused again while it is left alone."""
        left_alone = "id_number" not in self.touched and bool(self.member.id_unverified)
        return super()._standing_faults(tuple(f for f in faults if not (left_alone and _of_number(f))))

    def amendment(self) -> Amendment:
        plain = [f for f in LABELS if f in self.fields and f not in (*SENSITIVE, "sex", "birth_date")]
        derived = ["sex", "birth_date"] if "id_number" in self.touched or self.cleaned_data.get("unverified") else []
        fields = (*plain, *self.touched, *derived)
        data = self.cleaned_data
        return Amendment(self.facts, fields, data["version"], data["reason"], unverified=self.unverified_because)


def initial_of(member: Member) -> dict[str, object]:
    """The boxes of the form as the file fills them; sensitive ones stay empty."""
    known = {f: v for f, v in facts_of(member).as_cells().items() if f not in (*SENSITIVE, "sex", "birth_date")}
    filled = {f: written(v) if isinstance(v, date) else v for f, v in known.items()}
    return filled | {"is_floating": member.is_floating, "version": member.version}


class DayField(forms.CharField):
    """A day as people write it."""

    def clean(self, value: object) -> date | None:
        text = super().clean(value)
        try:
            return parse_cn(text) if text else None
        except ValueError:
            raise forms.ValidationError(f"看不懂这个日期，请写成 {DAY_HINT.removeprefix('如 ')}。", code="bad_date") from None


class BranchForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    branch = forms.CharField(label="编入哪个党支部", error_messages={"required": "请选择一个党支部。"})
    reason = forms.CharField(label="理由或文号", max_length=200, error_messages={"required": "请写明调整的理由或文号。"})
    organization: Organization | None = None

    def __init__(self, *args: object, member: Member, among: QuerySet[Organization], **options: object) -> None:
        super().__init__(*args, initial={"version": member.version}, **options)
        self.among = among
        offer_branches(self.fields["branch"], among.exclude(pk=member.organization_id))

    def clean_branch(self) -> str:
        self.organization = organization_named(self.cleaned_data["branch"], self.among)
        if self.organization is None:
            raise forms.ValidationError(BRANCH_UNKNOWN, code="unknown_branch")
        return self.cleaned_data["branch"]


class DecisionForm(forms.Form):
    """Whether two registrations under one number are one person."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    decision = forms.ChoiceField(
        label="核对的结果",
        choices=[
            ("different", "是两个人：后登记的号码有误，退回支部核实，先按“号码待核”保留"),
            ("same", "是同一个人：后登记的一份并入先登记的，先登记的各项不变"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择核对的结果。"},
    )
    reason = forms.CharField(
        label="核对的依据", max_length=200, help_text="看了什么材料、问了谁", error_messages={"required": "请写明核对的依据。"}
    )
