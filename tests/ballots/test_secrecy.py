"""What somebody reads who has everything: the database with its hidden columns, the logs, the queue, the record."""

import json
import logging
import re
import time
from itertools import combinations

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from ballots import tasks
from ballots.core import tally, trustees
from ballots.core.faults import Fault
from ballots.core.group import P, Q, hex_digest, inverse, power
from ballots.domain import counting, polls
from ballots.domain.wiping import holds_bytes
from ballots.models import Elector, Event, Registration, RollEntry
from tests.ballots.polling import convened, opened, register, signed_in, take_token
from tests.ballots.test_polls import finish
from tests.people import Cast

pytestmark = pytest.mark.django_db
VOTERS = ("chen", "zhao", "nobody", "department")


@pytest.fixture
def committed(transactional_db, cast):
    """Every verb in a transaction of its own, as in life."""
    return cast


def rows(sql: str, *params: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def tables() -> list[str]:
    return [name for (name,) in rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")]


def dump() -> dict[str, list[tuple[str, str]]]:
    """Every row of every table as (transaction that wrote it, text)."""
    return {name: [(str(x), text) for x, text in rows(f'SELECT t.xmin, t::text FROM "{name}" t')] for name in tables()}


def told_sequences() -> dict[str, object]:
    return dict(rows("SELECT sequencename::text, last_value FROM pg_sequences"))


def voted(cast: Cast, caplog):
    """Four people of the own device and two slips; every request without a name carries a signed-in browser's cookies anyway."""
    caplog.set_level(logging.DEBUG)
    run = convened(cast, slips=2, electors=VOTERS)
    run.hold_ceremony()
    run.print_slips()
    mine = {name: take_token(run, name) for name in VOTERS}
    for name in reversed(VOTERS):
        assert register(run, mine[name][1], signed_in(cast[name])).status_code == 200
    run.freeze()
    run.fresh()
    run.rehearse()
    run.open()
    return run, {name: credential for name, (credential, _) in mine.items()}


def test_a_dump_joins_nobody_to_a_choice(committed, caplog) -> None:
    cast = committed
    run, mine = voted(cast, caplog)
    texts = {name: run.ballot(credential) for name, credential in mine.items()}
    client = signed_in(cast["chen"])
    caplog.clear()
    kept = {name: found for name, found in dump().items() if name not in ("ballots_event", "ballots_text")}
    sequences = told_sequences()
    for text in [*texts.values(), run.ballot(run.slips[0])]:
        answer = run.send(text, client)
        assert answer.status_code == 200
        assert not answer.cookies
        assert "X-Request-Id" not in answer.headers
    everything = dump()
    assert {name: everything[name] for name in kept} == kept, "casting touched something beside the box"
    assert told_sequences() == sequences
    assert not [r for r in caplog.records if "/cast" in r.getMessage() or "vote:cast" in str(getattr(r, "facts", ""))]
    joined_by_text(cast, mine, everything)
    joined_by_transaction(cast, mine, texts, everything)
    assert_secrets_absent(run, mine, everything, caplog.text)


def joined_by_text(cast: Cast, mine: dict, everything: dict) -> None:
    """No row of any table says both who and which credential, ballot or tracker."""
    for table, found in everything.items():
        for _, text in found:
            people = [n for n in VOTERS if str(cast[n].uuid) in text or cast[n].username in text]
            credentials = [n for n, c in mine.items() if str(c.public) in text or hex_digest(str(c.public)) in text]
            assert not (people and credentials), f"{table}: {text[:200]}"


def joined_by_transaction(cast: Cast, mine: dict, texts: dict, everything: dict) -> None:
    """No transaction wrote something of one person and something of one credential; the roll was written by one, in order."""
    electors = {cast[n].pk: n for n in VOTERS}
    about_people = {x for x, _ in rows("SELECT xmin::text, user_id FROM ballots_elector WHERE user_id = ANY(%s)", list(electors))}
    of_roll = {x for (x,) in rows("SELECT DISTINCT xmin::text FROM ballots_rollentry")}
    of_ballots = {x for (x,) in rows("SELECT xmin::text FROM ballots_event WHERE kind = 'Ballot'")}
    assert len(about_people) == len(of_roll) == 1
    assert len(of_ballots) == 5
    elsewhere = {x for table, found in everything.items() if table not in ("ballots_event", "ballots_text") for x, _ in found}
    assert of_ballots & elsewhere == set()
    stored = [c for (c,) in rows("SELECT credential FROM ballots_rollentry ORDER BY ctid")]
    assert stored == sorted(stored)
    people = [u for (u,) in rows("SELECT user_id FROM ballots_elector ORDER BY ctid")]
    assert people == sorted(people)
    digests = {e for (e,) in rows("SELECT DISTINCT blinded_digest FROM ballots_elector")}
    assert digests == {""}
    assert rows("SELECT token_key_sealed FROM ballots_poll") == [(None,)]


def assert_secrets_absent(run, mine: dict, everything: dict, logged: str) -> None:
    kept = [c.code for c in (*mine.values(), *run.slips)] + [str(s.share) for s in run.seats]
    kept += [str(a) for s in run.seats for a in (*s.secret.polynomial, s.secret.signing, s.secret.decryption)]
    whole = "\n".join(text for found in everything.values() for _, text in found) + logged
    assert [k for k in kept if k in whole] == []


def test_nothing_a_voter_causes_has_a_number_or_a_time(cast) -> None:
    owned = "('ballots_elector', 'ballots_registration', 'ballots_rollentry', 'ballots_event', 'ballots_text')"
    columns = rows(
        "SELECT table_name, column_name, data_type, column_default, is_identity FROM information_schema.columns"
        f" WHERE table_name IN {owned}"
    )
    assert len({table for table, *_ in columns}) == 5
    assert [c for c in columns if "time" in c[2] or c[2] == "date" or c[3] or c[4] == "YES"] == []


def written_by(table: str, condition: str = "true") -> set[str]:
    return {x for (x,) in rows(f"SELECT DISTINCT xmin::text FROM {table} WHERE {condition}")}


@pytest.mark.parametrize("end", ["close", "abandon"])
def test_after_the_end_no_hidden_column_tells_when_a_ballot_came(committed, end) -> None:
    """Transactions are numbered in the order of time, and rows of other tables tell the time."""
    run = opened(committed, slips=3)
    for slip in run.slips:
        run.cast(slip)
    boxed, pieces = (
        "kind = 'Ballot'",
        rows("SELECT reltoastrelid::regclass::text FROM pg_class WHERE relname = 'ballots_text'")[0][0],
    )
    came, before = written_by("ballots_event", boxed), dump()["ballots_event"]
    assert len(came) == 3
    assert came <= written_by("ballots_text")
    assert came & written_by(pieces)
    if end == "close":
        counting.close(run.fresh(), 3, actor=run.organiser)
    else:
        polls.abandon(run.fresh(), "人数不够", actor=run.organiser)
    assert len(written_by("ballots_event", boxed)) == 1
    for table in [*tables(), pieces]:
        assert not came & written_by(table), table
    assert {text for _, text in before} <= {text for _, text in dump()["ballots_event"]}


def test_registered_rows_are_gone_with_their_bytes(committed, caplog) -> None:
    voted(committed, caplog)
    assert not Registration.objects.exists()
    assert gone_in_the_end()


def gone_in_the_end() -> bool:
    """The database's own upkeep may read for a while and keep what it sees; beat asks again until nothing is left."""
    for _ in range(300):
        if not holds_bytes():
            return True
        time.sleep(0.1)
        tasks.give_back_what_was_kept()
    return False


def test_bytes_that_somebody_still_reads_are_given_back_later(committed, caplog) -> None:
    reader = connection.copy()
    try:
        with reader.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT 1")
            cursor.fetchall()
            voted(committed, caplog)
            assert holds_bytes()
            cursor.execute("ROLLBACK")
    finally:
        reader.close()
    assert gone_in_the_end()


def test_the_queue_is_told_nothing() -> None:
    assert tasks.give_back_space.run.__code__.co_argcount == 0


def test_doors_without_a_name_know_nobody(cast, caplog) -> None:
    """Not even refusals leave a line; errors of the server would, without an address."""
    run = opened(cast, slips=1)
    caplog.clear()
    client = signed_in(cast["chen"])
    for name, method in (("facts", "get"), ("election", "get"), ("roll", "get"), ("cast", "post"), ("register", "post")):
        answer = getattr(client, method)(
            reverse(f"vote:{name}", args=[run.poll.uuid]), HTTP_AUTHORIZATION="Bearer x", REMOTE_ADDR="10.1.2.3"
        )
        assert not answer.wsgi_request.user.is_authenticated
        assert "REMOTE_ADDR" not in answer.wsgi_request.META
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert caplog.records == []


def test_fewer_than_enough_tellers_open_nothing(cast) -> None:
    """Any one of three, with everything that is public and in the database, gets neither a number nor a single ballot."""
    run = opened(cast, slips=3)
    for slip in run.slips:
        run.cast(slip)
    counting.close(run.fresh(), 3, actor=run.organiser)
    election, people = run.election, trustees.read(run.fresh().trustees_text)
    total = tally.read_tally(counting.tally_text(run.poll), election)
    for seat in run.seats:
        text = tally.decrypt_partially(total, election, seat.share)
        part = tally.read_partial(text, total, election, people.public_key_of(seat.index), "part")
        with pytest.raises(Fault) as refused:
            tally.count({seat.index: part}, people, total, 3)
        assert refused.value.code == "too_few_shares"
        for weight in weights(seat.index):
            assert not opens(total, part, weight)
    for pair in combinations(run.seats, 2):
        joint = sum(s.share * tally.lagrange(s.index, [t.index for t in pair]) for s in pair) % Q
        assert all(c.beta * inverse(power(c.alpha, joint)) % P in table() for row in total for c in row)


def weights(index: int) -> list:
    """As if the share were the key, or had been put together with a partner's that is not there."""
    return [1, *(tally.lagrange(index, [index, other]) for other in range(1, 4) if other != index)]


def table() -> set:
    return set(tally.Logarithms.up_to(3).table)


def opens(total, part, weight) -> bool:
    cells = [(c, f) for row, fs in zip(total, part, strict=True) for c, f in zip(row, fs, strict=True)]
    return any(c.beta * inverse(power(f, weight)) % P in table() for c, f in cells)


def test_tokens_are_taken_once_and_fit_this_vote_only(cast) -> None:
    run, other = convened(cast, slips=0, electors=("chen", "zhao")), convened(cast, slips=0, electors=("chen",))
    _, sent = take_token(run, "chen")
    again = signed_in(cast["chen"]).post(
        reverse("own_ballots:token", args=[run.poll.uuid]), json.dumps({"blinded": "AAAA"}), content_type="application/json"
    )
    assert (again.status_code, again.json()["code"]) == (409, "already_issued")
    assert register(run, sent).status_code == register(run, sent).status_code == 200
    assert Registration.objects.filter(poll=run.poll).count() == 1
    assert register(other, sent).json()["code"] == "token_wrong"
    _, mine = take_token(run, "zhao")
    swapped = {**mine, "credential": sent["credential"]}
    assert register(run, swapped).json()["code"] == "token_wrong"
    for name in ("secretary", "department"):
        refused = signed_in(cast[name]).post(
            reverse("own_ballots:token", args=[run.poll.uuid]), json.dumps({"blinded": "AAAA"}), content_type="application/json"
        )
        assert refused.status_code == 404


def test_a_lost_answer_may_be_asked_for_again(cast) -> None:
    import base64

    run = convened(cast, slips=0, electors=("chen",))
    size = len(bytes.fromhex(f"{int(run.facts()['token_key']['n']):x}"))
    body = json.dumps({"blinded": base64.b64encode(b"\0" + b"\7" * (size - 1)).decode()})
    address = reverse("own_ballots:token", args=[run.poll.uuid])
    first, second = (signed_in(cast["chen"]).post(address, body, content_type="application/json") for _ in range(2))
    assert first.json() == second.json()
    assert Elector.objects.get(poll=run.poll).issued


def test_the_page_of_results_tells_no_order(cast) -> None:
    run = opened(cast, slips=5)
    trackers = [run.cast(slip)["tracker"] for slip in run.slips]
    assert run.facts()["trackers"] == sorted(trackers)
    assert run.facts()["outcome"] is None
    assert not re.search(r"\d{2}:\d{2}", json.dumps(run.facts()))
    assert Client().get(reverse("vote:archive", args=[run.poll.uuid])).status_code == 409
    finish(run)
    assert RollEntry.objects.filter(poll=run.poll).count() == 5
    assert Event.objects.filter(poll=run.poll, kind="Result").count() == 1


def test_every_ballot_has_one_size(cast) -> None:
    """Numbers differ by a digit or two by chance; the choice does not show: the shape is the same down to the last field."""
    run = opened(cast, slips=4)
    everything = [{"a0": 1, "d1": 1}, {"a1": 1, "d0": 1}, {"n0": 1, "n1": 1}, {"d0": 1, "d1": 1, "w0": 1}]
    names = [name for row in run.election.slots for name in row]
    texts = [run.ballot(s, dict.fromkeys(names, 0) | v) for s, v in zip(run.slips, everything, strict=True)]
    assert len({re.sub(r'"(\d+|[A-Za-z0-9+/]{43})"', '""', text) for text in texts}) == 1
    lengths = [len(text) for text in texts]
    assert max(lengths) - min(lengths) < max(lengths) // 100
