"""Nonsense in every parameter of every URL: an answer for people, never an error of the server."""

import inspect
import re
import sys

import pytest
from django.db import transaction
from django.urls import resolve, reverse

from core import installation
from tests.house.matrix import PASS, PEOPLE, expected
from tests.house.matrix_rows import ROWS
from tests.house.test_matrix import sign_in, url_of
from tests.people import Cast

NONSENSE = ("a\0b", "-1", "9" * 40, "²", "%\\'\";--", "9999-12-31", "0001-01-01", "长" * 3000, "（）", "\r\nX: y")
EVERYWHERE = ("q", "org", "after", "on", "with", "next", "open", "for", "kind", "state", "sex", "edu", "age", "standing")


@pytest.fixture(autouse=True)
def demo(monkeypatch: pytest.MonkeyPatch, settings, tmp_path) -> None:
    monkeypatch.setattr(installation, "_sources", [lambda: True])
    settings.DATA_DIR = tmp_path
    (tmp_path / "uploads").mkdir()


def asked_in(address: str, kind: str) -> set[str]:
    """The parameters that the module of a view reads by name."""
    source = inspect.getsource(sys.modules[resolve(address).func.__module__])
    return set(re.findall(rf'request\.{kind}\.get(?:list)?\(\s*"(\w+)"', source))


def fields_of(page: bytes) -> set[str]:
    return set(re.findall(r'<(?:input|select|textarea)[^>]*\sname="([\w-]+)"', page.decode())) - {"csrfmiddlewaretoken"}


@pytest.mark.parametrize("name", sorted(ROWS))
def test_nonsense_is_answered(cast: Cast, name: str) -> None:
    row = ROWS[name]
    address = reverse(url_of(name), kwargs=row.arguments(cast))
    passing = [p for p in reversed(PEOPLE) if p != "anonymous" and (row.kind == "leaves" or expected(row, p) == PASS)]
    person = passing[0] if passing else "secretary"  # a door shut to everybody answers nonsense all the same
    for method in row.methods:
        with transaction.atomic():
            page = sign_in(cast, person).get(address).content if method == "post" and "get" in row.methods else b""
            transaction.set_rollback(True)
        names = {*EVERYWHERE, *asked_in(address, method.upper()), *fields_of(page), *row.data}
        for text in NONSENSE:
            with transaction.atomic():
                answer = getattr(sign_in(cast, person), method)(address, row.data | dict.fromkeys(names, text))
                assert answer.status_code < 500, f"{person} {method} {address} {text!r}"
                transaction.set_rollback(True)
