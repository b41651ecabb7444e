"""In the outer network only the portal has doors; a shut door looks like none."""

import pytest
from django.urls import reverse

from tests.house.matrix_rows import ROWS
from tests.people import Cast

INSIDE = sorted(name for name in ROWS if not name.startswith("portal:"))


@pytest.mark.parametrize("name", INSIDE)
def test_the_registry_has_no_door_outside(cast: Cast, as_person, settings, name: str) -> None:
    settings.ZONE = "outer"
    row = ROWS[name]
    answer = getattr(as_person("department"), row.methods[0])(reverse(name.split()[0], kwargs=row.arguments(cast)), row.data)
    assert answer.status_code == 404


def test_the_portal_is_open_in_both(cast: Cast, as_person, settings) -> None:
    for zone in ("inner", "outer"):
        settings.ZONE = zone
        assert as_person("anonymous").get("/login/").status_code == 200
        assert as_person("chen").get("/me/").status_code == 200


def test_the_registry_is_open_inside(cast: Cast, as_person, settings) -> None:
    settings.ZONE = "inner"
    assert as_person("department").get(reverse("workbench")).status_code == 200
