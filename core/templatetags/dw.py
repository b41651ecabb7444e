"""How facts are written on a page: dates, figures, masks, icons, form controls. `{% load dw %}`."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, FileInput, HiddenInput, RadioSelect, Select
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe

from core.identity import mask_id as masked_id
from core.identity import mask_phone as masked_phone

register = template.Library()

WEEKDAYS = "一二三四五六日"
PRODUCT = "电子党务平台"
SPRITE = "vendor/icons.svg"
SOON_DAYS = 3  # a deadline this near is coloured; a matter of looks, not of rules


def _day(value: object) -> date | None:
    """The local calendar day of a date or moment; None for anything that is not one."""
    if isinstance(value, datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value if isinstance(value, date) else None


@register.filter
def date_cn(value: object) -> str:
    """2026年11月22日; empty when there is no date, so that `|default:"未登记"` works."""
    day = _day(value)
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


@register.filter
def month_cn(value: object) -> str:
    """2026年11月: the birth date wherever the ID number is masked."""
    day = _day(value)
    return f"{day.year}年{day.month}月" if day else ""


@register.filter
def short_date(value: object) -> str:
    """11月22日 in the current year, the whole date otherwise."""
    day = _day(value)
    if day is None:
        return ""
    return f"{day.month}月{day.day}日" if day.year == timezone.localdate().year else date_cn(day)


@register.filter
def datetime_cn(value: object) -> str:
    """2026年11月22日 9:41, local time."""
    if not isinstance(value, datetime):
        return date_cn(value)
    moment = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{date_cn(moment)} {moment.hour}:{moment.minute:02d}"


@register.filter
def weekday_cn(value: object) -> str:
    """星期日"""
    day = _day(value)
    return f"星期{WEEKDAYS[day.weekday()]}" if day else ""


@register.filter
def number(value: object) -> str:
    """12,345; decimals keep the places they have; yes and no in words, several values in a row. Empty when there is no figure."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        return "、".join(number(one) for one in value)
    if not isinstance(value, int | float | Decimal):
        return "" if value is None else str(value)
    return f"{value:,}"


@register.filter
def percent(value: object, places: int = 1) -> str:
    """0.338 → 33.8%. The value is a share of one, never already a percentage."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return ""
    return f"{value * 100:.{int(places)}f}%"


@register.filter
def signed(value: object) -> str:
    """+4,312, −121 with a true minus, 0: changes between two dates."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return ""
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{abs(value):,}"


@register.filter
def money(value: object) -> str:
    """¥1,035.00"""
    return f"¥{value:,.2f}" if isinstance(value, int | Decimal) and not isinstance(value, bool) else ""


@register.filter
def mask_id(value: str | None) -> str:
    """994439********8073"""
    return masked_id(value) if value else ""


@register.filter
def mask_phone(value: str | None) -> str:
    """185****0097"""
    return masked_phone(value) if value else ""


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A symbol of the sprite: an ornament beside its word, or `label` says what it stands for when alone."""
    address = f"{static(SPRITE)}#{name}"
    if label:
        return format_html('<svg class="bi" role="img" aria-label="{}"><use href="{}"></use></svg>', label, address)
    return format_html('<svg class="bi" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', address)


@register.simple_tag(takes_context=True)
def document_title(context: template.Context) -> str:
    """The page's `title` block as the words of <title>, so that a page writes its name once."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks.get_block("title") if blocks else None
    words = " ".join(strip_tags(block.nodelist.render(context)).split()) if block else ""
    return f"{words}·{PRODUCT}" if words else PRODUCT


@register.simple_tag(takes_context=True)
def querystring_with(context: template.Context, **changes: Any) -> str:
    """The present query with these parameters replaced; None or "" takes one away. Begins with "?"."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = value
    return "?" + query.urlencode()


@register.simple_tag
def due(value: date | datetime | None, word: str = "前") -> SafeString | str:
    """A deadline as date and distance: 11月24日前·还有 2 天."""
    day = _day(value)
    if day is None:
        return ""
    left = (day - timezone.localdate()).days
    if left < 0:
        return format_html('<span class="dw-due over"><b>{}</b>·逾期 {} 天</span>', short_date(day), -left)
    if left == 0:
        return mark_safe('<span class="dw-due soon"><b>今天</b>截止</span>')
    look = "dw-due soon" if left <= SOON_DAYS else "dw-due"
    return format_html('<span class="{}"><b>{}</b>{}·还有 {} 天</span>', look, short_date(day), word, left)


@register.filter
def chart_rows(data: dict[str, Any]) -> list[tuple[str, tuple[object, ...]]]:
    """A chart's data as table rows: (category, one value of each series)."""
    columns = [series["values"] for series in data["series"]]
    return list(zip(data["categories"], zip(*columns, strict=True), strict=True))


@register.filter
def control(field: BoundField) -> SafeString:
    """The input itself in the house's look; Django adds aria-describedby and aria-invalid."""
    kind = control_kind(field)
    looks = {"select": "form-select", "tick": "dw-check", "ticks": "dw-check", "hidden": ""}.get(kind, "form-control")
    given = field.field.widget.attrs.get("class", "")
    bad = "is-bad" if field.errors and kind not in ("tick", "ticks", "hidden") else ""
    return field.as_widget(attrs={"class": " ".join(filter(None, (given, looks, bad)))})


@register.filter
def control_kind(field: BoundField) -> str:
    """text, select, file, tick (one box), ticks (a group of boxes or radios) or hidden: decides the layout."""
    widget = field.field.widget
    kinds: list[tuple[type | tuple[type, ...], str]] = [
        (HiddenInput, "hidden"),
        (CheckboxInput, "tick"),
        ((RadioSelect, CheckboxSelectMultiple), "ticks"),
        (FileInput, "file"),
        (Select, "select"),
    ]
    return next((name for types, name in kinds if isinstance(widget, types)), "text")
