# SPDX-License-Identifier: GPL-2.0
"""Streams with sockets of their own, and datagrams."""
import contextlib
import errno
import fcntl
import os
import select
import socket
import struct
import time

from relay import Relay
from tq import (CMSG_DATAGRAM, F_CLOEXEC, F_NONBLOCK, F_UNI, NEW_STREAM,
                POLLIN, POLLOUT, SOL_TQUIC, STREAM_INFO, STREAM_RESET,
                STREAM_STOP, fails, listener, make, option, pair, poll,
                read_all, same, test)


def new_stream(stack, sock, flags=0):
    """TQUIC_NEW_STREAM; the socket."""
    fd = fcntl.ioctl(sock, NEW_STREAM, flags)
    return stack.enter_context(socket.socket(fileno=fd))


def info(sock):
    """TQUIC_STREAM_INFO: ID, flags, codes of RESET and STOP."""
    return struct.unpack("=QI4xQQ",
                         sock.getsockopt(SOL_TQUIC, STREAM_INFO, 32))


def accept(stack, sock):
    """A stream of the peer's."""
    stream, _ = sock.accept()
    return stack.enter_context(stream)


@test("no further streams before listen()")
def unwanted(stack):
    client, server = pair(stack)
    client.setblocking(False)
    fails("EAGAIN", fcntl.ioctl, client, NEW_STREAM, 0)
    fails("EINVAL", server.accept)


@test("a stream there and back")
def bidirectional(stack):
    client, server = pair(stack)
    server.listen(4)
    stream = new_stream(stack, client)
    stream.send(b"question")
    assert poll(server, select.POLLRDBAND, 9000) & select.POLLRDBAND
    same(poll(server, POLLIN), 0)
    other = accept(stack, server)
    same(poll(server, select.POLLRDBAND), 0)
    same(other.recv(100), b"question")
    other.send(b"answer")
    other.shutdown(socket.SHUT_WR)
    same(read_all(stream), b"answer")
    same(info(stream)[0], info(other)[0])
    same(info(stream)[1], 2)
    same(info(other)[1], 0)
    client.send(b"main")
    same(server.recv(9), b"main")


@test("unidirectional streams")
def unidirectional(stack):
    client, server = pair(stack)
    server.listen(4)
    stream = new_stream(stack, client, F_UNI)
    same(info(stream)[1], 3)
    stream.send(b"one way")
    stream.close()
    other = accept(stack, server)
    same(read_all(other), b"one way")
    same(info(other)[1], 1)
    fails("EPIPE", other.send, b"x", socket.MSG_NOSIGNAL)


@test("the server opens streams")
def from_server(stack):
    client, server = pair(stack)
    client.listen(4)
    stream = new_stream(stack, server)
    stream.send(b"x")
    other = accept(stack, client)
    same(other.recv(1), b"x")
    same(info(stream)[1], 2)


@test("TQUIC_STREAMS: streams without listen(), before accept()")
def from_start(stack):
    server = listener(stack, STREAMS=2)
    client = make(stack, STREAMS=2)
    client.connect(server.getsockname())
    stream = new_stream(stack, client, F_UNI)
    stream.send(b"early")
    accepted, _ = server.accept()
    with accepted:
        same(accept(stack, accepted).recv(5), b"early")
        other = new_stream(stack, accepted)
        other.send(b"back")
        same(accept(stack, client).recv(4), b"back")


@test("more streams than are allowed: EAGAIN, and later again")
def credit(stack):
    client, server = pair(stack)
    server.listen(2)
    streams = [new_stream(stack, client, F_UNI) for _ in range(2)]
    client.setblocking(False)
    fails("EAGAIN", fcntl.ioctl, client, NEW_STREAM, F_UNI)
    client.setblocking(True)
    for stream in streams:
        stream.send(b"x")
        stream.close()
    for _ in range(2):
        with accept(stack, server) as other:
            same(read_all(other), b"x")
    new_stream(stack, client, F_UNI)


@test("flags of TQUIC_NEW_STREAM")
def stream_flags(stack):
    client, server = pair(stack)
    server.listen(8)
    fd = fcntl.ioctl(client, NEW_STREAM, F_CLOEXEC | F_NONBLOCK)
    same(os.get_inheritable(fd), False)
    same(os.get_blocking(fd), False)
    os.close(fd)
    fd = fcntl.ioctl(client, NEW_STREAM, 0)
    same(os.get_inheritable(fd), True)
    same(os.get_blocking(fd), True)
    os.close(fd)
    fails("EINVAL", fcntl.ioctl, client, NEW_STREAM, 8)


@test("TQUIC_STREAM_RESET reaches the reader")
def reset(stack):
    client, server = pair(stack)
    server.listen(4)
    stream = new_stream(stack, client)
    stream.send(b"x")
    other = accept(stack, server)
    same(other.recv(1), b"x")
    option(stream, STREAM_RESET, struct.pack("=Q", 77))
    assert poll(other, POLLIN, 9000) & select.POLLERR
    fails("ECONNRESET", other.recv, 1)
    same(info(other)[1:3], (4, 77))
    fails("EPIPE", stream.send, b"x", socket.MSG_NOSIGNAL)


