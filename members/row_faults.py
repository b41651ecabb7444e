"""What may be wrong with a row, in plain words: what it is, and what to do."""

from dataclasses import dataclass

from members.cells import LABELS


@dataclass(frozen=True)
class Fault:
    """`field` is a key of LABELS; `code` is stable for machines; `message` and `remedy` are for people."""

    field: str
    code: str
    message: str
    remedy: str

    @property
    def label(self) -> str:
        return LABELS[self.field]

    @classmethod
    def missing(cls, field: str) -> "Fault":
        code = {"id_number": "missing_id", "joined_on": "missing_joined", "birth_date": "missing_birth"}.get(
            field, f"missing_{field}"
        )
        return cls(field, code, f"没有填{LABELS[field]}。", _MISSING.get(field, "请补填。"))


_MISSING = {
    "id_number": "请补填；确实没有号码的，由上级党组织核实后按“号码待核”登记。",
    "branch": "请填写党支部的全称或规范简称。",
    "category": "请填正式党员或预备党员。",
    "joined_on": "请按支部大会通过的日期补填，如 2014年9月9日。",
    "lost_on": "请填最近一次参加组织生活或交纳党费的日期。",
}

# code -> (message, remedy)
IDENTITY = {
    "id_length": ("公民身份号码应为 18 位：17 位数字，末位是数字或 X。", "请对照身份证补全；15 位旧号码请换成 18 位。"),
    "id_checksum": ("公民身份号码校验不通过，可能抄错、漏写或颠倒了数字。", "请对照身份证逐位核对。"),
    "id_region": ("公民身份号码开头的地区码不存在。", "请对照身份证核对前六位。"),
    "id_birth": ("公民身份号码里的出生日期不存在。", "请对照身份证核对第七至十四位。"),
    "id_precision_lost": ("公民身份号码被表格当成了数字，后几位已经丢失。", "请把这一列设为文本格式，重新填写完整号码。"),
}
DAYS = {
    "bad": ("不是有效的日期。", "请写成 2014年9月9日 或 2014/9/9。"),
    "month": ("只有年月，没有日。", "请查阅档案补上日，写成 2014年9月9日。"),
    "year": ("只有年份，没有月和日。", "请查阅档案补全，写成 2014年9月9日。"),
    "short_year": ("的年份只有两位。", "请写四位年份，如 1975年2月3日。"),
}


def formula(field: str) -> Fault:
    return Fault(field, "formula", f"{LABELS[field]}这一格是公式，不是写好的内容。", "请复制后用“粘贴数值”，或直接填写。")


def bad_day(field: str, why: str, shown: str) -> Fault:
    message, remedy = DAYS[why]
    return Fault(field, "bad_date", f"{LABELS[field]}“{shown}”{message}", remedy)


def unknown_code(field: str, shown: str, examples: list[str]) -> Fault:
    return Fault(field, "unknown_code", f"{LABELS[field]}“{shown}”认不出来。", f"请填：{'、'.join(examples)}。")


def too_long(field: str, limit: int) -> Fault:
    return Fault(field, "too_long", f"{LABELS[field]}太长，最多 {limit} 个字。", "请写简短些，或检查是否填错了列。")


def number_in_text(field: str) -> Fault:
    message = f"{LABELS[field]}里有一串像证件号或电话的数字，这一栏不能写号码。"
    return Fault(field, "number_in_text", message, "号码请填在号码或电话那一栏；也可能是填错了列。")


def identity(code: str) -> Fault:
    return Fault("id_number", code, *IDENTITY[code])
