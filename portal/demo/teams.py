"""Posts of the demo: the officers' by the verbs, so that their access comes from them; everybody else's in a few statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection

from accounts.models import User
from cadres.domain.accounts import link_account
from cadres.domain.appointments import Commission, appoint
from cadres.domain.mapping import approve_mapping, propose_usual
from cadres.domain.reviews import open_reviews
from cadres.enums import Ground
from cadres.models import Appointment
from core import names
from core.dates import add_months, today
from members.enums import MovementKind, Standing
from members.models import Member
from orgs.models import Organization

PAPER, RECORDER = "样组任〔2026〕1号", "方明远"
SAT_FOR = timedelta(days=300)
COLUMNS = """member_id, organization_id, org_path, post, ground, document_no, from_on, last_on, acting, concurrent, of_own,
  end_document_no, end_reason, access_withheld, recorded_by, recorded_at"""
# Of every branch its most senior full members, of every superior organisation some of the people below it, other ones at each
# depth, seated in the order of the posts. Terms of three years have begun on different days, the earliest runs out within weeks.
SEATS = """
INSERT INTO cadres_appointment (uuid, {columns})
SELECT gen_random_uuid(), m.id, o.id, o.path, s.post, 'elected', '样组任〔' || extract(year FROM s.since) || '〕' || o.id || '号',
  s.since, (s.since + interval '3 years' - interval '1 day')::date, FALSE, FALSE, TRUE, '', '', '', %(recorder)s, now()
FROM orgs_organization o
JOIN LATERAL (
  SELECT p.id, row_number() OVER (ORDER BY p.counted_from, p.id) AS seat, count(*) OVER () AS people
  FROM (SELECT id, org_path, counted_from FROM members_member
    WHERE org_path >= o.path AND org_path < o.path || '~' AND standing = 'full' AND counted_from < %(before)s AND lost_on IS NULL
      AND NOT EXISTS (SELECT 1 FROM members_movement v WHERE v.member_id = members_member.id AND v.kind = 'transferred_in')
    ORDER BY {order} LIMIT 7 OFFSET {skip}) p
) m ON TRUE
JOIN LATERAL (
  SELECT post, %(today)s::date - 1060 + (o.id * 37 %% 1000)::int AS since
  FROM unnest(%(posts)s::text[]) WITH ORDINALITY AS x (post, seat)
  WHERE x.seat = m.seat AND (x.seat = 1 OR m.people = 7)
) s ON TRUE
WHERE o.kind = ANY (%(kinds)s) AND NOT EXISTS (
  SELECT 1 FROM cadres_appointment a WHERE a.organization_id = o.id AND a.post = ANY (%(posts)s))
"""
CONCURRENT = """
UPDATE cadres_appointment a SET concurrent = TRUE
WHERE EXISTS (SELECT 1 FROM cadres_appointment b WHERE b.member_id = a.member_id AND b.id < a.id)
"""
HISTORY = """
INSERT INTO cadres_historicalappointment (id, uuid, {columns}, history_date, history_type, history_change_reason)
SELECT id, uuid, {columns}, recorded_at, '+', document_no FROM cadres_appointment a
WHERE NOT EXISTS (SELECT 1 FROM cadres_historicalappointment h WHERE h.id = a.id)
"""
BRANCH_POSTS = ("secretary", "organisation_member", "publicity_member", "discipline_member")
SUPERIOR_POSTS = ("secretary", "deputy_secretary", "organisation_member")


@dataclass(frozen=True)
class Seat:
    """A member put into a post; `login` is empty for who has no account."""

    member: int
    post: str
    organization: Organization
    login: str = ""


def name_officers(branch: Organization) -> list[Seat]:
    """Who will take which seat. Those with an account bear its name; before the history is written."""
    committee = branch.parent
    second, third = committee.children.exclude(pk=branch.pk).order_by("path")[:2]
    secretary, organizer, publicity, discipline = _chosen(branch, 4)
    (town,), (county,) = _chosen(second, 1), _chosen(third, 1)
    for person, name in ((secretary, "李砚秋"), (organizer, "沈知白"), (town, "许南乔"), (county, "何静")):
        Member.objects.filter(pk=person).update(name=name, name_sort=names.sort_key(name), tokens=names.tokens(name))
    return [
        Seat(secretary, "secretary", branch, "secretary"), Seat(organizer, "organisation_member", branch, "organizer"),
        Seat(publicity, "publicity_member", branch), Seat(discipline, "discipline_member", branch),
        Seat(town, "organizer", committee, "town"), Seat(county, "department_officer", committee.parent, "county"),
    ]  # fmt: skip


def _chosen(branch: Organization, count: int) -> list[int]:
    """Full members of some years, neither the youngest nor the oldest as far as there are others."""
    people = Member.objects.filter(organization=branch, standing=Standing.FULL, counted_from__lt=_since(), lost_on=None)
    people = people.exclude(movements__kind=MovementKind.TRANSFERRED_IN)
    by_age = sorted(people, key=lambda m: (not 1960 <= m.birth_date.year <= 1979, -m.birth_date.toordinal(), m.pk))
    return [m.pk for m in by_age[:count]]


def _since() -> date:
    return today() - SAT_FOR


def seat_officers(seats: Sequence[Seat], *, department: User, security: User) -> None:
    """The demo's officers by the same verbs as everybody: mapping, appointment, account."""
    for mapping in propose_usual(actor=department):
        approve_mapping(mapping, actor=security)
    for seat in seats:
        ground = Ground.ELECTED if seat.post in BRANCH_POSTS else Ground.ASSIGNED
        paper = Commission(seat.post, ground, PAPER, _since(), add_months(_since(), 36) - timedelta(days=1))
        made = appoint(seat.organization, Member.objects.get(pk=seat.member), paper, actor=department)
        if seat.login:
            link_account(made, seat.login, actor=department)


def seat_everybody() -> int:
    """A team for every other organisation, set-based; most of their officers have no account yet and wait for one."""
    given = {"recorder": RECORDER, "today": today(), "before": date(today().year - 3, 1, 1)}
    superior = ["general_branch", "committee", "work_committee"]
    with connection.cursor() as cursor:
        for kinds, posts, order, skip in (
            (["branch"], BRANCH_POSTS, "counted_from, id", "0"),
            (superior, SUPERIOR_POSTS, "org_path, id", "o.depth * 7"),
        ):
            sql = SEATS.format(columns=COLUMNS, order=order, skip=skip)
            cursor.execute(sql, given | {"kinds": kinds, "posts": list(posts)})
        cursor.execute(CONCURRENT)
        cursor.execute(HISTORY.format(columns=COLUMNS))
    open_reviews()
    return Appointment.objects.count()
