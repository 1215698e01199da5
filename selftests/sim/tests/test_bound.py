# SPDX-License-Identifier: GPL-2.0
"""bound against closed forms."""
import math
import unittest

from lib import engine

BOUND = engine.script('bound')
FILL = 1436 / 1514
MOST = 1441 / 1514


def limits(text, flow='bulk', flip=False, alone=None):
    """Of the only scenario of a text"""
    return BOUND.scenarios(text, flip)['scenario'].limits(flow, alone)


def doubling(size, rate, owd, rtt):
    """Seconds until the last of size bytes is there, in slow start"""
    per = rate / 8 * MOST
    rounds, sent, most = 0, 0., 15140 * MOST
    while sent + min(most, per * rtt) < size:
        sent += min(most, per * rtt)
        rounds, most = rounds + 1, most * 2
    return owd + rounds * rtt + (size - sent) / per


class Ceilings(unittest.TestCase):
    def ceiling(self, text, **kwargs):
        return limits(text, **kwargs)['ceiling']

    def test_headers(self):
        for words, share in (('', 0.9485), ('ip=6', 0.935),
                             ('mtu=1280', 0.940)):
            got = self.ceiling(f'set duration=60s {words}\n'
                               'leg a rate=10m delay=10ms\n')
            self.assertAlmostEqual(got / 1e7, share, 3)

    def test_inner(self):
        got = self.ceiling('leg a rate=10m delay=1ms\nflow x inner dir=down\n',
                           flow='x')
        self.assertAlmostEqual(got / 1e7, 0.915, 3)

    def test_loss(self):
        got = self.ceiling('leg a rate=10m delay=1ms loss=2%\n'
                           'leg b rate=4m delay=1ms burst=1%:8 loss=1%\n')
        want = FILL * (1e7 * 0.98 + 4e6 * 0.99 * 0.99)
        self.assertAlmostEqual(got, want, 3)

    def test_directions(self):
        text = 'leg a down.rate=30m up.rate=3m delay=9ms\n'
        self.assertAlmostEqual(self.ceiling(text), 3e7 * FILL, 3)
        self.assertAlmostEqual(self.ceiling(text + 'set dir=up\n'),
                               3e6 * FILL, 3)
        text += 'flow bulk bulk dir=up\n'
        self.assertAlmostEqual(self.ceiling(text), 3e6 * FILL, 3)

    def test_flip_changes_nothing_for_bulk(self):
        text = 'leg a down.rate=30m up.rate=3m delay=9ms up.delay=2ms\n'
        self.assertEqual(limits(text), limits(text, flip=True))

    def test_steps(self):
        got = self.ceiling('set duration=18s\n'
                           'leg a rate=1m delay=1ms steps=45m,9m,60m:6s\n')
        self.assertAlmostEqual(got, 38e6 * FILL, 3)

    def test_police(self):
        got = self.ceiling('leg a rate=100m delay=1ms police=25m:60kB\n')
        self.assertAlmostEqual(got, 25e6 * FILL, 3)

    def test_shared(self):
        got = self.ceiling('shared s rate=50m queue=100kB\n'
                           'leg a rate=40m delay=1ms via=s\n'
                           'leg b rate=40m delay=1ms via=s\n'
                           'leg c rate=7m delay=1ms\n')
        self.assertAlmostEqual(got, 57e6 * FILL, 3)

    def test_outages(self):
        base = 'set duration=40s\nleg a rate=10m delay=1ms\n'
        for event, share in (
                ('at 10s leg a silent\nat 20s leg a heal', 0.75),
                ('at 10s leg a silent.down\nat 20s leg a heal.down', 0.75),
                ('at 10s leg a silent.up\nat 20s leg a heal.up', 1),
                ('at 10s leg a silent=acks\nat 20s leg a heal', 1),
                ('at 10s leg a down', 0.25), ('at 30s leg a remove', 0.75),
                ('at 20s leg a rate=5m', 0.75),
                ('every 20s from 5s leg a down\n'
                 'every 20s from 10s leg a up', 0.75)):
            with self.subTest(event):
                got = self.ceiling(base + event)
                self.assertAlmostEqual(got, 1e7 * FILL * share, 3)

    def test_rate_is_back_after_an_outage(self):
        got = self.ceiling('set duration=40s\nleg a rate=10m delay=1ms\n'
                           'at 5s leg a down\nat 10s leg a rate=2m\n'
                           'at 20s leg a up\n')
        self.assertAlmostEqual(got, FILL * (5e7 + 4e7) / 40, 3)

    def test_absent(self):
        got = self.ceiling('set duration=40s\nleg a rate=10m delay=1ms absent\n'
                           'leg b rate=1m delay=1ms\nat 30s leg a add\n')
        self.assertAlmostEqual(got, 3.5e6 * FILL, 3)

    def test_steady(self):
        got = limits('set duration=40s steady=20s\nleg a rate=10m delay=1ms\n'
                     'at 30s leg a rate=4m\n')
        self.assertAlmostEqual(got['steady.ceiling'], 7e6 * FILL, 3)


