"""The shapes of what people type about a vote. Rules are asked of the domain; refusals come back to the fields."""

from django import forms

from accounts.models import User
from ballots.core.layouts import MARKS, Candidates, Layout, OneOfSeveral
from ballots.domain.polls import Bench, NewPoll
from ballots.enums import Mode
from ballots.models import Poll
from ballots.rules import MOST_TELLERS, shape
from orgs.enums import Capability
from orgs.models import Organization
from orgs.queries import organization_named, organizations_visible_to, written_as

KINDS = [("candidates", "选人：对每名候选人赞成、不赞成或弃权"), ("one_of_several", "表决：对每一项在几个选项里选一个")]
PLAIN_ANSWERS = "赞成\n不赞成\n弃权"
# fields that mean something under one choice only; a page with scripts shows them then
WHEN = {
    "seats": "kind:candidates",
    "roll": "kind:candidates",
    "answers": "kind:one_of_several",
    "slips": "mode:verifiable mode:both",
    "electors": "mode:verifiable mode:both",
    "revote": "mode:verifiable mode:both",
}
PEOPLE_HINT = "一行一人，先姓名后登录名，例如：韩秋生 hanqs"


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class LinesField(forms.CharField):
    """One entry a line; empty lines do not count."""

    def __init__(self, *, rows: int = 4, **options: object) -> None:
        super().__init__(max_length=20_000, widget=forms.Textarea(attrs={"rows": rows}), **options)

    def clean(self, value: object) -> list[str]:
        return lines(super().clean(value))


class PeopleField(LinesField):
    """Accounts by name and sign-in name. Whoever is not found is told the same whether there is such an account or not."""

    def clean(self, value: object) -> list[User]:
        found, unknown = [], []
        for line in super().clean(value):
            person = account_of(line)
            (found if person else unknown).append(person or line)
        if unknown:
            raise forms.ValidationError(f"没有找到，或姓名和登录名对不上：{'；'.join(unknown)}", code="unknown")
        return found


def account_of(line: str) -> User | None:
    full_name, _, username = line.replace("\u3000", " ").rpartition(" ")
    people = User.objects.filter(username=username.strip().lower(), full_name=full_name.strip(), is_active=True, administrator="")
    return people.first()


