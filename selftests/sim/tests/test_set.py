# SPDX-License-Identifier: GPL-2.0
"""Which bars count."""
import pathlib
import tempfile
import unittest

from lib import engine, scenario

SET = engine.script('set')

TEXT = """scenario one
leg a rate=10m delay=10ms
expect fair >= 1
"""


def outcome(error):
    """Of a scenario that the engine refused"""
    with tempfile.TemporaryDirectory() as where:
        path = pathlib.Path(where) / 'x.sim'
        path.write_text(TEXT, encoding='utf-8')
        scene = scenario.read(path)['one']
    job = engine.Job(scene, False, 1, 1, [])
    job.error = error
    found = SET.Outcome()
    found.add_job(job, {}, {})
    return found


class Later(unittest.TestCase):
    """What does not exist yet gates nothing; whatever else fails does"""

    def test_awaited(self):
        found = outcome("sim: there is no congestion control 'olia' "
                        "(exit status 2)")
        self.assertEqual(len(found.later()), 1)
        self.assertEqual(SET.count(found), (0, 0))

    def test_unknown(self):
        for error in ("sim: there is no congestion control 'qubic'",
                      'did not end within 90 s', None):
            found = outcome(error)
            self.assertEqual(found.later(), [])
            self.assertEqual(SET.count(found), (0, 1))


if __name__ == '__main__':
    unittest.main()
