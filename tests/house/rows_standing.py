"""The matrix's rows of coming back: on the pages and for programs."""

from tests.house.matrix import Row
from tests.house.rows_life import BOTH, of_chen

ROWS: dict[str, Row] = {
    "members:readmit": of_chen("edit_members", methods=BOTH),
    "members:come_back": of_chen("edit_members", methods=BOTH),
    "api:member_readmit": of_chen("edit_members", methods=("post",)),
    "api:member_come_back": of_chen("edit_members", methods=("post",)),
}