class Bounds(unittest.TestCase):
    def test_slow_start(self):
        for size, rate, delay in ((2e5, 2e7, 20), (2e6, 2e7, 160),
                                  (1e5, 1e8, 50), (5e6, 1e6, 5)):
            with self.subTest(size=size):
                got = limits(f'leg a rate={rate / 1e6}m delay={delay}ms\n'
                             f'flow bulk bulk dir=down size={size / 1e3}kB\n')
                want = doubling(size, rate, delay / 1e3, delay / 500)
                self.assertAlmostEqual(got['done'] / 1e3, want, 3)
                self.assertAlmostEqual(got['bound'], size * 8 / want, -3)

    def test_warm(self):
        got = limits('leg a rate=8m delay=50ms\n'
                     'flow bulk bulk dir=down size=1MB start=5s\n')
        self.assertAlmostEqual(got['done'] / 1e3, 0.05 + 1 / MOST, 3)

    def test_two_legs(self):
        got = limits('leg a rate=8m delay=50ms\nleg b rate=4m delay=200ms\n'
                     'flow bulk bulk dir=down size=3MB start=5s\n')
        want = (3e6 / MOST + 0.05e6 + 0.2 * 0.5e6) / 1.5e6
        self.assertAlmostEqual(got['done'] / 1e3, want, 3)

    def test_whole_run(self):
        got = limits('set duration=60s\nleg a rate=8m delay=50ms\n')
        lost = 0.05 * 1e6 + sum(0.1e6 - 15140 * 2 ** n for n in range(3))
        self.assertAlmostEqual(got['bound'], 8 * (60e6 - lost) * MOST / 60, 0)

    def test_luck_is_bounded(self):
        got = limits('set duration=60s\nleg a rate=8m delay=1ms loss=1%\n')
        packets = 60e6 / 1500
        luck = 4 * math.sqrt(0.01 * 2 / packets)
        self.assertLess(got['bound'], 8e6 * MOST * (0.99 + luck))
        self.assertGreater(got['bound'], 8e6 * MOST * 0.99)

    def test_credit(self):
        """The window goes to the near leg first"""
        got = limits('set window=1MiB duration=1000s\n'
                     'leg a rate=100m delay=20ms\nleg b rate=100m delay=100ms\n')
        near = 1e8 * MOST
        far = (8 * 2 ** 20 - near * 0.04) / 0.12
        self.assertAlmostEqual(got['bound'] / (near + far), 1, 2)

    def test_credit_formula(self):
        legs = 'leg a rate=50m delay=20ms\nleg b rate=50m delay=320ms\n'
        for window, want in (('512KiB', min(5e7 * FILL, 2 ** 22 / 0.04)),
                             ('128KiB', 2 ** 20 / 0.04),
                             ('2MiB', 2 ** 24 / 0.34),
                             ('16MiB', 1e8 * FILL)):
            with self.subTest(window):
                got = limits(f'set window={window}\n{legs}')['credit']
                self.assertAlmostEqual(got, want, 3)

    def test_inner_needs_no_credit(self):
        text = 'set window=64KiB\nleg a rate=50m delay=50ms\n'
        inner = limits(text + 'flow x inner dir=down\n', 'x')
        self.assertGreater(inner['bound'], 4e7)
        self.assertLess(limits(text)['bound'], 6e6)

    def test_alone(self):
        text = 'leg a rate=8m delay=50ms\nleg b rate=4m delay=200ms\n'
        self.assertLess(limits(text, alone='b')['bound'], 4e6 * MOST)

    def test_bound_is_not_below_ceiling_in_long_runs(self):
        got = limits('set duration=86400s\nleg a rate=8m delay=50ms loss=1%\n')
        self.assertGreater(got['bound'], got['ceiling'])

    def test_nothing_to_send_on(self):
        got = limits('leg a rate=8m delay=50ms absent\n')
        self.assertEqual(got['bound'], 0)


class Files(unittest.TestCase):
    def test_all_scenarios(self):
        """bound reads what the set runs, but for series made later"""
        for path in sorted((engine.HERE / 'scenarios').glob('*.sim')):
            text = path.read_text(encoding='utf-8')
            for name, scene in BOUND.scenarios(text).items():
                for flow in scene.bulk if 'trace=' not in text else ():
                    with self.subTest(name):
                        got = scene.limits(flow)
                        self.assertGreater(got['bound'], 0)
                        self.assertLess(got['bound'],
                                        1.02 * got['ceiling'])


if __name__ == '__main__':
    unittest.main()
