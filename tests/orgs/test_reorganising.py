"""Upgrade, merge, split, dissolve, and taking them back: what moves, who may, what the preview said."""

from datetime import date, timedelta

import pytest

from core import access
from core.errors import Conflict, DomainError, Missing, NotAllowed
from insight.domain import folding
from members.domain.roll import change_branch
from members.domain.standing import leave
from members.enums import Standing
from members.models import Member
from orgs import impact
from orgs.domain.grants import give
from orgs.domain.parameters import set_parameter
from orgs.domain.plans import Division, Upgrade, plan_merger, plan_move
from orgs.domain.reorganising import dissolve, merge, split, upgrade
from orgs.domain.reverting import revert
from orgs.domain.seals import seal
from orgs.domain.terms import record_term
from orgs.domain.tree import Paper, move, rename
from orgs.domain.units import NewUnit, register_unit
from orgs.enums import Kind
from orgs.models import Grant, Organization, Reorganisation, Role
from orgs.queries import carrier_of_code, holdings_of, organization_named
from tests.orgs.reorganised import PAPER, assert_sound, tree_on
from tests.people import Cast, build_cast, member, organization

BEFORE, AFTER = PAPER.effective_on - timedelta(days=1), PAPER.effective_on


@pytest.fixture
def cast(db) -> Cast:
    """The whole cast: what is reorganised has people in it."""
    return build_cast()


def again(node: Organization) -> Organization:
    return Organization.ever.select_related("parent").get(pk=node.pk)


def at(node: Organization) -> set[str]:
    return set(Member.objects.filter(organization=node).values_list("name", flat=True))


def fill(node: Organization, cast: Cast, count: int) -> None:
    for number in range(count):
        member(node, f"党员{'一二三四五六七八九十'[number]}", actor=cast["department"])


# --- merge ---


def test_a_branch_is_merged_with_everything_in_it(cast):
    register_unit(NewUnit("样例厂"), cast.sibling, actor=cast["department"])
    record_term(cast.sibling, date(2025, 3, 1), "样组〔2025〕3号", actor=cast["department"])
    group = organization(cast.sibling, "第一党小组", Kind.GROUP)
    done = merge(cast.sibling, cast.branch, PAPER, actor=cast["committee"])
    source, into = again(cast.sibling), again(cast.branch)
    assert (source.dissolved_on, source.successor) == (AFTER, into)
    assert not Organization.objects.filter(pk=source.pk).exists()
    assert at(into) == {"陈望舒", "冯景行", "赵一禾"}
    assert again(group).parent == into
    assert [unit.name for unit in into.units.all()] == ["样例厂"]
    assert holdings_of(cast["neighbour"]).granted == {}
    assert source.terms.get().ended_on == AFTER
    assert done.kind == "merge"
    assert_sound()


def test_the_tree_of_a_day_before_still_has_it(cast):
    merge(cast.sibling, cast.branch, PAPER, actor=cast["committee"])
    assert tree_on(BEFORE)["第二党支部"] == "样例镇党委"
    assert "第二党支部" not in tree_on(AFTER)


def test_the_code_of_one_that_ended_leads_to_who_took_over(cast):
    merge(cast.sibling, cast.branch, PAPER, actor=cast["county"])
    merge(cast.branch, cast.other_branch, PAPER, actor=cast["county"])
    everywhere = Organization.objects.all()
    assert organization_named(cast.sibling.code, everywhere) == cast.other_branch
    assert organization_named(cast.sibling.code, everywhere.exclude(pk=cast.other_branch.pk)) is None
    assert carrier_of_code(cast.sibling.code, BEFORE) == again(cast.sibling)
    assert carrier_of_code(cast.sibling.code, AFTER) is None
    assert organization_named("没有这个码", everywhere) is None


