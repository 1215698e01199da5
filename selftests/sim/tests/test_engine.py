# SPDX-License-Identifier: GPL-2.0
"""The engine against closed forms: what links do to packets, by its log."""
import collections
import json
import math
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from lib import engine

LINE = re.compile(r'(\S+) (\w+) (\S+) size (\d+)(?: index (\d+) after (\d+))?$')
Packet = collections.namedtuple('Packet', 'at size index after')


def binary():
    """The engine, built once"""
    if not hasattr(binary, 'path'):
        given = os.environ.get('TQUIC_SIM')
        binary.path = pathlib.Path(given) if given else engine.build()
    return binary.path


class Run:
    """A run with its log"""

    def __init__(self, text, *options):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / 'x.sim'
            path.write_text('set steady=500ms\n' + text, encoding='utf-8')
            log = pathlib.Path(folder) / 'log'
            done = subprocess.run(
                [binary(), path, '--json', '--runs', '1', '--log', log,
                 *options], text=True, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, check=False, cwd=engine.TOP)
            if not done.stdout:
                raise AssertionError(done.stderr)
            self.answer = json.loads(done.stdout)
            self.lines = log.read_text(encoding='utf-8').splitlines()
        self.packets = collections.defaultdict(list)
        for line in self.lines:
            match = LINE.match(line)
            if match and match[1] != 'setup':
                self.packets[match[2], match[3]].append(Packet(
                    float(match[1]), int(match[4]),
                    int(match[5] or 0), int(match[6] or 0) * 1e-9))

    def setup(self, what, link):
        """(size, after) of what happened before bulk began"""
        found = []
        for line in self.lines:
            match = LINE.match(line)
            if match and match[1] == 'setup' and match[2] == what and \
                    match[3] == link:
                found.append((int(match[4]), int(match[6]) * 1e-9))
        return found

    def get(self, what, link='a.down'):
        """Packets to which that happened"""
        return self.packets[what, link]

    def lost(self, link='a.down'):
        """Numbers on the wire of those lost there"""
        return [packet.index for packet in self.get('loss', link)]

    def metric(self, name):
        """Its value"""
        return self.answer['metrics'][name]['runs'][0]


