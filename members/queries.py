"""Reads of the roll. A list is one scope, one order (pinyin, then id), one page by cursor; never an OFFSET."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, CharField, DateField, Exists, F, Func, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.rules import MOST_MEANT
from core import crypto, identity, names, paths
from core.access import Range, Scope, scope
from core.dates import add_months, today
from members.enums import ON_ROLL, RecordState, Standing
from members.models import AbroadStay, FieldCheck, Member, Rectification
from members.rights_queries import members_of as members_of
from members.rights_queries import rights_on as rights_on
from members.rights_queries import voters_of as voters_of
from members.rights_queries import with_rights as with_rights
from members.rules import PACK, counted_by
from orgs.enums import Capability
from regulations.codes import table
from regulations.packs import pack

PAGE = 50
COUNT_LIMIT = 10_000
NUMBER_DIGITS = 4  # the shortest part of a number worth hiding: the tail that masks leave
LEVELS = {2: "level2", 3: "level3", 4: "level4"}
# A small place is read whole and sorted: an order that no index has keeps the planner, who cannot know how few rows each of many
# places has, from walking everybody by name.
BELOW, SORTED = ">= r.path AND members_member.org_path < r.path || '~'", "members_member.name_sort || ''"
# columns a row of a list has no use for: half of the bytes, and half of the time, of a page
UNLISTED = (
    "tokens", "id_blind", "phone_blind", "landline_sealed", "address_sealed", "checked", "native_place", "worked_from", "school",
    "major", "degree", "floating_to", "counted_ground", "left_on", "level2", "level3", "level4", "created_at", "updated_at",
)  # fmt: skip


def own_member(user: User) -> Member | None:
    """The file of the person who is signed in."""
    return Member.objects.select_related("organization").filter(user=user).first()


def merged_into(member: Member) -> list[UUID]:
    """The registrations that became this file: what was written down about them is about this person."""
    return list(Member.ever.filter(merged_into=member).values_list("uuid", flat=True))


def file_that_stays(uuid: UUID) -> UUID | None:
    """The file that a merged registration became, for who follows an old link."""
    return Member.ever.filter(uuid=uuid, merged_into__isnull=False).values_list("merged_into__uuid", flat=True).first()


def members_visible_to(user: User, capability: str = Capability.VIEW_MEMBERS) -> QuerySet[Member]:
    return scope(user, capability).filter(Member.objects.all(), Member.access_path)


@dataclass(frozen=True)
class Filter:
    """What a list is narrowed to, as its address says it. Empty means any; `standing` empty means on the roll."""

    q: str = ""
    sex: str = ""
    edu: str = ""
    age: str = ""
    years: str = ""
    category: str = ""
    nation: str = ""
    job: str = ""
    lost: str = ""
    floating: str = ""
    standing: str = ""
    joined: str = ""  # month of joining, 1 to 12: 政治生日
    unverified: str = ""
    no_phone: str = ""

    def without(self, name: str) -> "Filter":
        return replace(self, **{name: ""})

    def with_(self, name: str, value: str) -> "Filter":
        return replace(self, **{name: value})


@dataclass(frozen=True)
class Page:
    """Fifty rows at most, and the uuid of the last one when more follow. Rows are members, or the columns asked for."""

    rows: list[Any] = field(default_factory=list)
    next_after: UUID | None = None


def page_of(
    narrowed: Scope, chosen: Filter, *, after: UUID | None = None, size: int = PAGE, on: date | None = None,
    columns: Sequence[str] = (),
) -> Page:  # fmt: skip
    """One page of the members in `narrowed`, in order of name. `after` is the last row of the page before.

    A search shows those whose name begins with the words first, then those who have them further on. With `columns` (uuid among
    them) the rows are plain tuples of these, named: half the time for who needs no more.
    """
    if narrowed.is_empty:
        return Page()
    listed = Member.objects.values_list(*columns, named=True) if columns else Member.objects.defer(*UNLISTED)
    wanted = matching(listed, chosen, on=on or today())
    last, found = _place_of(narrowed, after), []
    for stretch in _stretches(chosen.q):
        if last is not None and stretch.is_before(last[0]):
            continue
        rest = wanted.filter(stretch.condition)
        if last is not None and stretch.holds(last[0]):
            rest = rest.filter(_beyond(*last))
        found += _first(rest, narrowed, size + 1 - len(found), listed)
        if len(found) > size:
            break
    return Page(found[:size], found[size - 1].uuid if len(found) > size else None)


def _first(rows: QuerySet[Member], narrowed: Scope, count: int, listed: QuerySet[Member]) -> list[Any]:
    """The first `count` of `rows` by name inside the scope: of every range its first, then the first of all."""
    if len(narrowed.ranges) == 1:
        rows = standing_in(rows, narrowed.ranges[0])
    elif any(r.holes for r in narrowed.ranges):
        rows = narrowed.filter(rows, Member.access_path)
    else:
        rows = listed.filter(_first_of_each(rows, narrowed, count))
    return list(rows.order_by("name_sort", "id")[:count])


def _first_of_each(rows: QuerySet[Member], narrowed: Scope, count: int) -> RawSQL:
    """Being one of the first `count` over many ranges, each read by its own index; an array, so that it is worked out once."""
    wanted, params = rows.order_by().values("id", "name_sort").query.sql_with_params()
    by_level: dict[str, list[str]] = {}
    for path in narrowed.tops:
        by_level.setdefault(LEVELS.get(paths.depth(path), Member.access_path), []).append(path)
    parts, values = [], []
    for column, tops in by_level.items():
        place, order = ("= r.path", "name_sort") if column != Member.access_path else (BELOW, SORTED)
        parts.append(
            f"""SELECT p.* FROM (SELECT path COLLATE "C" AS path FROM unnest(%s::text[]) path) r,
            LATERAL ({wanted} AND members_member.{column} {place} ORDER BY {order}, id LIMIT %s) p"""  # noqa: S608 - columns of ours
        )
        values += [tops, *params, count]
    first = f"SELECT p.id FROM ({' UNION ALL '.join(parts)}) p ORDER BY p.name_sort, p.id LIMIT %s"  # noqa: S608 - columns of ours
    return RawSQL(f"members_member.id = ANY (ARRAY({first}))", [*values, count], BooleanField())  # noqa: S611


@dataclass(frozen=True)
class Stretch:
    """A part of the list with an order by name of its own: names that begin with `prefix`, or (`inside` False) the others."""

    prefix: str = ""
    inside: bool = True

    @property
    def condition(self) -> Q:
        within = Q(name_sort__gte=self.prefix, name_sort__lt=paths.upper(self.prefix)) if self.prefix else Q()
        if self.inside:
            return within
        return Q(name_sort__lt=self.prefix) | Q(name_sort__gte=paths.upper(self.prefix))

    def holds(self, name_sort: str) -> bool:
        return name_sort.startswith(self.prefix) == self.inside

    def is_before(self, name_sort: str) -> bool:
        """The whole stretch lies before a row with this name."""
        return self.inside and not self.holds(name_sort)


def _stretches(q: str) -> list[Stretch]:
    """Where to look in turn. Walking all names for those with a common surname would read to the surname's place first."""
    prefix = names.sort_key(q) if q else ""
    return [Stretch(prefix), Stretch(prefix, inside=False)] if prefix else [Stretch()]


