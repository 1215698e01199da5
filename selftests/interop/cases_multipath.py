# SPDX-License-Identifier: GPL-2.0
"""Several paths with a peer that has them, too."""
import json
import pathlib
import re
import struct
import subprocess
import time

from cases import case, OURS, PORT, Skipped, THEIRS, WORK
from plain import AUTH_RAW_KEY, PATIENCE, Plain, need

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
IROH = TOP / 'build/interop/iroh'
TOOL = TOP / 'build/tools/ip-tquic'
SEED = '07' * 32
# three uplinks: of each the device, our address and theirs
LINKS = [('us', OURS, THEIRS), ('us1', '10.98.1.1', '10.98.1.2'),
         ('us2', '10.98.2.1', '10.98.2.2')]
MULTIPATH = 2    # TQUIC_INFO_F_MULTIPATH


def command(*words):
    """ip-tquic in our namespace"""
    done = subprocess.run(['ip', 'netns', 'exec', 'ours', str(TOOL), '-j',
                           *map(str, words)], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        raise ValueError(done.stderr.strip())
    return json.loads(done.stdout) if done.stdout.strip() else None


def links():
    """The further uplinks, for good"""
    for number, (dev, ours, theirs) in enumerate(LINKS[1:], 1):
        peer = f'them{number}'
        subprocess.run(f'''
            ip -n ours link show {dev} >/dev/null 2>&1 && exit
            ip link add {dev} netns ours type veth peer {peer} netns theirs
            ip -n ours address add {ours}/24 dev {dev}
            ip -n theirs address add {theirs}/24 dev {peer}
            ip -n ours link set {dev} up
            ip -n theirs link set {peer} up''', shell=True, check=True)


def node(room, role, *words, trace=False):
    """iroh; with trace it tells of every frame"""
    if not (IROH / 'iroh.node').exists():
        raise Skipped('not fetched: "selftests/setup --part iroh" needs npm')
    links()
    # where Debian's Node.js looks for parts of itself
    if not pathlib.Path('/usr/share/nodejs').exists():
        pathlib.Path('/usr/share/nodejs').symlink_to(IROH / 'nodejs')
    env = [f'LD_LIBRARY_PATH={IROH}/lib'] + (['IROH_LOG=1'] if trace else [])
    return room.start('iroh', 'theirs', 'env', *env, IROH / 'node',
                      HERE / 'peer_iroh.js', role, IROH / 'iroh.node', SEED,
                      *words)


def our_key():
    """Public, in hexadecimal digits: the end of what X.509 says of it"""
    der = subprocess.run(['openssl', 'pkey', '-pubin', '-in',
                          WORK / 'ours.pub', '-outform', 'DER'], check=True,
                         stdout=subprocess.PIPE).stdout
    return der[-32:].hex()


def options():
    """What a socket needs for iroh"""
    return {'alpn': b'\x07interop', 'auth': AUTH_RAW_KEY, 'profile': 'iroh',
            'multipath': 4}


class Meeting:
    """A connection of ours to a server of theirs"""
    def __init__(self, room, trace=True):
        self.server = node(room, 'server', f'0.0.0.0:{PORT}', trace=trace)
        room.ready(self.server)
        self.conn = Plain.make(**options())
        self.conn.sock.connect((THEIRS, PORT))
        need(self.conn.info()['flags'] & MULTIPATH, 'no multipath')
        self.number = self.conn.conn_id()

    def paths(self):
        """As ip-tquic shows them, by ID"""
        shown = command('show', 'conn_id', self.number)[0]['paths']
        return {path['path_id']: path for path in shown}

    def until(self, condition, what):
        """Waits for paths to be as they should"""
        for _ in range(PATIENCE * 10):
            paths = self.paths()
            if condition(paths):
                return paths
            time.sleep(0.1)
        raise ValueError(f'{what}: {paths}')

    def open(self, link):
        """Another path; returns its ID once it works"""
        dev, ours, theirs = LINKS[link]
        until = time.monotonic() + PATIENCE
        while True:
            try:
                number = command('path', 'add', 'conn_id', self.number,
                                 'dev', dev, 'local', ours, 'remote',
                                 f'{theirs}:{PORT}')['path_id']
                break
            except ValueError as error:
                # it is confirmed soon, and then they come
                if not re.search('connection IDs|confirmed', str(error)) or \
                        time.monotonic() > until:
                    raise
            time.sleep(0.1)
        self.until(lambda paths: number in paths and
                   paths[number]['state'] == 'active' and
                   'validated' in paths[number]['flags'],
                   f'path {number} does not open')
        return number

    def change(self, *words):
        """Of a path"""
        command('path', *words, 'conn_id', self.number)


def carried(meeting, before, numbers, key, least):
    """Whether each of some paths carried enough bytes since then"""
    after = meeting.paths()
    for number in numbers:
        grown = after[number][key] - before[number][key]
        need(grown >= least, f'path {number}: {key} grew by {grown}')


@case('iroh server', 'handshake')
def handshake(room):
    meeting = Meeting(room, trace=False)
    meeting.conn.fetch(1000)
    meeting.server.expect('^connected ' + our_key(), 5)


@case('iroh server', '10 MB')
def transfer(room):
    meeting = Meeting(room, trace=False)
    meeting.conn.fetch(10 << 20)


# iroh calls all paths backup but the one with the least RTT, and what it says
# is heeded, so others carry little.

@case('iroh server', 'second path')
def second(room):
    meeting = Meeting(room)
    number = meeting.open(1)
    before = meeting.paths()
    meeting.conn.fetch(1 << 20)
    meeting.conn.stream().put(1 << 20)
    after = meeting.paths()
    for key in ('sent_bytes', 'received_bytes'):
        grown = sum(after[i][key] - before[i][key] for i in (0, number))
        need(grown > 1 << 20, f'{key} of both paths grew by {grown}')
    meeting.server.expect(rf'got frame PATH_ACK\w* path_id: {number} ')
    meeting.server.expect(rf'frame=PATH_ACK\w* path_id: {number} ')


@case('iroh server', 'three paths')
def three(room):
    meeting = Meeting(room)
    numbers = [0, meeting.open(1), meeting.open(2)]
    need(numbers == [0, 1, 2], f'paths {numbers}')
    meeting.conn.fetch(1 << 20)
    meeting.conn.stream().put(1 << 20)
    need(sorted(meeting.paths()) == numbers, 'a path went away')


@case('iroh server', 'path abandoned')
def abandoned(room):
    meeting = Meeting(room)
    number = meeting.open(1)
    conn = meeting.conn.stream()
    conn.sock.sendall(b'get 1048576\n')
    conn.receive(100000)
    meeting.change('del', 'path_id', 0)
    meeting.until(lambda paths: 0 not in paths, 'path 0 stays')
    conn.receive(1048576, 100000)
    meeting.server.expect('got frame PATH_ABANDON path_id: 0', 5)
    meeting.server.expect('frame=PATH_ABANDON path_id: 0', 5)
    # IDs are never used twice
    need(meeting.open(2) > number, 'a path ID was used again')
    meeting.conn.stream().put(500000)


@case('iroh server', 'path status')
def status(room):
    meeting = Meeting(room)
    meeting.open(1)
    # theirs: all but the best of the day, so it may change its mind
    for _ in range(8):
        spare, before = disliked(meeting), meeting.paths()
        meeting.conn.stream().fetch(300000)
        meeting.conn.stream().put(300000)
        if disliked(meeting) == spare and spared(meeting, before, spare):
            break
    else:
        raise ValueError(f'a backup path was used: {meeting.paths()}')
    # ours
    for word in 'on', 'off', 'on':
        meeting.change('set', 'path_id', spare, 'backup', word)
    meeting.server.expect(r'[\s\S]*?'.join(
        f'got frame PATH_STATUS_{word} path_id: {spare} '
        for word in ('BACKUP', 'AVAILABLE', 'BACKUP')), 10)


def disliked(meeting):
    """The one path of two that iroh calls backup"""
    def which(paths):
        return [number for number, path in paths.items()
                if 'peer-backup' in path['flags']]
    return which(meeting.until(lambda paths: len(which(paths)) == 1,
                               'no status of the peer'))[0]


def spared(meeting, before, number):
    """Whether nothing but probes used a path"""
    after = meeting.paths()
    return all(after[number][key] - before[number][key] < 100000
               for key in ('sent_bytes', 'received_bytes'))


@case('iroh server', 'NAT rebinding')
def rebinding(room):
    meeting = Meeting(room)
    meeting.conn.fetch(1000)
    rebound(room, meeting, 0, 0)
    # another path, which then has to do all of the work
    number = meeting.open(1)
    meeting.change('del', 'path_id', 0)
    rebound(room, meeting, number, 1)


def rebound(room, meeting, number, link):
    """A path whose packets come from somewhere else all of a sudden"""
    port = meeting.paths()[number]['local_port']
    room.nat('ours', LINKS[link][0], port, 20000 + link)
    before = meeting.paths()
    meeting.conn.stream().put(1 << 20)
    meeting.conn.stream().fetch(1 << 20)
    carried(meeting, before, (number,), 'sent_bytes', 1 << 20)
    carried(meeting, before, (number,), 'received_bytes', 1 << 20)
    room.answered('ours', LINKS[link][0])


@case('iroh server', 'migration')
def migration(room):
    meeting = Meeting(room)
    number = meeting.open(1)
    port = meeting.paths()[number]['local_port']
    meeting.conn.set('migrate', struct.pack('=III16x', number, 0, 0))
    meeting.until(lambda paths: paths[number]['local_port'] != port and
                  'validated' in paths[number]['flags'], 'does not move')
    meeting.change('del', 'path_id', 0)
    before = meeting.paths()
    meeting.conn.stream().put(1 << 20)
    carried(meeting, before, (number,), 'sent_bytes', 1 << 20)


@case('iroh server', 'key update')
def update(room):
    meeting = Meeting(room)
    meeting.open(1)
    for _ in range(2):
        meeting.conn.stream().put(300000)
        meeting.conn.update_keys()
        meeting.conn.stream().fetch(300000)


@case('iroh server', 'link lost')
def lost(room):
    meeting = Meeting(room, trace=False)
    meeting.open(1)
    conn = meeting.conn.stream()
    conn.sock.sendall(b'get 1048576\n')
    conn.receive(100000)
    try:
        subprocess.run('ip -n theirs link set them down', shell=True,
                       check=True)
        conn.receive(1048576, 100000)
        meeting.conn.stream().put(500000)
    finally:
        subprocess.run('ip -n theirs link set them up', shell=True,
                       check=True)


@case('iroh server', 'loss 3 %')
def loss(room):
    room.loss(3)
    meeting = Meeting(room, trace=False)
    meeting.open(1)
    meeting.conn.fetch(1 << 20)
    meeting.conn.stream().put(1 << 20)


@case('iroh server', 'close codes')
def close(room):
    meeting = Meeting(room, trace=False)
    meeting.conn.fetch(10)
    command('close', 'conn_id', meeting.number, 'code', 42, 'app', 'reason',
            'enough')
    meeting.server.expect(r'^closed .*(enough|42)', 10)


def serve(room, *requests, trace=True):
    """A client of theirs meets us; returns it and the connection"""
    listener = Plain.make(**options(), streams=16)
    listener.sock.bind((OURS, PORT))
    listener.sock.listen(4)
    client = node(room, 'client', f'{OURS}:{PORT}', our_key(), *requests,
                  trace=trace)
    conn = listener.accept()
    listener.close()
    return client, conn


def answered(client, conn, count):
    """All of a client's requests; returns how the connection ended"""
    conn.answer()
    for _ in range(count - 1):
        conn.accept().answer()
    client.wait(patience=300)
    return conn.ended()


@case('iroh client', 'handshake')
def client_handshake(room):
    client, conn = serve(room, 'get 1000')
    need(conn.info()['flags'] & MULTIPATH, 'no multipath')
    answered(client, conn, 1)


@case('iroh client', '10 MB')
def client_transfer(room):
    client, conn = serve(room, f'put {10 << 20}', trace=False)
    answered(client, conn, 1)


@case('iroh client', 'close codes')
def client_close(room):
    client, conn = serve(room, 'get 1000', trace=False)
    end = answered(client, conn, 1)
    need(end == (7, True, True, 'thanks'), f'closed by {end}')


@case('iroh client', 'loss 3 %')
def client_loss(room):
    room.loss(3)
    client, conn = serve(room, 'get 1000000', 'put 1000000', trace=False)
    answered(client, conn, 2)


@case('iroh client', 'NAT rebinding')
def client_rebinding(room):
    client, conn = serve(room, 'get 1000000', 'put 1000000', 'get 1000')
    number = conn.conn_id()
    conn.answer()

    def port():
        return command('show', 'conn_id', number)[0]['paths'][0]['remote_port']
    room.nat('theirs', 'them', port(), 20000)
    conn.accept().answer()
    need(port() == 20000, f'port {port()}')
    conn.accept().answer()
    client.wait()
