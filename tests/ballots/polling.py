"""A vote run through the real doors: every request as the browser's scripts send it, every secret kept on this side."""

import base64
import json
import secrets
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.test import Client
from django.urls import reverse
from gmpy2 import mpz

from ballots.core import ballot, blind, credentials, tally, trustees
from ballots.core import election as elections
from ballots.core.credentials import Credential
from ballots.core.group import Q
from ballots.core.layouts import Candidates, Layout
from ballots.core.rehearsal import random_values
from ballots.domain import freezing, polls
from ballots.domain.polls import Bench, NewPoll
from ballots.models import Poll
from tests.people import Cast

TELLERS = ("neighbour", "stranger", "reader")
SMALL = Candidates(("甲", "乙"), 1, ("丙",))


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.AccountBackend")
    return client


@dataclass
class Seat:
    """One teller's browser."""

    run: "Run"
    client: Client
    index: int = 0
    secret: trustees.Teller | None = None
    share: mpz | None = None
    channel: bytes = field(default_factory=lambda: AESGCM.generate_key(256))

    def state(self) -> dict:
        answer = self.client.get(reverse("own_ballots:ceremony", args=[self.run.poll.uuid]))
        assert answer.status_code == 200, answer.content
        return answer.json()

    def send(self, step: str, body: dict):
        address = reverse("own_ballots:publish", args=[self.run.poll.uuid, step])
        return self.client.post(address, json.dumps(body), content_type="application/json")

    def publish(self, step: str, body: dict) -> dict:
        answer = self.send(step, body)
        assert answer.status_code == 200, answer.content.decode()
        return answer.json()

    def commit(self) -> None:
        state = self.state()
        self.index = state["index"]
        self.secret = trustees.new_teller(trustees.Place(self.index, state["size"], state["threshold"]))
        commitment = trustees.commitment(self.secret.coefficients)
        self.publish("commit", {"commitment": commitment, "certificate": self.secret.certificate()})

    def distribute(self) -> None:
        shares = {str(s.index): self.run.seal(s, str(self.secret.share_for(s.index))) for s in self.run.seats}
        self.publish("share", {"coefficients": self.secret.published(), "shares": shares})

    def confirm(self) -> None:
        state = self.state()
        received = [mpz(self.run.unseal(self, sealed)) for sealed in state["shares"].values()]
        for share, other in zip(received, state["tellers"], strict=True):
            coefficients = [mpz(c) for c in json.loads(other["coefficients"]["message"])["coefexps"]]
            assert trustees.share_fits(share, self.index, coefficients)
        self.share = sum(received, mpz(0)) % Q
        firsts = [json.loads(t["coefficients"]["message"])["coefexps"][0] for t in state["tellers"]]
        certs = [t["certificate"] for t in state["tellers"]]
        key = self.secret.verification_key(self.share)
        self.publish("confirm", {"verification_key": key, "signature": self.secret.signature(certs, firsts)})

    def rehearse(self) -> None:
        state = self.state()
        rows = [[tally.read_ciphertext(c, "") for c in row] for row in state["rehearsal"]["tally"]]
        self.publish("rehearse", {"partial": tally.decrypt_partially(rows, self.run.election, self.share)})

    def decrypt(self) -> None:
        total = tally.read_tally(self.state()["tally"], self.run.election)
        self.publish("decrypt", {"partial": tally.decrypt_partially(total, self.run.election, self.share)})


