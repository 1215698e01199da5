#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The protocol "tquic-test" (app_raw.c) over aioquic, as client or server.

A server runs until it is killed.  A client does the jobs that its command line
names, prints what it learnt, and exits with 0 if all was as it should be.
"""
import argparse
import asyncio
import os
import pickle
import ssl
import sys

from aioquic.asyncio import connect, serve
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.quic import events
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.packet import QuicProtocolVersion
from aioquic.tls import CipherSuite

PERIOD = 4099


def make_text():
    """One period of the text (buf.c)"""
    state, text = 1, bytearray()
    for _ in range(PERIOD):
        state = (state * 1103515245 + 12345) & 0xffffffff
        text.append(state >> 16 & 0xff)
    return bytes(text)


TEXT = make_text() * 32


def text_at(offset, length):
    """A piece of the text"""
    start = offset % PERIOD
    if start + length <= len(TEXT):
        return TEXT[start:start + length]
    period = TEXT[:PERIOD]
    return (period * (length // PERIOD + 2))[start:start + length]


class Stream:
    """One stream: what came, and what it was for"""
    def __init__(self, job=None):
        self.job = job
        self.line = b''
        self.command = None
        self.got = 0
        self.good = True

    def take(self, data):
        """Text came"""
        self.good &= data == text_at(self.got, len(data))
        self.got += len(data)


class Job:
    """Something that a client wants"""
    def __init__(self, kind, size=0, code=0):
        self.kind, self.size, self.code = kind, size, code
        self.done = asyncio.get_running_loop().create_future()

    def finish(self, good, why):
        """It is over"""
        if not self.done.done():
            self.done.set_result(None if good else f'{self.kind}: {why}')


class Peer(QuicConnectionProtocol):
    """What client and server have in common"""
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.streams = {}
        self.echoed = []
        self.jobs = []
        self.completed = None
        self.terminated = None

    @property
    def is_client(self):
        """Which end"""
        return self._quic._is_client

    def send(self, stream, data, end=False):
        """Queues bytes"""
        self._quic.send_stream_data(stream, data, end)

    def answer(self, stream, good):
        """Says whether something was right"""
        self.send(stream, b'ok\n' if good else b'bad\n', True)

    def command(self, number, stream):
        """A server was told what to do"""
        word, *args = stream.command
        args = [int(arg) for arg in args]
        if word == 'get':
            self.send(number, text_at(0, args[0]), True)
        elif word == 'reset':
            self.send(number, text_at(0, args[0]))
            self._quic.reset_stream(number, args[1])
        elif word == 'stop':
            self._quic.stop_stream(number, args[0])
        elif word == 'uni':
            self.send(self._quic.get_next_available_stream_id(True),
                      text_at(0, args[0]), True)

    def server_data(self, number, stream, data, end):
        """Bytes came to a server"""
        if not stream.command:
            stream.line += data
            if b'\n' not in stream.line:
                return
            line, data = stream.line.split(b'\n', 1)
            stream.command = line.decode().split()
            self.command(number, stream)
        stream.take(data)
        if end and stream.command[0] == 'put':
            self.answer(number, stream.good and
                        stream.got == int(stream.command[1]))

    def client_data(self, stream, data, end):
        """Bytes came to a client"""
        if stream.job is None:
            stream.job = next(job for job in self.jobs if job.kind == 'uni')
        job = stream.job
        if job.kind in ('get', 'reset', 'uni'):
            stream.take(data)
            good = stream.good and stream.got == job.size
        else:
            stream.line += data
            good = stream.line == b'ok\n'
        if end:
            job.finish(good and job.kind != 'reset', 'wrong answer')

    def stream_event(self, event):
        """Something happened to a stream"""
        stream = self.streams.setdefault(event.stream_id, Stream())
        if isinstance(event, events.StreamDataReceived):
            if self.is_client:
                self.client_data(stream, event.data, event.end_stream)
            else:
                self.server_data(event.stream_id, stream, event.data,
                                 event.end_stream)
        elif isinstance(event, events.StreamReset):
            if self.is_client:
                stream.job.finish(stream.job.kind == 'reset' and
                                  event.error_code == stream.job.code,
                                  f'reset: {event.error_code}')
            elif stream.command[0] == 'stop':
                self.answer(event.stream_id,
                            event.error_code == int(stream.command[1]))
        elif isinstance(event, events.StopSendingReceived):
            if stream.job and stream.job.kind == 'stop':
                # aioquic resets the stream by itself, but with the code 0:
                # so the peer cannot be content, only the code can be right
                stream.job.finish(event.error_code == stream.job.code,
                                  f'stop: {event.error_code}')

    def quic_event_received(self, event):
        if isinstance(event, events.HandshakeCompleted):
            self.completed = event
            print(f'session version={self._quic._version:08x} '
                  f'cipher={self._quic.tls.key_schedule.cipher_suite.name} '
                  f'resumed={int(event.session_resumed)} '
                  f'early={int(event.early_data_accepted)}', flush=True)
        elif isinstance(event, events.ConnectionTerminated):
            self.terminated = event
            print(f'closed code={event.error_code} '
                  f'reason="{event.reason_phrase}"', flush=True)
            for job in self.jobs:
                job.finish(False, 'closed')
        elif isinstance(event, events.DatagramFrameReceived):
            if self.is_client:
                self.echoed.append(event.data)
            else:
                self._quic.send_datagram_frame(event.data)
        elif hasattr(event, 'stream_id'):
            self.stream_event(event)


def begin(peer, job):
    """A client's job"""
    # pylint: disable=protected-access
    number = peer._quic.get_next_available_stream_id(job.kind == 'uni')
    peer.streams[number] = Stream(job)
    words = {'get': (job.size,), 'put': (job.size,), 'stop': (job.code,),
             'reset': (job.size, job.code), 'uni': (job.size,)}[job.kind]
    line = ' '.join([job.kind] + [str(word) for word in words]) + '\n'
    peer.send(number, line.encode(), job.kind not in ('put', 'stop'))
    if job.kind == 'put':
        peer.send(number, text_at(0, job.size), True)
    elif job.kind == 'stop':
        peer.send(number, text_at(0, 1 << 22))
    peer.jobs.append(job)