class Links(unittest.TestCase):
    def test_serialisation(self):
        """A packet that meets no other takes size / rate + delay"""
        run = Run('set duration=1s\nleg a rate=10m delay=20ms queue=1bdp\n')
        size, after = run.setup('leave', 'a.down')[0]
        self.assertAlmostEqual(after, size * 8 / 10e6 + 0.02, 9)

    def test_work_is_conserved(self):
        """A backlog keeps the line busy, and no byte is faster than it"""
        run = Run('set duration=12s cc=cubic\n'
                  'leg a rate=10m delay=20ms queue=1bdp\n')
        out = [p for p in run.get('leave') if 4 <= p.at < 12]
        bits = sum(p.size for p in out) * 8
        self.assertLess(bits, 10e6 * 8 + 8 * 1514)
        self.assertGreater(bits, 10e6 * 8 * 0.98)
        for one, two in zip(out, out[1:]):
            self.assertGreaterEqual(two.at - one.at, two.size * 8 / 10e6 - 2e-9)

    def test_drop_tail(self):
        """Nobody waits longer than the queue is, and it is used"""
        run = Run('set duration=12s cc=cubic\n'
                  'leg a rate=10m delay=20ms queue=50ms\n')
        self.assertTrue(run.get('full'))
        most = max(p.after for p in run.get('leave')) - 0.02
        self.assertLess(most, 0.050 + 2 * 1514 * 8 / 10e6)
        self.assertGreater(most, 0.047)

    def test_directions(self):
        run = Run('set duration=4s\nleg a down.rate=20m up.rate=2m '
                  'down.delay=5ms up.delay=30ms queue=100ms\n')
        (down, first), (up, second) = (run.setup('leave', 'a.down')[0],
                                       run.setup('leave', 'a.up')[0])
        self.assertAlmostEqual(first, down * 8 / 20e6 + 0.005, 9)
        self.assertAlmostEqual(second, up * 8 / 2e6 + 0.03, 9)

    def test_steps(self):
        run = Run('set duration=12s cc=cubic\nleg a rate=8m delay=10ms '
                  'queue=1s steps=8m,2m:4s\n')
        for begin, rate in (1, 8e6), (4.1, 2e6), (9, 8e6):
            # as long as its queue is never empty
            got = sum(p.size * 8 for p in run.get('leave')
                      if begin <= p.at - 0.01 < begin + 1)
            self.assertAlmostEqual(got / rate, 1, 1)

    def test_police(self):
        run = Run('set duration=8s\nleg a rate=100m delay=10ms queue=100ms '
                  'police=20m:60kB\n')
        out = run.get('leave')
        for n in range(0, len(out), 500):
            passed = 0
            for packet in out[n:n + 2000]:
                passed += packet.size
                allowed = 60e3 + 20e6 / 8 * (packet.at - out[n].at)
                self.assertLessEqual(passed, allowed + 1514)

    def test_freeze(self):
        """Nothing for a while, then at once, in order, and all of it"""
        run = Run('set duration=40s cc=cubic\nleg a rate=5m delay=10ms '
                  'queue=2s freeze=10s:300ms-500ms\n')
        out = run.get('leave')
        self.assertEqual([p.index for p in out],
                         sorted(p.index for p in out))
        self.assertEqual(run.get('loss'), [])
        gaps = [two.at - one.at for one, two in zip(out, out[1:])]
        long = [gap for gap in gaps if gap > 0.25]
        self.assertTrue(2 <= len(long) <= 8, long)
        self.assertTrue(all(gap < 0.51 for gap in long), long)

    def test_slots(self):
        run = Run('set duration=3s\nleg a rate=10m delay=20ms queue=100ms '
                  'slot=10ms\n')
        times = {round(p.at * 1e3, 3) % 10 for p in run.get('leave')}
        self.assertLessEqual(len({round(t, 2) for t in times}), 1, times)

    def test_trace(self):
        """No more leave than there are chances, and all chances count"""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / 'trace'
            path.write_text('1\n2\n2\n5\n9\n10\n', encoding='utf-8')
            run = Run('set duration=6s cc=cubic\n'
                      f'leg a trace={path} delay=10ms queue=100ms\n')
        out = [p for p in run.get('leave') if 3 <= p.at < 6]
        rate = sum(p.size for p in out) / 3
        self.assertLess(rate, 600 * 1514 * 1.01)
        self.assertGreater(rate, 600 * 1500 * 0.97)

    def test_order_with_jitter(self):
        run = Run('set duration=8s\nleg a rate=10m delay=20ms queue=100ms '
                  'jitter=8ms\n')
        out = [p.index for p in run.get('leave')]
        self.assertEqual(out, sorted(out))
        self.assertGreaterEqual(min(p.after for p in run.get('leave')), 0.02)


class Losses(unittest.TestCase):
    def share(self, run):
        lost, passed = len(run.lost()), len(run.get('leave'))
        return lost / (lost + passed), lost + passed

    def test_independent(self):
        run = Run('set duration=25s\nleg a rate=20m delay=10ms queue=1bdp '
                  'loss=1%\n')
        share, count = self.share(run)
        self.assertGreater(count, 5000)
        self.assertLess(abs(share - 0.01), 4 * math.sqrt(0.01 / count))
        runs = lengths(run.lost())
        self.assertLess(sum(runs) / len(runs), 1.1)

    def test_bursts(self):
        run = Run('set duration=60s\nleg a rate=20m delay=10ms queue=1bdp '
                  'burst=2%:8\n')
        share, count = self.share(run)
        runs = lengths(run.lost())
        # the number of bursts is what is random
        self.assertLess(abs(share - 0.02) / 0.02,
                        4 * 1.5 / math.sqrt(count * 0.02 / 8))
        self.assertLess(abs(sum(runs) / len(runs) - 8),
                        8 * 4 / math.sqrt(len(runs)))

    def test_common(self):
        """What legs have in common hits both at the same times"""
        run = Run('set duration=20s\n'
                  'leg a rate=10m delay=10ms queue=1bdp common=2%\n'
                  'leg b rate=10m delay=10ms queue=1bdp common=2%\n')
        one, two = (run.lost(link) for link in ('a.down', 'b.down'))
        self.assertTrue(one and two)
        for lost, link in (one, 'a.down'), (two, 'b.down'):
            count = len(lost) + len(run.get('leave', link))
            self.assertLess(abs(len(lost) / count - 0.02),
                            6 * math.sqrt(0.02 / count) + 0.005)


