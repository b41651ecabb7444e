"""Who may do what when: every verb denied and allowed from one set-up; what is frozen stays, whoever is connected."""

import json

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from ballots import queries
from ballots.core import ballot, credentials
from ballots.core.archive import Event
from ballots.core.faults import Fault
from ballots.core.layouts import Candidates, OneOfSeveral
from ballots.core.verifying import verify
from ballots.domain import chain, counting, freezing, polls, registering
from ballots.domain.polls import Bench, NewPoll
from ballots.enums import Phase
from ballots.models import Elector, Poll, RollEntry
from core.errors import DomainError, Missing, NotAllowed
from orgs.domain.tree import Paper, move
from tests.ballots.polling import SMALL, TELLERS, Seat, convened, drafted, frozen, opened, signed_in
from tests.ballots.test_polls import finish
from tests.people import START

pytestmark = pytest.mark.django_db


def refused(verb, *args, **more) -> DomainError:
    with pytest.raises(DomainError) as caught, transaction.atomic():
        verb(*args, **more)
    return caught.value


def test_only_who_may_run_ballots_drafts_one(cast) -> None:
    new = NewPoll("表决", OneOfSeveral(("同意按期转正",)))
    for name, kind in (("neighbour", Missing), ("stranger", Missing), ("organizer", NotAllowed), ("reader", NotAllowed)):
        assert type(refused(polls.draft, cast.branch, new, actor=cast[name])) is kind
    assert polls.draft(cast.branch, new, actor=cast["secretary"]).phase == Phase.DRAFT
    assert polls.draft(cast.branch, new, actor=cast["committee"]).phase == Phase.DRAFT


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (NewPoll(" ", SMALL), "title"),
        (NewPoll("选举", Candidates((), 1)), "layout"),
        (NewPoll("选举", Candidates(("甲", "甲"), 1)), "layout"),
        (NewPoll("选举", Candidates(("甲",), 2)), "layout"),
        (NewPoll("选举", Candidates(("甲",), 1, tuple(f"党员{i}" for i in range(51)))), "layout"),
        (NewPoll("表决", OneOfSeveral(("转正",), ("同意",))), "layout"),
        (NewPoll("选举", SMALL, "verifiable"), "slips"),
        (NewPoll("选举", SMALL, "paper", slips=3), "slips"),
    ],
)
def test_a_draft_must_be_a_ballot_paper(cast, new, field) -> None:
    assert refused(polls.draft, cast.branch, new, actor=cast["secretary"]).field == field


def test_three_different_accounts(cast) -> None:
    """V4: who organises, who registers slips and who counts are different people; nobody opens the box alone."""
    poll, bench = drafted(cast), [cast[name] for name in TELLERS]

    def code(tellers, threshold, registrar="organizer") -> str:
        chosen = Bench(tellers, threshold, cast[registrar] if registrar else None)
        return refused(polls.convene, poll, chosen, actor=cast["secretary"]).code

    assert code([*bench[:2], cast["secretary"]], 2) == "roles_joined"
    assert code([*bench[:2], cast["organizer"]], 2) == "roles_joined"
    assert code([bench[0], bench[0]], 2) == "roles_joined"
    assert code(bench, 2, registrar="secretary") == "roles_joined"
    assert code(bench, 2, registrar="") == "registrar_missing"
    assert code(bench, 1) == code(bench, 4) == code(bench[:1], 1) == "bench_wrong"
    made = polls.convene(poll, Bench(bench, 2, cast["organizer"]), actor=cast["secretary"])
    assert made.phase == Phase.CEREMONY


def test_who_counts_or_registers_does_not_organise(cast) -> None:
    poll = polls.draft(cast.branch, NewPoll("选举", SMALL, "verifiable", slips=2), actor=cast["secretary"])
    bench = Bench([cast["committee"], cast["reader"]], 2, cast["organizer"])
    polls.convene(poll, bench, actor=cast["secretary"])
    assert refused(polls.abandon, poll, "不开了", actor=cast["committee"]).code == "own_part"
    assert refused(polls.abandon, poll, "不开了", actor=cast["stranger"]).status == 404
    assert refused(polls.abandon, poll, " ", actor=cast["secretary"]).field == "reason"
    assert polls.abandon(poll, "改期", actor=cast["secretary"]).phase == Phase.ABANDONED
    assert refused(polls.abandon, poll, "再来", actor=cast["secretary"]).status == 409


