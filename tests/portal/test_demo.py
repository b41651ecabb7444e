"""The demo city: facts that hold together, figures that balance, real data never touched."""

import json
import random
import re
from collections import Counter
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from core import crypto, identity
from core.dates import add_months, month_end, today, years_between
from core.errors import Conflict, DomainError
from insight.domain.monthends import reckon
from insight.domain.rebuilding import differences
from members.enums import MOVEMENT_SIGN, ON_ROLL, Standing
from members.models import Member, Movement
from members.rules import joined_without_probation
from orgs.domain.founding import found
from orgs.enums import Kind
from orgs.models import Organization, Unit
from portal.demo import accounts, building, people, places, plan, profiles, serving
from tests.people import build_cast

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
MEMBERS = 400
COUNTY = places.Place("990101", "样例县")
CITY = places.Place("9901", "样例市", (COUNTY, places.Place("990102", "样东区")))


@pytest.fixture
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    """A region of our own: the published table is fetched by `make setup` and need not be there."""
    monkeypatch.setattr(places, "region_for", lambda members: CITY)


@pytest.fixture
def data_dir(settings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def city(db: None, region: None, data_dir: Path) -> list[accounts.DemoAccount]:
    made = building.build(MEMBERS, lambda text: None)
    accounts.keep(made)
    return made


def balance(path: str, until: date) -> int:
    rows = Movement.objects.filter(org_path__gte=path, org_path__lt=path + "~", happened_on__lte=until)
    return sum(MOVEMENT_SIGN[kind] for kind in rows.values_list("kind", flat=True))


def kept_month_ends() -> dict[tuple[str, date], int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT path, month, ns[1] FROM insight_monthend WHERE dim = 'all'")
        return {(path, month): n for path, month, n in cursor.fetchall()}


def test_the_city_holds_together(city: list[accounts.DemoAccount]) -> None:
    assert Member.objects.filter(standing__in=ON_ROLL).count() == MEMBERS
    assert differences() == []
    _people_hold_together()
    _history_ends_as_the_file_stands()
    _figures_balance()
    _month_ends_are_what_reckoning_each_alone_gives()
    _tree_is_whole()


def _people_hold_together() -> None:
    day = today()
    for member in Member.objects.select_related("organization"):
        assert years_between(member.birth_date, member.joined_on) >= 18, member.pk
        assert identity.id_fault(member.id_number, demo=True) is None
        assert identity.id_fault(member.id_number, demo=False) == "id_region"
        assert identity.birth_of(member.id_number) == member.birth_date
        assert identity.sex_of(member.id_number) == member.sex
        assert identity.phone_valid(member.phone)
        assert bytes(member.id_blind) == crypto.blind(member.id_number, "id_number")
        if member.converted_on and not joined_without_probation(member.joined_on, on=day):
            assert member.converted_on >= add_months(member.joined_on, 12)
        if member.standing == Standing.PROBATIONARY:
            assert member.converted_on is None
            assert member.joined_on >= add_months(day, -14)
        if member.job == profiles.STUDENT:
            assert 18 <= years_between(member.birth_date, day) <= 30
        assert member.organization.kind == Kind.BRANCH
        assert member.org_path == member.organization.path
    assert len(set(Member.objects.values_list("id_blind", flat=True))) == Member.objects.count()


def _history_ends_as_the_file_stands() -> None:
    for member in Member.objects.exclude(standing=Standing.FULL):
        versions = list(member.history.order_by("version"))
        assert versions[0].history_type == "+"
        assert len(versions) == member.version == member.movements.count()
        assert versions[-1].standing == member.standing
        assert versions[-1].left_on == member.left_on
        assert bytes(versions[-1].id_number_sealed) == bytes(member.id_number_sealed)


def _figures_balance() -> None:
    kept = kept_month_ends()
    months = sorted({month for _, month in kept})
    assert len(months) == 25
    assert months[-1] == month_end(add_months(today(), -1))
    for path in Organization.objects.filter(kind=Kind.COMMITTEE).values_list("path", flat=True):
        for month in months:
            assert kept.get((path, month), 0) == balance(path, month)
    top = Organization.objects.get(parent=None)
    assert balance(top.path, today()) == MEMBERS


def _month_ends_are_what_reckoning_each_alone_gives() -> None:
    months = sorted({month for _, month in kept_month_ends()})
    for month in (months[0], months[11], months[-2]):
        stepped = _rows_of(month)
        reckon(month)
        assert _rows_of(month) == stepped


def _rows_of(month: date) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT path, dim, keys, ns FROM insight_monthend WHERE month = %s ORDER BY path, dim", [month])
        return cursor.fetchall()


def _tree_is_whole() -> None:
    nodes = {o.path: o for o in Organization.objects.all()}
    for path, node in nodes.items():
        assert node.depth == len(path) // 4
        assert node.children_made == sum(1 for other in nodes if other[:-4] == path)
        if node.parent_id:
            assert nodes[path[:-4]].pk == node.parent_id
            assert node.established_on >= nodes[path[:-4]].established_on
        assert node.versions.get(valid_to=None).path == path
    assert all(identity.uscc_valid(code) for code in Unit.objects.values_list("uscc", flat=True))
    assert Unit.objects.filter(organizations__kind=Kind.BRANCH).exists()
    sample = Organization.objects.get(name=plan.SAMPLE_COMMITTEE)
    assert list(sample.children.order_by("path").values_list("name", flat=True)) == list(plan.SAMPLE_BRANCHES)


def test_every_account_signs_in_and_only_the_owner_reads_the_passwords(city: list[accounts.DemoAccount], data_dir: Path) -> None:
    from accounts.models import User

    file = data_dir / accounts.FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert accounts.kept() == city
    with_password = [a for a in city if a.password]
    assert len({a.password for a in with_password}) == len(with_password) == 10
    for account in with_password:
        user = User.objects.get(username=account.username)
        assert user.check_password(account.password)
        assert user.is_active
    file.unlink()
    renewed = accounts.kept()
    assert {a.username for a in renewed} == {a.username for a in with_password}
    assert all(User.objects.get(username=a.username).check_password(a.password) for a in renewed)
    assert not {a.password for a in renewed} & {a.password for a in with_password}


def test_json_names_one_account_for_each_role_and_nothing_else(city: list[accounts.DemoAccount]) -> None:
    out = StringIO()
    call_command("demo", "--no-serve", "--json", stdout=out, stderr=StringIO())
    printed = json.loads(out.getvalue())
    assert list(printed) == ["accounts"]
    assert all(list(a) == ["role", "username", "password", "org_code", "org_name"] for a in printed["accounts"])
    roles = Counter(a["role"] for a in printed["accounts"])
    assert set(roles.values()) == {1}
    assert {"system", "security", "audit", "committee_officer", "branch_secretary", "member"} <= set(roles)
    assert Member.objects.filter(standing__in=ON_ROLL).count() == MEMBERS  # the second start keeps the data


def test_a_table_for_people_is_aligned(city: list[accounts.DemoAccount]) -> None:
    out = StringIO()
    call_command("demo", "--no-serve", stdout=out, stderr=StringIO())
    lines = [line for line in out.getvalue().splitlines() if line.startswith("  ")]
    assert len(lines) == 1 + len(city)
    assert "启用码" in lines[-1]
    assert "市委组织部工作人员" in out.getvalue()


@pytest.mark.django_db
def test_real_data_is_never_touched(region: None, data_dir: Path) -> None:
    found(name="某市委", short_name="市委", code="1", document_no="1", established_on=date(2020, 1, 1), actor_name="某人")
    with pytest.raises(Conflict) as refused:
        building.is_ours()
    assert refused.value.code == "not_empty"
    assert Organization.objects.count() == 1
    with pytest.raises(SystemExit) as ended:
        call_command("demo", "--no-serve", "--json", stdout=StringIO(), stderr=StringIO())
    assert ended.value.code == 1
    assert Organization.objects.count() == 1


@pytest.mark.django_db
def test_production_has_no_demonstration(settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(Conflict) as refused:
        building.is_ours()
    assert refused.value.code == "production"


@pytest.mark.django_db
def test_another_demonstration_is_left_as_it_is() -> None:
    build_cast()
    assert building.is_ours()


@pytest.mark.django_db
def test_too_few_members_are_refused(region: None) -> None:
    with pytest.raises(DomainError) as refused:
        building.build(5, lambda text: None)
    assert refused.value.code == "too_few"


def test_a_busy_port_is_told_in_words() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind((serving.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(DomainError, match=f"端口 {port} 已被别的程序占用"):
            serving.require_free_port(port)


def test_fitted_tables_have_the_published_margins() -> None:
    shares = profiles.proportions(today())
    by_job = {job: 0.0 for job in profiles.JOBS}
    for branch, part in profiles.BRANCH_SHARES.items():
        marks = shares.job[branch].marks
        for job, low, high in zip(profiles.JOBS, (0.0, *marks), marks, strict=False):
            by_job[job] += part * (high - low) / marks[-1]
    for job, wanted in profiles.JOBS.items():
        assert by_job[job] == pytest.approx(wanted / sum(profiles.JOBS.values()), abs=0.002)


def test_a_large_plan_has_the_published_proportions() -> None:
    drawn = plan.draw_up(CITY, 20_000, random.Random(1))
    kinds = Counter(node.kind for node in drawn.nodes)
    branches = drawn.branches
    assert sum(b.size for b in branches) == 20_000
    assert 20.5 < 20_000 / len(branches) < 23
    assert 0.05 < (kinds[Kind.COMMITTEE] + kinds[Kind.WORK_COMMITTEE]) / len(branches) < 0.1
    assert 0.05 < kinds[Kind.GENERAL_BRANCH] / len(branches) < 0.09
    assert [b for b in branches if b.size < 3]
    assert [b for b in branches if b.size > 50]
    assert [b for b in branches if b.is_joint]
    assert [b for b in branches if b.is_floating]
    assert [b for b in branches if b.is_temporary]
    for parent in drawn.nodes:
        names = [n.name for n in drawn.nodes if n.parent is parent]
        assert len(names) == len(set(names)), parent.name


def test_drawn_people_follow_the_published_shares() -> None:
    days = people.calendar(today())
    kinds = [k for k, share in profiles.BRANCH_SHARES.items() for _ in range(round(share * 200))]
    crowd = []
    for i, kind in enumerate(kinds):
        task = people.BranchTask(i, f"0001{i:04d}", kind, "样例县", False, 22, (), i * 22, len(kinds) * 22)
        crowd += people.people_of(task, days)
    share = lambda test: sum(map(test, crowd)) / len(crowd)  # noqa: E731
    assert share(lambda p: p.facts.sex == "2") == pytest.approx(0.309, abs=0.03)
    assert share(lambda p: p.facts.nation != "01") == pytest.approx(0.077, abs=0.02)
    assert share(lambda p: p.facts.education < "40") == pytest.approx(0.576, abs=0.04)
    assert share(lambda p: years_between(p.facts.birth_date, days.today) >= 61) == pytest.approx(0.289, abs=0.035)
    assert share(lambda p: p.facts.joined_on >= date(2012, 11, 8)) == pytest.approx(0.280, abs=0.035)
    assert len({p.facts.id_number for p in crowd}) == len(crowd)
    assert len({p.facts.phone for p in crowd}) == len(crowd)


def test_numbers_stay_unique_beyond_one_round_of_sequences() -> None:
    """The same place in two rounds never has the same birthday."""
    total = 3 * people.SEQUENCES
    birth = date(1970, 6, 1)
    days = [people._own_day(birth, 7 + turn * people.SEQUENCES, total) for turn in range(3)]
    assert len({d.toordinal() % 3 for d in days}) == 3
    assert all(0 <= (birth - d).days < 3 for d in days)


def test_the_sample_rosters_name_nobody_of_the_demo() -> None:
    rows = [row for file in SAMPLES.glob("*.xlsx") for row in _rows(file)]
    numbers = {identity.normalise_id(str(cell)) for row in rows for cell in row}
    given = {n for n in numbers if re.fullmatch(r"99\d{15}[\dX]", n)}
    assert len(given) > 200
    assert not [n for n in given if n.startswith("990")]


def _rows(file: Path) -> list[list[object]]:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(file))
    return [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]


def test_access_of_officers_comes_from_their_posts(city: list[accounts.DemoAccount]) -> None:
    """Most demo officers hold what an appointment brought; every organisation with people has a secretary who has rights."""
    from cadres.models import Appointment, AppointmentGrant
    from members.queries import rights_on
    from orgs.models import Grant

    by_post = set(AppointmentGrant.objects.filter(grant__revoked_at=None).values_list("grant__user__username", flat=True))
    assert by_post == {"county", "town", "secretary", "organizer"}
    given = Grant.objects.filter(revoked_at=None, by_appointment=None).values_list("user__username", flat=True)
    assert set(given) == {"city", "figures"}
    secretaries = Appointment.objects.filter(post="secretary", organization__kind=Kind.BRANCH).select_related("member")
    assert all(rights_on(a.member, a.from_on).be_elected.held for a in secretaries)
    assert secretaries.count() > 0.6 * Organization.objects.filter(kind=Kind.BRANCH).count()
    assert {a.state for a in Appointment.objects.all()} == {"in_force"}
    assert Appointment.history.count() == Appointment.objects.count()
    call_command("check_grants", stdout=StringIO())
