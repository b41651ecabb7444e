#!/usr/bin/env python3
"""Verify the archive (.bel) of a verifiable election: one file, Python's standard library alone.

    python3 verify_election.py ARCHIVE.bel

Exit code 0: everything holds. 1: something does not, and the last line says what. 2: wrong usage.
Read it from the bottom up: `verify` names the steps.
"""

import base64
import hashlib
import json
import re
import sys

P = int(
    "2069478569142254640101364365750500806492298929575110409710088478705737421924271740192223725449768433812906663313807895"
    "8404960054389636289796393038773905722803605973749427671376777618898589872735865049081167099310535867780980030790491654"
    "0637771737641986785272734744763418356000356983051931442845617019110007867373073335641239717328979132404745788344682606"
    "5232797464795113767265869358218004631792207366886005262718636338608879688212076943236614949100292344434637322214588410"
    "0586421050242120365433561201320481118852408731077014151666200162313177169372189248078507711827842317498073276598828825"
    "169183103125680162072880719"
)
G = int(
    "2402352677501852209227687703532399932712287657378364916510075318787663274146353219320285676155269678799694668298749389"
    "0950838965734256019006010684771644917354741372831046104586813145117816467554005274028898461398645326612150557970971620"
    "1616827031288643245666383486363578210615491841998253431518974065818686865115135857641013888221539601604322884360393098"
    "9333662772848406593138406010231675095763777982665103606822406635076697764025346253773085133173495194248967754052573659"
    "0494924776314759915751987751777114814909204566002054781270547282381409725186398583341157005683536955534237814755824918"
    "96050296680037745308460627"
)
Q = 78571733251071885079927659812671450121821421258408794611510081919805623223441
GROUP = "BELENIOS-2048"
DECIMAL = re.compile(r"0|[1-9][0-9]*")


class Wrong(Exception):
    """Something in the archive does not hold."""


def require(holds, what):
    if not holds:
        raise Wrong(what)


# --- texts and numbers ----------------------------------------------------------------------------------------------


