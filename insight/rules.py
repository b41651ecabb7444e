"""What is counted and how it is grouped, as the rule pack of the date says (pack "statistics", code tables). No ORM."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from core.crypto import blinds
from insight import banding
from insight.suppression import Counts, Dimension, Group, leaf, union
from regulations.codes import table
from regulations.packs import Clause, Pack, pack
from regulations.values import Band

ALL, SEX, AGE, YEARS, EDU, NATION, CATEGORY = "all", "sex", "age", "years", "edu", "nation", "cat"
CROSS = "cross"  # age × sex: for those who may list the people only, as it shares facts with age and sex
WOMEN, COLLEGE, MINORITY = "2", "college_up", "minority"
UNKNOWN = ""


@dataclass(frozen=True)
class Scale:
    """Bands of the pack as the roll-ups know them: months count people, thresholds cut them for a date."""

    bands: tuple[Band, ...]

    @property
    def edges(self) -> list[int]:
        return [band.low for band in self.bands if band.low]

    def thresholds(self, on: date) -> list[int]:
        """First months (YYYYMM, rising) of every band but the oldest: `width_bucket` gives 0 for the oldest."""
        firsts = [banding.months_of(band, on)[0] for band in banding.bands(self.edges)]
        return sorted(int(first) for first in firsts if first)

    def code(self, bucket: int) -> str:
        return self._codes[bucket]

    @cached_property
    def _codes(self) -> list[str]:
        return [band.code for band in reversed(banding.bands(self.edges))]

    def band(self, code: str) -> Band | None:
        """The pack's band (label, code for links) of a band code of the roll-ups."""
        known = [band.code for band in banding.bands(self.edges)]
        return self.bands[known.index(code)] if code in known else None


@dataclass(frozen=True)
class Ruler:
    """The statistical rules in force on a date."""

    on: date

    @cached_property
    def pack(self) -> Pack:
        return pack("statistics", on=self.on)

    @property
    def k(self) -> int:
        """Figures of 1 to k-1 people are small."""
        return self.pack.integer("small_cell.below")

    @property
    def young(self) -> int:
        return self.pack.integer("young.age.max")

    def young_since(self, on: date) -> int:
        """The first birth month (YYYYMM) of the young on a date."""
        first = banding.months_of(banding.Band(0, self.young), on)[0]
        return int(first or 0)

    @property
    def young_code(self) -> str:
        return banding.Band(0, self.young).code

    @cached_property
    def ages(self) -> Scale:
        return Scale(self.pack.bands("age.dashboard"))

    @cached_property
    def years(self) -> Scale:
        return Scale(self.pack.bands("party_age.dashboard"))

    def clause(self, key: str) -> Clause:
        return self.pack.clause(key)

    @cached_property
    def dimensions(self) -> Mapping[str, Dimension]:
        age_cuts = [edge for edge in (self.young + 1,) if edge in self.ages.edges]
        return {
            ALL: Dimension(ALL, Group("all", "合计", frozenset({UNKNOWN})), frozenset({ALL})),
            SEX: Dimension.flat(SEX, {"1": "男", "2": "女"}),
            AGE: banding.banded(AGE, self.ages.edges, age_cuts, "岁"),
            YEARS: banding.banded(YEARS, self.years.edges, [], "年", unknown=True),
            EDU: self._education(),
            NATION: Dimension.flat(NATION, {"majority": "汉族", MINORITY: "少数民族", UNKNOWN: "未填"}),
            CATEGORY: Dimension.flat(CATEGORY, {"full": "正式党员", "probationary": "预备党员"}),
        }

    def _education(self) -> Dimension:
        high = self.pack.texts("education.college_groups")
        groups = [leaf(group.code, group.label) for group in table("education").groups]
        upper = union(COLLEGE, "大专及以上", (g for g in groups if g.name in high))
        lower = union("below_college", "中专高中及以下", (g for g in groups if g.name not in high))
        everybody = union("all", "合计", (upper, lower, leaf("unknown", "未填", UNKNOWN)))
        return Dimension(EDU, everybody, frozenset({EDU}))

    def grouped(self, dim: str, raw: Counts) -> dict[str, int]:
        """Counts by code as counts by the keys of the dimension."""
        if dim not in (EDU, NATION):
            return dict(raw)
        found: dict[str, int] = {}
        for code, number in raw.items():
            key = table("education").group_of(code) if dim == EDU else self._nation(code)
            found[key] = found.get(key, 0) + number
        return found

    def _nation(self, code: str) -> str:
        if code == UNKNOWN:
            return UNKNOWN
        return "majority" if code == self.pack.text("nation.majority") else MINORITY


def salt() -> str:
    """The secret order in which nodes hide for the sake of others: from the oldest audit key, which is never retired."""
    return blinds("complement", "figures", keys="audit")[-1].hex()
