"""The browser's half of the ballot: what Chromium makes, Python's strict checker takes, and the other way round."""

import json
from collections import Counter

from gmpy2 import mpz
from playwright.sync_api import Page

from ballots.core import ballot, checking, credentials, tally, trustees
from ballots.core.election import Draft, freeze
from ballots.core.layouts import Candidates, rules_of
from ballots.core.rehearsal import prepare
from tests.browser.window import PHONE

BALLOT = """async ([source, code, choice]) => {
    const { readElection, makeBallot, auditBallot } = await import('/static/ballots/core/ballot.js');
    const { exponentOf, tidy } = await import('/static/ballots/core/credentials.js');
    const { slotValues } = await import('/static/ballots/core/layouts.js');
    const election = await readElection(source);
    const made = await makeBallot(election, await exponentOf(tidy(code), election.uuid), slotValues(election, choice));
    const lie = structuredClone(made.opening);
    lie.a0.value = 1 - lie.a0.value;
    return { ...made, honest: auditBallot(election, made.ballot, made.opening), lied: auditBallot(election, made.ballot, lie) };
}"""
REFUSED = """async ([source, choice]) => {
    const { readElection } = await import('/static/ballots/core/ballot.js');
    const { slotValues } = await import('/static/ballots/core/layouts.js');
    try { slotValues(await readElection(source), choice); return ''; } catch (error) { return error.message; }
}"""
CEREMONY = """async ([size, threshold]) => {
    const t = await import('/static/ballots/core/trustees.js');
    const { Q, mod } = await import('/static/ballots/core/group.js');
    const numbers = Array.from({ length: size }, (_, i) => i + 1);
    const tellers = numbers.map((index) => t.newTeller({ index, size, threshold }));
    const certs = await Promise.all(tellers.map((teller) => t.certificateOf(teller)));
    const keys = await Promise.all(certs.map((cert, i) => t.readCertificate(cert, { index: i + 1, size, threshold })));
    const published = await Promise.all(tellers.map((teller) => t.publishedOf(teller)));
    const parts = await Promise.all(published.map((message, i) => t.readPublished(message, keys[i].verification, threshold)));
    const secrets = [];
    for (const receiver of tellers) {
        let secret = 0n;
        for (const sender of tellers) {
            const sealed = await t.sealShare(sender, receiver.place.index, keys[receiver.place.index - 1].encryption);
            const share = await t.openShare(receiver, sender.place.index, keys[sender.place.index - 1].encryption, sealed);
            if (!t.shareFits(share, receiver.place.index, parts[sender.place.index - 1])) throw new Error('share');
            secret = mod(secret + share, Q);
        }
        secrets.push(secret);
    }
    const firsts = parts.map((part) => part[0]);
    const records = await Promise.all(tellers.map(async (teller, i) => ({
        certificate: certs[i], coefficients: published[i],
        verification_key: await t.verificationKeyOf(teller, secrets[i]),
        signature: await t.jointSignatureOf(teller, certs, firsts),
    })));
    return { records, secrets: secrets.map(String), commitment: await t.commitmentOf(parts[0]), firsts: parts[0].map(String) };
}"""
OPENING = """async ([cells, fingerprint, secret]) => {
    const { decryptPartially } = await import('/static/ballots/core/trustees.js');
    return decryptPartially(cells, fingerprint, BigInt(secret));
}"""


def blank(open_window) -> Page:
    page = open_window(PHONE)
    page.goto("/signin/")
    return page


def test_a_ballot_made_on_a_phone_is_accepted_at_the_door(open_window):
    held = prepare(Candidates(("甲", "乙", "丙"), 2, ("丁", "戊")), voters=2, threshold=1, size=1)
    page, choice = blank(open_window), {"marks": ["for", "against", "abstain"], "written": [1]}
    made = page.evaluate(BALLOT, [held.election.text, held.voters[0].code.replace("-", " "), choice])
    checked = checking.check(made["ballot"], held.election, frozenset(held.roll))
    assert checked.credential == held.voters[0].public
    assert made["tracker"] == ballot.tracker(made["ballot"])
    assert made["honest"] is True
    assert made["lied"] is False
    assert {name: opened["value"] for name, opened in made["opening"].items()} == held.layout.values(choice)


def test_phone_and_server_refuse_the_same_choices_in_the_same_words(open_window):
    held = prepare(Candidates(("甲", "乙"), 1, ("丁",)), voters=1, threshold=1, size=1)
    page = blank(open_window)
    told = Counter()
    for marks in (["for", "for"], ["for", "against"], ["abstain", "abstain"], ["for"]):
        for written in ([], [0]):
            choice = {"marks": marks, "written": written}
            said = page.evaluate(REFUSED, [held.election.text, choice])
            assert said == refusal(held.layout, choice)
            told[bool(said)] += 1
    assert told[True] > 1
    assert told[False] > 1


def refusal(layout: Candidates, choice: dict) -> str:
    try:
        layout.values(choice)
    except ValueError as refused:
        return str(refused)
    return ""


def test_three_tellers_make_a_key_in_the_browser_and_two_of_them_open_the_box(open_window):
    page = blank(open_window)
    made = page.evaluate(CEREMONY, [3, 2])
    text = trustees.assemble([trustees.PublicPart(**record) for record in made["records"]], 2)
    keys = trustees.read(text)
    assert made["commitment"] == trustees.commitment([mpz(n) for n in made["firsts"]])

    held = prepare(Candidates(("甲", "乙"), 1), voters=3, threshold=1, size=1)
    election = freeze(
        Draft(held.election.uuid, "选举", "", held.layout.questions(), rules_of(held.layout, revote=False)), keys.key
    )
    marks = [["for", "against"], ["against", "for"], ["for", "abstain"]]
    texts = [
        ballot.make(election, credentials.exponent_of(v.code, election.uuid), held.layout.values({"marks": m}))
        for v, m in zip(held.voters, marks, strict=True)
    ]
    total = tally.encrypted_tally([checking.check(t, election, frozenset(held.roll)) for t in texts], election)
    parts = {}
    for owner in (1, 3):
        part = page.evaluate(OPENING, [json.loads(tally.tally_text(total)), election.fingerprint, made["secrets"][owner - 1]])
        parts[owner] = tally.read_partial(part, total, election, keys.public_key_of(owner), "")
    assert tally.count(parts, keys, total, 3)[:2] == [[2, 1, 0], [1, 1, 1]]