def test_slips_are_registered_by_the_registrar_alone(cast) -> None:
    run = convened(cast, slips=2)
    address = reverse("own_ballots:slips", args=[run.poll.uuid])

    def send(name: str, found: list) -> int:
        body = json.dumps({"credentials": found})
        return signed_in(cast[name]).post(address, body, content_type="application/json").status_code

    drawn = [str(credentials.draw(run.poll.code).public) for _ in range(3)]
    assert [send(name, drawn[:2]) for name in ("secretary", *TELLERS, "department")] == [404] * 5
    assert [send("organizer", some) for some in (drawn, drawn[:1], [drawn[0]] * 2, ["1", drawn[0]], ["2", "7"], [1, 2])] == [
        422
    ] * 6
    assert send("organizer", drawn[:2]) == send("organizer", drawn[1:]) == 200
    assert sorted(run.poll.registrations.values_list("credential", flat=True)) == sorted(drawn[1:])


def test_freezing_waits_for_key_and_slips(cast) -> None:
    run = convened(cast, slips=2)
    assert refused(freezing.freeze, run.poll, actor=cast["secretary"]).code == "tellers_missing"
    run.hold_ceremony()
    assert refused(freezing.freeze, run.poll, actor=cast["secretary"]).code == "slips_missing"
    run.print_slips()
    assert refused(freezing.freeze, run.poll, actor=cast["neighbour"]).status == 404
    run.freeze()
    assert refused(freezing.freeze, run.poll, actor=cast["secretary"]).status == 409
    assert refused(freezing.open_poll, run.poll, actor=cast["secretary"]).code == "tellers_missing"
    run.rehearse()
    assert refused(freezing.open_poll, run.poll, actor=cast["organizer"]).status == 403
    run.open()
    assert run.poll.phase == Phase.OPEN


def test_nothing_changes_after_the_draft(cast) -> None:
    """V8: by verb 409, by database refused; the roll and the fingerprint stand in the election's own text."""
    run = frozen(cast, slips=2)
    new = NewPoll("另一个题目", SMALL, "verifiable", slips=2)
    assert refused(polls.revise, run.poll, new, actor=cast["secretary"]).status == 409
    drawn = [str(credentials.draw(run.poll.code).public) for _ in range(2)]
    assert refused(registering.register_slips, run.poll, drawn, actor=cast["organizer"]).status == 409
    assert run.election.rules.facts["voters"] == "2"
    run.rehearse()
    run.open()
    assert refused(polls.replace_teller, run.poll, 1, cast["chen"], "有事", actor=cast["secretary"]).status == 409
    assert refused(polls.restart_ceremony, run.poll, "重来", actor=cast["secretary"]).status == 409
    for change in (
        {"title": "换题目"}, {"revote": True}, {"layout_record": {}}, {"election_text": "x"}, {"fingerprint": "x"}, {"threshold": 1},
        {"roll_size": 9}, {"slips": 5}, {"trustees_text": "x"}, {"registrar": None}, {"mode": "paper"}, {"code": "x"},
    ):  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            Poll.objects.filter(pk=run.poll.pk).update(**change)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO ballots_rollentry (id, poll_id, credential) SELECT gen_random_uuid(), id, '4' FROM ballots_poll",
        "DELETE FROM ballots_rollentry",
        "UPDATE ballots_rollentry SET credential = '4'",
        "DELETE FROM ballots_event",
        "UPDATE ballots_event SET height = height + 1",
        "UPDATE ballots_text SET body = ''",
        "DELETE FROM ballots_text",
    ],
)
def test_the_database_refuses_to_stuff_or_empty_the_box(cast, sql) -> None:
    opened(cast, slips=1)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_ballot_put_in_with_database_access_alone_is_found(cast) -> None:
    """V4: even past the triggers, a ballot needs a credential of the roll and its signature."""
    run = opened(cast, slips=2)
    run.cast(run.slips[0])
    stranger = credentials.draw(run.poll.code)
    answers = json.loads(run.ballot(stranger))["answers"]
    secret = credentials.exponent_of(stranger.code, run.poll.code)
    forged = ballot.sign(run.election, secret, run.slips[1].public, answers)
    with transaction.atomic():
        chain.append(run.poll, Event("Ballot", (run.ballot(stranger),)), voter="0" * 64)
        assert refused(counting.close, run.fresh(), 2, actor=run.organiser).code == "box_unsound"
        transaction.set_rollback(True)
    chain.append(run.poll, Event("Ballot", (forged,)), voter="0" * 64)
    counting.close(run.fresh(), 2, actor=run.organiser)
    with pytest.raises(Fault) as found:
        verify(run.archive())
    assert found.value.place.startswith("ballot 2")


