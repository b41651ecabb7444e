"""One person registered twice: merged into one file, with everything that hung on either."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import AuditRecord
from audit.queries import lookups_of
from cadres.domain.accounts import link_account
from cadres.domain.appointments import Commission, appoint
from cadres.models import Appointment, OfficerAccount
from core.access import scope
from core.errors import Conflict, DomainError, NotAllowed
from core.registry import registry
from insight.domain.monthends import reckon
from insight.domain.rebuilding import differences, rebuild
from insight.models import MonthEnd
from members.domain.attachments import attach, open_attachment
from members.domain.checks import confirm_checked
from members.domain.corrections import Proposal, propose
from members.domain.logins import issue_activation
from members.domain.merged_fields import proposed
from members.domain.merging import merge
from members.domain.records import add_record
from members.domain.reveal import reveal
from members.domain.roll import change_branch
from members.domain.standing import leave
from members.domain.telling_apart import tell_apart
from members.enums import MovementKind, Standing
from members.models import Attachment, Award, Member, Movement, NotTheSame, Sanction
from members.queries import Filter, by_number, count_of, merged_into, page_of, rights_on
from members.record_kinds import BY_KEY
from orgs.domain.tree import Paper, move
from tests.house.rows_life import AWARD, PICTURE
from tests.members.twins import DAY, WHY, fresh, merged, twin
from tests.people import Cast, member
from workflow.models import Case

SANCTION = {
    "kind": "warning", "decided_on": date(2024, 3, 1), "document_no": "样纪〔2024〕1号", "decided_by": "样东区纪委", "facts": "略",
}  # fmt: skip


def test_the_other_registration_is_closed_and_leads_here(cast: Cast, as_person) -> None:
    chen, other = cast.members["chen"], twin(cast)
    merged(cast, chen, other)
    closed = Member.ever.get(pk=other.pk)
    assert (closed.standing, closed.merged_into, closed.org_path) == (Standing.MERGED, chen, chen.org_path)
    before = closed.history.order_by("-history_id")[1]
    assert (before.name, bytes(before.phone_sealed)) == ("陈望舒", other.phone_sealed)
    seen = scope(cast["department"], "view_members")
    assert other.uuid not in {row.uuid for row in page_of(seen, Filter(q="陈望舒")).rows}
    assert count_of(seen, Filter(standing="merged"))[0] == 0
    assert by_number(seen, other.phone) is None
    address = reverse("members:file", args=[other.uuid])
    assert as_person("secretary").get(address).url == reverse("members:file", args=[chen.uuid])
    assert as_person("neighbour").get(address).status_code == 404
    shown = as_person("secretary").get(reverse("members:merged", args=[chen.uuid])).content.decode()
    assert "第二党支部" in shown
    assert other.phone not in shown


def test_the_chosen_values_stay_and_the_others_are_in_the_history(cast: Cast) -> None:
    chen, other = cast.members["chen"], twin(cast, phone="13900009876", native_place="样例县", address="测试市新路8号")
    kept = fresh(merged(cast, chen, other, phone="gone", native_place="gone"))
    assert (kept.phone, kept.native_place, kept.address) == ("13900009876", "样例县", chen.address)
    assert by_number(scope(cast["secretary"], "view_members"), "13900009876") == kept
    assert bytes(kept.history.order_by("-history_id")[1].phone_sealed) == bytes(chen.phone_sealed)
    assert kept.checked["native_place"] == other.checked["native_place"]


def test_a_sound_number_of_the_other_comes_over_and_stays_the_only_one(cast: Cast) -> None:
    held, sound = twin(cast), cast.members["chen"]
    kept = fresh(merged(cast, held, sound, id_number="gone"))
    assert (kept.id_number, kept.id_unverified, kept.contested) == (sound.id_number, "", False)
    assert by_number(scope(cast["committee"], "view_members"), sound.id_number) == kept


def rows_of(one: Member) -> dict[str, int]:
    """How many rows point to a registration, by every reference there is."""
    found = {}
    for name in registry.merge_answers:
        label, _, column = name.rpartition(".")
        found[name] = apps.get_model(label)._base_manager.filter(**{column: one}).count()
    return found


def furnished(cast: Cast, one: Member) -> None:
    """Something of everything that may hang on a registration."""
    by = cast["department"]
    add_record(one, BY_KEY["awards"], AWARD, actor=by)
    add_record(one, BY_KEY["sanctions"], SANCTION, actor=by)
    attach("member", one.uuid, PICTURE, "志愿书.png", actor=by, title="入党志愿书", photo=True)
    confirm_checked(fresh(one), ["name"], actor=by, document="居民身份证")
    proposal = Proposal({"joined_on": "2016年6月21日"}, "入党志愿书", own=False)
    if not Case.objects.filter(procedure="members.correction").exists():
        propose(fresh(one), proposal, actor=by)
    reveal(fresh(one), "phone", actor=by, reason="contact")
    tell_apart(fresh(one), cast.members["feng"], reason="看了户口簿", actor=by)


def test_nothing_is_lost(cast: Cast) -> None:
    """Every row that pointed to either points to the one that stays; the closed row keeps only what says whose it was."""
    chen, other = cast.members["chen"], twin(cast)
    for one in (other, chen):
        furnished(cast, one)
    paper = Commission("organisation_member", "appointed", "样组任〔2026〕8号", date(2026, 3, 1))
    appoint(cast.committee, fresh(other), paper, actor=cast["county"])
    before = {name: count + rows_of(other)[name] for name, count in rows_of(chen).items()}
    looks = len(lookups_of(chen.uuid, timezone.now() - timedelta(days=1), also=[other.uuid]))
    merged(cast, chen, other)
    after = rows_of(chen)
    for name in ("members.NotTheSame.first", "members.NotTheSame.second"):
        before.pop(name), after.pop(name)
    before |= {"members.Member.merged_into": 1, "members.Movement.member": before["members.Movement.member"] + 1}
    before["members.Movement.registration"] = 0
    assert after == before
    assert {name: n for name, n in rows_of(other).items() if n} == {"members.Movement.registration": 2}
    assert NotTheSame.objects.count() == 1
    assert Case.objects.filter(subject_uuid=chen.uuid).count() == Case.objects.count() == 1
    assert Case.objects.get().path == chen.org_path
    assert len(lookups_of(chen.uuid, timezone.now() - timedelta(days=1), also=merged_into(chen))) == looks == 2
    assert Attachment.objects.filter(owner=chen.uuid, is_photo=True).count() == 1
    for paper in Attachment.objects.filter(member=chen):
        assert open_attachment(paper, actor=cast["department"])
    assert {s.facts for s in Sanction.objects.filter(member=chen)} == {"略"}
    assert {a.history.count() for a in Award.objects.filter(member=chen)} == {1, 2}
    assert differences() == []


def test_the_figures_count_the_person_once_from_today_and_twice_before(cast: Cast) -> None:
    chen, other = cast.members["chen"], twin(cast)
    Movement.objects.filter(member__in=[chen, other]).update(happened_on=date(2026, 8, 3))
    rebuild()
    as_it_was = month_end()
    merged(cast, chen, other)
    assert differences() == []
    assert Movement.objects.get(kind=MovementKind.CORRECTED).org_path == cast.sibling.path
    assert month_end() == as_it_was
    assert rights_on(fresh(chen), DAY).vote.held


def month_end() -> list[tuple[object, ...]]:
    """The end of September reckoned back, every figure of every node."""
    reckon(date(2026, 9, 30))
    return sorted(MonthEnd.objects.values_list("path", "dim", "keys", "ns"), key=str)


def test_one_life_in_two_registrations_needs_no_correction(cast: Cast) -> None:
    """Transferred out first, registered elsewhere later: the movements follow each other, the roll never held both."""
    chen = cast.members["chen"]
    leave(
        fresh(chen), Standing.TRANSFERRED, on=DAY - timedelta(days=400), document_no="样组〔2025〕9号", reason="工作调动",
        actor=cast["secretary"], version=chen.version,
    )  # fmt: skip
    Movement.objects.filter(member=chen, kind=MovementKind.REGISTRY_BUILD).update(happened_on=date(2020, 1, 1))
    later = twin(cast)
    kept = merged(cast, later, chen, id_number="gone")
    assert not Movement.objects.filter(kind=MovementKind.CORRECTED).exists()
    assert not Movement.objects.exclude(registration=None).exists()
    assert kept.movements.count() == 3
    assert kept.id_number == chen.id_number


# --- who may, and what is refused ---


def refusal(cast: Cast, keep: Member, gone: Member, who: str = "committee", **choices: str) -> str:
    with pytest.raises(DomainError) as refused:
        merged(cast, keep, gone, who, **choices)
    assert Member.objects.filter(pk__in=[keep.pk, gone.pk]).count() == 2
    return refused.value.code


def test_only_who_may_edit_both_merges_them(cast: Cast) -> None:
    chen, other = cast.members["chen"], twin(cast)
    assert refusal(cast, chen, other, "secretary") == refusal(cast, chen, other, "neighbour")
    assert refusal(cast, chen, other, "stranger")
    merged(cast, chen, other, "committee")


def test_a_secretary_merges_two_of_the_own_branch(cast: Cast) -> None:
    merged(cast, cast.members["chen"], twin(cast, "branch"), "secretary")


def test_differing_dates_are_the_committees(cast: Cast) -> None:
    chen, other = cast.members["chen"], twin(cast, "branch", joined_on=date(2016, 7, 1), converted_on=date(2017, 7, 1))
    assert refusal(cast, chen, other, "secretary", party="gone") == "dates_need_committee"
    kept = fresh(merged(cast, chen, other, "committee", party="gone"))
    assert (kept.joined_on, kept.converted_on, kept.counted_from) == (date(2016, 7, 1), date(2017, 7, 1), date(2017, 7, 1))


def test_two_sound_numbers_are_the_checkers(cast: Cast) -> None:
    chen, other = cast.members["chen"], twin(cast, "branch", number=True)
    assert refusal(cast, chen, other, "secretary") == "numbers_differ"
    kept = merged(cast, chen, other, "committee", id_number="gone")
    assert kept.id_number == other.id_number


def test_who_is_not_alike_is_not_merged(cast: Cast) -> None:
    chen, other = cast.members["chen"], member(cast.branch, "陈望书", actor=cast["department"])
    assert refusal(cast, chen, other) == "not_alike"


def test_a_standing_registration_is_not_merged_into_one_that_has_left(cast: Cast) -> None:
    chen, other = cast.members["chen"], twin(cast)
    gone = leave(
        fresh(other), Standing.TRANSFERRED, on=DAY, document_no="样组〔2026〕9号", reason="调动", actor=cast["department"],
        version=other.version,
    )  # fmt: skip
    assert refusal(cast, gone, chen) == "keep_the_standing_one"


def test_nonsense_and_no_reason_are_refused(cast: Cast) -> None:
    chen, other = cast.members["chen"], twin(cast)
    assert refusal(cast, chen, other, standing="gone") == "choice_unknown"
    assert refusal(cast, chen, other, phone="both") == "choice_unknown"
    with pytest.raises(DomainError, match="依据"):
        merge(fresh(chen), fresh(other), choices={}, reason=" ", actor=cast["committee"])


def test_what_changed_meanwhile_is_not_merged_unseen(cast: Cast) -> None:
    chen, other = fresh(cast.members["chen"]), fresh(twin(cast))
    change_branch(other, cast.branch, actor=cast["committee"], reason="调整", version=other.version)
    with pytest.raises(Conflict):
        merge(chen, other, choices={}, reason=WHY, actor=cast["committee"])


def test_nobody_merges_the_own_file(cast: Cast) -> None:
    other = twin(cast, "branch")
    Member.objects.filter(pk=other.pk).update(user=cast["organizer"])
    with pytest.raises(NotAllowed):
        merged(cast, cast.members["chen"], other, "organizer")


def test_two_running_corrections_are_ended_first(cast: Cast) -> None:
    chen, other = cast.members["chen"], twin(cast)
    for one in (chen, other):
        propose(fresh(one), Proposal({"joined_on": "2016年6月21日"}, "入党志愿书", own=False), actor=cast["committee"])
    assert refusal(cast, chen, other) == "case_running"


# --- logins and posts ---


def test_two_logins_become_one(cast: Cast) -> None:
    chen, other = cast.members["chen"], twin(cast)
    second = issue_activation(fresh(other), actor=cast["neighbour"]).user
    case = propose(fresh(chen), Proposal({"joined_on": "2016年6月21日"}, "入党志愿书", own=True), actor=cast["chen"])
    kept = fresh(merged(cast, chen, other, login="gone"))
    assert kept.user_id == second.pk
    assert Case.objects.get(pk=case.pk).starter_id == second.pk
    former = User.objects.get(pk=chen.user_id)
    assert not former.is_active
    assert Member.ever.get(pk=other.pk).user_id == former.pk


def test_the_only_login_comes_along(cast: Cast) -> None:
    other = twin(cast)
    login = issue_activation(fresh(other), actor=cast["neighbour"]).user
    chen = cast.members["chen"]
    Member.objects.filter(pk=chen.pk).update(user=None)
    assert fresh(merged(cast, chen, other)).user_id == login.pk


def in_post(cast: Cast, one: Member, post: str = "organisation_member") -> Appointment:
    return appoint(
        cast.committee, fresh(one), Commission(post, "appointed", "样组任〔2026〕8号", date(2026, 3, 1)), actor=cast["county"]
    )


def test_a_post_and_its_account_go_along(cast: Cast) -> None:
    chen, other = cast.members["chen"], twin(cast)
    made = in_post(cast, other)
    User.objects.filter(username="nobody").update(full_name="陈望舒")
    link_account(made, "nobody", actor=cast["county"])
    merged(cast, chen, other)
    made.refresh_from_db()
    assert (made.member_id, made.ended_on) == (chen.pk, None)
    assert OfficerAccount.objects.get(user__username="nobody").member_id == chen.pk


def test_merging_gives_nobody_the_access_of_a_post(cast: Cast) -> None:
    """An account here, a post there: who may not fill the post may not bring the two together by merging."""
    chen, other = cast.members["chen"], twin(cast)
    in_post(cast, other)
    linked = in_post(cast, chen, "publicity_member")
    User.objects.filter(username="nobody").update(full_name="陈望舒")
    link_account(linked, "nobody", actor=cast["county"])
    assert refusal(cast, chen, other, "committee") == "merge_hindered"
    merged(cast, chen, other, "county")


def test_one_post_twice_is_settled_first(cast: Cast) -> None:
    chen, other = cast.members["chen"], twin(cast)
    in_post(cast, chen, "deputy_secretary")
    in_post(cast, other, "deputy_secretary")
    assert refusal(cast, chen, other, "county") == "merge_hindered"


# --- afterwards ---


def test_a_third_registration_and_a_move_keep_one_file(cast: Cast) -> None:
    chen, second, third = cast.members["chen"], twin(cast), twin(cast, "branch")
    merged(cast, second, third)
    merged(cast, chen, second)
    assert set(Member.ever.filter(merged_into=chen)) == {second, third}
    move(cast.branch, cast.other_committee, Paper("样组〔2026〕9号", DAY), actor=cast["department"])
    assert set(Member.ever.filter(merged_into=chen).values_list("org_path", flat=True)) == {fresh(chen).org_path}
    change_branch(fresh(chen), cast.other_branch, actor=cast["department"], reason="调整", version=fresh(chen).version)
    assert set(Member.ever.filter(merged_into=chen).values_list("organization_id", flat=True)) == {cast.other_branch.pk}
    assert differences() == []


def test_what_is_likely_right_is_proposed(cast: Cast) -> None:
    chen, other = cast.members["chen"], twin(cast, native_place="样例县", address="测试市新路8号")
    confirm_checked(fresh(other), ["address"], actor=cast["neighbour"], document="居民户口簿")
    sides = proposed(fresh(chen), fresh(other))
    assert sides["native_place"] == sides["address"] == "gone"
    assert sides["id_number"] == sides["phone"] == "keep"


def test_a_merge_is_written_down_with_both(cast: Cast) -> None:
    chen, other = cast.members["chen"], twin(cast)
    merged(cast, chen, other)
    told = AuditRecord.objects.get(verb="merge_members")
    assert (told.subject, told.details["merged"]) == (chen.uuid, str(other.uuid))
    assert AuditRecord.objects.filter(verb="close_merged", subject=other.uuid).count() == 1
