"""Proportions of the synthetic people (rules.md §9.2, 2024 bulletin): margins are published, the tables between them are fitted.

Two margins (say ages and jobs) and a table of what goes together at all give, by iterative proportional fitting, the joint
shares whose sums are exactly the published ones: a student is never 60, who is past 60 is retired or a farmer.
"""

import random
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import accumulate

Table = list[list[float]]

# (youngest, oldest, share): the bulletin's bands; past 60 split by the shape of the population (DERIVED)
AGES = (
    (18, 30, 12.24), (31, 35, 10.73), (36, 40, 11.44), (41, 45, 9.66), (46, 50, 9.02), (51, 55, 9.39), (56, 60, 8.62),
    (61, 65, 8.00), (66, 70, 6.80), (71, 75, 5.60), (76, 80, 3.90), (81, 85, 2.60), (86, 90, 1.30), (91, 98, 0.69),
)  # fmt: skip
WORKER, FARMER, PROFESSIONAL, MANAGER, OFFICIAL, STUDENT, OTHER, RETIRED = "10", "20", "30", "40", "50", "60", "70", "80"
JOBS = {
    WORKER: 6.62, FARMER: 26.07, PROFESSIONAL: 16.35, MANAGER: 11.53, OFFICIAL: 7.57, STUDENT: 2.61, OTHER: 7.83, RETIRED: 21.41
}  # fmt: skip
# when the party was joined (first day, last day, share of members, share of women among them)
PERIODS = (
    (date(1921, 7, 1), date(1949, 9, 30), 0.05, 0.17),
    (date(1949, 10, 1), date(1978, 12, 17), 12.28, 0.17),
    (date(1978, 12, 18), date(2012, 11, 7), 59.64, 0.28),
    (date(2012, 11, 8), date(9999, 1, 1), 28.03, 0.43),
)
# what fits a job at an age (bands of AGES): 0 never
_AT_AGE = {
    WORKER: (1, 1, 1, 1, 1, 0.9, 0.5, 0.03, 0.01, 0, 0, 0, 0, 0),
    FARMER: (0.5, 0.6, 0.7, 0.8, 0.9, 1, 1, 1, 1, 1, 0.9, 0.7, 0.5, 0.3),
    PROFESSIONAL: (1, 1.1, 1.1, 1, 0.9, 0.8, 0.5, 0.02, 0.01, 0, 0, 0, 0, 0),
    MANAGER: (0.7, 1, 1.1, 1.1, 1, 0.9, 0.6, 0.02, 0, 0, 0, 0, 0, 0),
    OFFICIAL: (0.8, 1, 1, 1, 1, 1, 0.8, 0, 0, 0, 0, 0, 0, 0),
    STUDENT: (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    OTHER: (1, 1, 1, 0.9, 0.9, 0.9, 0.6, 0.1, 0.05, 0.05, 0.02, 0, 0, 0),
    RETIRED: (0, 0, 0, 0, 0, 0.03, 0.25, 1, 1, 1, 1, 1, 1, 1),
}
# kinds of branch: share of all members, and what their people do
BRANCH_SHARES = {
    "village": 0.33, "community": 0.17, "organ": 0.13, "school": 0.10, "hospital": 0.04, "university": 0.035, "state_firm": 0.075,
    "private_firm": 0.06, "social": 0.015, "retired": 0.045,
}  # fmt: skip
_IN_BRANCH = {  # worker, farmer, professional, manager, official, student, other, retired
    "village": (0.02, 1, 0.02, 0.05, 0.02, 0, 0.1, 0.05),
    "community": (0.1, 0, 0.05, 0.05, 0.02, 0, 0.4, 1),
    "organ": (0.05, 0, 0.05, 0.05, 1, 0, 0.02, 0.15),
    "school": (0.03, 0, 1, 0.2, 0, 0.05, 0.02, 0.2),
    "hospital": (0.05, 0, 1, 0.2, 0, 0, 0.02, 0.2),
    "university": (0, 0, 0.4, 0.1, 0, 1, 0, 0.1),
    "state_firm": (0.7, 0, 0.4, 0.8, 0, 0, 0.02, 0.15),
    "private_firm": (0.6, 0.02, 0.6, 0.8, 0, 0, 0.3, 0.02),
    "social": (0.05, 0, 0.6, 0.4, 0, 0, 0.6, 0.05),
    "retired": (0, 0, 0, 0, 0, 0, 0, 1),
}
# 大专 and above by age band: sums to 57.6 % of all (rules.md §9.1), falling with age
COLLEGE_AT_AGE = (0.93, 0.90, 0.85, 0.75, 0.64, 0.53, 0.42, 0.28, 0.22, 0.16, 0.12, 0.10, 0.08, 0.06)
_COLLEGE_IN_JOB = dict(zip(JOBS, (0.25, 0.12, 3, 2, 5, 20, 0.5, 0.9), strict=True))
MINORITY_SHARE = 0.077
MINORITIES = {
    "08": 19, "05": 11, "03": 11, "06": 11, "11": 10, "07": 9, "15": 9, "04": 7, "02": 6, "12": 3.5, "09": 3.5, "13": 3.3, "14": 2
}  # fmt: skip
# the age at which people join, relative (83.7 % at 35 or younger)
JOINING_AGE = [0.0] * 18 + [1.0] * 10 + [0.6] * 8 + [0.25] * 10 + [0.06] * 15
BRANCH_MEAN = 21.7


def fit(seed: Table, rows: Sequence[float], columns: Sequence[float], rounds: int = 200) -> Table:
    """The table nearest to `seed` whose rows and columns sum to the given margins (scaled to 1)."""
    table = [list(line) for line in seed]
    wanted_rows = [r / sum(rows) for r in rows]
    wanted_columns = [c / sum(columns) for c in columns]
    for _ in range(rounds):
        for line, wanted in zip(table, wanted_rows, strict=True):
            total = sum(line)
            line[:] = [cell * wanted / total for cell in line] if total else line
        sums = [sum(line[i] for line in table) for i in range(len(columns))]
        factors = [wanted / total if total else 0.0 for wanted, total in zip(wanted_columns, sums, strict=True)]
        for line in table:
            line[:] = [cell * factor for cell, factor in zip(line, factors, strict=True)]
    return table


@dataclass(frozen=True)
class Wheel:
    """Values with weights, drawn by one random number."""

    values: tuple[object, ...]
    marks: tuple[float, ...]

    def draw(self, rng: random.Random) -> object:
        return self.values[min(bisect(self.marks, rng.random() * self.marks[-1]), len(self.values) - 1)]


def wheel(values: Sequence[object], weights: Sequence[float]) -> Wheel:
    return Wheel(tuple(values), tuple(accumulate(weights)))


@dataclass(frozen=True)
class Proportions:
    """Everything that is drawn, ready to draw."""

    job: dict[str, Wheel]  # by kind of branch
    age: dict[str, Wheel]  # by job: index of AGES
    period: tuple[Wheel, ...]  # by age band: index of PERIODS
    college: dict[tuple[int, str], float]  # by age band and job
    minority: Wheel


@cache
def proportions(today: date) -> Proportions:
    jobs, ages = list(JOBS), range(len(AGES))
    age_shares = [a[2] for a in AGES]
    by_age = fit([[_AT_AGE[job][band] for job in jobs] for band in ages], age_shares, list(JOBS.values()))
    by_branch = fit([list(_IN_BRANCH[b]) for b in BRANCH_SHARES], list(BRANCH_SHARES.values()), list(JOBS.values()))
    by_period = fit(_joined_at_age(today), age_shares, [p[2] for p in PERIODS])
    return Proportions(
        job={b: wheel(jobs, by_branch[i]) for i, b in enumerate(BRANCH_SHARES)},
        age={job: wheel(ages, [by_age[band][i] for band in ages]) for i, job in enumerate(jobs)},
        period=tuple(wheel(range(len(PERIODS)), line) for line in by_period),
        college=_college(by_age, jobs),
        minority=wheel(list(MINORITIES), list(MINORITIES.values())),
    )


def _joined_at_age(today: date) -> Table:
    """How well a period of joining fits an age of today: by the ages at which people join."""
    table = []
    for low, high, _ in AGES:
        line = [0.0] * len(PERIODS)
        for age in range(low, high + 1):
            for joining_age in range(18, min(age, len(JOINING_AGE) - 1) + 1):
                day = date(today.year - age + joining_age, 6, 1)
                line[period_of(day)] += JOINING_AGE[joining_age]
        table.append(line)
    return table


def period_of(day: date) -> int:
    return next(i for i, (first, last, *_) in enumerate(PERIODS) if first <= day <= last)


def _college(by_age: Table, jobs: list[str]) -> dict[tuple[int, str], float]:
    shares = {}
    for band, line in enumerate(by_age):
        with_college = COLLEGE_AT_AGE[band]
        seed = [[_COLLEGE_IN_JOB[job], 1.0] for job in jobs]
        for job, (yes, no) in zip(jobs, fit(seed, line, (with_college, 1 - with_college)), strict=True):
            shares[band, job] = yes / (yes + no) if yes + no else 0.0
    return shares
