"""Posts when organisations are merged, upgraded, split or dissolved, and when that is taken back."""

from cadres.domain.delegations import delegate
from cadres.models import Appointment
from core.dates import today
from orgs.domain.plans import Upgrade, plan_merger
from orgs.domain.reorganising import merge, preview, upgrade
from orgs.domain.reverting import revert
from orgs.domain.versions import Paper
from orgs.enums import Capability
from orgs.models import Organization
from tests.cadres.conftest import covers, put
from tests.cadres.test_appointments import linked, sound
from tests.people import Cast

PAPER = Paper("样组〔2026〕30号", today())
VIEW = Capability.VIEW_MEMBERS


def now(a: Appointment) -> Appointment:
    return Appointment.objects.select_related("organization").get(pk=a.pk)


def again(node: Organization) -> Organization:
    return Organization.ever.select_related("parent").get(pk=node.pk)


def test_a_merger_ends_the_posts_of_what_ends_and_its_taking_back_opens_them(holders: Cast) -> None:
    here = linked(holders, "gu")
    delegate(here, "lu", "陆明远", today(), "外出", actor=holders["gu"])
    above = put(holders, holders.members["gu"], "organisation_member", at=holders.committee, by="county")
    kept = put(holders, holders.members["zhao"], "member", at=holders.sibling)
    done = merge(again(holders.branch), again(holders.sibling), PAPER, actor=holders["committee"])
    assert [now(a).state for a in (here, above, kept)] == ["ended", "in_force", "in_force"]
    assert not covers(holders["gu"], VIEW, holders.branch)
    assert not covers(holders["lu"], VIEW, holders.branch)
    sound()
    revert(done, actor=holders["committee"], reason="批文撤销")
    assert now(here).state == "in_force"
    assert covers(holders["gu"], VIEW, again(holders.branch))
    assert not covers(holders["lu"], VIEW, again(holders.branch))
    assert now(here).access.filter(grant__revoked_at=None).count() == 1
    sound()


def test_the_preview_counts_what_would_end(holders: Cast) -> None:
    linked(holders, "gu")
    put(holders, holders.members["lu"], "member")
    source, into = again(holders.branch), again(holders.sibling)
    seen = preview(lambda: plan_merger(source, into, PAPER, actor=holders["committee"], superior_approved=False))
    assert [(x.count, x.unit) for x in seen.lines if x.label == "任职"] == [(2, "项")]


def test_an_upgrade_keeps_the_posts_and_follows_the_mapping_of_the_new_kind(holders: Cast) -> None:
    secretary = linked(holders, "gu")
    deputy = linked(holders, "lu", "deputy_secretary")
    wanted = Upgrade("general_branch", "第一党总支", "第一党总支", "第一党总支机关党支部", superior_approved=True)
    upgrade(again(holders.branch), wanted, PAPER, actor=holders["committee"])
    assert [now(a).state for a in (secretary, deputy)] == ["in_force", "in_force"]
    node = again(holders.branch)
    assert covers(holders["gu"], VIEW, node)
    assert not covers(holders["lu"], VIEW, node), "no role is approved for a deputy of a general branch"
    sound()
