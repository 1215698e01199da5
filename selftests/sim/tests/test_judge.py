# SPDX-License-Identifier: GPL-2.0
"""The judge on canned answers: what is missed must fail."""
import json
import math
import pathlib
import subprocess
import tempfile
import unittest

from lib import engine, judge, points, scenario, table


def bar(text):
    """A bar from its line"""
    return scenario.Bar.parse(text.split())


def runs(failed=(), **metrics):
    """Values by seed from 1 on; __ stands for a dot"""
    metrics = {name.replace('__', '.'): values
               for name, values in metrics.items()}
    count = len(next(iter(metrics.values())))
    return judge.Runs(range(1, count + 1), metrics, failed)


def judged(text, limit=None, others=None, **kwargs):
    """A verdict"""
    return judge.judge(bar(text), runs(**kwargs), others or {}, limit)


class Bars(unittest.TestCase):
    def test_met(self):
        self.assertTrue(judged('best >= 0.97', best=[1., 0.98, 0.97]).ok)
        self.assertTrue(judged('lost <= 0', lost=[0., 0.]).ok)

    def test_worst_is_missed(self):
        got = judged('best >= 0.97', best=[1., 0.96, 0.99])
        self.assertFalse(got.ok)
        self.assertEqual((got.value, got.seed, got.median), (0.96, 2, 0.99))

    def test_too_much_is_missed(self):
        got = judged('gap <= 50ms', gap=[0.01, 0.06])
        self.assertFalse(got.ok)
        self.assertEqual((got.value, got.wanted), (0.06, 0.05))

    def test_median(self):
        self.assertTrue(judged('best >= 0.97 of median',
                               best=[0.1, 0.98, 0.99]).ok)
        self.assertFalse(judged('best >= 0.97 of median',
                                best=[0.1, 0.96, 0.99]).ok)

    def test_p95(self):
        good = [1.0] * 19
        self.assertTrue(judged('done.best <= 1.08 of p95', failed=(),
                               done__best=good + [9.]).ok)
        self.assertFalse(judged('done.best <= 1.08 of p95', failed=(),
                                done__best=good[1:] + [9., 9.]).ok)

    def test_mean(self):
        self.assertTrue(judged('freezes <= 1 of mean', freezes=[0., 2.]).ok)
        got = judged('freezes <= 1 of mean', freezes=[0., 3.])
        self.assertFalse(got.ok)
        self.assertEqual(got.value, 1.5)

    def test_unfinished_is_nothing(self):
        """A run that did not end counts as 0, whatever it says"""
        got = judged('best >= 0.97', failed=[2], best=[1., 1., 1.])
        self.assertFalse(got.ok)
        self.assertEqual((got.value, got.seed), (0., 2))
        got = judged('best >= 0.97', best=[1., None, 1.])
        self.assertFalse(got.ok)
        got = judged('best >= 0.5 of mean', best=[1., None, 1.])
        self.assertAlmostEqual(got.value, 2 / 3)

    def test_unfinished_takes_for_ever(self):
        got = judged('gap <= 50ms', failed=[1], gap=[0.01, 0.01])
        self.assertFalse(got.ok)
        self.assertTrue(math.isinf(got.value))

    def test_unknown_metric_fails(self):
        got = judged('swiftness >= 1', best=[1.])
        self.assertFalse(got.ok)
        self.assertIn('not measured', got.why)

    def test_sums_and_factors(self):
        text = 'gap@20s <= srtt.a@20s+0.5*srtt.b@20s+40ms'
        values = {'srtt.a@20s': [0.02] * 2, 'srtt.b@20s': [0.1] * 2}
        for gap, good in (0.11, True), (0.1101, False):
            got = judge.judge(bar(text), judge.Runs(
                [1, 2], values | {'gap@20s': [0.01, gap]}), {})
            self.assertEqual(got.ok, good)
            self.assertAlmostEqual(got.wanted, 0.11)

    def test_each_run_has_its_own_right_side(self):
        got = judged('gap <= srtt', gap=[0.1, 0.03], srtt=[0.2, 0.02])
        self.assertFalse(got.ok)
        self.assertEqual(got.seed, 2)

    def test_never_allows_nothing(self):
        got = judged('gap <= srtt+10ms', gap=[3.], srtt=[1e9])
        self.assertFalse(got.ok)

    def test_other_scenario(self):
        other = {'bare': runs(goodput=[100., 50.])}
        text = 'goodput >= 0.95*goodput:bare'
        self.assertTrue(judged(text, others=other, goodput=[95., 48.]).ok)
        self.assertFalse(judged(text, others=other, goodput=[94., 99.]).ok)
        self.assertFalse(judged(text, others={}, goodput=[95., 48.]).ok)

    def test_other_scenario_with_fewer_runs(self):
        other = {'bare': runs(goodput=[100., 60., 50.])}
        got = judged('goodput >= 1*goodput:bare', others=other,
                     goodput=[100., 100., 100., 59.])
        self.assertFalse(got.ok)
        self.assertEqual((got.seed, got.wanted), (4, 60.))

    def test_other_that_failed(self):
        other = {'bare': runs(goodput=[1.], failed=[1])}
        self.assertFalse(judged('goodput >= 0.9*goodput:bare', others=other,
                                goodput=[1.]).ok)

    def test_extra_is_both(self):
        text = 'extra <= 3%'
        self.assertTrue(judged(text, resent=[0.01], copies=[0.02]).ok)
        self.assertFalse(judged(text, resent=[0.02], copies=[0.02]).ok)
        self.assertFalse(judged(text, resent=[0.02]).ok)

    def test_only_physics_excuses(self):
        got = judged('ceiling >= 0.97', 0.90, ceiling=[0.86])
        self.assertTrue(got.ok)
        self.assertIn('bound', got.why)
        self.assertFalse(judged('ceiling >= 0.97', 0.90, ceiling=[0.85]).ok)
        self.assertFalse(judged('ceiling >= 0.97', 0.98, ceiling=[0.96]).ok)
        self.assertFalse(judged('ceiling >= 0.97', ceiling=[0.96]).ok)
        self.assertTrue(judged('done <= 1s', 1.2, done=[1.25]).ok)
        self.assertFalse(judged('done <= 1s', 0.9, done=[1.01]).ok)

    def test_mistakes(self):
        for text in ('best => 1', 'best >= 1 in median', 'best >= 1 of luck',
                     'best >=', 'best >= 1++2'):
            with self.subTest(text), self.assertRaises(scenario.Mistake):
                bar(text)


