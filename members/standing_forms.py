"""Forms of the decisions about standing: only the papers that the ground demands are asked for (`standing_rules.papers_of`)."""

from django import forms

from core.dates import today
from members import standing_rules as lawful
from members.domain.standing import known_of
from members.enums import GROUNDS, STANDING_OF, ReturnGround, Standing, SuspensionReason
from members.forms import DAY_HINT, DayField, written
from members.models import Member
from members.rules import joined_without_probation
from members.standing_rules import Papers
from workflow.domain.turns import nearest_committee

PREFIX: dict[str, str] = {Standing.SUSPENDED: "停止党籍", Standing.REMOVED: "出党", Standing.LEFT: "出党"}


def words_of(case: str) -> str:
    """A way off the roll as people say it: 停止党籍（失去联系）."""
    if case == Standing.TRANSFERRED:
        return "转出：组织关系已转到平台以外"
    before = PREFIX.get(STANDING_OF[case], "")
    return f"{before}（{GROUNDS[case]}）" if before else GROUNDS[case]


class ActForm(forms.Form):
    """What every decision about standing rests on. `ground` says which papers it takes."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    on = DayField(label="决定生效的日期", initial=lambda: written(today()), help_text=DAY_HINT)
    document_no = forms.CharField(
        label="文号", max_length=60, help_text="决定或批复的文号，如 样组〔2026〕8号",
        error_messages={"required": "请填写决定或批复的文号。"},
    )  # fmt: skip
    since = DayField(label="从哪一天算起", required=False, help_text=DAY_HINT)
    decided_by = forms.CharField(label="作出决定的党组织", max_length=120, required=False)
    meeting_on = DayField(label="支部大会的日期", required=False, help_text=DAY_HINT)
    approved_by = forms.CharField(label="批准的上级党组织", max_length=120, required=False)
    reason = forms.CharField(label="说明", max_length=150, required=False)
    ground = ""

    def __init__(self, *args: object, member: Member, **options: object) -> None:
        super().__init__(*args, initial=self.known(member) | {"version": member.version}, **options)
        self.member = member
        self.ask_for(lawful.papers_of(self.ground, on=today(), at=member.org_path) if self.ground else ())

    def known(self, member: Member) -> dict[str, object]:
        """What need not be typed: the branch, and the committee above it."""
        above = nearest_committee(member.organization)
        return {"decided_by": member.organization.name, "approved_by": above.name}

    def ask_for(self, papers: tuple[str, ...]) -> None:
        asked = {"decided_by": "decided_by", "meeting": "meeting_on", "approval": "approved_by", "filing": "approved_by"}
        wanted = {asked[paper] for paper in papers if paper in asked}
        for name in ("decided_by", "meeting_on", "approved_by", "since"):
            if name not in wanted:
                del self.fields[name]
            else:
                self.fields[name].required = True
                self.fields[name].error_messages["required"] = f"请填写{self.fields[name].label}。"
        if "filing" in papers:
            self.fields["approved_by"].label = "报备案的上级党组织"

    @property
    def papers(self) -> Papers:
        data = self.cleaned_data
        return Papers(data.get("decided_by", ""), data.get("meeting_on"), data.get("approved_by", ""), data.get("since"))

    @property
    def decision(self) -> dict[str, object]:
        """What the verb takes, apart from member and actor."""
        data = self.cleaned_data
        return {
            "on": data["on"], "document_no": data["document_no"], "reason": data["reason"], "version": data["version"],
            "papers": self.papers,
        }  # fmt: skip


class LeaveForm(ActForm):
    case = forms.ChoiceField(label="离开的情形", widget=forms.HiddenInput, error_messages={"required": "请选择离开的情形。"})
    field_order = ("version", "case", "on", "since", "meeting_on", "decided_by", "approved_by", "document_no", "reason")

    def __init__(self, *args: object, member: Member, case: str = "", **options: object) -> None:
        self.open = lawful.cases_from(known_of(member), on=today(), at=member.org_path)
        given = args[0].get("case", "") if args and args[0] else case  # type: ignore[attr-defined]
        self.ground = given if given in self.open else ""
        super().__init__(*args, member=member, **options)
        self.fields["case"].choices = [(one, words_of(one)) for one in self.open]
        self.initial["case"] = self.ground

    def known(self, member: Member) -> dict[str, object]:
        lost = {"since": written(member.lost_on)} if self.ground == SuspensionReason.LOST and member.lost_on else {}
        return super().known(member) | lost

    def ask_for(self, papers: tuple[str, ...]) -> None:
        since = self.fields["since"]
        super().ask_for(papers)
        if self.ground in lawful.COUNTED_FROM and self.member.standing != Standing.SUSPENDED:
            since.label, since.required = lawful.SINCE_WORDS[self.ground], True
            since.error_messages["required"] = f"请填写{since.label}。"
            since.help_text = self._hint(since.help_text)
            self.fields["since"] = since
            self.order_fields(self.field_order)
        if self.ground == Standing.DECEASED:
            self.fields["on"].label = "去世的日期"
            self.fields["document_no"].required, self.fields["document_no"].help_text = False, "没有的不填"
        if self.ground == Standing.TRANSFERRED:
            self.fields["on"].label, self.fields["document_no"].help_text = "转出的日期", "介绍信或者转接凭证的编号"

    def _hint(self, hint: str) -> str:
        if self.ground != SuspensionReason.LOST:
            return hint
        rules = lawful.rules_on(today(), self.member.org_path)
        return f"一般是{rules.text('suspend.lost.counted')}，{hint}"

    @property
    def decision(self) -> dict[str, object]:
        case = self.cleaned_data["case"]
        words = words_of(case).partition("：")[0]
        why = "：".join(part for part in (words, self.cleaned_data["reason"].strip()) if part)
        return super().decision | {"case": case, "reason": why}


class RestoreForm(ActForm):
    counted_from = DayField(label="党龄从哪一天算起", required=False, help_text="决定另有认定的才填，不填就按原来的接着算")
    ground = ReturnGround.RESTORED
    field_order = ("version", "on", "decided_by", "approved_by", "document_no", "counted_from", "reason")

    @property
    def decision(self) -> dict[str, object]:
        return super().decision | {"counted_from": self.cleaned_data["counted_from"]}


class ReadmitForm(ActForm):
    ground = ReturnGround.READMITTED

    def ask_for(self, papers: tuple[str, ...]) -> None:
        """The day of the meeting is the day of joining: asked for once."""
        super().ask_for(papers)
        self.fields["on"].label = "支部大会通过接收的日期"
        self.fields["document_no"].help_text = "上级党委批复的文号"
        del self.fields["meeting_on"]


class ComeBackForm(ActForm):
    converted_on = DayField(label="在外转正的日期", required=False, help_text="在外面转为正式党员的才填")
    ground = ReturnGround.CAME_BACK
    field_order = ("version", "on", "decided_by", "document_no", "converted_on", "reason")

    def known(self, member: Member) -> dict[str, object]:
        return {}

    def ask_for(self, papers: tuple[str, ...]) -> None:
        super().ask_for(papers)
        self.fields["on"].label, self.fields["decided_by"].label = "转回的日期", "从哪个党组织转来"
        self.fields["decided_by"].error_messages["required"] = "请填写从哪个党组织转来。"
        self.fields["document_no"].help_text = "介绍信或者转接凭证的编号"
        if self.member.converted_on or joined_without_probation(self.member.joined_on, on=today()):
            del self.fields["converted_on"]

    @property
    def decision(self) -> dict[str, object]:
        return super().decision | {"converted_on": self.cleaned_data.get("converted_on")}


class ConvertForm(ActForm):
    def ask_for(self, papers: tuple[str, ...]) -> None:
        super().ask_for(("approval",))
        self.fields["on"].label = "支部大会通过转正的日期"
        self.fields["document_no"].help_text = "上级党委批复的文号"
        self.fields["approved_by"].required = False