@dataclass
class Run:
    """One vote with everybody's browsers."""

    cast_of: Cast
    poll: Poll
    tellers: tuple[str, ...] = TELLERS
    seats: list[Seat] = field(default_factory=list)
    slips: list[Credential] = field(default_factory=list)
    truth: dict[str, int] = field(default_factory=dict)
    nobody: Client = field(default_factory=Client)

    def seal(self, to: Seat, text: str) -> str:
        nonce = secrets.token_bytes(12)
        return base64.b64encode(nonce + AESGCM(to.channel).encrypt(nonce, text.encode(), None)).decode()

    def unseal(self, by: Seat, text: str) -> str:
        data = base64.b64decode(text)
        return AESGCM(by.channel).decrypt(data[:12], data[12:], None).decode()

    @property
    def organiser(self):
        return self.cast_of["secretary"]

    def fresh(self) -> Poll:
        self.poll = Poll.objects.get(pk=self.poll.pk)
        return self.poll

    @property
    def election(self) -> elections.Election:
        answer = self.nobody.get(reverse("vote:election", args=[self.poll.uuid]))
        assert answer.status_code == 200
        return elections.read(answer.content.decode())

    def facts(self) -> dict:
        return self.nobody.get(reverse("vote:facts", args=[self.poll.uuid])).json()

    def hold_ceremony(self) -> None:
        self.seats = [Seat(self, signed_in(self.cast_of[name])) for name in self.tellers]
        for act in (Seat.commit, Seat.distribute, Seat.confirm):
            for seat in self.seats:
                act(seat)

    def print_slips(self) -> None:
        self.slips = [credentials.draw(self.poll.code) for _ in range(self.poll.slips)]
        address = reverse("own_ballots:slips", args=[self.poll.uuid])
        body = json.dumps({"credentials": [str(s.public) for s in self.slips]})
        answer = signed_in(self.cast_of["organizer"]).post(address, body, content_type="application/json")
        assert answer.status_code == 200, answer.content.decode()

    def freeze(self) -> None:
        freezing.freeze(self.fresh(), actor=self.organiser)

    def rehearse(self) -> None:
        for seat in self.seats:
            seat.rehearse()

    def open(self) -> None:
        self.poll = freezing.open_poll(self.fresh(), actor=self.organiser)

    def ballot(self, credential: Credential, values: dict[str, int] | None = None) -> str:
        values = values or random_values(self.poll.layout)
        return ballot.make(self.election, credentials.exponent_of(credential.code, self.poll.code), values)

    def send(self, text: str, client: Client | None = None):
        address = reverse("vote:cast", args=[self.poll.uuid])
        return (client or self.nobody).post(address, text, content_type="application/json")

    def cast(self, credential: Credential, values: dict[str, int] | None = None, *, counts: bool = True) -> dict:
        values = values or random_values(self.poll.layout)
        answer = self.send(self.ballot(credential, values))
        assert answer.status_code == 200, answer.content.decode()
        for slot, value in values.items():
            self.truth[slot] = self.truth.get(slot, 0) + (value if counts else 0)
        return answer.json()

    def archive(self) -> bytes:
        answer = self.nobody.get(reverse("vote:archive", args=[self.poll.uuid]))
        assert answer.status_code == 200, answer.content
        return b"".join(answer.streaming_content)

    def expected(self) -> list[list[int]]:
        return [[self.truth.get(name, 0) for name in row] for row in self.election.slots]


def drafted(
    cast: Cast, layout: Layout = SMALL, *, slips: int = 3, electors=(), revote: bool = False, mode: str = "verifiable"
) -> Poll:
    new = NewPoll("支部委员会选举", layout, mode, slips=slips, electors=[cast[name] for name in electors], revote=revote)
    return polls.draft(cast.branch, new, actor=cast["secretary"])


def convened(cast: Cast, layout: Layout = SMALL, *, threshold: int = 2, **more) -> Run:
    poll = drafted(cast, layout, **more)
    registrar = cast["organizer"] if poll.slips else None
    bench = Bench([cast[name] for name in TELLERS], threshold, registrar)
    return Run(cast, polls.convene(poll, bench, actor=cast["secretary"]))


def frozen(cast: Cast, layout: Layout = SMALL, **more) -> Run:
    run = convened(cast, layout, **more)
    run.hold_ceremony()
    if run.poll.slips:
        run.print_slips()
    run.freeze()
    run.fresh()
    return run


def opened(cast: Cast, layout: Layout = SMALL, **more) -> Run:
    run = frozen(cast, layout, **more)
    run.rehearse()
    run.open()
    return run


def take_token(run: Run, name: str) -> tuple[Credential, dict]:
    """A signed-in person's part: a code, and the blind signature on its public half, taken off its blinding."""
    mine = credentials.draw(run.poll.code)
    facts = run.facts()["token_key"]
    public = blind.Public(mpz(facts["n"]), mpz(facts["e"]))
    prefix = secrets.token_bytes(blind.PREFIX)
    prepared = blind.prepare(f"{run.poll.code}|{mine.public}".encode(), prefix)
    blinded, inverse = blind.blind(public, prepared)
    address = reverse("own_ballots:token", args=[run.poll.uuid])
    body = json.dumps({"blinded": base64.b64encode(blinded).decode()})
    answer = signed_in(run.cast_of[name]).post(address, body, content_type="application/json")
    assert answer.status_code == 200, answer.content.decode()
    signature = blind.finalize(public, prepared, base64.b64decode(answer.json()["signature"]), inverse)
    encoded = {"prefix": base64.b64encode(prefix).decode(), "signature": base64.b64encode(signature).decode()}
    return mine, {"credential": str(mine.public), **encoded}


def register(run: Run, sent: dict, client: Client | None = None):
    address = reverse("vote:register", args=[run.poll.uuid])
    return (client or run.nobody).post(address, json.dumps(sent), content_type="application/json")