def test_members_keep_a_history_of_the_merger(cast):
    merge(cast.sibling, cast.branch, PAPER, actor=cast["committee"])
    zhao = Member.objects.get(name="赵一禾")
    latest = zhao.history.latest()
    assert (latest.organization_id, latest.history_change_reason) == (cast.branch.pk, f"组织合并（{PAPER.document_no}）")
    assert latest.history_user == cast["committee"]
    assert zhao.version == 2


def test_committees_are_merged_with_their_branches(cast):
    merge(cast.other_committee, cast.committee, PAPER, actor=cast["county"])
    moved = again(cast.other_branch)
    assert moved.parent == again(cast.committee)
    assert Member.objects.get(name="周令仪").org_path == moved.path
    assert holdings_of(cast["stranger"]).granted["view_members"] == [moved.path]
    assert_sound()


@pytest.mark.parametrize(("who", "refusal"), [("neighbour", NotAllowed), ("secretary", Missing), ("nobody", Missing)])
def test_who_may_not_merge(cast, who, refusal):
    with pytest.raises(refusal):
        merge(cast.sibling, cast.branch, PAPER, actor=cast[who])
    assert again(cast.sibling).dissolved_on is None


def test_only_the_common_superior_merges_across_committees(cast):
    with pytest.raises(Missing):
        merge(cast.other_branch, cast.branch, PAPER, actor=cast["committee"])
    give(cast["committee"], Role.objects.get(code="committee_officer"), cast.other_committee, why="兼", actor=cast["security"])
    access.forget(cast["committee"])
    with pytest.raises(NotAllowed, match="共同的上级"):
        merge(cast.other_branch, cast.branch, PAPER, actor=cast["committee"])
    merge(cast.other_branch, cast.branch, PAPER, actor=cast["county"])
    assert_sound()


def refused(code: str, verb, *args, **options) -> DomainError:
    with pytest.raises(DomainError) as refusal:
        verb(*args, **options)
    assert refusal.value.code == code
    return refusal.value


def test_what_cannot_be_merged(cast):
    boss = cast["department"]
    refused("root_stays", merge, cast.city, cast.county, PAPER, actor=boss)
    refused("circle", merge, cast.committee, cast.branch, PAPER, actor=boss)
    refused("circle", merge, cast.branch, cast.branch, PAPER, actor=boss)
    refused("cannot_take", merge, cast.branch, cast.committee, PAPER, actor=boss)
    refused("cannot_take", merge, cast.committee, cast.other_branch, PAPER, actor=boss)
    refused("date_before_history", merge, cast.branch, cast.sibling, Paper("样〔1〕号", date(2019, 1, 1)), actor=boss)
    refused("document_missing", merge, cast.branch, cast.sibling, Paper(" ", AFTER), actor=boss)
    organization(cast.committee, "邻村党支部")
    refused("name_taken_here", merge, cast.other_committee, cast.committee, PAPER, actor=boss)


def test_a_branch_does_not_grow_beyond_its_size_without_approval(cast, monkeypatch):
    monkeypatch.setattr("orgs.domain.plans.heads", lambda *_: (51, 51))
    error = refused("setup_threshold", merge, cast.sibling, cast.branch, PAPER, actor=cast["committee"])
    assert "51" in error.message
    assert "第四条" in error.clause
    merge(cast.sibling, cast.branch, PAPER, actor=cast["committee"], superior_approved=True)


def test_what_is_sealed_is_not_merged_out_of_its_seal(cast):
    seal(cast.sibling, "样密〔2026〕1号", actor=cast["security"])
    give(cast["committee"], Role.objects.get(code="committee_officer"), cast.sibling, why="兼", actor=cast["security"])
    refused("sealed", merge, cast.sibling, cast.branch, PAPER, actor=cast["committee"])


