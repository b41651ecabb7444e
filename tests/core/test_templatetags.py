"""Dates, figures, masks, icons and controls as pages write them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from core.templatetags import dw


def rendered(source, **context):
    return Template("{% load dw %}" + source).render(Context(context))


def test_dates_are_written_without_leading_zeros():
    day = date(2026, 1, 9)
    assert dw.date_cn(day) == "2026年1月9日"
    assert dw.month_cn(day) == "2026年1月"
    assert dw.weekday_cn(day) == "星期五"


def test_a_moment_is_written_in_local_time():
    moment = datetime(2026, 11, 21, 17, 5, tzinfo=UTC)
    assert dw.datetime_cn(moment) == "2026年11月22日 1:05"
    assert dw.date_cn(moment) == "2026年11月22日"


@pytest.mark.parametrize("written", [dw.date_cn, dw.month_cn, dw.short_date, dw.datetime_cn, dw.weekday_cn])
@pytest.mark.parametrize("nothing", [None, "", "2026-01-01"])
def test_what_is_no_date_leaves_room_for_a_default(written, nothing):
    assert written(nothing) == ""


def test_short_dates_name_the_year_only_when_it_is_another():
    this_year = timezone.localdate().replace(month=3, day=1)
    assert dw.short_date(this_year) == "3月1日"
    assert dw.short_date(date(2001, 3, 1)) == "2001年3月1日"


@pytest.mark.parametrize(
    ("value", "text"), [(1234567, "1,234,567"), (Decimal("1234.50"), "1,234.50"), (0, "0"), (None, ""), ("12 名", "12 名")]
)
def test_numbers_have_thousands_separators(value, text):
    assert dw.number(value) == text


def test_shares_changes_and_money():
    assert dw.percent(0.3384) == "33.8%"
    assert dw.percent(Decimal("0.5"), 0) == "50%"
    assert dw.percent(None) == ""
    assert [dw.signed(n) for n in (4312, -121, 0, None)] == ["+4,312", "−121", "0", ""]
    assert dw.money(Decimal("1035")) == "¥1,035.00"
    assert dw.money(None) == ""


def test_masks_hide_the_middle_and_say_nothing_about_nothing():
    assert rendered("{{ n|mask_id }}", n="994439198805148073") == "994439********8073"
    assert rendered("{{ n|mask_phone }}", n="18500000097") == "185****0097"
    assert rendered("[{{ n|mask_id }}{{ n|mask_phone }}]", n="") == "[]"


def test_an_icon_alone_is_named_and_beside_its_word_is_silent():
    assert 'aria-hidden="true"' in rendered('{% icon "eye" %}')
    named = rendered('{% icon "eye" "查看" %}')
    assert 'role="img"' in named
    assert 'aria-label="查看"' in named
    assert "icons.svg#eye" in named


def test_an_icon_label_cannot_break_out_of_its_attribute():
    assert '"><script>' not in rendered('{% icon "eye" label %}', label='"><script>')


def test_querystring_replaces_and_removes():
    request = RequestFactory().get("/", {"q": "王", "after": "x", "sex": "2"})
    text = rendered('{% querystring_with after="b c" sex=None %}', request=request)
    assert text.replace("&amp;", "&") == "?q=%E7%8E%8B&after=b+c"


def test_deadlines_tell_date_and_distance():
    today = timezone.localdate()
    assert "逾期 2 天" in dw.due(today - timedelta(days=2))
    assert "今天" in dw.due(today)
    assert 'class="dw-due soon"' in dw.due(today + timedelta(days=dw.SOON_DAYS))
    assert 'class="dw-due"' in dw.due(today + timedelta(days=dw.SOON_DAYS + 1))
    assert dw.due(None) == ""


def test_a_chart_and_its_table_show_the_same_figures_and_hide_the_same():
    data = {"categories": ["男", "女"], "series": [{"name": "党员", "values": [1204, None]}], "unit": "名"}
    page = rendered('{% include "components/_chart.html" with chart_id="sex" kind="bars" label="性别" %}', data=data)
    assert dw.chart_rows(data) == [("男", (1204,)), ("女", (None,))]
    assert 'data-source="sex-data"' in page
    assert '<script id="sex-data" type="application/json">' in page
    assert ">1,204<" in page
    assert ">—<" in page


def test_a_chart_with_a_series_too_short_is_refused():
    with pytest.raises(ValueError, match="zip"):
        dw.chart_rows({"categories": ["男", "女"], "series": [{"name": "党员", "values": [1]}]})


class Sheet(forms.Form):
    name = forms.CharField(label="姓名", help_text="与证件一致")
    sex = forms.ChoiceField(label="性别", choices=[("1", "男"), ("2", "女")], widget=forms.RadioSelect)
    nation = forms.ChoiceField(label="民族", choices=[("01", "汉族")])
    checked = forms.BooleanField(label="已核对")
    version = forms.IntegerField(widget=forms.HiddenInput)
    file = forms.FileField(label="文件")


@pytest.mark.parametrize(
    ("field", "kind"),
    [("name", "text"), ("sex", "ticks"), ("nation", "select"), ("checked", "tick"), ("version", "hidden"), ("file", "file")],
)
def test_controls_are_told_apart(field, kind):
    assert dw.control_kind(Sheet()[field]) == kind


def test_a_refused_field_is_tied_to_its_error_and_help():
    form = Sheet({})
    assert not form.is_valid()
    page = rendered('{% include "components/_form_field.html" with field=form.name %}', form=form)
    assert 'aria-invalid="true"' in page
    assert 'class="form-control is-bad"' in page
    for told in ("id_name_helptext", "id_name_error"):
        assert f'id="{told}"' in page
        assert told in page.split("aria-describedby=")[1].split(">")[0]


def test_the_error_summary_links_to_places_that_exist():
    form = Sheet({"version": "x"})
    assert not form.is_valid()
    summary = rendered('{% include "components/_form_errors.html" %}', form=form)
    fields = "".join(
        rendered('{% include "components/_form_field.html" %}', field=field) for field in form if field.name != "file"
    )
    for name in ("name", "sex", "nation", "checked"):
        assert f'href="#id_{name}"' in summary
        assert f'id="id_{name}"' in fields


def test_the_document_title_repeats_the_title_block_as_plain_words():
    page = Template(
        '{% extends "base_plain.html" %}{% block title %}<b>陈望舒</b>\n<span class="dw-tag">正式</span>{% endblock %}'
    ).render(Context({}))
    assert "<title>陈望舒 正式·电子党务平台</title>" in page