class Units(unittest.TestCase):
    def test_numbers(self):
        for word, value in (('20ms', 0.02), ('8%', 0.08), ('187m', 187e6),
                            ('128b', 128), ('32MiB', 2 ** 25), ('2s', 2),
                            ('0.97', 0.97), ('12500us', 0.0125)):
            self.assertAlmostEqual(scenario.number(word), value)
        self.assertIsNone(scenario.number('best'))

    def test_shown(self):
        self.assertEqual(table.show(0.0212, 'gap <= 20ms'), '21.2 ms')
        self.assertEqual(table.show(0.001, 'lost <= 0.1%'), '0.10 %')
        self.assertEqual(table.show(math.inf, 'gap <= 20ms'), 'never')
        self.assertEqual(table.show(0.9, 'dip@13s >= 0.95'), '0.9')
        self.assertEqual(table.show(0.1, 'gap@8s <= srtt.a@8s'), '100.0 ms')


class Reading(unittest.TestCase):
    TEXT = '''
scenario one first   # comment
set duration=60s \\
    runs=3
leg a rate=10m delay=10ms
leg b rate=5m delay=20ms
expect best >= 0.97
expect extra <= 2%
report sum
scenario two
leg a rate=10m delay=10ms
flow x cbr dir=down rate=5
gate no
expect x.lost <= x.lost:one
'''

    def setUp(self):
        self.found = scenario.parse(self.TEXT, 'x.sim')

    def test_parts(self):
        one, two = self.found['one'], self.found['two']
        self.assertEqual((one.runs, one.gate, len(one.bars)), (3, True, 2))
        self.assertEqual((two.gate, two.others()), (False, {'one'}))
        self.assertEqual(one.wanted(), ['best', 'extra', 'sum'])

    def test_directions(self):
        self.assertTrue(self.found['one'].flippable())
        self.assertFalse(self.found['two'].flippable())

    def test_render(self):
        text = self.found['one'].render(['best'])
        self.assertNotIn('expect', text)
        self.assertIn('report best', text)
        self.assertIn('set duration=60s runs=3', text)

    def test_names(self):
        names = engine.Job(self.found['one']).names()
        self.assertIn('copies', names)
        self.assertNotIn('extra', names)
        self.assertIn('bulk.goodput', names)

    def test_twice(self):
        with self.assertRaises(scenario.Mistake):
            scenario.parse('scenario a\nscenario a\n', 'x')

    def test_standing_set(self):
        """Every file can be read, and every other scenario is there"""
        for path in sorted((engine.HERE / 'scenarios').glob('*.sim')):
            found = scenario.read(path)
            for each in found.values():
                with self.subTest(each.name):
                    self.assertLessEqual(each.others(), found.keys())
                    self.assertTrue(each.bars or each.reports)


