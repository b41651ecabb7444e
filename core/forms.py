"""The forms' adapter: a verb's refusal stands beside the field it speaks of; days as people write them."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from django import forms

from core.dates import parse_cn
from core.errors import DomainError, Missing, NotAllowed

T = TypeVar("T")


def attempt(form: forms.Form, verb: Callable[[], T]) -> T | None:
    """Run the verb; its refusal goes beside the field it speaks of, with the clause. Nothing typed is lost."""
    try:
        return verb()
    except (Missing, NotAllowed):
        raise
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, forms.ValidationError(error.message, error.code))
        form.refused_by = error.clause  # type: ignore[attr-defined]
        return None


class DayField(forms.DateField):
    """A day: from the calendar of the browser, or written as people write it."""

    def __init__(self, **options: object) -> None:
        super().__init__(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **options)

    def to_python(self, value: object) -> date | None:
        if not isinstance(value, str) or not value.strip():
            return super().to_python(value)
        try:
            return parse_cn(value)
        except ValueError:
            raise forms.ValidationError("看不懂这个日期，请写作 2026-11-22。", code="bad_date") from None