def count_of(narrowed: Scope, chosen: Filter, *, on: date | None = None) -> tuple[int, bool]:
    """How many rows the list has, counted to COUNT_LIMIT at most; the flag says that there are more."""
    if narrowed.is_empty:
        return 0, False
    rows = narrowed.filter(matching(Member.objects.all(), chosen, on=on or today()), Member.access_path)
    found = rows.order_by().values("pk")[: COUNT_LIMIT + 1].count()
    return min(found, COUNT_LIMIT), found > COUNT_LIMIT


def standing_in(queryset: QuerySet[Member], r: Range) -> QuerySet[Member]:
    """Narrow to one range: by the stored level column where the range is a whole level (its index is in list order)."""
    level = LEVELS.get(paths.depth(r.path))
    if level:
        queryset = queryset.filter(**{level: r.path})
    elif paths.depth(r.path) > 1:
        queryset = queryset.filter(org_path__gte=r.path, org_path__lt=paths.upper(r.path))
    for hole in r.holes:
        queryset = queryset.exclude(org_path__gte=hole, org_path__lt=paths.upper(hole))
    return queryset


def matching(queryset: QuerySet[Member], chosen: Filter, *, on: date) -> QuerySet[Member]:
    """The filters of a list. Ages and years in the party are those of `on`."""
    queryset = queryset.filter(standing=chosen.standing) if chosen.standing else queryset.filter(standing__in=ON_ROLL)
    if chosen.q:
        queryset = queryset.filter(tokens__contains=names.query_tokens(chosen.q))
    for name in ("sex", "job"):
        if value := getattr(chosen, name):
            queryset = queryset.filter(**{name: value})
    if chosen.category:
        queryset = queryset.filter(standing=chosen.category)
    if chosen.edu:
        queryset = queryset.filter(education__in=table("education").codes_in(chosen.edu))
    if chosen.joined.isdecimal():
        queryset = queryset.filter(joined_on__month=int(chosen.joined))
    if chosen.nation == "minority":
        queryset = queryset.exclude(nation__in=["01", ""])
    return _by_flags(_by_bands(queryset, chosen, on), chosen)


