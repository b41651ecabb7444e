"""Sealed values open in their place only, under any key of the ring, and the keyring is made and read with care."""

import json
import os
import threading
import uuid
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import models
from hypothesis import given
from hypothesis import strategies as st

from core import crypto, keyring
from core.crypto import Sealed, Tampered, blind, blinds, seal, seal_bytes, unseal, unseal_bytes
from core.keyring import KeyringFault

ROW = uuid.UUID("0b8f5f7e-9a63-4c53-9f6a-1f2f3a4b5c6d")
PLACE = {"table": "members_member", "row": ROW, "field": "id_number"}


@pytest.fixture
def ring_file(settings, tmp_path) -> Path:
    settings.KEYRING_FILE = str(tmp_path / "keyring.json")
    return tmp_path / "keyring.json"


def rewrite(file: Path, change) -> None:
    document = json.loads(file.read_text())
    change(document["sets"])
    file.write_text(json.dumps(document))
    keyring.ring(look_now=True)


def add_key(name: str, algorithm: str):
    """Rotation as an operator does it: a new key beside the old one, made current."""

    def change(sets) -> None:
        entry = json.loads(keyring.fresh_keyring())["sets"][name]
        number = str(entry["current"])
        sets[name]["keys"][number] = entry["keys"][number] | {"algorithm": algorithm, "made_at": "2099-01-01T00:00:00+00:00"}
        sets[name]["current"] = int(number)

    return change


@given(st.text(max_size=200))
def test_a_sealed_text_opens_again(text):
    blob = seal(text, **PLACE)
    assert unseal(blob, **PLACE) == text
    assert len(blob) == len(text.encode()) + crypto.OVERHEAD


@given(st.binary(max_size=2000))
def test_a_sealed_file_opens_again_with_the_keys_of_files_only(data):
    blob = seal_bytes(data, **PLACE)
    assert unseal_bytes(memoryview(blob), **PLACE) == data
    with pytest.raises(Tampered):
        unseal(blob, **PLACE)


def test_the_same_text_never_seals_alike_and_is_not_readable():
    one, two = seal("994439199001018073", **PLACE), seal("994439199001018073", **PLACE)
    assert one != two
    assert b"9944" not in one


@pytest.mark.parametrize("moved", [{"table": "members_other"}, {"row": uuid.uuid4()}, {"field": "phone"}])
def test_a_value_moved_elsewhere_does_not_open(moved):
    blob = seal("994439199001018073", **PLACE)
    with pytest.raises(Tampered) as refusal:
        unseal(blob, **PLACE | moved)
    assert refusal.value.code == "tampered"
    assert "9944" not in str(refusal.value)


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_any_changed_byte_is_noticed(where, flip):
    blob = bytearray(seal("13900000000", **PLACE))
    blob[where % len(blob)] ^= flip
    with pytest.raises(Tampered):
        unseal(bytes(blob), **PLACE)


@given(st.integers(min_value=0, max_value=44))
def test_a_cut_value_is_noticed(length):
    with pytest.raises(Tampered):
        unseal(seal("13900000000", **PLACE)[:length], **PLACE)


@pytest.mark.parametrize("place", [{"table": ""}, {"field": ""}, {"field": "a\0b"}, {"table": "t\0x", "field": "f"}])
def test_a_place_must_be_unambiguous(place):
    with pytest.raises(ValueError, match="needs table"):
        seal("x", **PLACE | place)


def test_sm4_seals_behind_the_same_calls(ring_file):
    before = seal("老值", **PLACE)
    rewrite(ring_file, add_key("fields", "SM4-GCM"))
    after = seal("新值", **PLACE)
    assert (before[1], after[1]) == (1, 2)
    assert unseal(before, **PLACE) == "老值"
    assert unseal(after, **PLACE) == "新值"
    with pytest.raises(Tampered):
        unseal(after, **PLACE | {"field": "phone"})
    with pytest.raises(Tampered):
        unseal(after[:1] + b"\x01" + after[2:], **PLACE)


def test_sm4_gcm_agrees_with_rfc_8998():
    cipher = crypto.Sm4Gcm(bytes.fromhex("0123456789abcdeffedcba9876543210"))
    nonce = bytes.fromhex("00001234567800000000abcd")
    extra = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    clear = b"".join(bytes([b]) * 8 for b in (0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0xEE, 0xAA))
    expected = (
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    )
    assert cipher.encrypt(nonce, clear, extra).hex() == expected
    assert cipher.decrypt(nonce, bytes.fromhex(expected), extra) == clear


def test_blind_index_is_keyed_by_field_and_found_under_older_keys(ring_file):
    old = blind("994439199001018073", "id_number")
    assert len(old) == 32
    assert old == blind("994439199001018073", "id_number")
    assert old != blind("994439199001018073", "phone")
    rewrite(ring_file, add_key("blind", "HMAC-SHA256"))
    new = blind("994439199001018073", "id_number")
    assert new != old
    assert blinds("994439199001018073", "id_number") == [new, old]