class Points(unittest.TestCase):
    def test_eben(self):
        self.assertEqual(points.eben(30, [20, 10]), 1)
        self.assertEqual(points.eben(20, [20, 10]), 0)
        self.assertEqual(points.eben(25, [20, 10]), 0.5)
        self.assertEqual(points.eben(0, [20, 10]), -1)

    def test_bars(self):
        good = [0.9] * 100
        self.assertTrue(all(row.ok() for row in points.judge(
            {name: good for name in points.BARS})))

    def missed(self, values, name='low-20'):
        return {row.what for row in points.judge({name: values})
                if not row.ok()}

    def test_each_bar(self):
        self.assertEqual(self.missed([0.9] * 97 + [-0.01] * 3),
                         {'points above 0'})
        self.assertEqual(self.missed([0.7] * 100), {'median'})
        self.assertEqual(self.missed([0.9] * 89 + [0.6] * 11), {'p10'})
        self.assertEqual(self.missed([0.9] * 99 + [-0.04]), {'worst'})

    def test_unfinished(self):
        self.assertIn('worst', self.missed([0.9] * 99 + [None]))


class Engine(unittest.TestCase):
    """With a program in the engine's place"""

    def run_with(self, program, text, **kwargs):
        found = scenario.parse(text, 'x.sim')
        job = engine.Job(next(iter(found.values())), **kwargs)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / 'sim'
            path.write_text('#!/usr/bin/env python3\n' + program,
                            encoding='utf-8')
            path.chmod(0o755)
            job.run(path, 20)
        return job

    LEG = 'leg a rate=10m delay=10ms\n'

    def test_answer(self):
        answer = {'name': 'x', 'seeds': [1, 2], 'failed': ['', 'stuck'],
                   'metrics': {'best': {'runs': [0.99, 0.5]}}}
        job = self.run_with(f'print({json.dumps(json.dumps(answer))})',
                            self.LEG + 'expect best >= 0.97\n')
        self.assertEqual(job.result.get('best'), {1: 0.99, 2: None})
        self.assertEqual(job.error, 'stuck')

    def test_refused(self):
        job = self.run_with('import sys\nsys.exit("x.sim:1: no such word")',
                            self.LEG)
        self.assertIsNone(job.result)
        self.assertIn('no such word', job.error)

    def test_crash(self):
        job = self.run_with('import os\nos.kill(os.getpid(), 11)', self.LEG)
        self.assertIsNone(job.result)
        self.assertTrue(job.error)

    def test_too_slow(self):
        found = scenario.parse(self.LEG, 'x.sim')
        job = engine.Job(next(iter(found.values())))
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / 'sim'
            path.write_text('#!/bin/sh\nexec sleep 30\n', encoding='utf-8')
            path.chmod(0o755)
            job.run(path, 0.2)
        self.assertIn('did not end', job.error)

    def test_unknown_metrics_are_dropped(self):
        program = '''
import json, sys
text = open(sys.argv[1]).read()
if ' copies' in text:
    sys.exit("x.sim:3: unknown metric 'copies'")
print(json.dumps({'name': 'x', 'seeds': [1], 'failed': [''],
                   'metrics': {'best': {'runs': [1.0]}}}))
'''
        job = self.run_with(program, self.LEG + 'expect best >= 0.9\n'
                            'expect copies <= 0\n')
        self.assertEqual(job.dropped, ['copies'])
        verdicts = [judge.judge(bar, job.result, {}).ok
                    for bar in job.scenario.bars]
        self.assertEqual(verdicts, [True, False])

    def test_above_the_bound(self):
        """A simulator that beats physics is wrong"""
        bound = engine.script('bound')
        job = engine.Job(scenario.parse(self.LEG, 'x')['x'])
        scene = bound.scenarios(self.LEG, name='x')['x']
        for rate, wrong in (9.4e6, 0), (9.6e6, 1):
            job.result = judge.Runs([1], {'bulk.goodput': [rate],
                                          'bulk.steady': [9e6]})
            self.assertEqual(len(engine.relate(job, scene)), wrong)
            self.assertAlmostEqual(job.result.metrics['ceiling'][0],
                                   rate / 1e7 / (1436 / 1514))


    def test_fair(self):
        text = (self.LEG + 'cross y on=a dir=down reno rtt=40ms\n'
                'expect fair >= 0.8\n')
        job = engine.Job(scenario.parse(text, 'x')['x'])
        self.assertIn('cross.y.steady', job.names())
        self.assertNotIn('fair', job.names())
        job.result = judge.Runs([1, 2], {'steady': [3e6, None],
                                         'cross.y.steady': [1e6, 1e6]})
        engine.add_fair(job)
        self.assertEqual(job.result.metrics['fair'], [1.5, None])


