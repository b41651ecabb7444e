"""Verbs of the tree: what they ask for, what they leave behind, what they refuse."""

from datetime import date, timedelta

import pytest

from audit.models import AuditRecord
from core import paths
from core.dates import today
from core.errors import Conflict, DomainError, Missing, NotAllowed
from orgs.domain.attributes import Attributes, change_attributes
from orgs.domain.tree import NewOrganization, Paper, common_superior, establish, move, rename
from orgs.enums import Kind, TreeVerb
from orgs.models import Organization, OrganizationVersion
from orgs.queries import tree_as_of

PAPER = Paper("样组〔2026〕7号", date(2026, 3, 1), "工作需要")


def a_branch(name: str = "第三党支部", **extra: object) -> NewOrganization:
    return NewOrganization(**{"name": name, "short_name": "", "kind": Kind.BRANCH, "formal_members": 5, "members": 6, **extra})


def refusal(verb, *args, **kwargs) -> DomainError:
    with pytest.raises(DomainError) as caught:
        verb(*args, **kwargs)
    return caught.value


def test_establish_writes_node_version_and_record(cast):
    made = establish(cast.committee, a_branch(), PAPER, actor=cast["committee"])
    assert made.path == paths.child_path(cast.committee.path, 3)
    assert (made.depth, made.code, made.short_name) == (4, cast.committee.code + "003", "第三党支部")
    version = OrganizationVersion.objects.get(organization=made)
    assert (version.verb, version.document_no, version.valid_from, version.valid_to) == (
        TreeVerb.ESTABLISHED, PAPER.document_no, PAPER.effective_on, None,
    )  # fmt: skip
    assert AuditRecord.objects.filter(verb="establish_organization", subject=made.uuid).count() == 1


@pytest.mark.parametrize(
    ("name", "refused"),
    [("secretary", NotAllowed), ("stranger", Missing), ("nobody", Missing), ("expired", Missing), ("future", Missing)],
)
def test_establish_is_refused_without_the_capability_here(cast, name, refused):
    with pytest.raises(refused):
        establish(cast.branch, NewOrganization("第一党小组", "", Kind.GROUP), PAPER, actor=cast[name])
    assert establish(cast.branch, NewOrganization("第一党小组", "", Kind.GROUP), PAPER, actor=cast["committee"]).depth == 5


@pytest.mark.parametrize("name", ["system", "security", "audit"])
def test_administrators_do_no_business(cast, name):
    with pytest.raises(Missing):
        establish(cast.committee, a_branch(), PAPER, actor=cast[name])


@pytest.mark.parametrize(
    ("new", "code", "field"),
    [
        (a_branch(formal_members=2, members=2), "setup_threshold", "formal_members"),
        (a_branch(members=51), "setup_threshold", "members"),
        (a_branch("第三党小组"), "name_ending", "name"),
        (a_branch(" "), "name_missing", "name"),
        (a_branch("第一党支部"), "name_taken_here", "name"),
        (a_branch(code="99"), "code_taken", "code"),
        (a_branch("第三党总支", kind=Kind.GENERAL_BRANCH, members=49), "setup_threshold", "members"),
        (a_branch("第三党总支", kind=Kind.GENERAL_BRANCH, members=100), "setup_threshold", "members"),
        (a_branch("小村党委", kind=Kind.COMMITTEE, members=99), "setup_threshold", "members"),
        (a_branch("第三党总支", kind=Kind.GENERAL_BRANCH, members=60, is_joint=True), "joint_is_branch", "is_joint"),
        (a_branch("第一党小组", kind=Kind.GROUP), "kind_under_parent", "kind"),
    ],
)
def test_a_set_up_outside_the_rules_is_refused(cast, new, code, field):
    error = refusal(establish, cast.committee, new, PAPER, actor=cast["committee"])
    assert (error.code, error.field) == (code, field)
    if code == "setup_threshold":
        assert error.clause
    assert Organization.objects.filter(parent=cast.committee).count() == 2


@pytest.mark.parametrize(
    "new",
    [
        a_branch(formal_members=3, members=50),
        a_branch(members=51, superior_approved=True),
        a_branch("第三党总支", kind=Kind.GENERAL_BRANCH, members=50),
        a_branch("第三党总支", kind=Kind.GENERAL_BRANCH, members=99),
        a_branch("小村党委", kind=Kind.COMMITTEE, members=100),
        a_branch("小村党委", kind=Kind.COMMITTEE, members=30, superior_approved=True),
    ],
)
def test_a_set_up_on_the_threshold_is_taken(cast, new):
    assert establish(cast.committee, new, PAPER, actor=cast["committee"]).kind == new.kind


@pytest.mark.parametrize(
    ("paper", "code"),
    [
        (Paper("", date(2026, 3, 1)), "document_missing"),
        (Paper("样组〔2026〕7号", today() + timedelta(days=1)), "date_in_future"),
        (Paper("样组〔2026〕7号", date(2019, 12, 31)), "date_before_history"),
    ],
)
def test_every_change_needs_a_paper_with_a_possible_date(cast, paper, code):
    boss = cast["county"]
    assert refusal(establish, cast.committee, a_branch(), paper, actor=boss).code == code
    assert refusal(rename, cast.branch, "新名党支部", "", paper, actor=boss).code == code
    assert refusal(move, cast.branch, cast.other_committee, paper, actor=boss).code == code
    assert refusal(change_attributes, cast.branch, Attributes(is_joint=True), paper, actor=boss).code == code