def test_a_sealed_branch_goes_along_sealed_and_uncounted(cast):
    seal(cast.other_branch, "样密〔2026〕1号", actor=cast["security"])
    plan = plan_merger(cast.other_committee, cast.committee, PAPER, actor=cast["county"], superior_approved=False)
    told = {line.label: line.count for line in impact.impact_of(plan.change).lines}
    assert told["封闭的范围"] == 1
    assert "正式党员" not in told
    merge(cast.other_committee, cast.committee, PAPER, actor=cast["county"])
    assert "view_members" not in {c for c, p in holdings_of(cast["county"]).granted.items() if again(cast.other_branch).path in p}
    assert_sound()


# --- preview ---


def test_the_preview_says_what_happens(cast):
    fill(cast.sibling, cast, 2)
    leave(Member.objects.get(name="党员一"), Standing.DECEASED, on=BEFORE, document_no="", reason="", actor=cast["department"],
          version=1)  # fmt: skip
    plan = plan_merger(again(cast.sibling), again(cast.branch), PAPER, actor=cast["committee"], superior_approved=False)
    seen = impact.impact_of(plan.change)
    told = {line.label: line.count for line in seen.lines}
    assert told == {"正式党员": 2, "已离开党员的档案": 1, "授权收回": 1, "失去权限": 1, "新增权限": 2}
    before = at(cast.branch)
    done = merge(cast.sibling, cast.branch, PAPER, actor=cast["committee"], confirmed=seen.fingerprint)
    assert len(at(cast.branch) - before) == told["正式党员"] + told["已离开党员的档案"]
    assert Grant.objects.filter(organization=cast.sibling, revoked_at__isnull=False).count() == told["授权收回"]
    assert [line["count"] for line in done.impact] == [line.count for line in seen.lines]


def test_a_preview_that_is_out_of_date_is_not_confirmed(cast):
    plan = plan_merger(again(cast.sibling), again(cast.branch), PAPER, actor=cast["committee"], superior_approved=False)
    seen = impact.impact_of(plan.change).fingerprint
    fill(cast.sibling, cast, 1)
    refused("facts_changed", merge, cast.sibling, cast.branch, PAPER, actor=cast["committee"], confirmed=seen)
    assert not Reorganisation.objects.exists()


def test_one_for_another_is_a_change_too(cast):
    """One came and one went: the same number, but not the same people."""
    plan = plan_merger(again(cast.sibling), again(cast.branch), PAPER, actor=cast["committee"], superior_approved=False)
    seen = impact.impact_of(plan.change)
    zhao = Member.objects.get(name="赵一禾")
    change_branch(zhao, cast.other_branch, actor=cast["department"], reason="调整", version=zhao.version)
    fill(cast.sibling, cast, 1)
    now = impact.impact_of(plan.change)
    assert [line.count for line in now.lines] == [line.count for line in seen.lines]
    assert now.fingerprint != seen.fingerprint


def test_who_loses_and_gains_by_a_move(cast):
    """The officer of the old committee loses the branch, nobody else; the branch's own people keep it."""
    plan = plan_move(again(cast.branch), again(cast.other_committee), PAPER, actor=cast["county"])
    told = {line.label: line.count for line in impact.impact_of(plan.change).lines}
    assert told == {"正式党员": 1, "预备党员": 1, "失去权限": 1}
    move(cast.branch, cast.other_committee, PAPER, actor=cast["county"])
    path = again(cast.branch).path
    reach = {
        name: any(path.startswith(p) for p in holdings_of(cast[name]).granted.get("view_members", [])) for name in cast.people
    }
    assert {name for name, holds in reach.items() if holds} >= {"secretary", "county", "department"}
    assert not reach["committee"]


# --- upgrade ---


def test_a_branch_becomes_a_general_branch_and_its_people_stand_in_a_branch_below(cast):
    fill(cast.branch, cast, 3)
    group = organization(cast.branch, "第一党小组", Kind.GROUP)
    wanted = Upgrade(Kind.GENERAL_BRANCH, "第一党总支", branch_name="第一党总支第一党支部", superior_approved=True)
    done = upgrade(cast.branch, wanted, PAPER, actor=cast["committee"])
    node = again(cast.branch)
    assert (node.kind, node.name) == (Kind.GENERAL_BRANCH, "第一党总支")
    assert (done.other.parent, done.other.kind) == (node, Kind.BRANCH)
    assert (len(at(node)), len(at(done.other))) == (0, 5)
    assert again(group).parent == done.other
    assert holdings_of(cast["secretary"]).granted["view_members"] == [node.path]
    assert tree_on(BEFORE)["第一党支部"] == "样例镇党委"
    assert tree_on(AFTER)["第一党总支第一党支部"] == "第一党总支"
    assert_sound()


