#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Round trips of random rules: fuzz.py NFT-TQUIC SEED RULES

Rules that mix the words of TQUIC with strings, names and payload expressions
that look like them or like their carriers are loaded, listed, flushed, loaded
again from the listing and listed again: both listings are the same, each rule
is there, and what was a user's string is still one.
"""
import random
import subprocess
import sys

STATES = ('new', 'handshake', 'established', 'invalid', 'untracked')
ROLES = ('outer', 'inner')
CLASSES = ('realtime', 'interactive', 'bulk', 'background')
NAMES = ('"home"', '"tquic"', '"class"', '"to"', '"0x12"', '"a.b-c_d"',
         '"fifteen-letters"')
PATHS = ('0', '1', '7', '4294967295')
KEYS = (('state', STATES), ('role', ROLES), ('class', CLASSES),
        ('tunnel', NAMES), ('path id', PATHS), ('path count', PATHS))
PLAIN = (('ip daddr', ('192.0.2.1', '198.51.100.7', '203.0.113.9')),
         ('meta skgid', ('22', '80', '443')),
         ('meta mark', ('0x00000001', '0x00000002')))
STRINGS = ('tquic tunnel to x', 'tquic-00 1 home', 'tquic',
           '@ih,1414594560,32', 'tquic class bulk', 'a { b } ; c',
           '# no comment', 'tquic-')
ACTIONS = ('accept', 'drop', 'counter', 'jump state', 'goto tquic', 'return',
           'meta mark set 0x00000007')
OTHERS = ('ip daddr 192.0.2.1', 'udp dport 443', '@ih,800,32 0x5',
          'iifname "tquic"', 'ct state established,related',
          'meta l4proto udp', 'ct mark set tquic path id',
          'meta mark set tquic class',
          'meta mark set tquic class map { bulk : 1, realtime : 2 }',
          'add @seen { ip saddr }', 'update @classes { tquic class }',
          'tquic class @classes', 'tquic class . ip daddr @pairs')


def some(values, rng):
    """A few different ones"""
    return rng.sample(values, rng.randint(1, min(3, len(values))))


def match(rng):
    """A comparison of one key"""
    key, values = rng.choice(KEYS)
    form = rng.randrange(6)
    if form == 0:
        return f'tquic {key} != {rng.choice(values)}'
    if form == 1:
        return f'tquic {key} {{ {", ".join(some(values, rng))} }}'
    if form == 2:
        pairs = ', '.join(f'{value} : {rng.choice(("accept", "drop"))}'
                          for value in some(values, rng))
        return f'tquic {key} vmap {{ {pairs} }}'
    if form == 3 and key.startswith('path'):
        return f'tquic {key} {rng.choice(("1-5", "< 9", ">= 2", "& 3 == 1"))}'
    return f'tquic {key} {rng.choice(values)}'


def concat(rng):
    """A concatenation with one of ours at least"""
    parts = [(f'tquic {key}', values)
             for key, values in rng.sample(KEYS, rng.randint(1, 2))]
    parts += rng.sample(PLAIN, rng.randint(1, 2))
    rng.shuffle(parts)
    elements = sorted({' . '.join(rng.choice(values) for _, values in parts)
                       for _ in range(rng.randint(1, 3))})
    left = ' . '.join(key for key, _ in parts)
    if rng.random() < 0.3:
        pairs = ', '.join(f'{element} : accept' for element in elements)
        return f'{left} vmap {{ {pairs} }}'
    return f'{left} {{ {", ".join(elements)} }}'


def bystander(rng):
    """What is not ours, or not ours alone"""
    if rng.random() < 0.3:
        return f'log prefix "{rng.choice(STRINGS)}"'
    return rng.choice(OTHERS)


def rule(rng, number):
    """One rule, told from others by its comment"""
    parts = [rng.choice((match, match, concat, bystander))(rng)
             for _ in range(rng.randint(0, 3))]
    verdict = [part for part in parts if 'vmap' in part][:1]
    parts = [part for part in parts if 'vmap' not in part]
    if rng.random() < 0.5:
        to = f' to {rng.choice(NAMES)}' if rng.random() < 0.7 else ''
        of = f' class {rng.choice(CLASSES)}' if rng.random() < 0.5 else ''
        parts.append(f'tquic tunnel{to}{of}')
    parts += verdict or [rng.choice(ACTIONS)]
    return f'{" ".join(parts)} comment "{rng.choice(STRINGS)} {number}"'


def ruleset(rng, count):
    """A whole table, with names that are words of the syntax"""
    rules = '\n\t\t'.join(rule(rng, number) for number in range(count))
    return f'''table inet tquic {{
	set seen {{
		type ipv4_addr
		flags dynamic
	}}
	set classes {{
		typeof tquic class
		flags dynamic
		elements = {{ {", ".join(some(CLASSES, rng))} }}
	}}
	set pairs {{
		typeof tquic class . ip daddr
		elements = {{ {rng.choice(CLASSES)} . 192.0.2.7 }}
	}}
	map verdicts {{
		typeof tquic tunnel : verdict
		elements = {{ {rng.choice(NAMES)} : accept }}
	}}
	map back {{
		typeof ip daddr : tquic class
		elements = {{ 192.0.2.9 : {rng.choice(CLASSES)} }}
	}}
	chain state {{
	}}
	chain tquic {{
	}}
	chain tunnel {{
		type filter hook prerouting priority mangle; policy accept;
		{rules}
	}}
}}
'''


def nft(program, *args, text=None):
    """What it prints"""
    result = subprocess.run((program,) + args, input=text, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            check=False)
    if result.returncode or result.stderr:
        raise AssertionError(f'{args}: {result.stderr}')
    return result.stdout


def round_trip(program, text, count):
    """Raises AssertionError"""
    nft(program, 'flush', 'ruleset')
    nft(program, '-f', '-', text=text)
    first = nft(program, 'list', 'ruleset')
    nft(program, 'flush', 'ruleset')
    nft(program, '-f', '-', text=first)
    assert first == nft(program, 'list', 'ruleset'), 'the listing changes'
    assert first.count('comment "') == count, 'rules are missing'
    for word in ('@ih,1414', 'tquic tunnel', 'tquic-'):
        assert first.count(word) == text.count(word), \
            f'"{word}": {text.count(word)} became {first.count(word)}\n{first}'
    nft(program, '-j', 'list', 'ruleset')


def main():
    program, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    text = ruleset(random.Random(seed), count)
    try:
        round_trip(program, text, count)
    except AssertionError as error:
        print(f'seed {seed}: {error}\n{text}')
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