def test_an_empty_value_has_no_blind_index():
    with pytest.raises(ValueError, match="empty"):
        blind("", "id_number")
    with pytest.raises(ValueError, match="empty"):
        blinds("", "id_number")


def test_a_key_taken_out_of_the_ring_is_named(ring_file):
    blob = seal("x", **PLACE)
    rewrite(ring_file, lambda sets: sets.update(json.loads(keyring.fresh_keyring())["sets"]))
    with pytest.raises(Tampered) as refusal:
        unseal(blob, **PLACE)
    assert refusal.value.code == "key_missing"
    assert str(crypto.key_id(blob)) in refusal.value.message


class Person(models.Model):
    """Two sealed columns, one of them refusing NULL; never migrated, only held in memory."""

    uuid = models.UUIDField(default=uuid.uuid4)
    phone_sealed = models.BinaryField(null=True)
    home_sealed = models.BinaryField(default=b"")
    phone = Sealed("phone_sealed", field="phone")
    home = Sealed("home_sealed", field="home")

    class Meta:
        app_label = "core"
        managed = False
        db_table = "core_person"


def test_sealed_attribute_reads_writes_and_empties():
    person = Person(phone="13900000000")
    assert person.phone == "13900000000"
    assert person.phone_sealed[:1] == b"\x01"
    assert (person.home, person.home_sealed) == ("", b"")
    person.home = "幸福路1号"
    person.phone_sealed = memoryview(person.phone_sealed)
    assert (person.phone, person.home) == ("13900000000", "幸福路1号")
    person.phone = person.home = ""
    assert (person.phone_sealed, person.home_sealed) == (None, b"")


def test_history_shares_the_live_place_and_another_person_does_not():
    class History:
        phone = Sealed("phone_sealed", field="phone", table="core_person")

    person, other = Person(phone="13900000000"), Person()
    past = History()
    past.uuid, past.phone_sealed = person.uuid, person.phone_sealed
    assert past.phone == "13900000000"
    other.phone_sealed = person.phone_sealed
    with pytest.raises(Tampered):
        _ = other.phone


def test_many_threads_share_the_ciphers():
    faults: list[Exception] = []

    def work(number: int) -> None:
        try:
            for turn in range(200):
                place = {"table": "t", "row": f"{number}-{turn}", "field": "f"}
                assert unseal(seal(f"{number}·{turn}", **place), **place) == f"{number}·{turn}"
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_keyring_is_made_once_for_its_owner_only(ring_file):
    first = keyring.ring()
    assert ring_file.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in ring_file.parent.iterdir()] == ["keyring.json"]
    assert keyring.ring(look_now=True) is first
    text = ring_file.read_text()
    assert keyring.create(ring_file) is False
    assert ring_file.read_text() == text
    assert len(list(ring_file.parent.iterdir())) == 1


def test_the_command_makes_a_production_keyring_once(ring_file, settings, capsys):
    settings.PRODUCTION = True
    call_command("make_keyring", "--json")
    assert json.loads(capsys.readouterr().out) == {"made": True, "file": str(ring_file)}
    text = ring_file.read_text()
    assert unseal(seal("x", **PLACE), **PLACE) == "x"
    with pytest.raises(SystemExit) as stop:
        call_command("make_keyring")
    assert (stop.value.code, ring_file.read_text()) == (1, text)


def test_keyring_shows_no_secret_in_repr(ring_file):
    secret = keyring.ring().sets["fields"].current.secret
    assert repr(secret) not in repr(keyring.ring())


def test_production_refuses_to_invent_keys(ring_file, settings):
    settings.PRODUCTION = True
    with pytest.raises(KeyringFault, match="make_keyring"):
        seal("x", **PLACE)
    assert not ring_file.exists()


def test_keyring_readable_by_others_is_refused(ring_file):
    keyring.ring()
    ring_file.chmod(0o640)
    os.utime(ring_file, ns=(1, 1))
    with pytest.raises(KeyringFault, match="chmod 600"):
        keyring.ring(look_now=True)


@pytest.mark.parametrize(
    "damage",
    [
        lambda sets: sets.pop("audit"),
        lambda sets: sets["fields"].update(current=0),
        lambda sets: next(iter(sets["files"]["keys"].values())).update(secret="c2hvcnQ="),
        lambda sets: next(iter(sets["blind"]["keys"].values())).update(algorithm="MD5"),
    ],
)
def test_malformed_keyring_is_refused_with_a_sentence(ring_file, damage):
    keyring.ring()
    with pytest.raises(KeyringFault, match="内容不正确"):
        rewrite(ring_file, damage)


def test_sm4_missing_from_the_machine_is_said_plainly(monkeypatch):
    def refuse(*args):
        raise crypto.UnsupportedAlgorithm("no SM4 here")

    monkeypatch.setattr(crypto, "BlockCipher", refuse)
    with pytest.raises(KeyringFault, match="SM4"):
        crypto.Sm4Gcm(bytes(16))