def test_rename_keeps_the_old_name_in_the_versions(cast):
    renamed = rename(cast.branch, "东风党支部", "东风", PAPER, actor=cast["committee"])
    assert (renamed.name, renamed.short_name) == ("东风党支部", "东风")
    before, after = OrganizationVersion.objects.filter(organization=cast.branch).order_by("pk")
    assert (before.name, before.valid_to) == ("第一党支部", PAPER.effective_on)
    assert (after.name, after.valid_from, after.verb) == ("东风党支部", PAPER.effective_on, TreeVerb.RENAMED)
    assert refusal(rename, cast.branch, "东风党支部", "东风", PAPER, actor=cast["committee"]).code == "name_unchanged"
    assert isinstance(refusal(rename, cast.branch, "第二党支部", "", PAPER, actor=cast["committee"]), Conflict)


def test_rename_is_refused_below_the_capability(cast):
    with pytest.raises(NotAllowed):
        rename(cast.branch, "东风党支部", "", PAPER, actor=cast["secretary"])
    with pytest.raises(Missing):
        rename(cast.branch, "东风党支部", "", PAPER, actor=cast["stranger"])


def test_attributes_change_with_a_document_and_are_kept_by_date(cast):
    changed = change_attributes(cast.branch, Attributes(is_temporary=True), PAPER, actor=cast["committee"])
    assert changed.attributes == ["临时党组织"]
    states = {
        on: tree_as_of(on, cast.city.path).get(organization=cast.branch).is_temporary
        for on in (date(2026, 2, 28), PAPER.effective_on)
    }
    assert states == {date(2026, 2, 28): False, PAPER.effective_on: True}
    again = refusal(change_attributes, cast.branch, Attributes(is_temporary=True), PAPER, actor=cast["committee"])
    assert again.code == "attributes_unchanged"
    joint = refusal(change_attributes, cast.committee, Attributes(is_joint=True), PAPER, actor=cast["county"])
    assert joint.code == "joint_is_branch"
    with pytest.raises(NotAllowed):
        change_attributes(cast.branch, Attributes(), PAPER, actor=cast["secretary"])


def test_move_takes_the_whole_subtree_and_never_reuses_a_place(cast):
    group = establish(cast.branch, NewOrganization("第一党小组", "", Kind.GROUP), PAPER, actor=cast["committee"])
    old = cast.branch.path
    moved = move(cast.branch, cast.other_committee, Paper("样组〔2026〕8号", date(2026, 4, 1)), actor=cast["county"])
    group.refresh_from_db()
    assert moved.path == paths.child_path(cast.other_committee.path, 2)
    assert group.path == moved.path + "0001"
    assert (moved.parent_id, group.parent_id, group.depth) == (cast.other_committee.pk, moved.pk, 5)
    newest = establish(cast.committee, a_branch(), Paper("样组〔2026〕9号", date(2026, 5, 1)), actor=cast["committee"])
    assert newest.path not in (old, moved.path)
    back = move(moved, cast.committee, Paper("样组〔2026〕10号", date(2026, 6, 1)), actor=cast["county"])
    assert back.path not in (old, newest.path)
    before = {v.organization_id for v in tree_as_of(date(2026, 3, 31), cast.committee.path)}
    during = {v.organization_id for v in tree_as_of(date(2026, 4, 1), cast.committee.path)}
    assert {cast.branch.pk, group.pk} <= before
    assert not {cast.branch.pk, group.pk} & during


def test_move_makes_no_circle_and_no_nonsense(cast):
    boss, when = cast["department"], Paper("样组〔2026〕8号", date(2026, 4, 1))
    assert refusal(move, cast.county, cast.branch, when, actor=boss).code == "circle"
    assert refusal(move, cast.committee, cast.committee, when, actor=boss).code == "circle"
    assert refusal(move, cast.branch, cast.committee, when, actor=boss).code == "parent_unchanged"
    assert refusal(move, cast.branch, cast.other_branch, when, actor=boss).code == "kind_under_parent"
    assert refusal(move, cast.city, cast.county, when, actor=boss).code in ("root_stays", "circle")


def test_move_needs_the_capability_on_all_three_nodes(cast):
    when = Paper("样组〔2026〕8号", date(2026, 4, 1))
    with pytest.raises(Missing):
        move(cast.branch, cast.other_committee, when, actor=cast["committee"])
    with pytest.raises(Missing):
        move(cast.other_branch, cast.committee, when, actor=cast["committee"])
    with pytest.raises(NotAllowed):
        move(cast.branch, cast.committee, when, actor=cast["secretary"])
    assert move(cast.branch, cast.other_committee, when, actor=cast["county"]).parent_id == cast.other_committee.pk


def test_a_change_may_not_be_dated_before_the_place_it_happens_in(cast):
    boss = cast["county"]
    establish(cast.branch, NewOrganization("第一党小组", "", Kind.GROUP), Paper("甲1号", date(2026, 5, 1)), actor=boss)
    too_early = Paper("甲2号", date(2026, 4, 30))
    assert refusal(move, cast.branch, cast.other_committee, too_early, actor=boss).code == "date_before_history"
    move(cast.branch, cast.other_committee, Paper("甲3号", date(2026, 5, 1)), actor=boss)
    early_group = NewOrganization("第二党小组", "", Kind.GROUP)
    assert refusal(establish, cast.branch, early_group, too_early, actor=boss).code == "date_before_history"
    assert refusal(move, cast.sibling, moved_parent(cast), too_early, actor=boss).code == "date_before_history"


def moved_parent(cast) -> Organization:
    """A committee that came to its present place on 1 May."""
    fresh = NewOrganization("新区党委", "", Kind.COMMITTEE, members=100)
    return establish(cast.county, fresh, Paper("甲4号", date(2026, 5, 1)), actor=cast["county"])


def test_common_superior():
    assert common_superior("000100020003", "000100020004") == "00010002"
    assert common_superior("00010002", "000100020004") == "00010002"
    assert common_superior("0001", "0001") == "0001"
