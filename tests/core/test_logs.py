"""A refused row is told in the log by its constraint, not by the person."""

import logging
import sys

import pytest
from django.db import IntegrityError, transaction

from core.logs import Formatter, without_rows
from members.models import Member
from tests.people import Cast


def test_the_failing_row_stays_out_of_the_log(cast: Cast) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Member.objects.filter(pk=cast.members["chen"].pk).update(sex="9")
    assert "陈望舒" in str(caught.value), "otherwise this test shows nothing"
    line = Formatter("%(message)s").format(
        logging.LogRecord("x", logging.ERROR, "x.py", 1, "failed: %s", (caught.value,), (caught.type, caught.value, caught.tb))
    )
    assert "members_sex" in line
    assert "陈望舒" not in line
    assert "Traceback" in line


def test_other_lines_stay_as_they_are() -> None:
    try:
        raise ValueError("一句话\n第二句")
    except ValueError:
        text = logging.Formatter().formatException(sys.exc_info())
    assert without_rows(text) == text
