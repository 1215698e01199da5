# SPDX-License-Identifier: GPL-2.0
"""TQUIC sockets for cases that need no HTTP: names and layouts of
include/uapi/linux/tquic.h, and the requests of peer_iroh.js."""
import fcntl
import os
import pathlib
import re
import select
import socket
import struct
import time

HEADER = pathlib.Path(__file__).resolve().parents[2] / \
    'include/uapi/linux/tquic.h'
NAMES = {name: int(value) for name, value in re.findall(
    r'^#define (\w+)\s+(\d+)U?\b', HEADER.read_text(encoding='ascii'), re.M)}
SOL = NAMES['SOL_TQUIC']
NEW_STREAM = 0x40047101    # _IOW('q', 1, __u32)
AUTH_X509, AUTH_RAW_KEY, AUTH_NONE = 2, 3, 4
INFO = struct.Struct('=10I5Q4x')
CLOSE = struct.Struct('=QII64s')
PERIOD, CHUNK, PATIENCE = 4099, 32768, 60
TEXT = bytes((i % PERIOD * 31 + (i % PERIOD >> 8) * 7) & 255
             for i in range(PERIOD + CHUNK))


def need(good, what):
    """Something that has to be so"""
    if not good:
        raise ValueError(what)


def text(offset, count):
    """The same as in peer_iroh.js"""
    return TEXT[offset % PERIOD:offset % PERIOD + count]


class Within:
    """In another network namespace, for as long as with lasts"""
    def __init__(self, name):
        self.name = name
        self.before = -1

    def __enter__(self):
        self.before = os.open('/proc/thread-self/ns/net', os.O_RDONLY)
        there = os.open(f'/run/netns/{self.name}', os.O_RDONLY)
        os.setns(there, os.CLONE_NEWNET)
        os.close(there)

    def __exit__(self, *_):
        os.setns(self.before, os.CLONE_NEWNET)
        os.close(self.before)


class Plain:
    """A socket: a connection, a listener or a stream"""
    def __init__(self, sock):
        self.sock = sock
        self.sock.settimeout(PATIENCE)

    @classmethod
    def make(cls, family=socket.AF_INET, **options):
        """A fresh one; options are names of TQUIC_*, in lower case"""
        with Within('ours'):
            new = cls(socket.socket(family, socket.SOCK_STREAM,
                                    NAMES['IPPROTO_TQUIC']))
        for name, value in options.items():
            new.set(name, value)
        return new

    def set(self, name, value=b''):
        """An option"""
        if isinstance(value, int):
            value = struct.pack('=I', value)
        elif isinstance(value, str):
            value = value.encode()
        self.sock.setsockopt(SOL, NAMES['TQUIC_' + name.upper()], value)

    def get(self, name, size):
        """Likewise"""
        return self.sock.getsockopt(SOL, NAMES['TQUIC_' + name.upper()],
                                    size)

    def conn_id(self):
        """Number of the connection, as ip-tquic has it"""
        return struct.unpack_from('=I', self.get('info', 4))[0]

    def info(self):
        """Numbers of TQUIC_INFO"""
        words = INFO.unpack(self.get('info', INFO.size))
        return dict(zip(('conn_id', 'state', 'version', 'cipher', 'paths',
                         'usable', 'streams', 'flags'), words))

    def closed(self):
        """Code, whether it is the application's, whether the peer closed,
        and why"""
        code, app, remote, reason = CLOSE.unpack(
            self.get('close_code', CLOSE.size))
        return code, bool(app), bool(remote), reason.split(b'\0')[0].decode()

    def stream(self, uni=False):
        """Another stream"""
        return Plain(socket.socket(fileno=fcntl.ioctl(self.sock, NEW_STREAM,
                                                      int(uni))))

    def echoed(self, data):
        """Whether a datagram comes back; they may be lost, so it may take
        several"""
        note = [(SOL, NAMES['TQUIC_CMSG_DATAGRAM'], bytes(16))]
        room = socket.CMSG_SPACE(16)
        self.sock.settimeout(1)
        for _ in range(PATIENCE):
            self.sock.sendmsg([data], note)
            try:
                got, control, _, _ = self.sock.recvmsg(2000, room)
            except TimeoutError:
                continue
            if control and got == data:
                return True
        return False

    def accept(self):
        """A connection or a stream"""
        return Plain(self.sock.accept()[0])

    def update_keys(self):
        """As soon as it is allowed: RFC 9001 section 6.1"""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                self.set('key_update')
                return
            except BlockingIOError:
                if time.monotonic() > until:
                    raise
            time.sleep(0.1)

    def ended(self, timeout=PATIENCE):
        """Waits for the connection's end; returns how it came to it"""
        poll = select.poll()
        poll.register(self.sock, 0)    # POLLHUP and POLLERR are always told
        until = time.monotonic() + timeout
        while self.info()['state'] < 2 and time.monotonic() < until:
            poll.poll(100)
        return self.closed()

    def receive(self, count, offset=0):
        """The text up to there"""
        while offset < count:
            got = self.sock.recv(min(CHUNK, count - offset))
            if not got:
                raise EOFError(f'end after {offset} of {count}')
            if got != text(offset, len(got)):
                raise ValueError(f'wrong byte after {offset}')
            offset += len(got)

    def send(self, count):
        """Likewise"""
        for offset in range(0, count, CHUNK):
            self.sock.sendall(text(offset, min(CHUNK, count - offset)))

    def fetch(self, count):
        """The request get"""
        self.sock.sendall(f'get {count}\n'.encode())
        self.receive(count)

    def put(self, count):
        """The request put"""
        self.sock.sendall(f'put {count}\n'.encode())
        self.send(count)
        self.sock.shutdown(socket.SHUT_WR)
        if self.sock.recv(2, socket.MSG_WAITALL) != b'ok':
            raise ValueError('not taken')

    def answer(self, end=True):
        """A request"""
        words = b''
        while not words.endswith(b'\n'):
            got = self.sock.recv(1)
            if not got:
                raise EOFError('no request')
            words += got
        what, count = words.split()
        if what == b'get':
            self.send(int(count))
        else:
            self.receive(int(count))
            self.sock.sendall(b'ok')
        if end:
            self.sock.shutdown(socket.SHUT_WR)

    def close(self):
        """Is over"""
        self.sock.close()