def dump(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def load(text, what):
    """A JSON text that is written in the one canonical way, so that nothing can hide in its spelling."""
    try:
        value = json.loads(text)
    except ValueError:
        raise Wrong(f"{what}: 不是 JSON") from None
    require(dump(value) == text, f"{what}: 写法不规范")
    return value


def fields(value, names, what):
    require(isinstance(value, dict) and list(value) == names, f"{what}: 字段多了、少了或次序不对")
    return list(value.values())


def rows(value, count, what):
    require(isinstance(value, list) and len(value) == count, f"{what}: 个数不对")
    return value


def number(text, bound, what):
    require(isinstance(text, str) and len(text) < 700 and DECIMAL.fullmatch(text), f"{what}: 数字写法不规范")
    require(int(text) < bound, f"{what}: 数字超出范围")
    return int(text)


def member(text, what):
    """An element of the group: a number below p whose q-th power is 1."""
    x = number(text, P, what)
    require(x > 0 and pow(x, Q, P) == 1, f"{what}: 不是群中的元素")
    return x


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprint(text):
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def challenge(prefix, elements):
    return int(sha(prefix + ",".join(map(str, elements))), 16) % Q


def read_proof(value, what):
    c, r = fields(value, ["challenge", "response"], what)
    return number(c, Q, what), number(r, Q, what)


def knows(prefix, key, value, what):
    """Whoever wrote this proof knows the exponent behind `key`."""
    c, r = read_proof(value, what)
    require(c == challenge(prefix, [pow(G, r, P) * pow(key, c, P) % P]), f"{what}: 证明不成立")


def one_holds(prefix, y, claims, proofs, what):
    """At least one of the claims (alpha, beta, number) is true: the ciphertext holds that number."""
    commitments, total = [], 0
    for (alpha, beta, claimed), value in zip(claims, rows(proofs, len(claims), what)):
        c, r = read_proof(value, what)
        beta = beta * pow(G, -claimed, P) % P
        commitments += [pow(G, r, P) * pow(alpha, c, P) % P, pow(y, r, P) * pow(beta, c, P) % P]
        total += c
    require(challenge(prefix, commitments) == total % Q, f"{what}: 零知识证明不成立")


# --- the archive: records, and events that each name the one before -----------------------------------------------------


def header(name, size, time):
    block = bytearray(512)
    block[: len(name)] = name.encode()
    block[100:107], block[108:115], block[116:123] = b"0000644", b"0000000", b"0000000"
    block[124:135], block[136:147] = b"%011o" % size, b"%011o" % time
    block[148:156], block[156:157] = b" " * 8, b"0"
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def records(data):
    """Name and text of each record; the whole file must be what writing these records gives."""
    position, found, time = 0, [], None
    while position < len(data):
        head = data[position : position + 512]
        require(len(head) == 512 and re.fullmatch(rb"[0-7]{11}", head[124:135]), "档案的记录头不对")
        size = int(head[124:135], 8)
        body = data[position + 512 : position + 512 + size]
        end = position + 512 + size + (-size % 512)
        try:
            name, text = head[:100].rstrip(b"\0").decode("ascii"), body.decode()
        except UnicodeDecodeError:
            raise Wrong("档案里有不是文本的记录") from None
        if time is None:
            require(name == "BELENIOS", "档案的第一条记录不对")
            version, stamp = fields(load(text, name), ["version", "timestamp"], name)
            require(version == 1 and isinstance(stamp, str) and DECIMAL.fullmatch(stamp), "档案的第一条记录不对")
            time = int(stamp)
        require(head == header(name, size, time) and data[position + 512 + size : end] == bytes(-size % 512), "档案的记录头不对")
        require(len(body) == size and len(data) >= end, "档案不完整")
        found.append((name, text))
        position = end
    require(found, "档案是空的")
    return found[1:]


def events(data):
    """(kind, texts) of each event; `texts` are the records it brings, the last one is its payload."""
    chain, waiting, parent = [], [], None
    for name, text in records(data):
        if name == sha(text) + ".data.json":
            waiting.append(text)
            continue
        require(name == sha(text) + ".event.json", f"{name[:20]}…: 摘要与内容不符")
        event = load(text, "事件")
        require(isinstance(event, dict), "事件：结构不对")
        expected = ({} if parent is None else {"parent": parent}) | {"height": len(chain), "type": event.get("type")}
        expected |= {"payload": sha(waiting[-1])} if waiting else {}
        require(event == expected and list(event) == list(expected), f"第 {len(chain)} 个事件：链断了")
        chain.append((event["type"], waiting))
        waiting, parent = [], sha(text)
    require(not waiting, "档案里有没有被引用的记录")
    kinds = " ".join(str(kind) for kind, _ in chain) + " "
    order = r"Setup (Ballot )*(EndBallots (EncryptedTally ((PartialDecryption )+(Result )?)?)?)?"
    require(re.fullmatch(order, kinds), "事件的次序不对")
    return chain, parent


# --- the election and those who keep its key -------------------------------------------------------------------------


def read_election(text):
    election = load(text, "选举")
    names = ["version", "description", "name", "group", "public_key", "questions", "uuid"]
    require(list(election)[:7] == names and election["version"] == 1 and election["group"] == GROUP, "选举：字段不对")
    member(election["public_key"], "选举公钥")
    slots, revote, facts = fields(election.get("rules"), ["slots", "revote", "facts"], "选举规则")
    require(isinstance(facts, dict), "选举规则：结构不对")
    require(isinstance(revote, bool) and len(rows(slots, len(election["questions"]), "选举规则")) > 0, "选举规则：结构不对")
    for names, question in zip(slots, election["questions"]):
        keys = ["answers", *(["blank"] if "blank" in question else []), "min", "max", "question"]
        answers = fields(question, keys, "问题")[0]
        low, high = question["min"], question["max"]
        require(type(low) is int and type(high) is int and 0 <= low <= high <= len(answers), "问题：选几项写得不对")
        require(question.get("blank", True) is True and len(set(names)) == len(names), "问题：结构不对")
        rows(names, len(answers) + ("blank" in question), "选举规则")
    return election


def joint_public_key(index, polynomials):
    total = 1
    for coefficients in polynomials:
        for i, a in enumerate(coefficients):
            total = total * pow(a, pow(index, i, Q), P) % P
    return total


def read_trustees(text):
    """Threshold, each teller's public key, and the joint key: made by the tellers together, k of them can open."""
    (entry,) = rows(load(text, "监票人"), 1, "监票人")
    kind, params = rows(entry, 2, "监票人")
    require(kind == "Pedersen", "监票人：不是门限钥匙")
    threshold, certs, coefexps, keys, signatures = fields(
        params, ["threshold", "certs", "coefexps", "verification_keys", "signatures"], "监票人"
    )
    require(type(threshold) is int and 1 <= threshold <= len(certs), "监票人：门限不对")
    signers, polynomials = [], []
    for i, cert in enumerate(certs):
        message, signature = fields(cert, ["message", "signature"], "监票人证书")
        certified = load(message, "监票人证书")
        verification, encryption, context = fields(certified, ["verification", "encryption", "context"], "监票人证书")
        expected = {"group": GROUP, "size": len(certs), "threshold": threshold, "index": i + 1}
        require(context == expected, "监票人证书：不是这次的")
        member(encryption, "监票人证书")
        signers.append(member(verification, "监票人证书"))
        knows(f"sigmsg|{message}|", signers[-1], signature, "监票人证书的签名")
    for signer, signed in zip(signers, rows(coefexps, len(certs), "监票人")):
        message, signature = fields(signed, ["message", "signature"], "监票人系数")
        knows(f"sigmsg|{message}|", signer, signature, "监票人系数的签名")
        (powers,) = fields(load(message, "监票人系数"), ["coefexps"], "监票人系数")
        polynomials.append([member(a, "监票人系数") for a in rows(powers, threshold, "监票人系数")])
    agreed = "sigmsg|certs_sig|" + dump({"certs": certs, "coefexps": [str(p[0]) for p in polynomials]}) + "|"
    public = []
    for i, (key, joint) in enumerate(zip(rows(keys, len(certs), "监票人"), rows(signatures, len(certs), "监票人"))):
        pok, element, signature = fields(key, ["pok", "public_key", "signature"], "监票人公钥")
        public.append(member(element, "监票人公钥"))
        require(public[-1] == joint_public_key(i + 1, polynomials), "监票人公钥：与各人公布的系数不符")
        knows(f"pok|{GROUP}|{element}|", public[-1], pok, "监票人公钥的持有证明")
        knows(f"sigmsg|{element}|", signers[i], signature, "监票人公钥的签名")
        knows(agreed, signers[i], joint, "监票人共同签名")
    y = 1
    for polynomial in polynomials:
        y = y * polynomial[0] % P
    return threshold, public, y


def read_roll(text):
    roll = load(text, "凭证名单")
    require(isinstance(roll, list) and len(set(map(str, roll))) == len(roll), "凭证名单：有重复")
    return {credential: member(credential, "凭证名单") for credential in roll}


# --- ballots ------------------------------------------------------------------------------------------------------------


def check_ballot(text, election, phi, roll):
    """Shape, numbers, signature, every proof, and that linked ciphertexts are the same. Gives credential and ciphertexts."""
    ballot = load(text, "选票")
    uuid, printed, credential, answers, signature = fields(
        ballot, ["election_uuid", "election_hash", "credential", "answers", "signature"], "选票"
    )
    require(uuid == election["uuid"] and printed == phi, "不是这次选举的选票")
    require(isinstance(credential, str) and credential in roll, "凭证不在名单上")
    digest, proof = fields(signature, ["hash", "proof"], "签名")
    body = {key: value for key, value in ballot.items() if key != "signature"}
    require(digest == fingerprint(dump(body)), "摘要与内容不符")
    knows(f"sig|{digest}|", roll[credential], proof, "选票签名")
    context, linked = f"{phi}|{credential}", {}
    questions, slots = election["questions"], election["rules"]["slots"]
    pairs = zip(rows(answers, len(questions), "选票"), questions, slots)
    return credential, [check_answer(a, q, names, election, context, linked) for a, q, names in pairs]


def check_answer(answer, question, names, election, context, linked):
    blank, y = "blank" in question, int(election["public_key"])
    keys = ["choices", "individual_proofs", "overall_proof", *(["blank_proof"] if blank else [])]
    choices, singles, overall, *empty = fields(answer, keys, "答案")
    ciphers = []
    cells = zip(rows(choices, len(names), "答案"), rows(singles, len(names), "答案"), names)
    for choice, proofs, name in cells:
        if name in linked:
            require(linked[name] == dump([choice, proofs]), "相连的选项前后不一致")
        else:
            linked[name] = dump([choice, proofs])
            alpha, beta = (member(x, "密文") for x in fields(choice, ["alpha", "beta"], "密文"))
            one_holds(f"prove|{context}|{alpha},{beta}|", y, [(alpha, beta, 0), (alpha, beta, 1)], proofs, "选项")
        ciphers.append((int(choice["alpha"]), int(choice["beta"])))
    s = context + "|" + ",".join(f"{a},{b}" for a, b in ciphers)
    alpha = beta = 1
    for a, b in ciphers[1:] if blank else ciphers:
        alpha, beta = alpha * a % P, beta * b % P
    allowed = [(alpha, beta, v) for v in range(question["min"], question["max"] + 1)]
    if blank:
        one_holds(f"bproof0|{s}|", y, [(*ciphers[0], 0), (alpha, beta, 0)], empty[0], "空白选项")
        one_holds(f"bproof1|{s}|", y, [(*ciphers[0], 1), *allowed], overall, "选项总数")
    else:
        one_holds(f"prove|{s}|{alpha},{beta}|", y, allowed, overall, "选项总数")
    return ciphers


def counted(ballots, revote):
    """One credential, one ballot: the last where voting again is allowed, else a second ballot is a fault."""
    last = {}
    for credential, answers in ballots:
        require(revote or credential not in last, "同一凭证投了两次，本次不许改投")
        last[credential] = answers
    return list(last.values())


# --- opening the box -----------------------------------------------------------------------------------------------------


def add_up(ballots, election):
    sizes = [len(names) for names in election["rules"]["slots"]]
    total = [[(1, 1)] * size for size in sizes]
    for ballot in ballots:
        total = [[(a * c % P, b * d % P) for (a, b), (c, d) in zip(x, y)] for x, y in zip(total, ballot)]
    return total


def check_total(texts, total, ballots):
    tally, sized = rows(texts, 2, "密文合计")
    require(tally == dump([[{"alpha": str(a), "beta": str(b)} for a, b in row] for row in total]), "密文合计与选票不符")
    expected = {"num_tallied": ballots, "total_weight": ballots, "encrypted_tally": sha(tally)}
    require(sized == dump(expected), "计入的票数与选票不符")


def check_part(texts, total, phi, public):
    """One teller's part of the opening: for each ciphertext the factor, proved to come from this teller's key."""
    text, owned = rows(texts, 2, "解密份额")
    owner, digest = fields(load(owned, "解密份额"), ["owner", "payload"], "解密份额")
    require(type(owner) is int and 1 <= owner <= len(public) and digest == sha(text), "解密份额：持有人或摘要不对")
    factors, proofs = fields(load(text, "解密份额"), ["decryption_factors", "decryption_proofs"], "解密份额")
    key = public[owner - 1]
    result = []
    for ciphers, xs, ps in zip(total, rows(factors, len(total), "解密份额"), rows(proofs, len(total), "解密份额")):
        row = []
        for (alpha, _), x, p in zip(ciphers, rows(xs, len(ciphers), "解密份额"), rows(ps, len(ciphers), "解密份额")):
            factor, (c, r) = member(x, "解密份额"), read_proof(p, "解密份额")
            first, second = pow(G, r, P) * pow(key, c, P) % P, pow(alpha, r, P) * pow(factor, c, P) % P
            require(c == challenge(f"decrypt|{phi}|{key}|", [first, second]), f"第 {owner} 名监票人的解密证明不成立")
            row.append(factor)
        result.append(row)
    return owner, result


def decrypt(total, parts, threshold, ballots):
    owners = sorted(parts)[:threshold]
    require(len(owners) == threshold, "解密份额不足")
    weights = {}
    for j in owners:
        weights[j] = 1
        for k in owners:
            if k != j:
                weights[j] = weights[j] * k * pow(k - j, -1, Q) % Q
    table = {pow(G, n, P): n for n in range(ballots + 1)}
    counts = []
    for i, row in enumerate(total):
        line = []
        for j, (_, beta) in enumerate(row):
            factor = 1
            for owner in owners:
                factor = factor * pow(parts[owner][i][j], weights[owner], P) % P
            power = beta * pow(factor, -1, P) % P
            require(power in table, "解密得不出票数")
            line.append(table[power])
        counts.append(line)
    return counts


# --- everything ----------------------------------------------------------------------------------------------------------


def verify(data):
    chain, last = events(data)
    election_text, trustees_text, roll_text, link = rows(chain[0][1], 4, "选举设置")
    expected = {"election": sha(election_text), "trustees": sha(trustees_text), "credentials": sha(roll_text)}
    require(link == dump(expected), "选举设置：摘要不符")
    election, phi = read_election(election_text), fingerprint(election_text)
    threshold, public, y = read_trustees(trustees_text)
    require(y == int(election["public_key"]), "选举公钥与监票人的钥匙不符")
    roll = read_roll(roll_text)
    require(election["rules"]["facts"].get("credentials", sha(roll_text)) == sha(roll_text), "名册与选举封定时写明的不符")
    ballots = []
    for kind, texts in chain:
        if kind == "Ballot":
            try:
                ballots.append(check_ballot(*rows(texts, 1, "选票"), election, phi, roll))
            except Wrong as wrong:
                raise Wrong(f"第 {len(ballots) + 1} 张票：{wrong}") from None
    counting = counted(ballots, election["rules"]["revote"])
    report = {
        "election": election["name"],
        "fingerprint": phi,
        "roll": len(roll),
        "ballots": len(ballots),
        "counted": len(counting),
    }
    total, parts = add_up(counting, election), {}
    for kind, texts in chain:
        if kind == "EndBallots":
            require(not texts, "事件的次序不对")
        if kind == "EncryptedTally":
            check_total(texts, total, len(counting))
        if kind == "PartialDecryption":
            owner, factors = check_part(texts, total, phi, public)
            require(owner not in parts, "解密份额重复")
            parts[owner] = factors
        if kind == "Result":
            counts = decrypt(total, parts, threshold, len(counting))
            require(rows(texts, 1, "结果")[0] == dump({"result": counts}), "结果与解密不符")
            report["result"] = counts
    report["last_event"] = last
    return election, report


def main(arguments):
    if len(arguments) != 2:
        print("用法：python3 verify_election.py 档案.bel", file=sys.stderr)
        return 2
    try:
        with open(arguments[1], "rb") as file:
            election, report = verify(file.read())
    except OSError as error:
        print(f"打不开：{error}", file=sys.stderr)
        return 2
    except Wrong as wrong:
        print(f"不成立：{wrong}")
        return 1
    except (AttributeError, KeyError, RecursionError, TypeError):
        print("不成立：记录的结构不对")
        return 1
    print(f"全部成立：{report['election']}，凭证 {report['roll']} 个，选票 {report['ballots']} 张，计入 {report['counted']} 张")
    for question, row in zip(election["questions"], report.get("result", [])):
        answers = question["answers"]
        print(f"  {question['question']}：" + "，".join(f"{a} {n}" for a, n in zip(answers, row[-len(answers) :])))
    print(f"选举指纹 {report['fingerprint']}，最后一个事件 {report['last_event']}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
