# SPDX-License-Identifier: GPL-2.0
"""Random points and series of rates: the same from the same seed, in range."""
import random
import unittest

from lib import engine, points, redraw, scenario

DRAW = engine.script('random')
TRACES = engine.script('traces')


class Draw(unittest.TestCase):
    def test_reproducible(self):
        self.assertEqual(DRAW.text(7, 60), DRAW.text(7, 60))
        self.assertNotEqual(DRAW.text(7, 60), DRAW.text(8, 60))

    def test_one_class_is_that_of_the_whole(self):
        self.assertIn(DRAW.text(7, 60, 'high-20').split('\n', 3)[3],
                      DRAW.text(7, 60))

    def test_count(self):
        found = scenario.parse(DRAW.text(1, 300), 'random')
        self.assertEqual(len(found), 300)
        classes = {points.class_of(name) for name in found}
        self.assertEqual(classes, points.BARS.keys())

    def test_ranges(self):
        for name, (rtt, queue, loss, size, _) in DRAW.CLASSES.items():
            found = scenario.parse(DRAW.text(3, 300, name), name)
            for scene in found.values():
                self.check(scene, rtt, queue, loss, size)

    def check(self, scene, rtt, queue, loss, size):
        self.assertIn(f'size={size}', scene.render(()))
        delays = []
        for words in scene.lines:
            if words[0] != 'leg':
                continue
            keys = dict(word.split('=') for word in words[2:])
            value = {key: scenario.number(word)
                     for key, word in keys.items()}
            self.assertTrue(1e5 <= value['rate'] <= 1e8)
            self.assertTrue(0 < value['delay'] <= rtt / 2e3)
            room = max(queue / 1e3, 2 * 1514 * 8 / value['rate'])
            self.assertTrue(0 < value['queue'] <= room + 1e-6)
            self.assertTrue(0 <= value.get('loss', 0) <= loss / 100)
            delays.append(value['delay'])
        self.assertEqual(delays, sorted(delays))
        self.assertIn(len(delays), (2, 3))

    def test_evenly(self):
        """Each tenth of the range has a tenth of the points"""
        values = DRAW.spread(random.Random(1), 100, 0, 10)
        for part in range(10):
            self.assertEqual(sum(part <= value < part + 1
                                 for value in values), 10)


class Series(unittest.TestCase):
    MEANS = {'lte': (8e6, 25e6), 'nr': (60e6, 95e6), 'leo': (35e6, 75e6),
             'leo-up': (6e6, 13e6)}

    def test_reproducible(self):
        for kind in TRACES.KINDS:
            self.assertEqual(TRACES.trace(kind, 1, 5),
                             TRACES.trace(kind, 1, 5))
            self.assertNotEqual(TRACES.trace(kind, 1, 5),
                                TRACES.trace(kind, 2, 5))

    def test_means(self):
        for kind, (low, high) in self.MEANS.items():
            moments = TRACES.trace(kind, 1, 120)
            self.assertEqual(moments, sorted(moments))
            mean = len(moments) * TRACES.BITS / 120
            self.assertTrue(low <= mean <= high, f'{kind}: {mean}')

    def test_holes_between_slots(self):
        moments = TRACES.trace('leo', 1, 60)
        for slot in (15000, 30000, 45000):
            inside = [ms for ms in moments if slot <= ms < slot + 40]
            self.assertEqual(inside, [])

    def test_fades(self):
        """LTE has seconds that are far below its mean"""
        moments = TRACES.trace('lte', 1, 120)
        per = [sum(ms // 1000 == second for ms in moments)
               for second in range(120)]
        self.assertLess(min(per), sum(per) / 120 / 3)


class Redraw(unittest.TestCase):
    TEXT = ('scenario x\nset duration=60s runs=20\n'
            'leg a rate=10m delay=10ms\nleg b down.rate=5m delay=20ms\n'
            'expect best >= 0.97\nexpect rise <= 600ms\n')

    def setUp(self):
        self.scene = scenario.parse(self.TEXT, 'x')['x']

    def test_other_links(self):
        other = redraw.change(self.scene, random.Random(1))
        for mine, theirs in zip(self.scene.lines, other.lines):
            if mine[0] != 'leg':
                continue
            self.assertNotEqual(mine, theirs)
            for one, two in zip(mine[2:], theirs[2:]):
                ratio = scenario.number(two.split('=')[1]) / \
                    scenario.number(one.split('=')[1])
                self.assertTrue(0.799 <= ratio <= 1.201)
        self.assertEqual(len(other.bars), 1)
        self.assertIn('leg a rate=10m delay=10ms', self.scene.render(()))

    def test_shuffled(self):
        other = redraw.shuffle(self.scene, random.Random(1))
        self.assertNotEqual(self.scene.lines, other.lines)
        self.assertEqual(sorted(self.scene.lines), sorted(other.lines))

    def test_compared(self):
        jobs = redraw.jobs([engine.Job(self.scene)], random.Random(1))
        self.assertEqual(len(jobs), 2)
        for value, same in (9.91e6, 1), (9.89e6, 0):
            for job, goodput in zip(jobs, (10e6, value)):
                job.result = engine.judge.Runs([1],
                                               {'bulk.goodput': [goodput]})
            self.assertEqual(redraw.compare(jobs), (same, 1 - same))


if __name__ == '__main__':
    unittest.main()