def lengths(indices):
    """Lengths of runs of consecutive numbers"""
    found, last = [], None
    for index in indices:
        if last is not None and index == last + 1:
            found[-1] += 1
        else:
            found.append(1)
        last = index
    return found


class SameLinks(unittest.TestCase):
    LEG = 'leg a rate=10m delay=10ms queue=1bdp loss=1% burst=1%:4\n'
    OTHER = 'leg b rate=6m delay=40ms queue=1bdp loss=1%\n'
    SET = 'set duration=20s\n'

    def meets(self, one, two):
        """The same packets of leg a are lost"""
        first, second = one.lost(), two.lost()
        last = min(max(p.index for p in run.get('leave'))
                   for run in (one, two))
        self.assertGreater(last, 1000)
        first, second = ([n for n in lost if n <= last]
                         for lost in (first, second))
        self.assertTrue(first)
        self.assertEqual(first, second)

    def test_alone(self):
        self.meets(Run(self.SET + self.LEG + self.OTHER),
                   Run(self.SET + self.LEG))

    def test_order(self):
        self.meets(Run(self.SET + self.LEG + self.OTHER),
                   Run(self.SET + self.OTHER + self.LEG))

    def test_flip(self):
        """The other direction has links of its own"""
        one = Run(self.SET + self.LEG)
        two = Run(self.SET + self.LEG, '--flip')
        self.assertNotEqual(one.lost(), two.lost())
        self.assertTrue(two.get('leave', 'a.up'))

    def test_digest(self):
        text = self.SET + self.LEG + self.OTHER
        one, two = Run(text), Run(text)
        other = Run(text, '--seed', '2')
        self.assertEqual(one.answer['digest'], two.answer['digest'])
        self.assertEqual(one.lines, two.lines)
        self.assertNotEqual(one.answer['digest'], other.answer['digest'])


class Metrics(unittest.TestCase):
    def test_goodput(self):
        """In-order bytes are those that came, less headers and what is late"""
        run = Run('set duration=10s cc=cubic\n'
                  'leg a rate=10m delay=10ms queue=1bdp\n')
        wire = sum(p.size for p in run.get('leave') if p.at < 10) * 8 / 10
        ratio = run.metric('goodput') / wire
        self.assertLess(ratio, 1441 / 1514)
        self.assertGreater(ratio, 1436 / 1514 - 0.01)

    def test_gap(self):
        run = Run('set duration=10s\nleg a rate=10m delay=10ms queue=1bdp\n'
                  'at 4s leg a silent\nat 6s leg a heal\nreport gap@4s gap\n')
        self.assertGreater(run.metric('gap@4s'), 1.98)
        self.assertLess(run.metric('gap@4s'), 4.5)
        self.assertGreaterEqual(run.metric('gap'), run.metric('gap@4s'))

    def test_silent(self):
        run = Run('set duration=10s\nleg a rate=10m delay=10ms queue=1bdp\n'
                  'at 4s leg a silent\nat 6s leg a heal\n')
        inside = [p for p in run.get('leave') + run.get('leave', 'a.up')
                  if 4.0 < p.at < 6]
        # what was in the queue (one BDP) or on the wire still arrives
        self.assertLess(max(p.at for p in inside), 4.03 + 0.002)

    def test_size(self):
        """What fits into the first window takes between one and three OWDs"""
        run = Run('set duration=60s\n'
                  'leg a rate=100m delay=50ms queue=100ms\n'
                  'flow x bulk dir=down size=10kB\nreport x.done\n')
        self.assertGreater(run.metric('x.done'), 0.05)
        self.assertLess(run.metric('x.done'), 0.15)


if __name__ == '__main__':
    unittest.main()
