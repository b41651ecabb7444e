"""The dashboard: who sees what of it, in how many queries, and that every number is the roll's."""

from datetime import date
from itertools import count

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from audit.models import AuditRecord
from insight.asking import Asked
from insight.board import Board
from insight.building import board
from insight.domain import folding, monthends
from tests.insight.registry import Registry, change, member, officer, registry

COUNT = count()
OCTOBER, SEPTEMBER = date(2026, 10, 31), date(2026, 9, 30)


def page(node) -> str:
    return reverse("insight:node", args=[node.uuid])


@pytest.fixture
def county(db: None) -> Registry:
    """Two committees: 30 + 24 people in one, 40 + 3 in the other; month ends of two years."""
    made = registry()
    for branch, men, women in zip(made.branches, (18, 14, 22, 1), (12, 10, 18, 2), strict=True):
        for i in range(men + women):
            member(
                branch, "1" if i < men else "2", education=("20", "31", "61")[i % 3], birth_date=date(1950 + i, 1, 15),
                came=date(2025, 3, 1 + i % 20), joined_on=date(1990 + i % 10, 7, 1),
            )  # fmt: skip
    for month in (date(2025, 10, 31), SEPTEMBER, OCTOBER):
        monthends.reckon(month)
    return made


def shown(user: User, node, on: str = "", compared: str = "") -> Board:
    made = board(user, node, Asked(on, compared))
    assert made is not None
    return made


@pytest.mark.django_db
def test_the_department_sees_every_number(county: Registry):
    full = shown(county.officer, county.city)
    assert full.exact
    assert full.live
    assert [t.figure.now for t in full.tiles[:2]] == [97, 42]
    assert [row.total.now for row in full.rows] == [54, 43]
    assert full.tiles[5].figure.now == 4
    below = shown(county.officer, county.committees[1])
    assert [row.total.now for row in below.rows] == [40, 3]
    ages = below.structure("age")
    assert sum(bar.men.now + bar.women.now for bar in ages.bars) == 43
    assert sum(bar.figure.now for bar in below.structure("edu").bars) == 43
    assert below.foot.total.now == 43
    for row, tiles in ((full.rows[1], below.tiles), (below.rows[0], shown(county.officer, county.branches[2]).tiles)):
        figures = [row.total, row.women.part, row.young.part, row.college.part]
        assert figures == [tile.figure for tile in tiles[:4]], "a line of the table is the head of its own page"
    assert below.rest is None


@pytest.mark.django_db
def test_a_change_shows_at_once_and_after_folding(county: Registry):
    one = county.branches[0].members.first()
    change(one, "deceased", standing="deceased")
    assert shown(county.officer, county.city).tiles[0].figure.now == 96
    folding.fold()
    after = shown(county.officer, county.city)
    assert after.tiles[0].figure.now == 96
    assert after.tiles[0].figure.change == -1, "against the month end kept before"


@pytest.mark.django_db
def test_the_balance_adds_up(county: Registry):
    change(county.branches[0].members.first(), "deceased", standing="deceased", on=date(2026, 11, 3))
    member(county.branches[1], came=date(2026, 11, 5))
    whole = shown(county.officer, county.city, compared="2026-10")
    lines = {line.label: line.number for line in whole.balance}
    assert lines["期初"] == 97
    assert lines["去世"] == -1
    assert lines["建库"] == 1
    assert lines["期末"] == 97
    assert sum(number for label, number in lines.items() if label != "期末") == lines["期末"]


@pytest.mark.django_db
def test_moves_between_branches_are_named_in_the_balance(county: Registry):
    one, goal = county.branches[0].members.first(), county.branches[2]
    change(one, organization=goal, org_path=goal.path)
    lines = {line.label: line.number for line in shown(county.officer, county.committees[0]).balance}
    assert lines["支部调整、组织划转和补录"] == -1
    assert "支部调整、组织划转和补录" not in {line.label for line in shown(county.officer, county.city).balance}


