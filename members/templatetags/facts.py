"""What the file knows already, shown where a form would have asked. `{% load facts %}`."""

from django import template

from members import fields
from members.models import Member

register = template.Library()


@register.inclusion_tag("components/_known_fact.html")
def known_fact(member: Member, name: str) -> dict[str, object]:
    """`{% known_fact member "phone" %}`: the fact in words (masked where it is), who keeps it right and when it was checked."""
    field = fields.FIELDS[name]
    return {
        "label": field.label,
        "value": fields.shown(member, name),
        "owner": field.owner.label,
        "checked": fields.checked_on(member, name),
    }
