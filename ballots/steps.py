"""The way of a vote for who organises it: where it stands, what is lacking, and the one act that is next."""

from dataclasses import dataclass, field

from django.urls import reverse

from accounts.models import User
from ballots.core.layouts import Candidates
from ballots.domain import ceremony
from ballots.domain.counting import agreed_figures, tokens_issued
from ballots.enums import EventKind, Phase, Step
from ballots.forms import answers_of, subjects_of
from ballots.models import PaperCount, Poll, Registration, Teller

WAY: list[tuple[str, str]] = [
    (Phase.DRAFT, "起草"),
    (Phase.CEREMONY, "做钥匙、印凭条"),
    (Phase.READY, "封定、试开箱"),
    (Phase.OPEN, "投票"),
    (Phase.CLOSED, "开箱计票"),
    (Phase.TALLIED, "宣布结果"),
    (Phase.DONE, "销毁钥匙"),
]


def way(poll: Poll) -> list[tuple[str, str]]:
    """(label, done | now | todo) for every step this vote has."""
    steps = [s for s in WAY if poll.electronic or s[0] not in (Phase.CEREMONY,)]
    if not poll.electronic:
        steps = [(p, "印选票" if p == Phase.READY else "清点" if p == Phase.CLOSED else label) for p, label in steps][:-1]
    phases = [phase for phase, _ in steps]
    here = phases.index(poll.phase) if poll.phase in phases else len(phases)
    return [(label, "done" if i < here else "now" if i == here else "todo") for i, (_, label) in enumerate(steps)]


@dataclass(frozen=True)
class Act:
    """What is next: `url` and `label` of its button, or none while `lacking` says what others have to do before."""

    says: str
    label: str = ""
    url: str = ""
    posts: bool = False
    confirm: str = ""
    lacking: list[str] = field(default_factory=list)


def next_act(poll: Poll, user: User) -> Act:
    if poll.registrar_id == user.pk or poll.tellers.filter(user=user).exists():
        return Act("您是这次投票的监票人或凭条登记人，组织工作由另一位同志办。")
    return _ACTS[Phase(poll.phase)](poll)


def _to(poll: Poll, name: str) -> str:
    return reverse(f"ballots:{name}", args=[poll.uuid])


def _draft(poll: Poll) -> Act:
    return Act("题目和票样都对了，就定监票人。", "定监票人", _to(poll, "convene"))


def _ceremony(poll: Poll) -> Act:
    lacking = [f"监票人{t.user.full_name}做钥匙" for t in _behind(poll, Step.CONFIRM)]
    registered = Registration.objects.filter(poll=poll, by_slip=True).count()
    if poll.roll_size is None and poll.slips and registered != poll.slips:
        lacking.append(f"凭条登记人{poll.registrar.full_name}生成 {poll.slips} 张凭条")  # type: ignore[union-attr]
    if lacking:
        return Act("请他们登录，在“我的投票”里办。办完刷新这一页。", lacking=lacking)
    says = "钥匙做好了，凭条登记好了。" if poll.slips else "钥匙做好了。"
    confirm = "封定以后，选票、名册都不能再改，也不能再取投票资格。"
    return Act(f"{says}封定选票和名册，生成公布的指纹。", "封定", _to(poll, "freeze"), posts=True, confirm=confirm)


def _ready(poll: Poll) -> Act:
    if poll.electronic:
        lacking = [f"监票人{t.user.full_name}试开箱" for t in _behind(poll, Step.REHEARSE)]
        if lacking:
            return Act("每名监票人用试投票试一次开箱，都成功了才能开始。", lacking=lacking)
        says = "试开箱都成功了。宣读指纹，宣布投票开始。"
    else:
        says = "印好选票，点清张数，宣布投票开始。"
    return Act(says, "开始投票", _to(poll, "open"), posts=True, confirm="开始以后，监票人不能再换，选票不能再改。")


def _open(poll: Poll) -> Act:
    return Act("正在投票。都投完了就截止。", "截止投票", _to(poll, "close"))


def _closed(poll: Poll) -> Act:
    lacking = []
    if poll.electronic:
        parts = poll.events.filter(kind=EventKind.PARTIAL).count()
        if parts < poll.threshold:
            lacking.append(f"监票人开箱，还差 {poll.threshold - parts} 人")
    if poll.on_paper and agreed_figures(poll) is None:
        entries = PaperCount.objects.filter(poll=poll).count()
        lacking.append(
            "两份纸质票清点数对不上，请两名监票人重点一遍" if entries == 2 else f"纸质票清点，还差 {2 - entries} 名监票人"
        )
    return Act("投票已截止，由监票人计票。", lacking=lacking)


def _tallied(poll: Poll) -> Act:
    confirm = "结果将登在公告页。请先由监票人在会场报告。"
    return Act("计票完成。监票人在会场报告以后，登出结果。", "宣布结果", _to(poll, "announce"), posts=True, confirm=confirm)


def _done(poll: Poll) -> Act:
    left = [f"监票人{t.user.full_name}销毁自己的一份" for t in _behind(poll, Step.DESTROY)] if poll.electronic else []
    return Act("结果已宣布。打印计票单，由监票人签字归档。", "打印计票单", _to(poll, "sheet"), lacking=left)


def _abandoned(poll: Poll) -> Act:
    return Act(f"已中止：{poll.ended_why}")


_ACTS = {
    Phase.DRAFT: _draft,
    Phase.CEREMONY: _ceremony,
    Phase.READY: _ready,
    Phase.OPEN: _open,
    Phase.CLOSED: _closed,
    Phase.TALLIED: _tallied,
    Phase.DONE: _done,
    Phase.ABANDONED: _abandoned,
}


def _behind(poll: Poll, step: str) -> list[Teller]:
    return [t for t in poll.tellers.select_related("user") if not ceremony.reached(t, step)]


def figures(poll: Poll) -> list[tuple[str, int]]:
    """The numbers the organiser may know now; no distribution before the announcement."""
    found = [("凭条", poll.slips)] if poll.slips else []
    electors = poll.electors.count()
    if electors:
        found += [("可用账号投票", electors), ("已取投票资格", tokens_issued(poll))]
    if poll.roll_size is not None:
        found.append(("名册", poll.roll_size))
    if poll.slips_given is not None:
        found.append(("发出凭条", poll.slips_given))
    if poll.electronic and poll.is_frozen and poll.phase != Phase.READY:
        found.append(("箱内", poll.events.filter(kind=EventKind.BALLOT, turn=0).count()))
    return found


@dataclass(frozen=True)
class Paper:
    """The printed ballot."""

    names: tuple[str, ...]
    answers: tuple[str, ...]
    blanks: range
    rule: str


def paper_of(poll: Poll) -> Paper:
    layout = poll.layout
    if isinstance(layout, Candidates):
        how = "赞成的画在“赞成”栏，不赞成的画在“不赞成”栏，弃权的画在“弃权”栏，都画“○”；不赞成的，可以另选他人。"
        how = "赞成的画在“赞成”栏，不赞成的画在“不赞成”栏，弃权的画在“弃权”栏，都画“○”；不赞成的，可以另选他人。"
        rule = f"应选 {layout.seats} 名。{how}赞成和另选合计不超过 {layout.seats} 名的为有效票，超过的为无效票。"
        return Paper(layout.candidates, answers_of(poll), range(layout.seats), rule)
    return Paper(subjects_of(poll), answers_of(poll), range(0), "每一项只在一个选项下画“○”；多画的，该项无效。")
