"""What a department reads of dues: closed months and where help is due, by child, without amounts."""

from core.dates import add_months, today
from dues.domain.arrears import sweep
from dues.overview_queries import overview
from dues.pay_models import MonthClosing
from tests.dues.test_arrears import MORNING, owes
from tests.people import Cast


def test_closed_months_and_help_by_child(as_person, cast: Cast, django_assert_num_queries) -> None:
    month = add_months(today().replace(day=1), -1)
    for org, paid, unpaid in ((cast.branch, 2, 0), (cast.sibling, 0, 1)):
        facts = {"month": month, "paid": paid, "unpaid": unpaid, "closed_by": "测试"}
        MonthClosing.objects.create(org=org, org_path=org.path, **facts)
    owes(cast, "zhao", 2)
    sweep(MORNING)
    with django_assert_num_queries(3):
        found = {one.org.pk: one for one in overview(cast.county, month)}
    ours, other = found[cast.committee.pk], found[cast.other_committee.pk]
    assert (ours.closed, ours.paid, ours.unpaid, ours.to_help) == (2, 2, 1, 1)
    assert (other.closed, other.to_help) == (0, 0)
    page = as_person("county").get(f"/admin/dues/books/{cast.county.uuid}/").text
    assert "有 1 人需要问一问" in page
    assert "20.00" not in page
