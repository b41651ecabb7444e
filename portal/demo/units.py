"""Units (单位) of the branches that stand in one, and of joint branches that stand in several."""

import random
from collections.abc import Iterator

from stdnum.cn import uscc

from orgs.enums import UnitNature
from portal.demo.copying import continue_numbers, copy_rows
from portal.demo.people import random_uuid
from portal.demo.plan import SAMPLE_BRANCHES, Node

NATURE = {
    "village": UnitNature.VILLAGE, "community": UnitNature.COMMUNITY, "organ": UnitNature.ORGAN, "school": UnitNature.SCHOOL,
    "university": UnitNature.SCHOOL, "hospital": UnitNature.INSTITUTION, "state_firm": UnitNature.STATE_FIRM,
    "private_firm": UnitNature.PRIVATE_FIRM, "social": UnitNature.SOCIAL,
}  # fmt: skip
JOINED = 3  # units of a joint branch
FIRST_OF_CODE = {UnitNature.ORGAN: "11", UnitNature.SCHOOL: "12", UnitNature.INSTITUTION: "12", UnitNature.SOCIAL: "51"}


def found_units(branches: list[Node], rng: random.Random) -> None:
    """One unit for each such branch, several for a joint one, with credit codes of a region that does not exist."""
    units, places = [], []
    for branch, name in _named(branches):
        number = len(units) + 1
        nature = NATURE[branch.branch]
        units.append([number, random_uuid(rng), name, _credit_code(FIRST_OF_CODE.get(nature, "91"), number), str(nature)])
        places.append([branch.id, number])
    copy_rows("orgs_unit", ("id", "uuid", "name", "uscc", "nature"), units)
    copy_rows("orgs_organization_units", ("organization_id", "unit_id"), places)
    continue_numbers("orgs_unit")


def _named(branches: list[Node]) -> Iterator[tuple[Node, str]]:
    for branch in branches:
        if branch.branch not in NATURE or branch.is_floating or branch.is_temporary or branch.name in SAMPLE_BRANCHES:
            continue
        stem = branch.name.removesuffix("党支部").removesuffix("联合")
        if branch.is_joint:
            yield from ((branch, f"{stem}{n}号楼企业") for n in range(1, JOINED + 1))
        else:
            yield branch, f"{branch.place}{stem}"


def _credit_code(kind: str, number: int) -> str:
    body = f"{kind}990000{number:09d}"
    return body + uscc.calc_check_digit(body)
