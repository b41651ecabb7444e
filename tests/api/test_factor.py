"""Where a second factor is required and none is bound, a program's door is as shut as the pages."""

from django.urls import reverse

from accounts.domain import factors, policies

LIST = reverse("api:members")


def test_no_second_factor_no_token_and_no_session(cast, bearer, as_person):
    token, session = bearer("secretary"), as_person("secretary")
    assert (token.get(LIST).status_code, session.get(LIST).status_code) == (200, 200)
    policies.set_policy("role:branch_secretary", required=True, reason="等保", actor=cast["security"])
    assert (token.get(LIST).status_code, token.get(LIST).json()["code"]) == (401, "token_refused")
    assert (session.get(LIST).status_code, session.get(LIST).json()["code"]) == (403, "factor_to_bind")
    assert as_person("organizer").get(LIST).status_code == 200, "another role"
    sheet = factors.prepare_sheet(cast["secretary"], actor=cast["secretary"])
    factors.bind_sheet(cast["secretary"], sheet.codes[0], actor=cast["secretary"], here=None)
    assert token.get(LIST).status_code == 200
