# SPDX-License-Identifier: GPL-2.0
"""Bars over all random points of a class: experimental aggregation benefit.

EBen is 0 where the bond has what the best leg has, 1 where it has the sum,
and -1 where it has nothing.
"""
import dataclasses
import math
import re

# class: share of points above 0, median, p10 (or None)
BARS = {
    'low-20': (0.98, 0.78, 0.65),
    'high-100': (0.98, 0.65, 0.50),
    'high-20': (0.95, 0.25, None),
    'lossy-low-20': (0.93, 0.68, 0.55),
    'lossy-high-100': (0.93, 0.55, 0.40),
    'lossy-high-20': (0.90, 0.15, None),
}
FLOOR = -0.03


def eben(bond, alone):
    """The benefit of a bond over its legs"""
    best, total = max(alone), sum(alone)
    if bond >= best:
        return (bond - best) / (total - best)
    return (bond - best) / best


def class_of(name):
    """The class that a random scenario is of, or None"""
    match = re.fullmatch(r'random-(.*)-\d+', name)
    return match and match[1]


def quantile(values, share):
    """The value that so many are not above"""
    return sorted(values)[max(0, math.ceil(len(values) * share) - 1)]


@dataclasses.dataclass
class Row:
    """A bar of a class"""

    name: str
    what: str
    value: float
    wanted: float

    def ok(self):
        """Does it hold?"""
        return self.value >= self.wanted - 1e-9


def judge(values):
    """Rows for {class: [EBen, or None where it did not finish]}"""
    rows = []
    for name, found in values.items():
        found = [-1. if value is None else value for value in found]
        share, middle, low = BARS[name]
        rows += [Row(name, 'points above 0',
                     sum(value > 0 for value in found) / len(found), share),
                 Row(name, 'median', quantile(found, 0.5), middle),
                 Row(name, 'worst', min(found), FLOOR)]
        if low is not None:
            rows.append(Row(name, 'p10', quantile(found, 0.1), low))
    return rows