def test_a_general_branch_becomes_a_committee_with_its_branches(cast):
    general = organization(cast.committee, "片区党总支", Kind.GENERAL_BRANCH)
    branch = organization(general, "片区第一党支部")
    done = upgrade(general, Upgrade(Kind.COMMITTEE, "片区党委", superior_approved=True), PAPER, actor=cast["committee"])
    assert done.other is None
    assert again(branch).parent == again(general)
    assert_sound()


def test_what_cannot_be_upgraded(cast):
    general = Upgrade(Kind.GENERAL_BRANCH, "第一党总支", branch_name="第一党支部", superior_approved=True)
    with pytest.raises(NotAllowed):
        upgrade(cast.branch, general, PAPER, actor=cast["secretary"])
    boss = cast["committee"]
    refused("setup_threshold", upgrade, cast.branch, general, PAPER, actor=boss)  # two members: no branch can receive them
    fill(cast.branch, cast, 3)
    unapproved = Upgrade(Kind.GENERAL_BRANCH, "第一党总支", branch_name="第一党支部")
    assert "50" in refused("setup_threshold", upgrade, cast.branch, unapproved, PAPER, actor=boss).message
    refused("no_upgrade", upgrade, cast.branch, Upgrade(Kind.BRANCH, "第一党支部"), PAPER, actor=boss)
    refused("name_ending", upgrade, cast.branch, Upgrade(Kind.GENERAL_BRANCH, "第一党委"), PAPER, actor=boss)
    nameless = Upgrade(Kind.GENERAL_BRANCH, "第一党总支", superior_approved=True)
    refused("branch_name_missing", upgrade, cast.branch, nameless, PAPER, actor=boss)


# --- split ---


def chosen(*names: str) -> tuple:
    return tuple(Member.objects.filter(name__in=names).values_list("uuid", flat=True))


def test_a_branch_is_split_by_choosing_members(cast):
    fill(cast.branch, cast, 6)
    people = chosen("党员一", "党员二", "党员三")
    done = split(cast.branch, Division("第三党支部", people=people), PAPER, actor=cast["committee"])
    assert at(done.other) == {"党员一", "党员二", "党员三"}
    assert done.other.parent == cast.committee
    assert len(at(cast.branch)) == 5
    assert_sound()


def test_a_committee_is_split_by_choosing_branches(cast):
    wanted = Division("新镇党委", children=(cast.branch.uuid,), superior_approved=True)
    done = split(cast.committee, wanted, PAPER, actor=cast["county"])
    assert again(cast.branch).parent == done.other
    assert again(cast.sibling).parent == cast.committee
    assert holdings_of(cast["committee"]).granted["view_members"] == [cast.committee.path]
    assert_sound()


def test_what_cannot_be_split(cast):
    fill(cast.branch, cast, 4)
    boss = cast["committee"]
    refused("nothing_chosen", split, cast.branch, Division("第三党支部"), PAPER, actor=boss)
    refused("setup_threshold", split, cast.branch, Division("第三党支部", people=chosen("党员一")), PAPER, actor=boss)
    leaves_two = Division("第三党支部", people=chosen("党员一", "党员二", "党员三"))
    assert "只剩" in refused("setup_threshold", split, cast.branch, leaves_two, PAPER, actor=boss).message
    elsewhere = Division("第三党支部", children=(cast.other_branch.uuid,))
    refused("children_changed", split, cast.branch, elsewhere, PAPER, actor=boss)
    fill(cast.branch, cast, 3)
    gone = Member.objects.filter(organization=cast.branch, name="党员四").first()
    change_branch(gone, cast.sibling, actor=boss, reason="调整", version=gone.version)
    one_elsewhere = Division("第三党支部", people=(gone.uuid, *chosen("党员一", "党员二")))
    refused("people_changed", split, cast.branch, one_elsewhere, PAPER, actor=boss)
    assert not Organization.ever.filter(name="第三党支部").exists()
    with pytest.raises(NotAllowed):
        split(cast.branch, leaves_two, PAPER, actor=cast["secretary"])


