#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""HTTP/3 over aioquic: fetches files, or serves those of a folder."""
import argparse
import asyncio
import os
import pathlib
import pickle
import ssl
import sys

from aioquic.asyncio import connect, serve
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import DatagramFrameReceived
from aioquic.quic.packet import QuicProtocolVersion
from aioquic.tls import CipherSuite


class Peer(QuicConnectionProtocol):
    """Both ends"""
    root = pathlib.Path('.')

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.http = H3Connection(self._quic)
        self.waiting = {}
        self.bodies = {}

    def quic_event_received(self, event):
        """Something happened"""
        for item in self.http.handle_event(event):
            if self._quic._is_client:
                self.answered(item)
            elif isinstance(item, HeadersReceived):
                self.answer(item)

    def answered(self, event):
        """A part of a response"""
        number = event.stream_id
        if isinstance(event, HeadersReceived):
            self.bodies[number] = [dict(event.headers)[b':status'], []]
        elif isinstance(event, DataReceived):
            self.bodies[number][1].append(event.data)
        if event.stream_ended and number in self.waiting:
            status, pieces = self.bodies[number]
            self.waiting[number].set_result((status, b''.join(pieces)))

    def answer(self, event):
        """A request"""
        path = self.root / dict(event.headers)[b':path'].decode().strip('/')
        there = path.is_file()
        self.http.send_headers(event.stream_id, [
            (b':status', b'200' if there else b'404')], not there)
        if there:
            self.http.send_data(event.stream_id, path.read_bytes(), True)
        self.transmit()

    async def get(self, host, path):
        """Fetches a file"""
        number = self._quic.get_next_available_stream_id()
        self.waiting[number] = asyncio.get_running_loop().create_future()
        self.http.send_headers(number, [
            (b':method', b'GET'), (b':scheme', b'https'),
            (b':authority', host.encode()), (b':path', path.encode())], True)
        self.transmit()
        return await self.waiting[number]


class Greeter(QuicConnectionProtocol):
    """Speaks first on the client's stream, and sends datagrams back"""
    greeted = False

    def datagram_received(self, data, addr):
        """There is no event when a stream is opened without a byte"""
        super().datagram_received(data, addr)
        if 0 in self._quic._streams and not self.greeted:
            self.greeted = True
            self._quic.send_stream_data(0, b'hello')
            self.transmit()

    def quic_event_received(self, event):
        """Something happened"""
        if isinstance(event, DatagramFrameReceived):
            self._quic.send_datagram_frame(event.data)
            self.transmit()


def configuration(args):
    """What both roles have in common"""
    config = QuicConfiguration(is_client=args.role == 'client',
                               alpn_protocols=['h3'],
                               verify_mode=ssl.CERT_NONE)
    if args.greet:
        config.alpn_protocols = ['greet']
        config.max_datagram_frame_size = 65535
    if args.v2:
        config.original_version = QuicProtocolVersion.VERSION_2
        config.supported_versions = [QuicProtocolVersion.VERSION_2]
    if args.chacha:
        config.cipher_suites = [CipherSuite.CHACHA20_POLY1305_SHA256]
    return config


async def client(args):
    """Fetches what it is told to"""
    config = configuration(args)
    if args.ticket and os.path.exists(args.ticket):
        config.session_ticket = pickle.loads(
            pathlib.Path(args.ticket).read_bytes())

    def keep(ticket):
        if args.ticket:
            pathlib.Path(args.ticket).write_bytes(pickle.dumps(ticket))

    async with connect(args.host, args.port, configuration=config,
                       create_protocol=Peer, session_ticket_handler=keep,
                       ) as peer:
        await peer.ping()
        for path in args.paths:
            status, body = await asyncio.wait_for(peer.get(args.host, path),
                                                  300)
            print(f'{path}: {status.decode()} {len(body)}')
            (Peer.root / pathlib.Path(path).name).write_bytes(body)
            if args.update:
                peer.request_key_update()
        print(f'resumed {int(peer._quic.tls.session_resumed)}')
    return 0


async def server(args):
    """Serves until it is killed"""
    config = configuration(args)
    config.load_cert_chain(args.cert, args.key)
    tickets = {}
    await serve(args.host, args.port, configuration=config,
                create_protocol=Greeter if args.greet else Peer,
                retry=args.retry,
                session_ticket_fetcher=lambda label: tickets.pop(label, None),
                session_ticket_handler=lambda ticket:
                tickets.__setitem__(ticket.ticket, ticket))
    print('ready', flush=True)
    await asyncio.Future()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('role', choices=('client', 'server'))
    parser.add_argument('host')
    parser.add_argument('port', type=int)
    parser.add_argument('paths', nargs='*')
    parser.add_argument('--root', default='.')
    parser.add_argument('--cert')
    parser.add_argument('--key')
    parser.add_argument('--ticket')
    for flag in ('v2', 'chacha', 'retry', 'update', 'greet'):
        parser.add_argument('--' + flag, action='store_true')
    args = parser.parse_args()
    Peer.root = pathlib.Path(args.root)
    return asyncio.run(client(args) if args.role == 'client' else
                       server(args))


if __name__ == '__main__':
    sys.exit(main())
