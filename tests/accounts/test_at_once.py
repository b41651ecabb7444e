"""Two at once before the second factor, on a real database."""

import threading

import pyotp
import pytest
from django.db import connections

from accounts import queries
from accounts.domain import factors
from accounts.models import FailedTry, SecondFactor, User
from tests.accounts.conftest import People, build_people


@pytest.fixture
def people(transactional_db: None) -> People:
    return build_people()


def together(*acts) -> list[object]:
    gate, came = threading.Barrier(len(acts)), [None] * len(acts)

    def run(at: int) -> None:
        gate.wait(10)
        try:
            came[at] = acts[at]()
        except Exception as error:
            came[at] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return came


def kinds(came: list[object]) -> list[str]:
    return sorted(str(getattr(one, "code", one)) for one in came)


def show(user: User, code: str):
    return lambda: factors.verify(User.objects.get(pk=user.pk), code)


def test_one_code_opens_one_door(people):
    user = people.officer
    secret = factors.prepare_phone(user, actor=user).pending
    sheet = factors.bind_phone(user, pyotp.TOTP(secret).now(), actor=user, here=None)
    following = pyotp.TOTP(secret).generate_otp(SecondFactor.objects.get().last_step + 1)
    assert kinds(together(show(user, following), show(user, following))) == ["second_factor_wrong", "totp"]
    assert kinds(together(show(user, sheet.codes[0]), show(user, sheet.codes[0]))) == ["second_factor_wrong", "sheet"]


def test_guesses_sent_at_once_are_counted_one_by_one(people):
    user = people.officer
    sheet = factors.prepare_sheet(user, actor=user)
    factors.bind_sheet(user, sheet.codes[0], actor=user, here=None)
    came = kinds(together(*[show(user, "000000") for _ in range(8)]))
    most = queries.factor_tries().most
    assert came == ["second_factor_wrong"] * most + ["too_many_tries"] * (8 - most)
    assert FailedTry.objects.count() == most