def _by_flags(queryset: QuerySet[Member], chosen: Filter) -> QuerySet[Member]:
    if chosen.lost:
        queryset = queryset.filter(lost_on__isnull=False)
    if chosen.floating:
        queryset = queryset.filter(is_floating=True)
    if chosen.unverified:
        queryset = queryset.exclude(id_unverified="")
    if chosen.no_phone:
        queryset = queryset.filter(phone_blind__isnull=True)
    return queryset


def _by_bands(queryset: QuerySet[Member], chosen: Filter, on: date) -> QuerySet[Member]:
    for code, key, column in ((chosen.age, "age.dashboard", "birth_date"), (chosen.years, "party_age.dashboard", "counted_from")):
        band = next((b for b in pack("statistics", on=on).bands(key) if b.code == code), None) if code else None
        if band:
            queryset = queryset.filter(between_years(column, band.low, band.high, on))
    return queryset


def between_years(column: str, low: int | None, high: int | None, on: date) -> Q:
    """Between `low` and `high` full years old on `on`, both included, judged by month as the figures are."""
    first = date(on.year, on.month, 1)
    condition = Q()
    if low:
        condition &= Q(**{f"{column}__lt": add_months(first, 1 - 12 * low)})
    if high is not None:
        condition &= Q(**{f"{column}__gte": add_months(first, 1 - 12 * (high + 1))})
    return condition


def _place_of(narrowed: Scope, after: UUID | None) -> tuple[str, int] | None:
    """Where the row `after` stands in the order, if it is in the scope."""
    if after is None:
        return None
    known = narrowed.filter(Member.objects.filter(uuid=after), Member.access_path)
    return known.values_list("name_sort", "id").first()


def _beyond(name_sort: str, number: int) -> Q:
    return Q(name_sort__gte=name_sort) & (Q(name_sort__gt=name_sort) | Q(id__gt=number))


def is_number(text: str) -> bool:
    """Whether somebody typed (part of) an ID number or a phone: names hold no row of digits. Such text stays out of addresses."""
    return sum(sign.isdigit() for sign in text) >= NUMBER_DIGITS


def by_number(narrowed: Scope, text: str) -> Member | None:
    """The member with this ID number or phone inside the scope, found by blind index. The number goes nowhere else."""
    for normalised, column, name in (
        (identity.normalise_id(text), "id_blind", "id_number"),
        (identity.normalise_phone(text), "phone_blind", "phone"),
    ):
        if normalised:
            known = Member.objects.filter(**{f"{column}__in": crypto.blinds(normalised, name)})
            if found := narrowed.filter(known, Member.access_path).order_by("id").first():
                return found
    return None


def logins_by_number(text: str) -> list[User]:
    """The logins of members with this ID number or phone: lets people sign in with what they remember.

    Those held for checking are among them, behind the others: the password says who it is. Asks the same questions whether
    or not there is an answer, so that a stranger learns nothing from the time.
    """
    either = Q(pk__in=[])
    if number := identity.normalise_id(text):
        either |= Q(id_blind__in=crypto.blinds(number, "id_number"))
    if phone := identity.normalise_phone(text):
        either |= Q(phone_blind__in=crypto.blinds(phone, "phone"))
    found = User.objects.filter(member__in=Member.objects.filter(either))
    return list(found.order_by("member__contested", "member__id")[:MOST_MEANT])


