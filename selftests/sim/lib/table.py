# SPDX-License-Identifier: GPL-2.0
"""The results as a page of the documentation."""
import math
import re

HEAD = '''.. SPDX-License-Identifier: GPL-2.0

===============================
TQUIC: results in the simulator
===============================

Written by ``make sim``; do not edit. {meaning}

:commit: {commit}
:seeds: from {seed}; runs of each scenario: {runs}
:scheduler and congestion control: {algorithms}
:bars: {passed} met, {failed} missed, {later} later; reports: {held} as expected, {short} short
:value/bound: highest {bound:.4f} (above 1 the simulator would be wrong)
:engine: {events:.0f} k packet events a second and core; {seconds:.0f} s of one

A row has, for the directions as written and flipped, the value that decides
the bar: of the worst run unless another choice of runs is named. What does
not gate is in brackets; so are CUBIC and BBR in place of the default, one
seed of each.

'''
COLUMNS = ('scenario', 'bar', 'as written', 'flipped', 'cubic', 'bbr')
WIDTHS = (20, 32, 16, 16, 14, 14)
MEANING = ('The scenarios and what their bars mean are in '
           '``selftests/sim/scenarios``.')


def show(value, text):
    """A value in the unit of its bar"""
    if value is None or math.isnan(value):
        return '-'
    if math.isinf(value) or abs(value) >= 1e8 and 'goodput' not in text and \
            'steady' not in text:
        return 'never'
    right = text.split('= ', 1)[1].split()[0]
    if re.search(r'\d(us|ms|s)(\+|$)|srtt', right):
        return f'{value * 1e3:.1f} ms'
    if '%' in text:
        return f'{value * 100:.2f} %'
    if abs(value) >= 1e5:
        return f'{value / 1e6:.2f} M'
    return f'{value:.4g}' if abs(value) < 100 else f'{value:.0f}'


def quoted(cell):
    """A cell of comma-separated values"""
    return '"' + str(cell).replace('"', '""') + '"'


def csv(header, widths, rows):
    """A csv-table"""
    out = ['.. csv-table::', '   :header: ' + ', '.join(map(quoted, header)),
           '   :widths: ' + ', '.join(map(str, widths)), '']
    out += ['   ' + ', '.join(map(quoted, row)) for row in rows]
    return '\n'.join(out) + '\n\n'


def heading(text):
    """A section"""
    return f'{text}\n{"=" * len(text)}\n\n'


def verdict(found, gate):
    """A cell: value, and whether it is what it should be"""
    if found is None:
        return ''
    if found.why.startswith('not measured') or math.isnan(found.value):
        cell = found.why or 'failed'
    else:
        cell = show(found.value, found.bar.text)
        if any(term.metric for term in found.bar.terms):
            cell += f' of {show(found.wanted, found.bar.text)}'
        if found.why:
            cell += f' ({found.why})'
    cell += '' if found.ok else ' **missed**' if gate else ' (short)'
    return cell if gate else f'[{cell}]'


def scenario_rows(name, sides, gate):
    """Rows of one scenario; sides are the verdicts of its columns"""
    for n, first in enumerate(next(filter(None, sides))):
        cells = [side[n] if side else None for side in sides]
        yield [name if n == 0 else '', first.bar.text,
               *(verdict(cell, gate and column < 2)
                 for column, cell in enumerate(cells))]


def render(facts, groups, outcome, excused):
    """The page

    facts     what HEAD names
    groups    (title, [(scenario, [verdicts of each column], gate)])
    outcome   has the worst bars, and the rows of random points
    excused   (label, bar, why)
    """
    out = [HEAD.format(meaning=MEANING, **facts)]
    worst, classes = outcome.worst(), outcome.classes
    if worst:
        out += [heading('The five worst'),
                'By how far they are from their bars; with the command that '
                'repeats the run.\n\n']
        for label, bar, value, replay in worst:
            out.append(f'``{label}``: {bar}, is {value} ::\n\n'
                       f'    {replay}\n\n')
    if excused:
        out += [heading('What physics forbids'),
                'Only ``bound`` may say so; the bar is then 0.95 of what it '
                'allows (for times, that divided by 0.95).\n\n',
                csv(('scenario', 'bar', 'bound'), (30, 30, 40), excused)]
    if classes:
        out += [heading('Random pairs and triples'),
                'Experimental aggregation benefit; "possible" is the same '
                'figure of the least of all bounds.\n\n',
                csv(('class', 'figure', 'value', 'bar', 'possible'),
                    (24, 24, 18, 18, 16),
                    [(row.name, row.what, f'{row.value:.3f}' +
                      ('' if row.ok() else ' **missed**'),
                      f'{row.wanted:.2f}', possible)
                     for row, possible in classes]),
                'The points that gain least, once ``selftests/sim/random '
                '--seed N --count N`` has written them to '
                '``build/sim/random.sim``:\n\n']
        out += [f'``{label}``: {value} ::\n\n    {replay}\n\n'
                for label, value, replay in outcome.worst_points()]
    for title, scenarios in groups:
        rows = [row for name, sides, gate in scenarios if any(sides)
                for row in scenario_rows(name, sides, gate)]
        if not rows:
            continue
        columns = max(n + 1 for row in rows for n, cell in enumerate(row)
                      if cell)
        out += [heading(title), csv(COLUMNS[:columns], WIDTHS[:columns],
                                    [row[:columns] for row in rows])]
    return ''.join(out).rstrip('\n') + '\n'