async def datagrams(peer, count):
    """Sends datagrams until as many have come back"""
    for i in range(20 * count):
        if len(set(peer.echoed)) >= count:
            return None
        peer._quic.send_datagram_frame(b'datagram %d' % (i % count))
        peer.transmit()
        await asyncio.sleep(0.01)
    return f'datagrams: {len(set(peer.echoed))} of {count} came back'


def size_code(text):
    """SIZE:CODE"""
    size, code = text.split(':')
    return int(size), int(code)


async def client(args, config):
    """Connects and does what is to be done"""
    def ticket(new):
        with open(args.session, 'wb') as file:
            pickle.dump((new, config.token), file)

    def token(new):
        config.token = new

    if args.session and os.path.exists(args.session):
        with open(args.session, 'rb') as file:
            config.session_ticket, config.token = pickle.load(file)
    problems = []
    async with connect(args.host, args.port, configuration=config,
                       create_protocol=Peer, token_handler=token,
                       session_ticket_handler=ticket if args.session else None,
                       wait_connected=not args.early) as peer:
        for kind, size, code in args.jobs:
            begin(peer, Job(kind, size, code))
        peer.transmit()
        if args.early:
            await peer.wait_connected()
        if args.update:
            await peer.ping()
            peer.request_key_update()
        if args.new_cid:
            await peer.ping()
            peer.change_connection_id()
        if args.datagrams:
            problems.append(await datagrams(peer, args.datagrams))
        problems += await asyncio.gather(*(job.done for job in peer.jobs))
        await peer.ping()
        if args.session:
            await asyncio.sleep(0.2)
    problems = [problem for problem in problems if problem]
    print('\n'.join(problems or ['all done']), flush=True)
    return 1 if problems else 0


async def server(args, config):
    """Serves until killed"""
    tickets = {}

    await serve(args.host, args.port, configuration=config,
                create_protocol=Peer, retry=args.retry,
                session_ticket_fetcher=tickets.pop,
                session_ticket_handler=lambda new:
                tickets.setdefault(new.ticket, new))
    print('ready', flush=True)
    await asyncio.Future()


class AddJob(argparse.Action):
    """Jobs keep their order"""
    def __call__(self, parser, namespace, values, option_string=None):
        kind = self.dest
        size, code = values if isinstance(values, tuple) else (values, 0)
        if kind == 'stop':
            size, code = 0, size
        namespace.jobs.append((kind, size, code))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.set_defaults(jobs=[])
    parser.add_argument('role', choices=('client', 'server'))
    parser.add_argument('host')
    parser.add_argument('port', type=int)
    parser.add_argument('--cert', help='certificate, or the one to trust')
    parser.add_argument('--key', help='of a server')
    parser.add_argument('--retry', action='store_true')
    parser.add_argument('--early', action='store_true', help='0-RTT')
    parser.add_argument('--session', help='file with ticket and token')
    parser.add_argument('--update', action='store_true',
                        help='update the keys')
    parser.add_argument('--new-cid', action='store_true',
                        help='change the connection ID')
    parser.add_argument('--datagrams', type=int, default=0)
    parser.add_argument('--versions', default='12', choices=('1', '2', '12',
                                                             '21'),
                        help='spoken, best first')
    parser.add_argument('--begin', choices=('1', '2'), default='1',
                        help='version of the first packet')
    parser.add_argument('--chacha', action='store_true')
    for kind in ('get', 'put', 'uni', 'stop'):
        parser.add_argument(f'--{kind}', type=int, action=AddJob)
    parser.add_argument('--reset', type=size_code, action=AddJob)
    args = parser.parse_args()

    versions = {'1': QuicProtocolVersion.VERSION_1,
                '2': QuicProtocolVersion.VERSION_2}
    config = QuicConfiguration(
        is_client=args.role == 'client', alpn_protocols=['tquic-test'],
        max_datagram_frame_size=65536, idle_timeout=20.0)
    config.supported_versions = [versions[v] for v in args.versions]
    if args.chacha:
        config.cipher_suites = [CipherSuite.CHACHA20_POLY1305_SHA256]
    if args.role == 'server':
        config.load_cert_chain(args.cert, args.key)
        asyncio.run(server(args, config))
        return 0
    config.original_version = versions[args.begin]
    config.server_name = 'localhost'
    if args.cert:
        config.load_verify_locations(args.cert)
    else:
        config.verify_mode = ssl.CERT_NONE
    return asyncio.run(client(args, config))


if __name__ == '__main__':
    sys.exit(main())