@pytest.mark.django_db
def test_small_cells_are_hidden_from_who_may_only_see_figures(county: Registry):
    reader = officer("reader", "figures_reader", county.city)
    hidden = shown(reader, county.committees[1])
    assert not hidden.exact
    assert not hidden.live, "figures-only viewers see month ends, one by one protected"
    assert hidden.on == OCTOBER
    assert [row.total.now for row in hidden.rows] == [None, None], "the branch of 3, and its only sibling that would give it away"
    assert hidden.rest.number == 43
    assert hidden.tiles[0].figure.now == 43
    assert hidden.alerts == ()
    assert not any(structure.crossed for structure in hidden.structures)
    assert "少于 5 人" in hidden.sentence
    assert all(bar.figure.now is None or bar.figure.now == 0 or bar.figure.now >= 5 for s in hidden.structures for bar in s.bars)
    assert [line.label for line in hidden.balance] == ["期初", "净增减", "期末"]
    exact = shown(county.officer, county.committees[1], on="2026-10")
    assert [row.total.now for row in exact.rows] == [40, 3]


@pytest.mark.django_db
def test_a_reader_never_sees_a_small_figure_anywhere(county: Registry):
    reader = officer("reader", "figures_reader", county.city)
    for node in (county.city, *county.committees, *county.branches):
        for compared in ("none", "2025-10", "2026-09"):
            seen = shown(reader, node, compared=compared)
            for number in numbers(seen):
                assert number is None or number == 0 or number >= 5, (node, compared)


def numbers(seen: Board) -> list[int | None]:
    found = [n for tile in seen.tiles[:5] for n in (tile.figure.now, tile.figure.then)]
    found += [n for s in seen.structures for bar in s.bars for n in (bar.figure.now, bar.figure.then)]
    for row in seen.rows:
        found += [row.total.now, row.total.then, *row.spark, row.women.part.now, row.young.part.now, row.college.part.now]
    return found


@pytest.mark.django_db
def test_a_reader_of_figures_who_lists_one_branch_cannot_subtract_it(county: Registry):
    both = officer("both", "figures_reader", county.city)
    from orgs.domain.grants import write_grant
    from orgs.models import Role

    role = Role.objects.get(code="branch_secretary")
    write_grant(both, role, county.branches[2], why="样组任〔2026〕3号", actor=User.objects.get(username="security"))
    seen = shown(both, county.committees[1])
    assert seen.tiles[0].figure.now is None, "43 less the 40 they know would be the branch of 3"
    own = shown(both, county.branches[2])
    assert own.exact
    assert own.tiles[0].figure.now == 40


@pytest.mark.django_db
def test_queries_do_not_grow_with_the_node(county: Registry):
    queries = []
    for node in (county.branches[0], county.committees[0], county.city):
        county.officer.__dict__.pop("_holdings", None)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            shown(county.officer, node)
        queries.append(len(seen))
    assert queries[1] == queries[2]
    assert queries[0] <= queries[1]
    assert queries[1] <= 12


@pytest.mark.django_db
def test_reader_queries_do_not_grow_with_the_node(county: Registry):
    reader = officer("reader", "figures_reader", county.city)
    queries = []
    for node in (county.committees[0], county.city):
        reader.__dict__.pop("_holdings", None)
        with CaptureQueriesContext(connection) as seen:
            shown(reader, node)
        queries.append(len(seen))
    assert queries[0] == queries[1]


@pytest.mark.django_db
def test_a_sealed_part_left_out_is_in_no_figure_of_its_superiors(county: Registry):
    from django.utils import timezone

    from orgs.models import Seal

    Seal.objects.create(
        organization=county.branches[2],
        document_no="样密〔2026〕1号",
        in_figures=False,
        sealed_at=timezone.now(),
        sealed_by="测试",
    )
    above = shown(county.officer, county.city)
    assert above.exact, "everybody whom the figures include can be listed"
    assert above.tiles[0].figure.now == 57
    assert [row.total.now for row in above.rows] == [54, 3]
    assert [row.total.now for row in shown(county.officer, county.committees[1]).rows] == [3]
    inside = officer("inside", "branch_secretary", county.branches[2])
    assert shown(inside, county.branches[2]).tiles[0].figure.now == 40


