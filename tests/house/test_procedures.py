"""The drawings in docs/procedures/ are those of the declarations."""

from pathlib import Path

from workflow.domain.documents import drawings

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "procedures"


def test_the_drawings_are_those_of_the_code() -> None:
    wanted = drawings()
    there = {p.name: p.read_text("utf-8") for p in FOLDER.glob("*")}
    assert there == wanted, "run manage.py draw_procedures"
