# SPDX-License-Identifier: GPL-2.0
"""Runs the engine on one scenario and reads what it says."""
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import re
import shlex
import subprocess
import tempfile
import time

from . import judge

HERE = pathlib.Path(__file__).resolve().parents[1]
TOP = HERE.parents[1]
# What the driver computes itself, from what.
DERIVED = {'extra': ('resent', 'copies')}
OF_BOUND = {'ceiling': ('goodput', 'ceiling'),
            'steady.ceiling': ('steady', 'steady.ceiling'),
            'credit': ('goodput', 'credit'),
            'steady.credit': ('steady', 'credit'),
            'bound': ('goodput', 'bound'),
            'steady.bound': ('steady', 'steady.bound')}


def script(name):
    """A program of this directory as a module"""
    loader = importlib.machinery.SourceFileLoader(name, str(HERE / name))
    spec = importlib.util.spec_from_loader(name, loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def build(where='build/sim'):
    """Make the engine; its path"""
    subprocess.run(['make', '-s', '-C', HERE, f'BUILD={where}'], check=True,
                   cwd=TOP)
    path = pathlib.Path(where)
    return (path if path.is_absolute() else TOP / path) / 'plain' / 'sim'


class Refused(Exception):
    """The engine does not take a scenario"""


class Job:
    """One scenario in one direction"""

    def __init__(self, scenario, flip=False, seed=1, runs=None, options=(),
                 changes=None):
        self.scenario, self.flip, self.seed = scenario, flip, seed
        self.runs = runs or scenario.runs
        self.options, self.changes = list(options), changes
        self.dropped, self.seconds, self.error = [], 0., ''
        self.cpu = self.events = 0
        self.extra, self.compared = [], ''
        self.result = None

    def label(self):
        """Name, direction, and what is not the default"""
        return ' '.join([self.scenario.name] + ['flip'] * self.flip +
                        [self.compared] * bool(self.compared))

    def cost(self):
        """Longest first needs to know what is long"""
        alone = any(re.search(r'best|sum|eben|floor|alone|window5', name)
                    for name in self.scenario.wanted())
        return self.scenario.weight() * self.runs * (2 if alone else 1)

    def names(self):
        """Metrics to ask the engine for"""
        names = []
        for name in self.scenario.wanted() + self.extra:
            if name in DERIVED:
                names += DERIVED[name]
            elif name == 'fair':
                names += ['steady', *crosses(self.scenario)]
            elif (split := split_flow(self.scenario, name))[1] in OF_BOUND:
                prefix = f'{split[0]}.' if split[0] else ''
                names.append(prefix + OF_BOUND[split[1]][0])
            else:
                names.append(name)
        for flow, kind in self.scenario.flows.items():
            if kind in ('bulk', 'inner'):
                names += [f'{flow}.goodput', f'{flow}.steady']
        return [name for name in dict.fromkeys(names)
                if name not in self.dropped]

    def command(self, engine, path):
        """The engine's command line"""
        words = [str(engine), str(path), '--json', '--seed', str(self.seed),
                 '--runs', str(self.runs), *self.options]
        return words + (['--flip'] if self.flip else [])

    def replay(self, seed):
        """How to repeat one run by hand"""
        path = os.path.relpath(self.scenario.file, TOP)
        words = ['selftests/sim/sim', path, '--only', self.scenario.name,
                 '--seed', str(seed), '--runs', '1', *self.options]
        return shlex.join(words + (['--flip'] if self.flip else []))

    def run(self, engine, limit=None):
        """Fill self.result, or self.error with why there is none"""
        start = time.monotonic()
        try:
            self.result = self.attempt(engine, limit)
        except Refused as refused:
            self.error = str(refused)
        except subprocess.TimeoutExpired:
            self.error = f'did not end within {limit:.0f} s'
        self.seconds = time.monotonic() - start

    def attempt(self, engine, limit):
        """Until the engine knows all metrics that are asked for"""
        while True:
            with tempfile.NamedTemporaryFile('w', suffix='.sim') as file:
                file.write(self.scenario.render(self.names(), self.changes))
                file.flush()
                done = subprocess.run(
                    self.command(engine, file.name), cwd=TOP, text=True,
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                    timeout=limit, check=False)
            unknown = re.search(r"unknown metric '([^']+)'", done.stderr)
            if unknown and unknown[1] not in self.dropped:
                self.dropped.append(unknown[1])
                continue
            try:
                return self.take(json.loads(done.stdout))
            except (ValueError, LookupError, TypeError) as error:
                said = (done.stderr.strip().splitlines() or
                        [f'{type(error).__name__}: {error}'])[-1]
                said = re.sub(r'^\S+\.sim:\d+: ', '', said)
                raise Refused(f'{said} (exit status {done.returncode})'
                              ) from None

    def take(self, answer):
        """The engine's JSON"""
        metrics = {name: [None if value is None else float(value)
                          for value in of['runs']]
                   for name, of in answer['metrics'].items()}
        failed = [seed for seed, why in zip(answer['seeds'],
                                            answer.get('failed', ())) if why]
        if failed:
            self.error = next(why for why in answer['failed'] if why)
        self.sched, self.cc = answer.get('sched'), answer.get('cc')
        self.cpu, self.events = answer.get('cpu', 0), answer.get('events', 0)
        return judge.Runs(answer['seeds'], metrics, failed)


def split_flow(scenario, name):
    """(flow or '', rest) of a metric's name"""
    flow, _, rest = name.partition('.')
    return (flow, rest) if rest and flow in scenario.flows else ('', name)


def crosses(scenario):
    """Metrics of other people's flows, by their rate in the steady time"""
    return [f'cross.{words[1]}.steady' for words in scenario.lines
            if words[0] == 'cross']


def add_fair(job):
    """The bond's rate over the mean of all that share the bottleneck"""
    runs, names = job.result, ['steady', *crosses(job.scenario)]
    if len(names) > 1 and all(name in runs.metrics for name in names):
        rows = zip(*(runs.metrics[name] for name in names))
        runs.metrics['fair'] = [
            None if None in row or not sum(row)
            else row[0] * len(row) / sum(row) for row in rows]


def first_bulk(scenario):
    """The flow that is meant where none is named"""
    return next((flow for flow, kind in scenario.flows.items()
                 if kind == 'bulk'), next(iter(scenario.flows)))


def relate(job, scene):
    """Add what follows from bound; (metric, value/bound) above 1 are wrong

    scene is bound's view of the scenario.
    """
    wrong, runs = [], job.result
    add_fair(job)
    for flow in scene.bulk:
        limits = scene.limits(flow)
        job.limits = getattr(job, 'limits', {}) | {flow: limits}
        plain = flow == first_bulk(job.scenario)
        for name, (of, by) in OF_BOUND.items():
            values = runs.metrics.get(f'{flow}.{of}')
            if values is None or by not in limits:
                continue
            ratios = [None if value is None or limits[by] <= 0
                      else value / limits[by] for value in values]
            runs.metrics[f'{flow}.{name}'] = ratios
            if plain:
                runs.metrics[name] = ratios
            if name in ('bound', 'steady.bound'):
                wrong += [(f'{flow}.{name}', seed, ratio)
                          for seed, ratio in zip(runs.seeds, ratios)
                          if ratio and judge.over_bound(ratio, 1)]
        if plain:
            for leg in scene.legs:
                values = runs.metrics.get(f'alone.{leg}')
                most = values and scene.limits(flow, leg)['bound']
                wrong += [(f'alone.{leg}', seed, value / most)
                          for seed, value in zip(runs.seeds, values or ())
                          if value and judge.over_bound(value, most)]
    return wrong


def limit_of(job, metric):
    """What bound allows a metric, in its own units; None where it is silent"""
    flow, name = split_flow(job.scenario, metric)
    flow = flow or first_bulk(job.scenario)
    limits = getattr(job, 'limits', {}).get(flow)
    base = 'steady' if name.startswith('steady') else 'goodput'
    last = name.rpartition('.')[2]
    if not limits or last not in judge.BOUNDED | {'done'}:
        return None
    if name == 'done':
        return limits.get('done', 0) / 1e3 or None
    try:
        runs = job.result.get(metric)
        rates = job.result.get(f'{flow}.{base}')
    except judge.Unmeasured:
        return None
    bound = limits.get('steady.bound' if base == 'steady' else 'bound')
    if bound is None:
        return None
    # metric = rate / something: the same something limits it
    scales = [runs[seed] / rates[seed] for seed in runs
              if runs[seed] and rates[seed]]
    return min(scales) * bound if scales else None