class Driver(unittest.TestCase):
    """The whole of it, on canned answers"""

    def drive(self, value, extra=''):
        answer = {'name': 'x', 'seeds': [1], 'failed': [''], 'metrics': {
            'best': {'runs': [value]}, 'bulk.goodput': {'runs': [9e6]},
            'bulk.steady': {'runs': [9e6]}}}
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            program = folder / 'sim'
            program.write_text('#!/usr/bin/env python3\nprint('
                               f'{json.dumps(json.dumps(answer))})\n',
                               encoding='utf-8')
            program.chmod(0o755)
            (folder / 'x.sim').write_text(
                'scenario x\nset runs=1\nleg a rate=10m delay=10ms\n'
                f'expect best >= 0.97\n{extra}', encoding='utf-8')
            done = subprocess.run(
                [engine.HERE / 'set', folder / 'x.sim', '--engine', program,
                 '--page', folder / 'page.rst', '-j1'], text=True,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
            page = folder / 'page.rst'
            page = page.read_text(encoding='utf-8') if page.exists() else ''
        return done.returncode, done.stdout, page

    def test_met(self):
        status, said, page = self.drive(0.98)
        self.assertEqual(status, 0, said)
        self.assertTrue(said.endswith('\n2 passed, 0 failed, 0 skipped\n'))
        self.assertIn(':bars: 2 met, 0 missed', page)

    def test_missed(self):
        status, said, page = self.drive(0.96)
        self.assertEqual(status, 1)
        self.assertTrue(said.endswith('\n0 passed, 2 failed, 0 skipped\n'))
        self.assertIn('--only x --seed 1', said)
        self.assertIn('**missed**', page)

    def test_missed_without_gate(self):
        status, said, _ = self.drive(0.96, 'gate no\nscenario y\n'
                                     'leg a rate=10m delay=10ms\n'
                                     'expect best >= 0.5\n')
        self.assertEqual(status, 0, said)
        self.assertTrue(said.endswith('\n2 passed, 0 failed, 0 skipped\n'))

    def test_random_points(self):
        """Classes are judged, and the points that gain least are named"""
        status, said, page = self.drive(
            0.98, 'scenario random-low-20-1\nleg a rate=9m delay=1ms\n'
            'leg b rate=9m delay=1ms\nflow bulk bulk dir=down size=20MB\n')
        self.assertEqual(status, 1)
        self.assertIn('random low-20: worst -1.000', said)
        self.assertIn('--only random-low-20-1', said)
        self.assertIn('"low-20", "p10", "-1.000 **missed**"', page)

    def test_nothing_counted_is_a_failure(self):
        status, _, _ = self.drive(0.96, 'gate no\n')
        self.assertEqual(status, 1)


if __name__ == '__main__':
    unittest.main()