# --- dissolve ---


def test_an_empty_organisation_is_dissolved(cast):
    empty = organization(cast.committee, "工地临时党支部")
    dissolve(empty, None, PAPER, actor=cast["committee"])
    assert again(empty).dissolved_on == AFTER
    assert_sound()


def test_nothing_is_left_behind(cast):
    error = refused("would_be_left", dissolve, cast.branch, None, PAPER, actor=cast["committee"])
    assert "1 名正式党员、1 名预备党员" in error.message
    refused("would_be_left", dissolve, cast.committee, None, PAPER, actor=cast["county"])
    refused("cannot_take", dissolve, cast.branch, cast.committee, PAPER, actor=cast["committee"])


def test_a_general_branch_is_dissolved_and_its_branches_come_under_the_committee(cast):
    general = organization(cast.committee, "片区党总支", Kind.GENERAL_BRANCH)
    branch = organization(general, "片区第一党支部")
    done = dissolve(general, cast.committee, PAPER, actor=cast["committee"])
    assert again(branch).parent == again(cast.committee)
    assert done.other == cast.committee
    assert_sound()


def test_files_of_who_has_left_stay_with_an_organisation_that_ends_empty(cast):
    gone = Member.objects.get(name="赵一禾")
    leave(gone, Standing.DECEASED, on=BEFORE, document_no="", reason="", actor=cast["department"], version=1)
    dissolve(cast.sibling, None, PAPER, actor=cast["committee"])
    assert Member.objects.get(pk=gone.pk).organization == again(cast.sibling)
    assert_sound()


def test_nothing_more_happens_in_what_has_ended(cast):
    empty = organization(cast.committee, "工地临时党支部")
    dissolve(empty, None, PAPER, actor=cast["committee"])
    boss = cast["department"]
    for verb, args in (
        (rename, ("新党支部", "", PAPER)),
        (move, (cast.other_committee, PAPER)),
        (seal, ("样密〔2026〕2号",)),
    ):
        refused("organization_dissolved", verb, empty, *args, actor=cast["security"] if verb is seal else boss)
    role = Role.objects.get(code="branch_secretary")
    refused("organization_dissolved", give, cast["nobody"], role, empty, why="样组", actor=cast["security"])
    with pytest.raises(Conflict):
        member(empty, "来迟", actor=boss)


# --- taking back ---


def snapshot() -> dict[str, object]:
    return {
        "nodes": list(
            Organization.objects.order_by("pk").values("pk", "path", "parent", "name", "short_name", "kind", "is_joint")
        ),
        "members": list(Member.objects.order_by("pk").values_list("pk", "organization", "org_path")),
        "grants": list(Grant.objects.order_by("pk").values_list("pk", "organization", "revoked_at")),
        "trees": [tree_on(day) for day in (BEFORE, AFTER, AFTER + timedelta(days=2))],
        "units": list(Organization.objects.filter(units__isnull=False).order_by("pk").values_list("pk", "units")),
    }


