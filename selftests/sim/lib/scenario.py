# SPDX-License-Identifier: GPL-2.0
"""Scenario files as the driver sees them: text for the engine, and bars."""
import dataclasses
import pathlib
import re

UNITS = {'us': 1e-6, 'ms': 1e-3, 's': 1., 'k': 1e3, 'm': 1e6, 'g': 1e9,
         'b': 1., 'kB': 1e3, 'MB': 1e6, 'KiB': 2.**10, 'MiB': 2.**20,
         '%': .01, 'p': 1., '': 1.}
NUMBER = re.compile(r'(-?\d+(?:\.\d+)?)(us|ms|s|k|m|g|b|kB|MB|KiB|MiB|%|p|)')
TERM = re.compile(r'(?:(\d+(?:\.\d+)?)\*)?([^+*:]+)(?::(\S+))?')


class Mistake(Exception):
    """A scenario says what it must not"""


def number(word):
    """The value of a number with unit, or None"""
    match = NUMBER.fullmatch(word)
    return match and float(match[1]) * UNITS[match[2]]


@dataclasses.dataclass(frozen=True)
class Term:
    """FACTOR x (VALUE or METRIC of SCENARIO); a metric of '' is a number"""

    factor: float
    metric: str = ''
    other: str = ''


def value_of(text):
    """The terms of TERM{+TERM}"""
    terms = []
    for word in text.split('+'):
        match = TERM.fullmatch(word)
        if not match:
            raise Mistake(f"'{text}' is no value")
        factor = float(match[1] or 1)
        value = number(match[2])
        if value is None:
            terms.append(Term(factor, match[2], match[3] or ''))
        else:
            terms.append(Term(factor * value))
    return tuple(terms)


@dataclasses.dataclass(frozen=True)
class Bar:
    """expect METRIC OP VALUE [of WHICH]"""

    metric: str
    least: bool
    terms: tuple
    which: str
    text: str

    @classmethod
    def parse(cls, words):
        """From the words behind "expect" """
        if len(words) not in (3, 5) or words[1] not in ('>=', '<=') or \
                words[3:4] not in ([], ['of']):
            raise Mistake(f"expect {' '.join(words)}")
        which = words[4] if len(words) == 5 else 'worst'
        if which not in ('worst', 'median', 'p95', 'mean'):
            raise Mistake(f"'{which}' is no choice of runs")
        return cls(words[0], words[1] == '>=', value_of(words[2]), which,
                   ' '.join(words))

    def metrics(self):
        """(metric, scenario or '') that judging needs"""
        return [(self.metric, '')] + [(term.metric, term.other)
                                      for term in self.terms if term.metric]


class Scenario:
    """One scenario of a file"""

    def __init__(self, name, text, file):
        self.name, self.text, self.file = name, text, file
        self.lines, self.bars, self.reports, self.gate = [], [], [], True
        for words in text:
            if words[0] == 'expect':
                self.bars.append(Bar.parse(words[1:]))
            elif words[0] == 'report':
                self.reports += words[1:]
            elif words[0] == 'gate':
                self.gate = words[1] != 'no'
            else:
                self.lines.append(words)
        self.set = dict(word.split('=', 1) for words in self.lines
                        if words[0] == 'set' for word in words[1:])
        self.runs = int(self.set.get('runs', 20))
        self.flows = {words[1]: words[2] for words in self.lines
                      if words[0] == 'flow'} or {'bulk': 'bulk'}

    def flippable(self):
        """A scenario that fixes its directions runs once, others both ways"""
        lines = [' '.join(words) for words in self.lines]
        return any('{dir}' in line for line in lines) or not any(
            words[0] == 'flow' for words in self.lines)

    def others(self):
        """Scenarios that bars refer to"""
        return {other for bar in self.bars for _, other in bar.metrics()
                if other}

    def wanted(self):
        """Names of all metrics that are to be measured here"""
        names = [name for bar in self.bars
                 for name, other in bar.metrics() if not other]
        return list(dict.fromkeys(names + self.reports))

    def weight(self):
        """How long a run takes, in units that mean nothing"""
        rates = 0.
        for words in self.lines:
            if words[0] == 'leg':
                rates += max([number(rate) or 0 for rate in re.findall(
                    r'(?:^|[ .])(?:rate|steps)=([\d.]+[kmg])',
                    ' '.join(words))] + [3e7 * any(
                        word.startswith('trace=') for word in words)])
        return rates * (number(self.set.get('duration', '60s')) or 60)

    def render(self, reports, changes=None):
        """Text for the engine; changes maps a leg's name to other words"""
        out = [f'scenario {self.name}']
        for words in self.lines:
            if changes and words[0] == 'leg':
                words = changes.get(words[1], words)
            out.append(' '.join(words))
        if reports:
            out.append('report ' + ' '.join(reports))
        return '\n'.join(out) + '\n'


def parse(text, file):
    """All scenarios of a text"""
    found, name = {}, pathlib.Path(file).stem
    for line in re.sub(r'\\\n', ' ', text).splitlines():
        words = line.split('#')[0].split()
        if words[:1] == ['scenario']:
            name = words[1]
            if name in found:
                raise Mistake(f"{file}: two scenarios '{name}'")
            found[name] = []
        elif words:
            found.setdefault(name, []).append(words)
    try:
        return {name: Scenario(name, lines, str(file))
                for name, lines in found.items()}
    except Mistake as mistake:
        raise Mistake(f'{file}: {mistake}') from None


def read(path):
    """All scenarios of a file"""
    return parse(pathlib.Path(path).read_text(encoding='utf-8'), path)
