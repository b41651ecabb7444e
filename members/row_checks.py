"""What the facts of one row must say together. Each check speaks only when the facts it rests on were read soundly."""

from dataclasses import dataclass
from datetime import date

from core.identity import birth_of, sex_of
from members import rules
from members.row_faults import Fault
from members.row_reader import Reader
from regulations.packs import pack

FULL, PROBATIONARY = "1", "2"


@dataclass(frozen=True)
class _Joining:
    """The dates of joining and conversion of one row."""

    joined: date
    converted: date | None
    category: str


def check(reader: Reader, found: dict) -> None:
    """Complete `found` from the number, settle the category, and report contradictions."""
    _with_number(reader, found)
    _category(reader, found)
    if found["joined_on"] is None:
        if not reader.spoiled("joined_on"):
            reader.refuse(Fault.missing("joined_on"))
    else:
        joining = _Joining(found["joined_on"], found["converted_on"], found["category"])
        _age(reader, found["birth_date"], joining)
        _conversion(reader, joining)
        _probation(reader, joining)
    _whereabouts(reader, found)


def _with_number(reader: Reader, found: dict) -> None:
    """Sex and birth follow from a sound number and may not contradict it; a faulty number says nothing."""
    number = found["id_number"]
    if not number or reader.spoiled("id_number"):
        return
    if found["sex"] and found["sex"] != sex_of(number):
        reader.refuse(Fault("sex", "sex_contradicts_id", "性别与公民身份号码不一致。", "请对照身份证，改正性别或号码。"))
    if found["birth_date"] and found["birth_date"] != birth_of(number):
        message = "出生日期与公民身份号码不一致。"
        remedy = "请对照身份证，改正出生日期或号码；档案认定的出生日期不同的，按“号码待核”登记并附依据。"
        reader.refuse(Fault("birth_date", "birth_contradicts_id", message, remedy))
    found["sex"] = found["sex"] or ("" if reader.spoiled("sex") else sex_of(number))
    found["birth_date"] = found["birth_date"] or (None if reader.spoiled("birth_date") else birth_of(number))


def _category(reader: Reader, found: dict) -> None:
    if found["category"] or reader.spoiled("category"):
        return
    joined, converted = found["joined_on"], found["converted_on"]
    if converted or (joined and rules.joined_without_probation(joined, on=reader.on)):
        found["category"] = FULL
    else:
        reader.refuse(Fault.missing("category"))


def _age(reader: Reader, born: date | None, joining: _Joining) -> None:
    """党章 第一条; before the age was strict, and for contradictory birth dates, nothing or only a note."""
    if born is None or reader.spoiled("birth_date") or rules.old_enough(born, joining.joined, on=reader.on):
        return
    years = pack(rules.PACK, on=reader.on).integer("joining.age.min")
    message, remedy = f"加入党组织时未满 {years} 岁。", "请对照入党志愿书核对加入党组织日期和出生日期。"
    if joining.joined <= born or rules.age_rule_strict(joining.joined, on=reader.on):
        reader.refuse(Fault("joined_on", "joined_before_18", message, remedy))
    else:
        reader.note("joined_on", "joined_young", message, "早年入党的属实可以保留。")


def _conversion(reader: Reader, joining: _Joining) -> None:
    """党章 第七条: conversion follows joining; a probationary member has none, a full member has one."""
    if reader.spoiled("converted_on"):
        return
    if joining.converted and joining.converted < joining.joined:
        message, remedy = "转为正式党员日期早于加入党组织日期。", "请对照入党志愿书核对两个日期。"
        reader.refuse(Fault("converted_on", "converted_before_joined", message, remedy))
    elif joining.converted and joining.category == PROBATIONARY:
        message, remedy = "预备党员不应有转为正式党员日期。", "已经转正的请把人员类别改为正式党员，否则清空这一格。"
        reader.refuse(Fault("converted_on", "category_contradicts_conversion", message, remedy))
    elif not joining.converted and joining.category == FULL:
        _unrecorded(reader, joining.joined)


def _unrecorded(reader: Reader, joined: date) -> None:
    if rules.joined_without_probation(joined, on=reader.on):
        return
    if not rules.age_rule_strict(joined, on=reader.on):
        reader.note("converted_on", "conversion_unrecorded", "没有转为正式党员日期。", "查到依据后请补填。")
        return
    message, remedy = "正式党员没有转为正式党员日期。", "请补填；仍在预备期的请把人员类别改为预备党员。"
    reader.refuse(Fault("converted_on", "category_contradicts_conversion", message, remedy))


def _probation(reader: Reader, joining: _Joining) -> None:
    """Lengths of probation that differ from the rule of today are remarks: the rule has changed more than once."""
    if rules.joined_without_probation(joining.joined, on=reader.on):
        if joining.converted:
            message = "这一时期入党不设预备期，党龄自加入党组织之日算起。"
            reader.note("converted_on", "no_probation_conversion", message, "转正日期照原样登记；党龄起算由组织部门确认。")
        return
    ends = rules.probation_ends_on(joining.joined, on=reader.on)
    if joining.converted and joining.joined <= joining.converted < ends:
        reader.note("converted_on", "probation_short", "预备期不满一年。", "请核对两个日期；当时规定如此的可以保留。")
    if joining.category == PROBATIONARY and ends < reader.on:
        reader.note("category", "probation_overdue", "预备期已满，人员类别仍是预备党员。", "请核对是否已经转正或延长预备期。")


def _whereabouts(reader: Reader, found: dict) -> None:
    if found["is_lost"] and not found["lost_on"] and not reader.spoiled("lost_on"):
        reader.refuse(Fault.missing("lost_on"))
    if found["lost_on"] and found["is_lost"] is False:
        reader.note("is_lost", "lost_unclear", "填了失去联系日期，但不是失联党员。", "已经联系上的请清空失去联系日期。")
    if found["lost_on"] and found["is_lost"] is None and not reader.spoiled("is_lost"):
        found["is_lost"] = True
    if found["floating_to"] and found["is_floating"] is False:
        reader.note("is_floating", "floating_unclear", "填了外出流向，但不是流动党员。", "请核对是否为流动党员。")
