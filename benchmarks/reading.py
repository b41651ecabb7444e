"""What people wait for: pages, filters, searches, whole requests, permission, dashboards."""

from collections.abc import Callable, Iterator

from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from benchmarks.dataset import nodes, officer
from benchmarks.timing import Result, compare, query, statements, times
from core.access import Range, Scope, forget, scope
from core.paths import upper
from insight.asking import Asked
from insight.building import board
from members.queries import Filter, count_of, page_of
from orgs.enums import Capability
from orgs.models import Organization
from orgs.queries import holdings_of

LEVELS = {1: "nation", 2: "province", 3: "prefecture", 4: "county", 5: "committee", 6: "branch"}
# what a row of the list shows
SHOWN = (
    "id, uuid, org_path, organization_id, name, name_sort, sex, nation, birth_date, education, job, standing, joined_on, "
    "converted_on, counted_from, lost_on, is_floating, id_unverified, id_number_sealed, phone_sealed"
)
ON_ROLL = "standing IN ('probationary', 'full')"
BACKEND = "accounts.backends.AccountBackend"


def page_sql(node: Organization, chosen: Filter | None = None) -> str:
    """The one statement of a page of ours."""
    return statements(lambda: page_of(Scope((Range(node.path),)), chosen or Filter()))[-1]


def by_hand(node: Organization, where: str = ON_ROLL) -> str:
    """The best statement somebody would write knowing the depth: the fastest of what the tree allows."""
    path, depth = node.path, node.depth
    places = ["TRUE"] if depth == 1 else [f"org_path >= '{path}' AND org_path < '{upper(path)}'"]
    if 1 < depth < 5:
        places.append(f"level{depth} = '{path}'")
    if depth == 6:
        places.append(f"org_path = '{path}'")
    written = [
        f"SELECT {SHOWN} FROM members_member WHERE {place} AND {where} ORDER BY name_sort, id LIMIT 51" for place in places
    ]
    return min(written, key=lambda sql: times(query(sql), runs=7)[0])


def pages() -> Iterator[Result]:
    for depth, node in nodes().items():
        ours, hand = page_sql(node), by_hand(node)
        yield compare(f"page by name, {LEVELS[depth]}", query(ours), query(hand), "≤ 1.3", "SQL of page_of over the best by hand")


def filtered() -> Iterator[Result]:
    for depth, node in nodes().items():
        by_status = page_sql(node, Filter(category="probationary"))
        yield compare(
            f"page by status, {LEVELS[depth]}", query(by_status), query(page_sql(node)), "≤ 2.0", "over the page by name"
        )


def totals() -> Iterator[Result]:
    """Counting what a filter leaves is capped; reported beside its page."""
    for depth, node in nodes().items():
        chosen, here = Filter(), Scope((Range(node.path),))
        sql = statements(lambda here=here, chosen=chosen: count_of(here, chosen))
        if sql:
            yield compare(
                f"total of the list, {LEVELS[depth]}", query(sql[-1]), query(page_sql(node)), "", "over the page by name"
            )


def searches() -> Iterator[Result]:
    wanted = {
        "common character (王)": Filter(q="王"),
        "rare name (诸葛)": Filter(q="诸葛"),
        "rare filter (doctorate, minority)": None,
    }
    for depth in (1, 6):
        node = nodes()[depth]
        for words, chosen in wanted.items():
            chosen = chosen or Filter(edu="postgraduate", nation="minority")
            asked = statements(lambda chosen=chosen, node=node: page_of(Scope((Range(node.path),)), chosen))
            ours = [query(sql) for sql in asked]
            note = f"{len(ours)} statement{'s' if len(ours) > 1 else ''}; over the page by name"
            yield compare(
                f"search: {words}, {LEVELS[depth]}", lambda ours=ours: [ask() for ask in ours], query(page_sql(node)), "", note
            )


def requests() -> Iterator[Result]:
    address = reverse("members:list")
    for depth, node in nodes().items():
        client = signed_in(officer(depth))
        ask = asking(client, address)
        ours, sql = times(ask, query(page_sql(node)))
        count = len(statements(ask))
        yield Result(
            f"whole list request, {LEVELS[depth]}", ours, sql, ours / sql, "", f"{count} queries; over the SQL of its page"
        )


def permission() -> Iterator[Result]:
    address = reverse("members:list")
    asked = [s for s in statements(asking(signed_in(officer(4)), address)) if "organizationuserpermission" in s]
    yield Result("permission: queries per request", len(asked), 1, float(len(asked)), "≤ 2")
    one, many = officer(6), User.objects.get(username="fifty")
    yield compare("permission: 50 grants vs 1 (holdings)", lambda: holdings_of(many), lambda: holdings_of(one), "≤ 4")
    yield compare("permission: 50 grants vs 1 (holdings and page)", lambda: first_page(many), lambda: first_page(one), "≤ 4")


def first_page(user: User) -> object:
    forget(user)
    return page_of(scope(user, Capability.VIEW_MEMBERS), Filter())


def dashboards() -> Iterator[Result]:
    here = nodes()
    top = officer(1)

    def build(depth: int) -> Callable[[], object]:
        def work() -> object:
            forget(top)
            return board(top, here[depth], Asked("", ""))

        return work

    build(1)()
    build(6)()
    everything = [[s for s in statements(build(d)) if s.lstrip().upper().startswith(("SELECT", "WITH"))] for d in (1, 6)]
    sqls = [lambda list_=list_: [query(sql)() for sql in list_] for list_ in everything]
    yield compare(
        "dashboard: nation vs branch (SQL)", sqls[0], sqls[1], "≤ 1.3", f"{len(everything[0])} and {len(everything[1])} queries"
    )
    yield compare("dashboard: nation vs branch (whole)", build(1), build(6), "", "with suppression and bands")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def asking(client: Client, address: str) -> Callable[[], object]:
    def ask() -> object:
        answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status_code} {answer.get('Location', '')}")
        return answer

    return ask


def explain(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, BUFFERS) " + sql)
        return "\n".join(row[0] for row in cursor.fetchall())
