# SPDX-License-Identifier: GPL-2.0
"""Early data, with the agent that does TLS: MSG_FASTOPEN and its answers.

Client and server meet over a relay, which can say again what the client said
first.
"""
import contextlib
import os
import select
import socket
import struct

import tq
from relay import Relay
from tq import (ALPN, EARLY_DATA, INFO, PEERNAME, PROFILE, SOL_TQUIC, fails,
                linger, number, option, poll, same, test, until)

F_RESUMED, F_EARLY = 4, 8
MSG_FASTOPEN = 0x20000000
FIRST = b"GET / before anything else"


def end(stack, early=1, **options):
    """A socket for certificates."""
    sock = stack.enter_context(
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, tq.IPPROTO_TQUIC))
    option(sock, ALPN, b"\4test")
    option(sock, EARLY_DATA, early)
    for name, value in options.items():
        option(sock, getattr(tq, name), value)
    return sock


def client_of(stack, early=1):
    """A client that knows whom it wants."""
    return end(stack, early, PEERNAME=b"host.example")


def meet(stack, early=1):
    """A listener, a relay before it, and a ticket to come back with."""
    server = end(stack, early, PROFILE=b"server")
    server.bind(("127.0.0.1", 0))
    server.listen(8)
    relay = Relay(stack, server.getsockname())
    client = client_of(stack)
    client.connect(relay.front.getsockname())
    accepted, _ = server.accept()
    # the ticket comes with what follows the handshake
    accepted.send(b"x")
    same(client.recv(1), b"x")
    until(lambda: confirmed(client))
    client.close()
    same(accepted.recv(1), b"")
    accepted.close()
    return server, relay


def info(sock):
    """State and flags."""
    data = sock.getsockopt(SOL_TQUIC, INFO, 64)
    return (struct.unpack_from("=4xI", data)[0],
            struct.unpack_from("=28xI", data)[0])


def confirmed(sock):
    """The server has told that the handshake is done."""
    return info(sock)[1] & 32


def snmp(name):
    """A counter."""
    with open("/proc/net/tquic/snmp", encoding="ascii") as file:
        names, values = file.read().split("\n")[:2]
    return int(dict(zip(names.split(), values.split()))[name])


def accept(stack, server):
    """accept(), in time."""
    assert poll(server, select.POLLIN, 9000), "nobody to accept"
    sock, _ = server.accept()
    return stack.enter_context(sock)


@test("early data is read, and answered")
def early(stack):
    server, relay = meet(stack)
    client = client_of(stack)
    same(client.sendto(FIRST, MSG_FASTOPEN, relay.front.getsockname()),
         len(FIRST))
    accepted = accept(stack, server)
    same(accepted.recv(100), FIRST)
    accepted.send(b"answer")
    same(client.recv(100), b"answer")
    client.send(b"more")
    same(accepted.recv(100), b"more")
    until(lambda: confirmed(client))
    same(info(accepted)[0], tq.ESTABLISHED)
    for sock in client, accepted:
        same(info(sock)[1] & (F_EARLY | F_RESUMED), F_EARLY | F_RESUMED)
    fails("EISCONN", client.sendto, b"x", MSG_FASTOPEN,
          relay.front.getsockname())


@test("the same early data again is not taken again")
def replayed(stack):
    server, relay = meet(stack)
    client = client_of(stack)
    client.sendto(FIRST, MSG_FASTOPEN, relay.front.getsockname())
    accepted = accept(stack, server)
    same(accepted.recv(100), FIRST)
    opens = snmp("PassiveOpens")
    # what the first connection does not know any more is a new one
    linger(client, 0)
    client.close()
    accepted.close()
    until(lambda: relay.replay() or snmp("PassiveOpens") > opens,
          "the server does not see it")
    same(poll(server, select.POLLIN, 1500), 0)


@test("a listener that did not ask for it: it waits for the handshake")
def refused(stack):
    server, relay = meet(stack)
    server.close()
    other = end(stack, 0, PROFILE=b"server")
    other.bind(relay.server)
    other.listen(8)
    client = client_of(stack)
    client.sendto(FIRST, MSG_FASTOPEN, relay.front.getsockname())
    accepted = accept(stack, other)
    same(info(accepted)[0], tq.ESTABLISHED)
    same(accepted.recv(100), FIRST)
    same(info(accepted)[1] & F_EARLY, 0)
    client.send(b"more")
    same(accepted.recv(100), b"more")
    same(info(client)[1] & F_EARLY, 0)


@test("without a ticket it is a connect() and a write()")
def no_ticket(stack):
    server, _relay = meet(stack)
    client = client_of(stack, 0)
    same(client.sendto(FIRST, MSG_FASTOPEN, server.getsockname()), len(FIRST))
    same(number(client, EARLY_DATA), 1)
    same(info(client)[0], tq.ESTABLISHED)
    same(accept(stack, server).recv(100), FIRST)


@test("what was written early arrives after close()")
def closed(stack):
    server, relay = meet(stack)
    client = client_of(stack)
    data = FIRST * 100
    client.sendto(data, MSG_FASTOPEN, relay.front.getsockname())
    client.close()
    accepted = accept(stack, server)
    same(tq.read_all(accepted), data)


@test("without blocking: EINPROGRESS, POLLOUT, early data, EALREADY")
def nonblocking(stack):
    server, relay = meet(stack)
    client = client_of(stack)
    client.setblocking(False)
    address = relay.front.getsockname()
    fails("EINPROGRESS", client.sendto, FIRST, MSG_FASTOPEN, address)
    with contextlib.suppress(BlockingIOError):
        # EALREADY, unless the ticket has been found by now
        client.sendto(FIRST, MSG_FASTOPEN, address)
    assert poll(client, select.POLLOUT, 9000) & select.POLLOUT
    client.send(FIRST)
    accepted = accept(stack, server)
    assert accepted.recv(100).startswith(FIRST)
    until(lambda: confirmed(client))
    client.connect(address)


@test("a profile that is for another user: EACCES")
def foreign(stack):
    def attempt():
        sock = end(stack, 0, PROFILE=b"private", PSK_IDENTITY=b"gateway")
        sock.connect(("127.0.0.1", 9))
    fails("ECONNREFUSED", attempt)
    os.seteuid(65534)
    try:
        fails("EACCES", attempt)
    finally:
        os.seteuid(0)


@test("MSG_FASTOPEN that makes no sense")
def nonsense(stack):
    client = client_of(stack)
    fails("EDESTADDRREQ", client.send, b"x", MSG_FASTOPEN)
    fails("ECONNREFUSED", client.sendto, b"x", MSG_FASTOPEN,
          ("127.0.0.1", 9))
    other = client_of(stack)
    option(other, tq.DEFAULT_STREAM, 0)
    fails("EOPNOTSUPP", other.sendto, b"x", MSG_FASTOPEN, ("127.0.0.1", 9))
    listens = end(stack, PROFILE=b"server")
    listens.bind(("127.0.0.1", 0))
    listens.listen(1)
    fails("EISCONN", listens.sendto, b"x", MSG_FASTOPEN, ("127.0.0.1", 9))