class PollForm(forms.Form):
    """What is voted on and how. Few fields: what is left empty has the plain meaning."""

    title = forms.CharField(label="题目", max_length=120, help_text="例如：支部委员会换届选举")
    organization = forms.CharField(label="组织", max_length=200, help_text="输入名称，从提示里选")
    kind = forms.ChoiceField(label="选什么", choices=KINDS, initial="candidates", widget=forms.RadioSelect)
    names = LinesField(label="候选人或表决项", rows=6, help_text="一行一个，按姓氏笔画或会议定的顺序")
    seats = forms.IntegerField(label="应选名额", min_value=1, max_value=99, required=False, help_text="选人时必填")
    roll = LinesField(label="可以另选的人", required=False, help_text="选人时填，一行一个；不填就不能另选他人")
    answers = LinesField(
        label="选项", required=False, rows=3, initial=PLAIN_ANSWERS, help_text="表决时用，一行一个；评议可写优秀、合格……"
    )
    mode = forms.ChoiceField(label="怎样投", choices=Mode, initial=Mode.PAPER, widget=forms.RadioSelect)
    slips = forms.IntegerField(
        label="印多少张凭条", min_value=0, max_value=5000, required=False, help_text="电子投票时填；到会每人抽一张，多印几张备用"
    )
    electors = PeopleField(label="用自己账号投票的人", required=False, help_text=f"电子投票时可填。{PEOPLE_HINT}")
    revote = forms.BooleanField(label="截止前可以改投，以最后一次为准（选举办法允许时才勾）", required=False)
    description = forms.CharField(label="说明", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, user: User, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.among = organizations_visible_to(user, Capability.RUN_BALLOTS)
        self.fields["organization"].suggest_url = True
        for name, when in WHEN.items():
            self.fields[name].when = when

    def clean_organization(self) -> Organization:
        found = organization_named(self.cleaned_data["organization"], self.among)
        if found is None:
            raise forms.ValidationError("没有找到这个组织，或不在您的管理范围内。请从提示里选。", code="unknown")
        return found

    def clean(self) -> dict[str, object]:
        data = super().clean()
        if data.get("kind") == "candidates" and not data.get("seats") and "seats" not in self.errors:
            self.add_error("seats", "选人要写应选名额。")
        return data

    def layout(self) -> Layout:
        data = self.cleaned_data
        if data["kind"] == "candidates":
            return Candidates(tuple(data["names"]), data["seats"], tuple(data["roll"]))
        return OneOfSeveral(tuple(data["names"]), tuple(data["answers"] or lines(PLAIN_ANSWERS)))

    def new(self) -> NewPoll:
        """On paper nothing is printed for phones and nobody takes a token, whatever was typed before paper was chosen."""
        data = self.cleaned_data
        plain = {name: data[name] for name in ("title", "mode", "description")}
        if data["mode"] == Mode.PAPER:
            return NewPoll(layout=self.layout(), **plain)
        return NewPoll(layout=self.layout(), slips=data["slips"] or 0, electors=data["electors"], revote=data["revote"], **plain)


def written_poll(poll: Poll) -> dict[str, object]:
    """A draft as its form shows it."""
    layout = poll.layout
    chosen = isinstance(layout, Candidates)
    return {
        "title": poll.title,
        "organization": written_as(poll.organization),
        "kind": layout.kind,
        "names": "\n".join(layout.candidates if chosen else layout.subjects),
        "seats": layout.seats if chosen else None,
        "roll": "\n".join(layout.roll) if chosen else "",
        "answers": PLAIN_ANSWERS if chosen else "\n".join(layout.answers),
        "mode": poll.mode,
        "slips": poll.slips or None,
        "electors": "\n".join(f"{e.user.full_name} {e.user.username}" for e in poll.electors.select_related("user")),
        "revote": poll.revote,
        "description": poll.description,
    }


class BenchForm(forms.Form):
    tellers = PeopleField(label="监票人", rows=3, help_text=f"{PEOPLE_HINT}。至少两人，通常三人")
    threshold = forms.IntegerField(
        label="几名监票人到齐就能开箱", min_value=2, max_value=MOST_TELLERS, initial=2, help_text="三人取二：有一人到不了也能开箱"
    )
    registrar = PeopleField(
        label="凭条登记人", rows=1, required=False, help_text=f"负责打印凭条，不能是组织者或监票人。{PEOPLE_HINT}"
    )

    def __init__(self, poll: Poll, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        if not poll.slips:
            del self.fields["registrar"]
        if not poll.electronic:
            self.fields["threshold"].widget = forms.HiddenInput()

    def bench(self) -> Bench:
        data = self.cleaned_data
        return Bench(data["tellers"], data["threshold"], next(iter(data.get("registrar") or []), None))


class ReasonForm(forms.Form):
    reason = forms.CharField(label="原因", max_length=200)


class ReplaceForm(ReasonForm):
    number = forms.TypedChoiceField(label="换下谁", coerce=int)
    user = PeopleField(label="换上谁", rows=1, help_text=PEOPLE_HINT)
    field_order = ("number", "user", "reason")

    def __init__(self, poll: Poll, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.fields["number"].choices = [(t.number, t.user.full_name) for t in poll.tellers.select_related("user")]

    def clean_user(self) -> User:
        found = self.cleaned_data["user"]
        if len(found) != 1:
            raise forms.ValidationError("请写一个人。", code="one")
        return found[0]


class CloseForm(forms.Form):
    slips_given = forms.IntegerField(label="发出了多少张凭条", min_value=0, help_text="和监票人一起点清：印的减去剩下的")

    def __init__(self, poll: Poll, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        if not poll.slips:
            del self.fields["slips_given"]


class CountForm(forms.Form):
    """One teller's figures of the paper ballots: a number for every cell of the counting sheet."""

    issued = forms.IntegerField(label="发出票数", min_value=0, max_value=99_999)
    returned = forms.IntegerField(label="收回票数", min_value=0, max_value=99_999)
    void = forms.IntegerField(label="无效票数", min_value=0, max_value=99_999)
    written = LinesField(label="另选他人", required=False, help_text="一行一人：姓名 空格 票数，例如：赵启明 2")

    def __init__(self, poll: Poll, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.rows, self.columns = shape(poll.layout)
        for i in range(self.rows):
            for j in range(self.columns):
                self.fields[f"m{i}_{j}"] = forms.IntegerField(label=cell_name(poll, i, j), min_value=0, max_value=99_999)
        if poll.layout.kind != "candidates":
            del self.fields["written"]

    def clean_written(self) -> dict[str, int]:
        votes: dict[str, int] = {}
        for line in self.cleaned_data["written"]:
            name, _, number = line.replace("\u3000", " ").rpartition(" ")
            if not name.strip() or not number.isascii() or not number.isdigit():
                raise forms.ValidationError(f"看不懂“{line}”，请写作：姓名 票数。", code="shape")
            votes[name.strip()] = votes.get(name.strip(), 0) + int(number)
        return votes

    def figures(self) -> dict[str, object]:
        data = self.cleaned_data
        marks = [[data[f"m{i}_{j}"] for j in range(self.columns)] for i in range(self.rows)]
        return {**{n: data[n] for n in ("issued", "returned", "void")}, "marks": marks, "written": data.get("written", {})}


def answers_of(poll: Poll) -> tuple[str, ...]:
    return tuple(MARKS.values()) if isinstance(poll.layout, Candidates) else poll.layout.answers


def subjects_of(poll: Poll) -> tuple[str, ...]:
    return poll.layout.candidates if isinstance(poll.layout, Candidates) else poll.layout.subjects


def cell_name(poll: Poll, row: int, column: int) -> str:
    return f"{subjects_of(poll)[row]}·{answers_of(poll)[column]}"


def field_name(poll: Poll, field: str) -> str:
    """A field of the counting sheet in words: `marks.0.2` is the first candidate's 弃权."""
    plain = {"issued": "发出票数", "returned": "收回票数", "void": "无效票数", "written": "另选他人", "marks": "各行数字"}
    kind, _, rest = field.partition(".")
    if kind == "marks" and rest.count(".") == 1:
        return cell_name(poll, *map(int, rest.split(".")))
    if kind == "marks" and rest:
        return subjects_of(poll)[int(rest)]
    return f"另选·{rest}" if kind == "written" and rest else plain[kind]
