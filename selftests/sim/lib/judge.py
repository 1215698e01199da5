# SPDX-License-Identifier: GPL-2.0
"""Does a bar hold? Values of runs in, verdicts out; nothing runs here."""
import dataclasses
import math

# what only bound may excuse, and then the bar is this part of its figure
PHYSICS = 0.95
# rates and times that a bound in bit/s limits, by the last word of the metric
BOUNDED = {'goodput', 'steady', 'ceiling', 'best', 'sum', 'credit', 'bound'}
NEVER = 1e8     # the engine says 1e9 where something did not happen


class Unmeasured(Exception):
    """A metric that the engine did not give"""


@dataclasses.dataclass
class Verdict:
    """What became of a bar; value and wanted are of the run that decides"""

    bar: object
    ok: bool
    value: float = math.nan
    wanted: float = math.nan
    median: float = math.nan
    seed: int = 0
    why: str = ''

    def margin(self):
        """By how much it holds, relative; negative where it does not"""
        if math.isnan(self.value) or math.isnan(self.wanted):
            return 0. if self.ok else -math.inf
        gap = self.value - self.wanted
        gap = gap if self.bar.least else -gap
        return gap / max(abs(self.wanted), 1e-9)


class Runs:
    """The values of one scenario, one direction: metric to value by seed"""

    def __init__(self, seeds, metrics, failed=()):
        self.seeds, self.failed = list(seeds), set(failed)
        self.metrics = metrics

    def get(self, name):
        """Value by seed; None for a run that did not finish"""
        if name == 'extra' and name not in self.metrics:
            parts = self.get('resent'), self.get('copies')
            return {seed: None if None in (parts[0][seed], parts[1][seed])
                    else parts[0][seed] + parts[1][seed]
                    for seed in self.seeds}
        if name not in self.metrics:
            raise Unmeasured(name)
        return {seed: None if seed in self.failed else value
                for seed, value in zip(self.seeds, self.metrics[name])}

    def one(self, name, seed):
        """Of a seed; of another scenario with fewer runs, its median"""
        values = self.get(name)
        if seed in values:
            return values[seed]
        return median([value for value in values.values()
                       if value is not None] or [None])


def median(values):
    """The middle"""
    if None in values:
        return None
    values = sorted(values)
    return (values[len(values) // 2] + values[(len(values) - 1) // 2]) / 2


def choose(which, keyed):
    """(key, value) that a bar is about; keyed is sorted, the worst first"""
    n = len(keyed)
    if which == 'worst':
        return keyed[0]
    if which == 'p95':
        return keyed[n - math.ceil(n * 0.95)]
    if which == 'median':
        return keyed[(n - 1) // 2]
    return keyed[0][0], sum(value for _, value in keyed) / n


def wanted(bar, seed, runs, others):
    """The right side, for one run"""
    total = 0.
    for term in bar.terms:
        value = 1.
        if term.metric:
            if term.other and term.other not in others:
                raise Unmeasured(f'{term.metric}:{term.other}')
            source = others[term.other] if term.other else runs
            value = source.one(term.metric, seed)
            if value is None:
                return None
        total += term.factor * value
    return total


def margins(bar, runs, others):
    """(left - right, or right - left; left; right) by seed"""
    found = {}
    for seed, value in runs.get(bar.metric).items():
        right = wanted(bar, seed, runs, others)
        if right is not None and right >= NEVER and bar.least is False:
            right = None    # an allowance that is not there allows nothing
        if value is None:
            # what did not finish has done nothing, and never ends
            value = 0. if bar.least else math.inf
        if right is None:
            found[seed] = (-math.inf, value, math.nan)
        else:
            gap = value - right if bar.least else right - value
            found[seed] = (gap, value, right)
    return found


def judge(bar, runs, others, limit=None):
    """A verdict; limit is what bound allows this metric, if it says so"""
    try:
        found = margins(bar, runs, others)
    except Unmeasured as missing:
        return Verdict(bar, False, why=f'not measured: {missing}')
    if not found:
        return Verdict(bar, False, why='no run')
    keyed = sorted(((seed, gap) for seed, (gap, _, _) in found.items()),
                   key=lambda item: item[1])
    seed, gap = choose(bar.which, keyed)
    _, value, right = found[seed]
    if bar.which == 'mean':
        value = right + gap if bar.least else right - gap
    result = Verdict(bar, gap >= -1e-9 * abs(right), value, right,
                     median([item[1] for item in found.values()]), seed)
    if not result.ok and limit is not None and excused(bar, right, limit):
        result.wanted = limit * PHYSICS if bar.least else limit / PHYSICS
        result.ok = value >= result.wanted if bar.least else \
            value <= result.wanted
        result.why = f'bound allows {limit:.4g}'
    return result


def excused(bar, right, limit):
    """Is it impossible?"""
    return limit < right if bar.least else limit > right


def over_bound(value, bound):
    """Above what is possible, but for rounding"""
    return value > bound * (1 + 1e-6)