@pytest.mark.django_db
def test_a_sealed_part_that_counts_is_protected_from_who_lists_all_others(county: Registry):
    from django.utils import timezone

    from orgs.models import Seal

    Seal.objects.create(
        organization=county.branches[2], document_no="样密〔2026〕2号", sealed_at=timezone.now(), sealed_by="测试"
    )
    county.officer.__dict__.pop("_holdings", None)
    above = shown(county.officer, county.city)
    assert not above.exact
    assert above.tiles[0].figure.now == 97, "the figures include it, and 40 people tell nothing of one"
    below = shown(county.officer, county.committees[1])
    assert [(row.name, row.total.now) for row in below.rows] == [(county.branches[3].short_name, 3)], "they list these 3 anyway"
    assert below.rest.number == 40
    for seen in (above, below):
        for bar in (bar for structure in seen.structures for bar in structure.bars):
            hidden = sealed_part(county, seen, bar.label)
            assert bar.figure.now is None or hidden is None or hidden == 0 or hidden >= 5, bar.label
    Seal.objects.update(sealed_at=timezone.now(), lifted_at=timezone.now())
    county.officer.__dict__.pop("_holdings", None)
    assert shown(county.officer, county.committees[1]).exact


def sealed_part(county: Registry, seen: Board, label: str) -> int | None:
    """How many of the sealed branch are in a bar: what the viewer would know by subtraction."""
    inside = officer(f"inside{next(COUNT)}", "branch_secretary", county.branches[2])
    bars = [bar for s in shown(inside, county.branches[2], on="2026-10").structures for bar in s.bars if bar.label == label]
    return bars[0].figure.now if bars else None


@pytest.mark.django_db
def test_the_whole_page_asks_the_same_number_of_questions_at_every_size(county: Registry):
    client = Client()
    client.force_login(county.officer, backend="accounts.backends.AccountBackend")
    asked = []
    for node in (county.committees[0], county.city):
        client.get(page(node))
        with CaptureQueriesContext(connection) as seen:
            assert client.get(page(node)).status_code == 200
        asked.append(len(seen))
    assert asked[0] == asked[1]
    assert asked[0] <= 20


@pytest.mark.django_db
def test_the_tree_of_a_past_month_is_the_tree_of_then(county: Registry):
    county.move(county.branches[0], county.committees[1])
    then = shown(county.officer, county.committees[0], on="2026-10")
    assert [row.total.now for row in then.rows] == [30, 24]
    now = shown(county.officer, county.committees[0])
    assert [row.total.now for row in now.rows] == [24]
    assert now.tiles[0].figure.then == 54
    reader = officer("reader", "figures_reader", county.city)
    assert shown(reader, county.committees[1], on="2026-10", compared="2026-09").tiles[0].figure.now == 43


@pytest.mark.django_db
def test_warnings_count_what_is_due(county: Registry):
    branch = county.branches[3]
    member(
        branch,
        standing="probationary",
        converted_on=None,
        counted_from=None,
        joined_on=date(2024, 3, 1),
        lost_on=date(2026, 1, 1),
    )
    labels = {alert.label: alert.number for alert in shown(county.officer, county.city).alerts}
    assert labels["预备期满未办理转正"] == 1
    assert labels["失去联系"] == 1
    assert "正式党员不足 3 名" not in labels
    change(branch.members.filter(standing="full").first(), "deceased", standing="deceased")
    labels = {alert.label: alert.number for alert in shown(county.officer, county.city).alerts}
    assert labels["正式党员不足 3 名"] == 1
    folding.fold()
    assert {alert.label: alert.number for alert in shown(county.officer, county.city).alerts} == labels