def test_a_lost_teller_is_replaced_before_the_opening(cast) -> None:
    run = frozen(cast, slips=2)
    roll, mark = list(RollEntry.objects.values_list("credential", flat=True)), run.poll.fingerprint
    assert refused(polls.replace_teller, run.poll, 2, cast["secretary"], "病了", actor=cast["secretary"]).code == "roles_joined"
    polls.replace_teller(run.poll, 2, cast["chen"], "病了", actor=cast["secretary"])
    assert run.seats[1].client.get(reverse("own_ballots:ceremony", args=[run.poll.uuid])).status_code == 404
    assert run.seats[0].state()["attempt"] == 2
    assert run.seats[0].send("rehearse", {"partial": "{}"}).status_code == 409
    run.tellers = ("neighbour", "chen", "reader")
    run.hold_ceremony()
    run.freeze()
    run.rehearse()
    run.open()
    assert list(RollEntry.objects.values_list("credential", flat=True)) == roll
    assert run.fresh().fingerprint != mark
    run.cast(run.slips[0])
    finish(run, owners=(2, 3))
    assert verify(run.archive()).result == run.expected()


def test_rounds_are_checked_as_they_come(cast) -> None:
    run = convened(cast, slips=1)
    run.seats = [Seat(run, signed_in(cast[name])) for name in run.tellers]
    first, second, third = run.seats
    first.commit()
    assert first.state()["step"] == "wait"
    assert first.send("share", {"coefficients": {}, "shares": {}}).json()["code"] == "tellers_missing"
    assert second.send("commit", {"commitment": "x" * 43, "certificate": first.secret.certificate()}).status_code == 422
    for commitment in (1, "x" * 42, "一" * 43, "\0" * 43, "\ud800" * 43):
        assert second.send("commit", {"commitment": commitment, "certificate": []}).status_code == 422
    second.commit()
    third.commit()
    shares = {"1": "a", "2": "b", "3": "c"}
    other = second.secret.published()
    assert first.send("share", {"coefficients": other, "shares": shares}).json()["code"] == "wrong_signature"
    assert first.send("share", {"coefficients": first.secret.published(), "shares": {"1": "a"}}).json()["code"] == "wrong_shape"
    late = first.secret.__class__(first.secret.place, first.secret.signing, first.secret.decryption, (5, 7))
    assert first.send("share", {"coefficients": late.published(), "shares": shares}).json()["code"] == "commitment_broken"
    first.distribute()
    assert second.state()["tellers"][0]["coefficients"] is None
    second.distribute()
    third.distribute()
    wrong = first.secret.verification_key(12345)
    assert first.send("confirm", {"verification_key": wrong, "signature": wrong["pok"]}).json()["code"] == "wrong_key"
    for seat in run.seats:
        seat.confirm()
    assert first.send("commit", {"commitment": "x" * 43, "certificate": {}}).status_code == 409
    assert first.send("nothing", {}).status_code == 404


