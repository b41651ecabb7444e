"""A refused row is told in the log by its constraint, not by the person."""

import json
import logging
import sys

import pytest
from django.db import IntegrityError, transaction
from django.test import RequestFactory

from audit.context import Origin, acting_from
from core.logs import Formatter, JsonFormatter, without_rows
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


def told(**more: object) -> dict[str, object]:
    record = logging.LogRecord("django.request", logging.WARNING, "x.py", 1, "Not Found: %s", ("/990101198503071234/",), None)
    record.__dict__.update(more)
    return json.loads(JsonFormatter().format(record))


def test_a_line_is_one_object_without_numbers() -> None:
    line = told()
    assert line["message"] == "Not Found: /（号码）/"
    assert (line["level"], line["logger"]) == ("WARNING", "django.request")


def test_the_address_of_a_request_is_told_by_its_route() -> None:
    request = RequestFactory().get("/陈望舒/")
    assert told(request=request, status_code=404)["message"] == "404 GET unmatched"


def test_every_line_of_a_request_carries_its_number() -> None:
    with acting_from(Origin(request_id="0" * 32)):
        assert told()["request"] == "0" * 32
    assert "request" not in told()


def test_an_error_is_told_without_the_failing_row() -> None:
    said = "duplicate key\nDETAIL:  Key (name)=(陈望舒) already exists."
    try:
        raise ValueError(said)
    except ValueError:
        line = told(exc_info=sys.exc_info())
    assert "duplicate key" in str(line["error"])
    assert "陈望舒" not in json.dumps(line, ensure_ascii=False)
