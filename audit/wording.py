"""The details of a record in words. Codes are named by the rooms that know them; what has no word is shown as it is written."""

import re
from collections.abc import Mapping

from audit.labels import detail_label
from core.dates import parse_cn
from core.registry import registry

DAY = re.compile(r"\d{4}-\d{2}-\d{2}(T[\d:.+]+)?")
PLACE = re.compile(r"([0-9A-Z]{4})+")  # a path of the tree says nothing to a reader; the object is named beside


class Wording:
    """Details of the rows of one page."""

    def __init__(self) -> None:
        self._named: dict[str, Mapping[str, str]] = {}

    def details(self, details: Mapping[str, object]) -> list[tuple[str, str]]:
        said = [(detail_label(name), self.of(name, value)) for name, value in details.items() if not _empty(name, value)]
        return [(label, words) for label, words in said if words]

    def of(self, name: str, value: object) -> str:
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, list):
            return "、".join(self.of(name, one) for one in value)
        if isinstance(value, Mapping):
            return "；".join(f"{label} {words}" for label, words in self.details(value))
        text = str(value)
        return f"{parse_cn(text[:10]):%Y年%-m月%-d日}" if DAY.fullmatch(text) else self._names(name).get(text, text)

    def _names(self, name: str) -> Mapping[str, str]:
        if name not in self._named:
            names = registry.code_names.get(name)
            self._named[name] = names() if names else {}
        return self._named[name]


def _empty(name: str, value: object) -> bool:
    return value in ("", None, [], {}) or (name in ("from", "to") and bool(PLACE.fullmatch(str(value))))
