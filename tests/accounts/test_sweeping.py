from datetime import timedelta

import time_machine
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import FailedTry, SignedInSession
from accounts.tasks import sweep_sign_ins


def test_what_is_over_goes_and_what_counts_stays(people, sign_in, client):
    sign_in("wang", "错的")
    sign_in("li")
    client.post("/activate/", {"code": "ABCD-EFGH-JKMN", "new_password": "新的-口令-2027-Cd", "again": "新的-口令-2027-Cd"})
    counted = (AccessAttempt, FailedTry, SignedInSession, Session)
    sweep_sign_ins()
    assert [model.objects.count() for model in counted] == [1, 1, 1, 1]
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
        sweep_sign_ins()
    assert [model.objects.count() for model in counted] == [0, 0, 0, 0]