def test_closing_asks_for_the_slips_given_out(cast) -> None:
    """V9: numbers that must fit; who took a token is for the registrar's eyes, how many is public."""
    run = opened(cast, slips=3)
    for slip in run.slips[:2]:
        run.cast(slip)
    assert refused(counting.close, run.poll, None, actor=run.organiser).field == "slips_given"
    assert refused(counting.close, run.poll, 4, actor=run.organiser).field == "slips_given"
    assert refused(counting.close, run.poll, 1, actor=run.organiser).code == "more_ballots_than_slips"
    assert queries.turnout(run.poll) == {"slips": 3, "tokens": 0, "roll": 3, "voted": 2}
    outcome = finish(run)
    assert (outcome.issued, outcome.returned) == (3, 2)
    assert refused(counting.announce, run.poll, actor=run.organiser).status == 409


def test_who_took_a_token_is_for_the_registrar(cast) -> None:
    run = convened(cast, slips=1, electors=("chen", "zhao"))
    Elector.objects.filter(user=cast["chen"]).update(issued=True)
    assert [e.user.full_name for e in queries.who_took_tokens(cast["organizer"], run.poll.uuid)] == ["陈望舒"]
    for name in ("secretary", *TELLERS, "department", "chen"):
        with pytest.raises(Missing):
            queries.who_took_tokens(cast[name], run.poll.uuid)


def test_late_ballots_stay_out(cast) -> None:
    run = opened(cast, slips=2)
    kept, late = run.ballot(run.slips[0]), run.ballot(run.slips[1])
    assert run.send(kept).status_code == 200
    counting.close(run.fresh(), 2, actor=run.organiser)
    assert (run.send(late).status_code, run.send(late).json()["code"]) == (409, "not_open")
    assert run.send(kept).status_code == 200, "the answer to a ballot in the box stays the same"
    assert refused(counting.announce, run.fresh(), actor=run.organiser).status == 409
    run.fresh()
    run.seats[2].decrypt()
    assert run.seats[2].send("decrypt", {"partial": "{}"}).status_code == 409
    assert run.seats[0].send("decrypt", {"partial": "{}"}).status_code == 422
    run.seats[0].decrypt()
    counting.announce(run.fresh(), actor=run.organiser)
    assert run.seats[0].send("destroy", {"phrase": "好"}).status_code == 422
    assert run.seats[0].publish("destroy", {"phrase": counting.DESTROYED})["step"] == "done"


def test_a_vote_moves_with_its_organisation(cast) -> None:
    poll = drafted(cast)
    move(cast.branch, cast.other_committee, Paper("样组〔2026〕3号", START), actor=cast["county"])
    assert Poll.objects.get(pk=poll.pk).org_path == type(cast.branch).objects.get(pk=cast.branch.pk).path


def test_parts_are_listed_for_who_has_them(cast) -> None:
    run = convened(cast, slips=1, electors=("chen",))
    drafted(cast)
    roles = {name: [p.role for p in queries.parts_of(cast[name])] for name in ("neighbour", "organizer", "chen", "zhao")}
    assert roles == {"neighbour": ["teller"], "organizer": ["registrar"], "chen": ["elector"], "zhao": []}
    assert queries.electors_poll(cast["chen"], run.poll.uuid) == (run.poll, False)
    assert [p.pk for p in queries.polls_visible_to(cast["neighbour"])] == []
    assert queries.polls_visible_to(cast["secretary"]).count() == 2


def test_a_reorganisation_is_told_of_votes_under_way(cast) -> None:
    from ballots.impact import lines
    from core.access import scope
    from core.registry import Change

    polls.abandon(drafted(cast), "改期", actor=cast["secretary"])
    drafted(cast)
    for name, seen in (("county", 1), ("neighbour", 0)):
        change = Change("merge", cast.branch.path, scope(cast[name], "run_ballots"))
        assert [(line.count, line.detail) for line in lines(change)] == [(seen, "请先办完")]