@test("TQUIC_STREAM_STOP reaches the writer")
def stop(stack):
    client, server = pair(stack)
    server.listen(4)
    stream = new_stream(stack, client)
    stream.send(b"x")
    other = accept(stack, server)
    option(other, STREAM_STOP, struct.pack("=Q", 88))
    assert poll(stream, POLLOUT | 0x2000, 9000)
    for _ in range(100):
        if info(stream)[1] & 8:
            break
        select.select([], [], [], 0.05)
    same(info(stream)[1], 2 | 8)
    same(info(stream)[3], 88)
    fails("EPIPE", stream.send, b"x", socket.MSG_NOSIGNAL)


@test("a stream outlives the connection's socket")
def outlive(stack):
    client, server = pair(stack)
    server.listen(4)
    stream = new_stream(stack, client)
    client.close()
    stream.send(b"x")
    other = accept(stack, server)
    same(other.recv(1), b"x")
    other.send(b"y")
    same(stream.recv(1), b"y")


@test("without a default stream")
def no_default(stack):
    client, server = pair(stack, DEFAULT_STREAM=0)
    fails("EOPNOTSUPP", client.send, b"x")
    fails("EOPNOTSUPP", server.recv, 1)
    server.listen(4)
    stream = new_stream(stack, client)
    same(info(stream)[0], 0)
    stream.send(b"x")
    same(accept(stack, server).recv(1), b"x")


def dgram(sock, data, deadline=0, cls=0, flags=0):
    """Send a datagram."""
    value = struct.pack("=IIII", deadline, cls, 0, flags)
    return sock.sendmsg([data], [(SOL_TQUIC, CMSG_DATAGRAM, value)])


def receive(sock, room=2000, flags=0):
    """A datagram, with the flags."""
    data, cmsgs, out, _ = sock.recvmsg(room, socket.CMSG_SPACE(16), flags)
    same([c[:2] for c in cmsgs], [(SOL_TQUIC, CMSG_DATAGRAM)])
    same(cmsgs[0][2], bytes(16))
    return data, out


@test("datagrams")
def datagrams(stack):
    client, server = pair(stack, DATAGRAM=1)
    dgram(client, b"one")
    dgram(client, b"two")
    assert poll(server, POLLIN | select.POLLPRI, 9000) & select.POLLPRI
    same(receive(server, flags=socket.MSG_PEEK)[0], b"one")
    same(receive(server), (b"one", socket.MSG_EOR))
    same(receive(server, 1), (b"t", socket.MSG_EOR | socket.MSG_TRUNC))
    same(poll(server, POLLIN), 0)
    dgram(server, b"")
    same(receive(client)[0], b"")


@test("datagrams beside the stream")
def datagrams_beside(stack):
    client, server = pair(stack, DATAGRAM=1)
    client.send(b"stream")
    dgram(client, b"datagram")
    same(server.recv(6, socket.MSG_WAITALL), b"stream")
    same(receive(server)[0], b"datagram")


@test("datagrams that cannot be")
def datagrams_bad(stack):
    client, server = pair(stack, DATAGRAM=1)
    fails("EMSGSIZE", dgram, client, b"x" * 65000)
    fails("EMSGSIZE", dgram, client, b"x" * 65535)
    fails("EINVAL", dgram, client, b"x", 0, 9)
    fails("EINVAL", dgram, client, b"x", 0, 0, 1)
    server.listen(2)
    fails("EOPNOTSUPP", dgram, new_stream(stack, client), b"x")


def fill(client):
    """As many datagrams as there is room for; how many that were."""
    count = 0
    client.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            dgram(client, bytes(1000), cls=3)
            count += 1
    client.setblocking(True)
    return count


@test("a datagram whose deadline is over while it waits: ETIME, at once")
def datagram_late(stack):
    server = listener(stack, DATAGRAM=1)
    relay = Relay(stack, server.getsockname())
    client = make(stack, DATAGRAM=1, SCHEDULER=b"aggregate")
    client.connect(relay.front.getsockname())
    # from now on nothing makes room
    relay.mute = True
    fill(client)
    # but a probe takes datagrams along, ever more rarely
    for _ in range(20):
        begin = time.monotonic()
        try:
            dgram(client, bytes(1000), 100, 3)
        except OSError as error:
            same(error.errno, errno.ETIME)
            break
        fill(client)
        time.sleep(0.5)
    else:
        raise AssertionError("there was room each time")
    took = time.monotonic() - begin
    assert 0.09 < took < 2, took


@test("datagrams that nobody asked for")
def datagrams_unwanted(stack):
    client, _server = pair(stack)
    fails("EOPNOTSUPP", dgram, client, b"x")


@test("more datagrams than may wait: the sender waits, poll() tells")
def datagrams_many(stack):
    client, server = pair(stack, DATAGRAM=1)
    for _ in range(3000):
        dgram(client, bytes(1000), cls=2)
    same(len(receive(server)[0]), 1000)
    client, server = pair(stack, DATAGRAM=1, DEFAULT_STREAM=0)
    assert poll(client, POLLOUT) & POLLOUT
    client.setblocking(False)
    for _ in range(3000):
        try:
            dgram(client, bytes(1000), cls=3)
        except BlockingIOError:
            assert poll(client, POLLOUT, 9000) & POLLOUT
