"""What a change of standing will do, said before it is done: each room adds its line through core's registry."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.dates import today
from core.registry import registry
from members import standing_rules as lawful
from members.domain.corrections import CODE, KIND
from members.enums import ON_ROLL, STANDING_OF, LeaveReason, Standing
from members.models import Member
from members.rules import DISCIPLINE, DISPOSITION, PACK
from regulations.packs import Clause, pack
from workflow.queries import running_about


@dataclass(frozen=True)
class Consequence:
    label: str
    words: str
    clause: Clause | None = None


def of_leaving(member: Member, case: str) -> list[Consequence]:
    """Rights, number, dues, account, posts, matters under way, and the way back."""
    after = STANDING_OF[case]
    rules = pack(PACK, on=today(), at=member.org_path)
    counted = "从这一天起不再计入党员人数" if member.standing in ON_ROLL else "已经不计入党员人数"
    told = [
        Consequence("人数", f"{counted}；档案和经过都保留。"),
        Consequence("党员权利", "没有表决权、选举权和被选举权。", rules.clause("rights.roll")),
        Consequence("党费", DUES.get(after, "以后的月份不再核定，以前的账照实保留。")),
        Consequence("账号", _account(member, after)),
        *_of_others(member, after),
        *_cases(member),
        *_way_back(case, after),
    ]
    if case in lawful.PERSUASION:
        told.append(
            Consequence(
                "先核对", "已经受到党纪处分的，不因同一问题再作组织处置。", pack(DISPOSITION, on=today()).clause("not_twice")
            )
        )
    return told


DUES: dict[str, str] = {
    Standing.TRANSFERRED: "转出以后向新的党支部交纳，以前的账照实保留。",
    Standing.SUSPENDED: "停止党籍期间不再核定，以前的账照实保留。",
}


def _account(member: Member, after: str) -> str:
    user = member.user
    if user is None or not user.is_active:
        return "没有在用的党员账号。"
    if after == Standing.SUSPENDED:
        return "党员账号保留，本人仍能看自己的档案。"
    return "工作账号由管理员另行办理，这里不停用。" if user.is_officer else "党员账号同时停用，不能再登录。"


def _of_others(member: Member, after: str) -> Iterable[Consequence]:
    return [Consequence(label, words) for tell in registry.standing_consequences for label, words in tell(member, after)]


def _cases(member: Member) -> list[Consequence]:
    running = running_about(KIND, [member.uuid]).filter(procedure=CODE).count()
    return [Consequence("没办完的事", f"{running} 件在办的更正申请随之终止，本人看得到原因。")] if running else []


def _way_back(case: str, after: str) -> list[Consequence]:
    rules = pack(PACK, on=today())
    if case == LeaveReason.EXPELLED:
        clause = pack(DISCIPLINE, on=today()).clause("effect.expulsion.months")
        return [Consequence("以后", "不能恢复党籍，规定年限内不得重新入党。", clause)]
    back = {
        Standing.SUSPENDED: "符合条件的可以按程序恢复党籍。",
        Standing.TRANSFERRED: "以后转回本组织的，可以登记转回。",
        Standing.DECEASED: "登记后不能在这里撤回，请先核实。",
    }
    words = back.get(Standing(after), "原则上不能恢复党籍，可以重新入党。")
    return [
        Consequence(
            "以后", words, None if after in (Standing.TRANSFERRED, Standing.DECEASED) else rules.clause("restore.suspended_only")
        )
    ]


def of_return(member: Member, ground: str) -> list[Consequence]:
    """What comes back and what does not."""
    rules = pack(PACK, on=today(), at=member.org_path)
    told = [Consequence("人数", "从这一天起重新计入党员人数。")]
    if ground == "readmitted":
        told += [
            Consequence("党籍", "为预备党员，预备期从支部大会通过之日重新算起。", rules.clause("probation.months")),
            Consequence("党员权利", "预备党员没有表决权、选举权和被选举权。", rules.clause("rights.full_members_only")),
            Consequence("党龄", "转正后重新起算，以前的经过留在档案里。", rules.clause("party_age.from_conversion")),
        ]
    elif ground == "restored":
        told += [
            Consequence("党员权利", "恢复表决权、选举权和被选举权。", rules.clause("rights.full_members_only")),
            Consequence("党龄", "按批准恢复的决定计算。", rules.clause("restore.party_age")),
        ]
    else:
        told.append(Consequence("党籍", "回到转出时的党籍；在外转正的，按转正的日期。"))
    closed = member.user is not None and not member.user.is_active
    return [*told, Consequence("账号", "原来的党员账号不再启用，请另发启用码。" if closed else "党员账号照旧。"), LOST]


LOST = Consequence("任职", "以前的任职不会自动恢复，需要的凭文号另行任职。")


def of_conversion(member: Member) -> list[Consequence]:
    rules = pack(PACK, on=today(), at=member.org_path)
    return [
        Consequence("党籍", "为正式党员，人数不变。"),
        Consequence("党员权利", "从转正之日起有表决权、选举权和被选举权。", rules.clause("rights.full_members_only")),
        Consequence("党龄", "从转正之日算起。", rules.clause("party_age.from_conversion")),
    ]
