"""The matrix's rows of coming back."""

from tests.house.matrix import Row
from tests.house.rows_life import BOTH, of_chen
from tests.people import Cast


def chen(cast: Cast) -> dict[str, object]:
    return {"uuid": cast.members["chen"].uuid}


ROWS: dict[str, Row] = {
    "members:readmit": of_chen("edit_members", arguments=chen, methods=BOTH),
    "members:come_back": of_chen("edit_members", arguments=chen, methods=BOTH),
}
