# SPDX-License-Identifier: GPL-2.0
"""The same scenarios on other links: are results those of chance?"""
import copy
import re

from . import engine, scenario

# bars that mean the same on any links
RELATIVE = re.compile(r'(?:\w+\.)?(?:steady\.)?(?:best|sum|eben|ceiling|credit|'
                      r'window5|floor\..*|lost|mismatch|resent|extra|copies)')
KEYS = re.compile(r'((?:up\.|down\.)?(?:rate|delay))=([\d.]+)([a-z]+)')
ORDER = 0.01    # the order of legs may change goodput by that much


def stretch(words, rng):
    """Rates and delays within 20 % of what they were"""
    def change(match):
        value = float(match[2]) * rng.uniform(0.8, 1.2)
        return f'{match[1]}={value:.3f}{match[3]}'
    return [KEYS.sub(change, word) if KEYS.fullmatch(word) else word
            for word in words]


def timeless(scene):
    """Does nothing happen at a certain time in it?"""
    return not any(words[0] in ('at', 'every') or
                   any(re.match(r'(start|stop|size)=', word)
                       for word in words) for words in scene.lines)


def change(scene, rng):
    """Another scenario of the same meaning"""
    scene = copy.copy(scene)
    scene.bars = [bar for bar in scene.bars if RELATIVE.fullmatch(bar.metric)
                  and not any(term.metric for term in bar.terms)]
    scene.lines = [stretch(words, rng) if words[0] == 'leg' else list(words)
                   for words in scene.lines]
    if timeless(scene) and scenario.number(
            scene.set.get('duration', '60s')) == 60:
        length = f'duration={rng.randint(37, 95)}s'
        scene.lines.append(['set', length])
    scene.reports = []
    return scene


def shuffle(scene, rng):
    """The same, its legs in another order"""
    scene = copy.copy(scene)
    legs = [words for words in scene.lines if words[0] == 'leg']
    mixed = legs[:]
    while mixed == legs:
        rng.shuffle(mixed)
    scene.lines = [mixed.pop(0) if words[0] == 'leg' else words
                   for words in scene.lines]
    scene.bars, scene.name = [], f'{scene.name}-order'
    return scene


def jobs(originals, rng):
    """Each with other links, and once more in another order of legs"""
    found, seed = [], rng.randint(1, 10 ** 6)
    for job in originals:
        scene = change(job.scenario, rng)
        legs = sum(words[0] == 'leg' for words in scene.lines)
        if not scene.bars or job.flip:
            continue
        runs = min(job.runs, 5)
        one = engine.Job(scene, job.flip, seed, runs, job.options)
        found.append(one)
        if legs > 1:
            other = engine.Job(shuffle(scene, rng), job.flip, seed, runs,
                               job.options)
            other.like = one
            found.append(other)
    return found


def write(found, path):
    """A file of them, so that runs can be repeated"""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('\n'.join(job.scenario.render(()) for job in found),
                    encoding='utf-8')
    for job in found:
        job.scenario.file = str(path)


def mean(job):
    """Of goodput, over runs"""
    flow = engine.first_bulk(job.scenario)
    values = job.result.metrics.get(f'{flow}.goodput', ())
    values = [value or 0. for value in values]
    return sum(values) / len(values) if values else 0.


def compare(found):
    """(same, different) results in another order"""
    good = bad = 0
    for job in found:
        like = getattr(job, 'like', None)
        if like is None:
            continue
        one, other = (mean(each) if each.result is not None else 0.
                      for each in (like, job))
        if one and abs(one - other) <= ORDER * one:
            good += 1
        else:
            bad += 1
            print(f'not ok - {job.label()}: {one / 1e6:.3f} Mb/s, and '
                  f'{other / 1e6:.3f} with its legs in another order')
    return good, bad
