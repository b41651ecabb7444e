"""Which column of a file is which field. Proposes; the person confirms; the confirmed mapping is remembered by fingerprint."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum


@dataclass(frozen=True)
class Field:
    """`header` is the official one (rules.md §10.1), `synonyms` mean the same, `loose` ones if nothing better is there."""

    name: str
    header: str
    synonyms: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


CARD: tuple[Field, ...] = (
    Field("name", "姓名", _words("党员姓名 姓名全称"), _words("名字")),
    Field(
        "branch",
        "所在党支部",
        _words("所属党支部 所属支部 所在支部 党支部 党支部名称 支部名称 所在党组织 所属党组织"),
        _words("支部 党组织 党组织名称"),
    ),
    Field(
        "id_number",
        "公民身份号码",
        _words("身份证号 身份证号码 身份证 公民身份证号 公民身份证号码 居民身份证号 居民身份证号码 身份号码 身份证件号码"),
        _words("证件号码 证件号"),
    ),
    Field("sex", "性别"),
    Field("nation", "民族"),
    Field("birth_date", "出生日期", _words("出生年月日 出生年月 出生时间"), _words("生日 出生")),
    Field("education", "学历", _words("最高学历 文化程度 学历层次 学历情况"), _words("教育程度")),
    Field("category", "人员类别", _words("党员类别 党员类型"), _words("类别 人员类型")),
    Field(
        "joined_on",
        "加入党组织日期",
        _words("入党时间 入党日期 入党年月 加入党组织时间 加入中共组织日期 加入中国共产党日期 加入中国共产党时间")
        + _words("成为预备党员日期 接收为预备党员日期"),
        _words("入党 加入日期"),
    ),
    Field(
        "converted_on",
        "转为正式党员日期",
        _words("转正时间 转正日期 转正年月 转为正式党员时间 转为正式党员的日期 成为正式党员日期 成为正式党员时间"),
        _words("转正"),
    ),
    Field("job", "工作岗位", _words("从事工作 现工作岗位 岗位 职业 个人身份"), _words("工作单位及职务 职务 单位职务 工作")),
    Field(
        "phone",
        "手机号",
        _words("手机 手机号码 移动电话 移动电话号码 联系手机 本人手机"),
        _words("联系电话 电话 联系方式 电话号码 联系号码"),
    ),
    Field("landline", "固定电话", _words("固定电话号码 固话 座机 座机号码 办公电话 住宅电话 其他联系电话")),
    Field(
        "address",
        "家庭住址",
        _words("家庭地址 现居住地 现居住地址 居住地址 住址 家庭详细住址 常住地址"),
        _words("地址 联系地址"),
    ),
    Field("standing", "党籍状态", _words("党籍情况 党籍"), _words("状态")),
    Field("is_lost", "是否为失联党员", _words("是否失联党员 是否失联 失联党员"), _words("失联")),
    Field("lost_on", "失去联系日期", _words("失联日期 失联时间 失去联系时间 失去联系的日期")),
    Field("is_floating", "是否为流动党员", _words("是否流动党员 是否流动 流动党员"), _words("流动")),
    Field("floating_to", "外出流向", _words("流动去向 外出地点 流向 外出流动地点 流出地 外出去向")),
)
EXTENDED: tuple[Field, ...] = (
    Field("native_place", "籍贯", _words("籍贯地 祖籍")),
    Field("worked_from", "参加工作日期", _words("参加工作时间 参加工作年月 工作时间")),
    Field("school", "毕业院校", _words("毕业学校 毕业院校名称 院校 学校 毕业院校系"), _words("院校及专业 毕业院校及专业")),
    Field("major", "专业", _words("所学专业 毕业专业 专业名称 所学专业名称")),
    Field("degree", "学位", _words("最高学位 学位名称 学位情况")),
)
FIELDS = CARD + EXTENDED
REQUIRED = ("name", "branch", "id_number")
OTHER_PEOPLE = _words("配偶 父亲 母亲 父母 子女 家属 紧急 介绍人 培养人 联系人 书记 审批 负责人 单位电话")
OTHER_EVENTS = _words("申请 积极分子 发展对象 预备期 离开 停止 恢复 取消 退出 转出 转入")
HINT = re.compile(r"必填|选填|可空|格式|日期型|文本|yyyy|yy|年月|例|填|注[:：]?|位|男|是.?否|\d|下拉|说明", re.IGNORECASE)
BRACKETS = re.compile(r"[(\[【〔<《{]([^)\]】〕>》}]*)[)\]】〕>》}]")
DECORATION = re.compile(r"[\s*★☆※·:：、,，.。_\-—/\\'\"“”​﻿]+")
NUMBERING = re.compile(r"^[(（]?\d{1,2}[)）.、．:：]\s*(?=\D)")
FUZZY_RATIO = 0.8
FUZZY_MARGIN = 0.1
FUZZY_LENGTH = 4
CONTAINED_LENGTH = 3


class How(StrEnum):
    EXACT = "exact"
    SYNONYM = "synonym"
    REMEMBERED = "remembered"
    FUZZY = "fuzzy"
    NONE = "none"


@dataclass(frozen=True)
class ColumnGuess:
    header: str
    index: int
    field: str | None
    how: How


@dataclass(frozen=True)
class Mapping:
    columns: tuple[ColumnGuess, ...]
    missing_required: tuple[str, ...]

    def index_of(self, field: str) -> int | None:
        return next((guess.index for guess in self.columns if guess.field == field), None)

    @property
    def unknown(self) -> tuple[ColumnGuess, ...]:
        """Columns with a header that nobody claimed; a remembered "leave it out" is not unknown."""
        return tuple(g for g in self.columns if g.how is How.NONE and g.header.strip())


@dataclass(frozen=True)
class Claim:
    """A column that could be a field; the strongest claim wins, equals cancel each other."""

    field: str
    how: How
    strength: int


def normalise_header(header: str) -> str:
    """Half-width, without spaces, line breaks, numbering, stars and hints in brackets such as “（必填）”."""
    text = NUMBERING.sub("", unicodedata.normalize("NFKC", header).strip())
    bare = DECORATION.sub("", BRACKETS.sub(lambda m: "" if HINT.search(m[1]) else f"({m[1]})", text))
    return bare or DECORATION.sub("", text)


def fingerprint(headers: Sequence[str]) -> str:
    """The same for the same set of headers in any order: 64 hex characters to remember a confirmed mapping by."""
    return hashlib.sha256("\x1f".join(sorted(normalise_header(h) for h in headers)).encode()).hexdigest()


def header_of(field: str) -> str:
    return next(f.header for f in FIELDS if f.name == field)


def official_headers(*, extended: bool = True) -> list[str]:
    return [f.header for f in (FIELDS if extended else CARD)]


def _vocabulary() -> dict[str, Claim]:
    known: dict[str, Claim] = {}
    for field in FIELDS:
        for strength, terms in ((1, field.loose), (2, field.synonyms)):
            known.update({normalise_header(term): Claim(field.name, How.SYNONYM, strength) for term in terms})
        known[normalise_header(field.header)] = Claim(field.name, How.EXACT, 3)
    return known


VOCABULARY = _vocabulary()


def recognise(header: str) -> Claim | None:
    """An exact or synonymous header; brackets are tried as part of the word first, "电话(手机)" by what stands inside last."""
    text = normalise_header(header)
    if found := VOCABULARY.get(text) or VOCABULARY.get(re.sub(r"[()]", "", text)):
        return found
    inside = [m[1] for m in BRACKETS.finditer(text)]
    return VOCABULARY.get(inside[0]) if len(inside) == 1 and _outside_agrees(text, inside[0]) else None


def _outside_agrees(text: str, inside: str) -> bool:
    outer, inner = VOCABULARY.get(BRACKETS.sub("", text)), VOCABULARY.get(inside)
    return outer is not None and inner is not None and outer.field == inner.field


def _fuzzy(header: str) -> Claim | None:
    whole = normalise_header(header)
    text = BRACKETS.sub("", whole)
    if any(word in whole for word in OTHER_PEOPLE + OTHER_EVENTS) or any(VOCABULARY.get(m[1]) for m in BRACKETS.finditer(whole)):
        return None
    if known := VOCABULARY.get(text):
        return Claim(known.field, How.FUZZY, 0)
    field = _contained(text) or _similar(text)
    return Claim(field, How.FUZZY, 0) if field else None


def _contained(text: str) -> str | None:
    """The one field whose longest term stands inside the header: 本人手机号码 holds 手机号码."""
    held = [(len(term), claim.field) for term, claim in VOCABULARY.items() if len(term) >= CONTAINED_LENGTH and term in text]
    longest = max((length for length, _ in held), default=0)
    fields = {field for _, field in held}
    return fields.pop() if longest and len(fields) == 1 else None


def _similar(text: str) -> str | None:
    """A slip of the pen in a long header, clearly nearer to one field than to any other."""
    if len(text) < FUZZY_LENGTH:
        return None
    best: dict[str, float] = {}
    for term, claim in VOCABULARY.items():
        best[claim.field] = max(best.get(claim.field, 0.0), SequenceMatcher(None, text, term).ratio())
    (first, field), (second, _) = sorted(((r, f) for f, r in best.items()), reverse=True)[:2]
    return field if first >= FUZZY_RATIO and first - second >= FUZZY_MARGIN else None


def _claim(header: str, remembered: MappingType[str, str]) -> Claim | None:
    text = normalise_header(header)
    if not text:
        return None
    if text in remembered:
        return Claim(remembered[text], How.REMEMBERED, 9)
    return recognise(header) or _fuzzy(header)


def propose_mapping(
    headers: Sequence[str], remembered: MappingType[str, str] | None = None, *, required: Sequence[str] = REQUIRED
) -> Mapping:
    """`remembered`: header → field name as confirmed before ("" = leave this column out). Never two columns for one field."""
    known = {normalise_header(header): field for header, field in (remembered or {}).items()}
    claims = [_claim(header, known) for header in headers]
    columns = tuple(_guess(header, index, claims) for index, header in enumerate(headers))
    taken = {guess.field for guess in columns}
    return Mapping(columns, tuple(field for field in required if field not in taken))


def _guess(header: str, index: int, claims: Sequence[Claim | None]) -> ColumnGuess:
    claim = claims[index]
    if claim is None:
        return ColumnGuess(header, index, None, How.NONE)
    if not claim.field:
        return ColumnGuess(header, index, None, claim.how)
    rivals = [c for i, c in enumerate(claims) if c and i != index and c.field == claim.field]
    if any(rival.strength >= claim.strength for rival in rivals):
        return ColumnGuess(header, index, None, How.NONE)
    return ColumnGuess(header, index, claim.field, claim.how)