@pytest.mark.django_db
def test_doors(cast, as_person):
    monthends.keep(OCTOBER)
    for who in ("department", "committee"):
        answer = as_person(who).get(page(cast.committee))
        assert answer.status_code == 200
        assert "党员队伍与组织" in answer.content.decode()
    assert as_person("stranger").get(page(cast.committee)).status_code == 404
    assert as_person("secretary").get(page(cast.branch)).status_code == 200
    assert as_person("secretary").get(page(cast.sibling)).status_code == 404
    assert as_person("secretary").get(page(cast.committee)).status_code == 404
    assert as_person("reader").get(page(cast.county)).status_code == 200
    assert as_person("reader").get(page(cast.city)).status_code == 404
    for who in ("nobody", "expired", "future", "chen", "system", "security", "audit"):
        assert as_person(who).get(page(cast.branch)).status_code == 403
    assert as_person("anonymous").get(page(cast.branch)).status_code == 302
    assert as_person("secretary").get(reverse("insight:home")).url == page(cast.branch)


@pytest.mark.django_db
def test_the_page_of_a_reader_holds_no_small_number(cast, as_person):
    monthends.keep(OCTOBER)
    text = as_person("reader").get(page(cast.committee)).content.decode()
    assert "人数太少，不显示" in text
    exact = as_person("county").get(page(cast.committee)).content.decode()
    assert "人数太少，不显示" not in exact


@pytest.mark.django_db
def test_export_is_the_same_board_and_is_recorded(cast, as_person):
    from io import BytesIO

    from openpyxl import load_workbook

    monthends.keep(OCTOBER)
    answer = as_person("county").post(reverse("insight:export", args=[cast.committee.uuid]))
    assert answer.status_code == 200
    cells = [cell for row in load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True) for cell in row]
    assert "第一党支部" in cells
    assert AuditRecord.objects.filter(verb="export_figures", subject=cast.committee.uuid).count() == 1
    hidden = as_person("reader").post(reverse("insight:export", args=[cast.committee.uuid]))
    cells = [cell for row in load_workbook(BytesIO(hidden.content)).active.iter_rows(values_only=True) for cell in row]
    assert "不显示" in cells
    assert as_person("stranger").post(reverse("insight:export", args=[cast.committee.uuid])).status_code == 404


@pytest.mark.django_db
def test_branches_behind_a_warning(cast, as_person):
    address = reverse("insight:branches", args=[cast.committee.uuid])
    text = as_person("committee").get(address).content.decode()
    assert "第一党支部" in text
    assert "邻村党支部" not in text
    assert as_person("reader").get(address).status_code == 403
    assert as_person("stranger").get(address).status_code == 404
    assert "没有这样的党支部" in as_person("committee").get(address + "?which=many").content.decode()


@pytest.mark.django_db
def test_a_month_never_kept_is_refused_in_words(cast, as_person):
    answer = as_person("department").get(page(cast.city) + "?on=1999-01")
    assert answer.status_code == 422
    assert "没有留存" in answer.content.decode()


@pytest.mark.django_db
def test_figures_only_viewers_wait_for_the_first_month_end(cast, as_person):
    answer = as_person("reader").get(page(cast.county))
    assert answer.status_code == 200
    assert "还没有留存的月末数" in answer.content.decode()
    assert "dw-fig" not in answer.content.decode()
    assert as_person("reader").post(reverse("insight:export", args=[cast.county.uuid])).status_code == 422
    assert "dw-fig" in as_person("county").get(page(cast.county)).content.decode()


@pytest.mark.django_db
def test_the_way_in_keeps_the_dates(cast, as_person):
    assert as_person("county").get(reverse("insight:home") + "?with=none").url == page(cast.county) + "?with=none"
