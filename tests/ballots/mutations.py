"""Ways to spoil a ballot or an archive, each with the fault that must be named."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from gmpy2 import mpz

from ballots.core import archive, ballot
from ballots.core.archive import Event
from ballots.core.group import P, Q, dump, g_power, hex_digest
from ballots.core.rehearsal import Rehearsal

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Case:
    """`spoil` turns the sound ballot's value into the spoiled one; `codes` are the faults that may be named."""

    name: str
    codes: frozenset[str]
    spoil: Callable[[Any], Any]
    sealed: bool = True  # hash and signature made anew by the voter: the deeper checks must find it


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from leaves(inner, (*path, i))
    else:
        yield path


def at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def put(path: Path, make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def spoil(value: Any) -> Any:
        value = json.loads(json.dumps(value))
        holder = at(value, path[:-1])
        holder[path[-1]] = make(holder[path[-1]])
        return value

    return spoil


def on(path: Path, act: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """`act` changes the list or object at `path` in place."""

    def spoil(value: Any) -> Any:
        value = json.loads(json.dumps(value))
        act(at(value, path))
        return value

    return spoil


def label(path: Path) -> str:
    return ".".join(map(str, path))


BAD_NUMBERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "leading zero": (lambda n: "0" + n, "number_not_canonical"),
    "plus sign": (lambda n: "+" + n, "number_not_canonical"),
    "minus sign": (lambda n: "-" + n, "number_not_canonical"),
    "blank": (lambda n: n + " ", "number_not_canonical"),
    "other digits": (lambda n: n.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")), "number_not_canonical"),
    "underscore": (lambda n: n[:3] + "_" + n[3:], "number_not_canonical"),
    "not a string": (lambda n: int(n[:9]), "number_not_canonical"),
    "empty": (lambda n: "", "number_not_canonical"),
    "too large": (lambda n: str(mpz(n) + P), "number_out_of_range"),
}


def number_cases(value: Any) -> Iterator[Case]:
    """Every place where a number stands, spelled in every wrong way in turn."""
    numbers = [p for p in leaves(value["answers"], ("answers",)) if p[-1] in ("alpha", "beta", "challenge", "response")]
    ways = list(BAD_NUMBERS.items())
    for i, path in enumerate(numbers):
        name, (make, code) = ways[i % len(ways)]
        yield Case(f"{name} at {label(path)}", frozenset({code}), put(path, make))


def broken_cases(value: Any) -> Iterator[Case]:
    """Every number changed to another well-formed one: a proof, a link or the group notices."""
    for path in leaves(value["answers"], ("answers",)):
        if path[-1] in ("alpha", "beta"):
            codes = frozenset({"not_in_group", "link_broken"})
            yield Case(f"flipped {label(path)}", codes, put(path, lambda n: str(mpz(n) ^ 1)))
            yield Case(f"negated {label(path)}", codes, put(path, lambda n: str(P - mpz(n))))
        else:
            codes = frozenset({"choice_not_proved", "total_not_proved", "link_broken"})
            yield Case(f"flipped {label(path)}", codes, put(path, lambda n: str((mpz(n) + 1) % Q)))


def shape_cases(value: Any) -> Iterator[Case]:
    keys = frozenset({"wrong_keys"})
    shape = frozenset({"wrong_shape"})
    yield Case("one answer missing", shape, on(("answers",), lambda a: a.pop()))
    yield Case("one answer more", shape, on(("answers",), lambda a: a.append(a[0])))
    yield Case("answers swapped", frozenset({"wrong_shape", "link_broken", "total_not_proved"}), on(("answers",), list.reverse))
    yield Case("extra key on top", keys, on((), lambda b: b.update(note="1")))
    yield Case("key missing on top", keys, on((), lambda b: b.pop("credential")))
    yield Case("answers no list", shape, on((), lambda b: b.update(answers={})))
    yield Case("answers null", shape, on((), lambda b: b.update(answers=None)))
    for i in range(len(value["answers"])):
        where = ("answers", i)
        yield Case(f"extra key in answer {i}", keys, on(where, lambda a: a.update(mark="x")))
        yield Case(f"blank proof where none belongs {i}", keys, on(where, lambda a: a.update(blank_proof=[])))
        yield Case(f"choice missing {i}", shape, on((*where, "choices"), lambda c: c.pop()))
        yield Case(f"choice doubled {i}", shape, on((*where, "choices"), lambda c: c.append(c[0])))
        yield Case(f"proof missing {i}", shape, on((*where, "individual_proofs"), lambda c: c.pop()))
        yield Case(f"half a proof {i}", shape, on((*where, "individual_proofs", 0), lambda c: c.pop()))
        yield Case(f"total without proof {i}", shape, on((*where, "overall_proof"), list.clear))
        yield Case(f"total proved once more {i}", shape, on((*where, "overall_proof"), lambda c: c.append(c[0])))
        yield Case(f"extra key in a ciphertext {i}", keys, on((*where, "choices", 0), lambda c: c.update(x="1")))
        yield Case(f"keys of a ciphertext reordered {i}", keys, on((*where, "choices", 0), reorder))
        yield Case(f"extra key in a proof {i}", keys, on((*where, "overall_proof", 0), lambda c: c.update(x="1")))
        broken = frozenset({"choice_not_proved", "total_not_proved", "link_broken"})
        yield Case(f"choices swapped {i}", broken, on((*where, "choices"), list.reverse))
        yield Case(f"choices and proofs swapped {i}", broken, on(where, swap_both))
        yield Case(f"proofs swapped {i}", broken, on((*where, "individual_proofs"), list.reverse))


def reorder(value: dict[str, Any]) -> None:
    items = list(value.items())[::-1]
    value.clear()
    value.update(items)


def swap_both(answer: dict[str, Any]) -> None:
    answer["choices"].reverse()
    answer["individual_proofs"].reverse()


def head_cases(value: Any) -> Iterator[Case]:
    """What stands above the answers; nothing is signed anew."""
    yield Case(
        "another election", frozenset({"wrong_election"}), put(("election_uuid",), lambda _: "oDp5Av4srYUkFJ"), sealed=False
    )
    yield Case("another fingerprint", frozenset({"wrong_election"}), put(("election_hash",), lambda h: h[::-1]), sealed=False)
    stranger = str(g_power(mpz(99)))
    yield Case("unknown credential", frozenset({"unknown_credential"}), put(("credential",), lambda _: stranger), sealed=False)
    yield Case("credential no string", frozenset({"number_not_canonical"}), put(("credential",), int), sealed=False)
    yield Case(
        "credential with a leading zero",
        frozenset({"number_not_canonical"}),
        put(("credential",), lambda n: "0" + n),
        sealed=False,
    )
    yield Case("hash of something else", frozenset({"wrong_hash"}), put(("signature", "hash"), lambda h: h[::-1]), sealed=False)
    yield Case("hash no string", frozenset({"wrong_shape"}), put(("signature", "hash"), lambda h: 7), sealed=False)
    for part in ("challenge", "response"):
        path = ("signature", "proof", part)
        yield Case(f"signature {part}", frozenset({"wrong_signature"}), put(path, lambda n: str((mpz(n) + 1) % Q)), sealed=False)
        yield Case(
            f"signature {part} too large", frozenset({"number_out_of_range"}), put(path, lambda n: str(mpz(n) + Q)), sealed=False
        )
    yield Case("extra key in the signature", frozenset({"wrong_keys"}), on(("signature",), lambda s: s.update(x=1)), sealed=False)
    yield Case("no signature", frozenset({"wrong_keys"}), on((), lambda b: b.pop("signature")), sealed=False)


def ballot_cases(value: Any) -> list[Case]:
    return [*head_cases(value), *shape_cases(value), *number_cases(value), *broken_cases(value)]


def spoiled(case: Case, text: str, rehearsal: Rehearsal, secret: mpz) -> str:
    """The spoiled ballot; a sealed case carries the voter's own fresh signature."""
    value = case.spoil(json.loads(text))
    if not case.sealed or "answers" not in value or "credential" not in value or not isinstance(value["answers"], list):
        return dump(value)
    if list(value) != list(json.loads(text)):
        return dump(value)
    return ballot.sign(rehearsal.election, secret, mpz(value["credential"]), value["answers"])


# --- whole archives -----------------------------------------------------------------------------------------------------

Spoil = Callable[[list[Event]], list[Event]]


def replaced(number: int, make: Callable[[Event], Event]) -> Spoil:
    return lambda events: [make(e) if i == number else e for i, e in enumerate(events)]


def dropped(number: int) -> Spoil:
    return lambda events: [e for i, e in enumerate(events) if i != number]


def changed_json(index: int, change: Callable[[Any], Any]) -> Callable[[Event], Event]:
    """The record `index` of an event changed; what links to it by hash is written anew, as a cheating server would."""

    def make(event: Event) -> Event:
        texts = list(event.texts)
        value = json.loads(texts[index])
        change(value)
        texts[index] = dump(value)
        return relinked(Event(event.kind, tuple(texts)))

    return make


def relinked(event: Event) -> Event:
    if event.kind == "Setup":
        return archive.setup(*event.texts[:3])
    if event.kind in ("EncryptedTally", "PartialDecryption"):
        link = json.loads(event.texts[1])
        link["encrypted_tally" if event.kind == "EncryptedTally" else "payload"] = hex_digest(event.texts[0])
        return Event(event.kind, (event.texts[0], dump(link)))
    return event


def one_more_vote(counts: Any) -> Any:
    counts["result"][0][0] += 1
    counts["result"][0][1] -= 1


def swapped_factors(value: Any) -> Any:
    value["decryption_factors"][0].reverse()


def shifted_tally(value: Any) -> Any:
    """One vote more for the first answer, as a server that holds the key's public half could write it."""
    from ballots.core.group import G

    value[0][0]["beta"] = str(mpz(value[0][0]["beta"]) * G % P)


def doubled(index: int) -> Spoil:
    return lambda events: [*events[: index + 1], *events[index:]]


def link_edit(change: Callable[[Any], Any]) -> Callable[[Event], Event]:
    def make(event: Event) -> Event:
        value = json.loads(event.texts[1])
        change(value)
        return Event(event.kind, (event.texts[0], dump(value)))

    return make


# Chain of the small election: 0 setup, 1–3 ballots, 4 end, 5 tally, 6–7 parts, 8 result.
ARCHIVES: dict[str, tuple[Spoil, set[str]]] = {
    "wrong result": (replaced(8, changed_json(0, one_more_vote)), {"wrong_result"}),
    "result with a key more": (replaced(8, changed_json(0, lambda v: v.update(x=1))), {"wrong_result"}),
    "a ballot dropped": (dropped(2), {"wrong_tally"}),
    "a ballot doubled": (doubled(2), {"already_voted"}),
    "ballots in another order": (lambda e: [e[0], e[2], e[1], *e[3:]], set()),
    "end of voting dropped": (dropped(4), {"wrong_order"}),
    "tally dropped": (dropped(5), {"wrong_order"}),
    "ballot after the end": (lambda e: [*e[:3], e[4], e[3], *e[5:]], {"wrong_order"}),
    "tally falsified": (replaced(5, changed_json(0, shifted_tally)), {"wrong_tally"}),
    "tally with an extra key": (replaced(5, changed_json(0, lambda v: v[0][0].update(x="1"))), {"wrong_tally"}),
    "tallied ballots miscounted": (replaced(5, link_edit(lambda v: v.update(num_tallied=4))), {"wrong_count"}),
    "weight miscounted": (replaced(5, link_edit(lambda v: v.update(total_weight=4))), {"wrong_count"}),
    "tally of another hash": (replaced(5, link_edit(lambda v: v.update(encrypted_tally="00"))), {"wrong_count"}),
    "factors swapped": (replaced(6, changed_json(0, swapped_factors)), {"factor_not_proved"}),
    "a factor outside the group": (
        replaced(6, changed_json(0, lambda v: v["decryption_factors"][0].__setitem__(0, "2"))), {"not_in_group"},
    ),
    "a factor with a leading zero": (
        replaced(6, changed_json(0, lambda v: v["decryption_factors"][0].__setitem__(0, "02"))), {"number_not_canonical"},
    ),
    "a factor missing": (replaced(6, changed_json(0, lambda v: v["decryption_factors"][0].pop())), {"wrong_shape"}),
    "a part of another owner": (replaced(6, link_edit(lambda v: v.update(owner=1))), {"factor_not_proved"}),
    "a part of nobody": (replaced(6, link_edit(lambda v: v.update(owner=9))), {"unknown_owner"}),
    "owner no number": (replaced(6, link_edit(lambda v: v.update(owner="2"))), {"wrong_shape"}),
    "owner a truth value": (replaced(6, link_edit(lambda v: v.update(owner=True))), {"wrong_shape"}),
    "a part of another hash": (replaced(6, link_edit(lambda v: v.update(payload="00"))), {"wrong_hash"}),
    "the same part twice": (lambda e: [*e[:7], e[6], e[8]], {"repeated_share"}),
    "fewer parts than the threshold": (dropped(6), {"too_few_shares"}),
    "no part at all": (lambda e: [*e[:6], e[8]], {"wrong_order"}),
    "two results": (doubled(8), {"wrong_order"}),
    "nothing but ballots": (lambda e: e[1:], {"wrong_order"}),
    "a second setup": (lambda e: [e[0], *e], {"wrong_order"}),
    "credential twice on the roll": (replaced(0, changed_json(2, lambda v: v.append(v[0]))), {"repeated_credential"}),
    "credential not in the group": (replaced(0, changed_json(2, lambda v: v.append("2"))), {"not_in_group"}),
    "credential with a weight": (replaced(0, changed_json(2, lambda v: v.__setitem__(0, v[0] + ",2"))), {"number_not_canonical"}),
    "credential taken off the roll": (replaced(0, changed_json(2, list.pop)), {"unknown_credential"}),
    "one more credential": (
        replaced(0, changed_json(2, lambda v: v.append(str(g_power(mpz(5)))))), set(),
    ),
    "seats raised after voting": (
        replaced(0, changed_json(0, lambda v: v["questions"][2].update(max=2))), {"wrong_election"},
    ),
    "another name of the election": (replaced(0, changed_json(0, lambda v: v.update(name="别的选举"))), {"wrong_election"}),
    "links taken out of the rules": (replaced(0, changed_json(0, lambda v: v.pop("rules"))), {"rules_missing"}),
    "revoting allowed afterwards": (replaced(0, changed_json(0, lambda v: v["rules"].update(revote=True))), {"wrong_election"}),
    "another group": (replaced(0, changed_json(0, lambda v: v.update(group="RFC-3526-2048"))), {"wrong_election"}),
    "a key nobody shares": (replaced(0, changed_json(0, lambda v: v.update(public_key=str(g_power(mpz(5)))))), {"wrong_key"}),
    "a key outside the group": (replaced(0, changed_json(0, lambda v: v.update(public_key="2"))), {"not_in_group"}),
    "threshold lowered in the record": (replaced(0, changed_json(1, lambda v: v[0][1].update(threshold=1))), {"wrong_threshold"}),
    "a key of the server added": (
        replaced(0, changed_json(1, lambda v: v.append(["Single", {"pok": v[0][1]["signatures"][0], "public_key": "4"}]))),
        {"not_in_group", "key_not_proved", "wrong_key"},
    ),
    "an event of an unknown kind": (replaced(4, lambda e: Event("Shuffle")), {"wrong_order"}),
    "a record nobody refers to": (replaced(4, lambda e: Event("EndBallots", ("{}",))), {"unreferenced"}),
    "a record more with a ballot": (replaced(1, lambda e: Event("Ballot", ("{}", *e.texts))), {"unreferenced"}),
    "a record more with the result": (replaced(8, lambda e: Event("Result", ("{}", *e.texts))), {"unreferenced"}),
}  # fmt: skip
