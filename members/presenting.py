"""The facts of a file as a page shows them: label, value, when last checked, what is masked."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from core.dates import parse_cn, today
from core.identity import mask_id, mask_phone
from members.enums import GROUNDS, ON_ROLL, CountedGround, Standing
from members.history import mask_address
from members.models import Member, Movement, StandingDecision
from members.rights_queries import rights_on
from members.row_rules import LABELS
from members.rules import Rights, counting_clause, party_age, probation_ends_on
from members.standing_rules import clause_of
from regulations.codes import table
from regulations.packs import Clause, pack

# What the collection form asks of everybody, for “还缺”; dates of conversion and the like depend on the person.
ASKED = ("nation", "education", "job", "phone", "address")


@dataclass(frozen=True)
class Fact:
    """`field` names what a reveal shows; empty where nothing is masked."""

    label: str
    value: str = ""
    checked: str = ""
    field: str = ""
    tag: str = ""
    clause: Clause | None = None


@dataclass(frozen=True)
class PartyFacts:
    """Standing, years and rights on a day."""

    on: date
    is_today: bool
    standing: str
    years: int | None
    ground: str
    ground_clause: Clause | None
    rights: Rights


def day(value: date | None) -> str:
    return f"{value.year}年{value.month}月{value.day}日" if value else ""


def month(value: date | None) -> str:
    return f"{value.year}年{value.month}月" if value else ""


def day_asked(text: str) -> date:
    """The day a page is asked for; today for nonsense, for the future and for no day."""
    try:
        return min(parse_cn(text), today())
    except ValueError:
        return today()


def particulars(member: Member) -> list[Fact]:
    """个人: what the person is, apart from the party."""
    label = {field: table(field).label(getattr(member, field)) for field in ("nation", "education", "job")}
    study = "·".join(part for part in (member.school, member.major, member.degree) if part)
    facts = [
        _fact(member, "name", member.name),
        _fact(member, "sex", "男" if member.sex == "1" else "女"),
        _fact(member, "nation", label["nation"]),
        _masked(member, "id_number", mask_id(member.id_number)),
        _masked(member, "birth_date", month(member.birth_date)),
        _masked(member, "phone", mask_phone(member.phone)),
        _masked(member, "landline", mask_phone(member.landline)),
        _masked(member, "address", mask_address(member.address)),
        _fact(member, "native_place", member.native_place),
        _fact(member, "education", label["education"]),
        Fact("毕业院校及专业、学位", study, _checked(member, "school")),
        _fact(member, "job", label["job"]),
        _fact(member, "worked_from", month(member.worked_from)),
    ]
    return [f for f in facts if f.value or f.label not in ("固定电话", "毕业院校及专业、学位", "参加工作日期", "籍贯")]


def usual_check(shown: list[Fact]) -> str:
    """The day on which most of the facts were last checked: written once, only the others are marked."""
    days = Counter(fact.checked for fact in shown if fact.checked)
    return days.most_common(1)[0][0] if days else ""


WITHHELD = "现在不行使党员权利（原因按规定不在这里显示）"


def party(member: Member, shown: PartyFacts, *, tells: bool = True) -> list[Fact]:
    """党内: dates, years with their ground, and rights, as of the day asked for. Unless it `tells`, no sanction is named."""
    years = "" if shown.years is None else f"{shown.years} 年"
    silent = shown.rights.private and not tells
    held = "有表决权、选举权、被选举权" if shown.rights.held else WITHHELD if silent else shown.rights.reason
    facts = [
        _fact(member, "joined_on", day(member.joined_on)),
        _fact(member, "converted_on", day(member.converted_on) or _no_conversion(member)),
        Fact("党籍", shown.standing),
        Fact("党龄", years or "尚未起算", clause=shown.ground_clause),
        Fact("党龄起算", f"{day(member.counted_from)}·{shown.ground}" if member.counted_from else ""),
        Fact("党员权利", held, clause=None if silent else shown.rights.clause),
        Fact("流动情况", _floating(member), _checked(member, "is_floating")),
    ]
    if member.lost_on:
        facts.append(_fact(member, "lost_on", day(member.lost_on), "失去联系"))
    if member.left_on:
        facts.append(Fact("离开日期", day(member.left_on), clause=_ground_clause(member)))
    if member.left_ground:
        facts.append(Fact("离开的情形", GROUNDS.get(member.left_ground, "")))
    return facts


def _ground_clause(member: Member) -> Clause | None:
    if not member.left_ground or member.left_on is None:
        return None
    return clause_of(member.left_ground, on=member.left_on, at=member.org_path)


@dataclass(frozen=True)
class Move:
    """A step on or off the roll, or a decision that moved nothing: its day, its papers in words, who wrote it down."""

    title: str
    on: date
    lines: tuple[str, ...]


def moves_of(member: Member) -> list[Move]:
    """Movements and decisions as one story, the latest first. Two queries."""
    decisions = list(member.decisions.all())
    known = {d.movement_id for d in decisions}
    rest = [m for m in member.movements.all() if m.pk not in known]
    told = [(d.decided_on, d.recorded_at, _of_decision(d)) for d in decisions]
    told += [(m.happened_on, m.recorded_at, _of_movement(m)) for m in rest]
    return [move for _, _, move in sorted(told, key=lambda one: one[:2], reverse=True)]


def _of_movement(move: Movement) -> Move:
    first = "·".join(part for part in (day(move.happened_on), move.document_no, f"{move.actor_name}经办") if part)
    why = move.reason if move.reason != move.get_kind_display() else ""
    return Move(move.get_kind_display(), move.happened_on, tuple(line for line in (first, why) if line))


def _of_decision(made: StandingDecision) -> Move:
    ground, after = GROUNDS.get(made.ground, made.ground), made.get_after_display()
    gone = made.after not in ON_ROLL and ground not in after
    first = "·".join(part for part in (day(made.decided_on), made.document_no, f"{made.actor_name}经办") if part)
    papers = [
        f"{made.decided_by}决定" if made.decided_by else "",
        f"{day(made.meeting_on)}支部大会" if made.meeting_on else "",
        f"报{made.approved_by}" if made.approved_by else "",
        f"从{day(made.since_on)}起算" if made.since_on else "",
    ]
    former = f"原入党日期{day(made.was_joined_on)}" if made.was_joined_on else ""
    before = f"，原转正日期{day(made.was_converted_on)}" if made.was_converted_on else ""
    head, _, rest = made.reason.partition("：")
    why = rest if ground in head else made.reason  # the ground stands in the heading
    lines = (first, "，".join(p for p in papers if p), former + before, why)
    return Move(f"{after}（{ground}）" if gone else ground, made.decided_on, tuple(line for line in lines if line))


def party_facts(member: Member, on: date) -> PartyFacts:
    then = rights_on(member, on)
    counted = member.counted_from if member.counted_from and member.counted_from <= on else None
    return PartyFacts(
        on=on,
        is_today=on == today(),
        standing=Standing(then.standing).label if then.standing else then.vote.reason.rstrip("。"),
        years=party_age(counted, on) if counted else None,
        ground=CountedGround(member.counted_ground).label if member.counted_ground else "",
        ground_clause=counting_clause(member.counted_ground, on=on) if member.counted_ground else None,
        rights=then.vote,
    )


def missing(member: Member) -> list[str]:
    """What the collection form asks for and the file does not have."""
    gaps = [LABELS[field] for field in ASKED if not getattr(member, field)]
    if not member.id_number and not member.id_unverified:
        gaps.insert(0, LABELS["id_number"])
    return gaps


def probation_note(member: Member) -> tuple[date, Clause] | None:
    """The day on which probation ends, for those still in it."""
    if member.standing != Standing.PROBATIONARY:
        return None
    return probation_ends_on(member.joined_on, on=today()), pack("membership", on=today()).clause("probation.months")


def on_roll(member: Member) -> bool:
    return member.standing in ON_ROLL


def _no_conversion(member: Member) -> str:
    """Why there is no day of conversion, where there need not be one."""
    if member.standing == Standing.PROBATIONARY:
        return "尚在预备期"
    return "当时不设预备期" if member.counted_ground == CountedGround.NO_PROBATION else ""


def _floating(member: Member) -> str:
    return f"外出流动：{member.floating_to or '流向未登记'}" if member.is_floating else "否"


def _fact(member: Member, field: str, value: str, tag: str = "") -> Fact:
    return Fact(LABELS[field], value, _checked(member, field), tag=tag)


def _masked(member: Member, field: str, shown: str) -> Fact:
    tag = "待核" if field == "id_number" and member.id_unverified else ""
    return Fact(LABELS[field], shown, _checked(member, field), field=field if shown else "", tag=tag)


def _checked(member: Member, field: str) -> str:
    """When this was last checked, as a day in words."""
    try:
        return day(date.fromisoformat(member.checked.get(field, "")))
    except ValueError:
        return ""