def contested_below(user: User) -> QuerySet[Member]:
    """Persons held for checking whose other registration the checker may see too: the nearest common superior's queue."""
    reach = scope(user, Capability.CHECK_IDENTITIES)
    first = reach.filter(Member.objects.filter(contested=False, id_blind=OuterRef("id_blind")), Member.access_path)
    held = reach.filter(Member.objects.filter(Exists(first), contested=True), Member.access_path)
    return held.select_related("organization").order_by("org_path", "id")


def other_registration(member: Member) -> Member | None:
    """The uncontested file with the same number."""
    if not member.id_number:
        return None
    known = Member.objects.filter(id_blind__in=crypto.blinds(member.id_number, "id_number"), contested=False)
    return known.exclude(pk=member.pk).select_related("organization").first()


def probation_due(narrowed: Scope, until: date) -> QuerySet[Member]:
    """Probationary members whose year since joining ends by `until` (发展党员工作细则：预备期一年)."""
    year_before = add_months(until, -12)
    rows = Member.objects.filter(standing=Standing.PROBATIONARY, joined_on__lte=year_before)
    return narrowed.filter(rows, Member.access_path).order_by("joined_on", "id")


def reaching_milestone(narrowed: Scope, first: date, last: date) -> QuerySet[Member]:
    """Who on the roll completes the years of the commemorative medal between the two days, by day of completion."""
    counted = {"counted_from__gt": counted_by(first - timedelta(days=1)), "counted_from__lte": counted_by(last)}
    rows = Member.objects.filter(standing__in=ON_ROLL, **counted)
    return narrowed.filter(rows, Member.access_path).order_by("counted_from", "id")


class _MonthsAfter(Func):
    """A day and natural months on, as `core.dates.add_months` counts them."""

    template = "(%(expressions)s + make_interval(months => %(months)s))::date"
    output_field = DateField()


@dataclass(frozen=True)
class Due:
    """Something about a person that falls due on a day: the end of probation, or what a record of the life sets a day for.

    `kind`: probation, or the kind of the record, which alone tells what it is about. `since`: the day it counts from.
    """

    kind: str
    on: date
    since: date
    uuid: UUID
    name: str
    branch: str


def probation_ending(narrowed: Scope, until: date) -> list[QuerySet[Any]]:
    """Whose probation ends by `until`, for `due_of`."""
    months = pack(PACK, on=today()).integer("probation.months")
    rows = probation_due(narrowed, until).annotate(due=_MonthsAfter("joined_on", months=months), kind_key=_word("probation"))
    return [rows.values_list("kind_key", "due", "joined_on", "uuid", "name", "organization__short_name")]


def records_due(narrowed: Scope, until: date) -> list[QuerySet[Any]]:
    """What falls due by `until` about those on the roll: the half-yearly contact with who is abroad, 限期改正 without a result.

    For who may see sensitive records, for `due_of`.
    """
    months = pack(PACK, on=today()).integer("abroad.contact.months")
    asked = _MonthsAfter(Coalesce("last_contact_on", "left_on"), months=months)
    abroad = AbroadStay.objects.filter(back_on__isnull=True).annotate(due=asked).filter(due__lte=until)
    unsettled = Rectification.objects.filter(result="", due_on__lte=until).annotate(due=F("due_on"))
    return [_due(abroad, "abroad", "left_on", narrowed), _due(unsettled, "rectifications", "decided_on", narrowed)]


def due_of(parts: Sequence[QuerySet[Any]], size: int) -> list[Due]:
    """The first `size` of each part, by day: one query for all."""
    first = [part.order_by("due", "pk")[:size] for part in parts]
    rows = first[0].union(*first[1:], all=True) if len(first) > 1 else first[0] if first else ()
    return sorted((Due(*row) for row in rows), key=lambda one: (one.on, one.name))


def _due(rows: QuerySet[Any], kind: str, since: str, narrowed: Scope) -> QuerySet[Any]:
    standing = rows.filter(state=RecordState.STANDING, member__standing__in=ON_ROLL)
    told = narrowed.filter(standing, "member__org_path").annotate(kind_key=_word(kind))
    return told.values_list("kind_key", "due", since, "member__uuid", "member__name", "member__organization__short_name")


def _word(kind: str) -> Value:
    return Value(kind, output_field=CharField())


def checks_of(member: Member) -> dict[str, FieldCheck]:
    """The latest check of every field of a file that was ever compared with a paper."""
    latest: dict[str, FieldCheck] = {}
    for check in member.field_checks.order_by("checked_on", "id"):
        latest |= dict.fromkeys(check.fields, check)
    return latest