def acts(cast: Cast) -> dict[str, object]:
    general = organization(cast.committee, "片区党总支", Kind.GENERAL_BRANCH)
    organization(general, "片区第一党支部")
    organization(cast.sibling, "第一党小组", Kind.GROUP)
    register_unit(NewUnit("样例厂"), cast.sibling, actor=cast["department"])
    fill(cast.sibling, cast, 6)
    three, boss = chosen("党员一", "党员二", "党员三"), cast["county"]
    wanted = Upgrade(Kind.GENERAL_BRANCH, "第二党总支", branch_name="第二党总支第一党支部", superior_approved=True)
    return {
        "merge": lambda: merge(cast.sibling, cast.branch, PAPER, actor=boss),
        "merge_committees": lambda: merge(cast.other_committee, cast.committee, PAPER, actor=boss),
        "upgrade": lambda: upgrade(cast.sibling, wanted, PAPER, actor=boss),
        "split": lambda: split(cast.sibling, Division("第三党支部", people=three), PAPER, actor=boss),
        "dissolve": lambda: dissolve(general, cast.committee, PAPER, actor=boss),
    }


@pytest.mark.parametrize("act", ["merge", "merge_committees", "upgrade", "split", "dissolve"])
def test_taken_back_everything_is_as_before(cast, act):
    verb = acts(cast)[act]
    before = snapshot()
    done = verb()
    assert snapshot() != before
    folding.fold()
    revert(done, actor=cast["county"], reason="文件撤回")
    assert snapshot() == before
    assert_sound()
    refused("already_reverted", revert, done, actor=cast["county"], reason="再撤一次")


def test_who_may_take_back(cast):
    done = merge(cast.sibling, cast.branch, PAPER, actor=cast["county"])
    for who in ("secretary", "neighbour", "stranger"):
        with pytest.raises(Missing):
            revert(done, actor=cast[who], reason="想撤回")
    refused("reason_missing", revert, done, actor=cast["county"], reason=" ")
    revert(done, actor=cast["committee"], reason="文件撤回")


def later_move(cast: Cast, done: Reorganisation) -> None:
    zhao = Member.objects.get(name="赵一禾")
    change_branch(zhao, cast.other_branch, actor=cast["department"], reason="调整", version=zhao.version)


def later_leave(cast: Cast, done: Reorganisation) -> None:
    zhao = Member.objects.get(name="赵一禾")
    leave(zhao, Standing.DECEASED, on=AFTER, document_no="", reason="", actor=cast["department"], version=zhao.version)


def later_namesake(cast: Cast, done: Reorganisation) -> None:
    organization(cast.committee, "第二党支部")


def later_superior(cast: Cast, done: Reorganisation) -> None:
    move(cast.committee, cast.other_committee, PAPER, actor=cast["county"])


@pytest.mark.parametrize(
    ("since", "words"),
    [(later_move, "1 名党员"), (later_leave, "1 名党员"), (later_namesake, "同名"), (later_superior, "又有变动")],
)
def test_what_rests_on_a_merger_keeps_it(cast, since, words):
    done = merge(cast.sibling, cast.branch, PAPER, actor=cast["county"])
    since(cast, done)
    assert words in refused("rested_on", revert, done, actor=cast["county"], reason="文件撤回").message
    assert_sound()


def grant_on_new(cast: Cast, made: Organization) -> None:
    give(cast["nobody"], Role.objects.get(code="branch_secretary"), made, why="样组任〔2026〕9号", actor=cast["security"])


def member_in_new(cast: Cast, made: Organization) -> None:
    member(made, "新来", actor=cast["department"])


def parameter_on_new(cast: Cast, made: Organization) -> None:
    set_parameter(made, "terms", "warn.months", 3, document_no="样组〔2026〕4号", effective_from=AFTER, actor=cast["department"])


def term_on_new(cast: Cast, made: Organization) -> None:
    record_term(made, AFTER, "样组〔2026〕5号", actor=cast["department"])


@pytest.mark.parametrize("since", [grant_on_new, member_in_new, parameter_on_new, term_on_new])
def test_what_rests_on_a_split_keeps_it(cast, since):
    done = acts(cast)["split"]()
    since(cast, done.other)
    refused("rested_on", revert, done, actor=cast["county"], reason="文件撤回")
    assert_sound()
