# SPDX-License-Identifier: GPL-2.0
"""Options: what they take, what they answer, what they refuse."""
import ctypes
import fcntl
import socket
import struct
import time

import tq
from relay import Relay
from tq import (SOL_TQUIC, fails, listener, make, number, option, pair, same,
                test)

CLOSE = "=QII64s"


@test("numbers come back as they were set")
def numbers(stack):
    sock = make(stack)
    for name, value in ((tq.PSK_KEY, 5), (tq.CERTIFICATE, 6),
                        (tq.PRIVATE_KEY, 7), (tq.AUTH, 2),
                        (tq.IDLE_TIMEOUT, 1234), (tq.DATAGRAM, 1),
                        (tq.EARLY_DATA, 1), (tq.RETRY, 1), (tq.VERSION, 1),
                        (tq.CIPHER, 0x1302), (tq.MULTIPATH, 2),
                        (tq.DEFAULT_STREAM, 0), (tq.STREAMS, 3)):
        option(sock, name, value)
        same((name, number(sock, name)), (name, value))


@test("strings come back as they were set")
def strings(stack):
    sock = make(stack)
    for name in tq.PEERNAME, tq.PSK_IDENTITY, tq.PROFILE:
        option(sock, name, b"name")
        same(sock.getsockopt(SOL_TQUIC, name, 256), b"name\0")
    same(sock.getsockopt(SOL_TQUIC, tq.ALPN, 256), b"\4test")
    option(sock, tq.SCHEDULER, b"minrtt")
    same(sock.getsockopt(SOL_TQUIC, tq.SCHEDULER, 16), b"minrtt\0")
    option(sock, tq.CONGESTION, b"bbr")
    same(sock.getsockopt(SOL_TQUIC, tq.CONGESTION, 16), b"bbr\0")


@test("values that make no sense")
def senseless(stack):
    sock = make(stack)
    for name, value in ((tq.ALPN, b"\0"), (tq.ALPN, b"\5test"),
                        (tq.ALPN, bytes(256)), (tq.AUTH, 5),
                        (tq.CIPHER, 0x1304), (tq.VERSION, 5),
                        (tq.MULTIPATH, 100), (tq.RETRY, 3),
                        (tq.IDLE_TIMEOUT, b"\1"), (tq.DATAGRAM, b""),
                        (tq.PROFILE, bytes(257))):
        fails("EINVAL", option, sock, name, value)
    for name, length in ((tq.PROFILE, 64), (tq.PSK_IDENTITY, 256),
                         (tq.PEERNAME, 256), (tq.SCHEDULER, 16)):
        fails("ENAMETOOLONG", option, sock, name, b"x" * length)
    fails("ENOENT", option, sock, tq.SCHEDULER, b"nosuch")
    fails("ENOENT", option, sock, tq.CONGESTION, b"nosuch")
    for name in 0, 30, 1000:
        fails("ENOPROTOOPT", option, sock, name, 1)
        fails("ENOPROTOOPT", number, sock, name)
    for name in tq.INFO, tq.PATH_INFO, tq.STREAM_INFO:
        fails("ENOPROTOOPT", option, sock, name, 1)


@test("options of connections need one")
def unconnected(stack):
    sock = make(stack)
    for name in (tq.MIGRATE, tq.STREAM_CLASS, tq.STREAM_RESET, tq.STREAM_STOP,
                 tq.CLOSE_CODE, tq.KEY_UPDATE):
        fails("ENOTCONN", option, sock, name, bytes(80))
    for name in tq.INFO, tq.PATH_INFO, tq.STREAM_INFO, tq.CLOSE_CODE:
        fails("ENOTCONN", sock.getsockopt, SOL_TQUIC, name, 256)
    fails("ENOTCONN", fcntl.ioctl, sock, tq.NEW_STREAM, 0)


@test("what connections are made with does not change after that")
def late(stack):
    client, server = pair(stack)
    for sock in client, server, listener(stack):
        for name in tq.ALPN, tq.DATAGRAM, tq.AUTH, tq.VERSION:
            fails("EISCONN", option, sock, name, 1)


@test("TCP's options that programs set, and others that are not")
def tcp(stack):
    sock = make(stack)
    for name in socket.TCP_NODELAY, socket.TCP_QUICKACK:
        sock.setsockopt(socket.SOL_TCP, name, 1)
        same(sock.getsockopt(socket.SOL_TCP, name), 1)
    fails("ENOPROTOOPT", sock.setsockopt, socket.SOL_TCP,
          socket.TCP_KEEPIDLE, 1)
    fails("ENOPROTOOPT", sock.getsockopt, socket.SOL_TCP, socket.TCP_MAXSEG)
    fails("ENOPROTOOPT", sock.setsockopt, 12345, 1, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.SOL_IP, socket.IP_TOS, 16)


@test("TQUIC_ALPN: a list of names, tquic for those who set none")
def alpn(stack):
    def bare():
        return stack.enter_context(socket.socket(
            socket.AF_INET, socket.SOCK_STREAM, tq.IPPROTO_TQUIC))
    server, client = bare(), bare()
    same(client.getsockopt(SOL_TQUIC, tq.ALPN, 255), b"\5tquic")
    server.bind(("127.0.0.1", 0))
    server.listen(1)
    client.connect(server.getsockname())
    same(client.getsockopt(SOL_TQUIC, tq.INFO, 512)[88:94], b"tquic\0")
    for wrong in b"\0", b"\5tqui", b"\1a\0", bytes([255]) * 256:
        fails("EINVAL", option, bare(), tq.ALPN, wrong)


@test("TQUIC_INFO")
def info(stack):
    client, server = pair(stack)
    for sock, flag in (client, 0), (server, 1):
        data = sock.getsockopt(SOL_TQUIC, tq.INFO, 512)
        _conn, state, version, cipher, paths = struct.unpack_from("=5I", data)
        same((state, version, cipher), (1, 1, 0x1301))
        assert paths >= 1
        same(struct.unpack_from("=I", data, 28)[0] & 1, flag)
        same(data[88:93], b"test\0")
    same(len(client.getsockopt(SOL_TQUIC, tq.INFO, 8)), 8)


def path_of(sock, path):
    """TQUIC_PATH_INFO, which is told the path; python passes no value."""
    libc = ctypes.CDLL(None, use_errno=True)
    data = ctypes.create_string_buffer(struct.pack("=I", path), 256)
    size = ctypes.c_uint(256)
    if libc.getsockopt(sock.fileno(), SOL_TQUIC, tq.PATH_INFO, data,
                       ctypes.byref(size)):
        raise OSError(ctypes.get_errno(), "getsockopt")
    return data.raw[:size.value]


@test("TQUIC_PATH_INFO")
def path_info(stack):
    client, _server = pair(stack)
    data = path_of(client, 0)
    path, state = struct.unpack_from("=II", data)
    same((path, state), (0, 1))
    same(data[16:32], bytes(10) + b"\xff\xff\x7f\0\0\1")
    same(struct.unpack_from("=H", data, 48)[0], client.getsockname()[1])
    fails("ENOENT", path_of, client, 7)
    fails("EINVAL", client.getsockopt, SOL_TQUIC, tq.PATH_INFO, 3)


@test("TQUIC_CLOSE_CODE reaches the peer")
def close_code(stack):
    client, server = pair(stack)
    code = struct.pack(CLOSE, 4242, 1, 0, b"")
    client.setsockopt(SOL_TQUIC, tq.CLOSE_CODE, code)
    fails("EINVAL", client.setsockopt, SOL_TQUIC, tq.CLOSE_CODE,
          struct.pack(CLOSE, 1 << 62, 1, 0, b""))
    client.close()
    same(server.recv(1), b"")

    def told():
        return struct.unpack(CLOSE, server.getsockopt(
            SOL_TQUIC, tq.CLOSE_CODE, 80))
    tq.until(lambda: told()[2], "the peer is not told")
    same(told()[:3], (4242, 1, 1))


@test("TQUIC_CLOSE ends the connection at once, and its streams with it")
def close_now(stack):
    client, server = pair(stack)
    server.listen(2)
    fd = fcntl.ioctl(client, tq.NEW_STREAM, 0)
    stream = stack.enter_context(socket.socket(fileno=fd))
    stream.send(b"critical")
    other, _ = server.accept()
    stack.enter_context(other)
    same(other.recv(8), b"critical")
    fails("EINVAL", stream.setsockopt, SOL_TQUIC, tq.CLOSE,
          struct.pack(CLOSE, 1 << 62, 1, 0, b""))
    stream.setsockopt(SOL_TQUIC, tq.CLOSE,
                      struct.pack(CLOSE, 0x105, 1, 0, b""))
    for sock in server, other:
        fails("ECONNRESET", sock.recv, 1)
        same(sock.recv(1), b"")
    # no stream was closed before the connection
    same(tq.stream_flags(other) & (tq.I_RESET | tq.I_STOPPED), 0)
    same(struct.unpack(CLOSE, server.getsockopt(
        SOL_TQUIC, tq.CLOSE_CODE, 80))[:3], (0x105, 1, 1))
    for sock in client, stream:
        fails("ECONNRESET", sock.recv, 1)
        fails("EPIPE", sock.send, b"x", socket.MSG_NOSIGNAL)
        fails("ENOTCONN", sock.setsockopt, SOL_TQUIC, tq.CLOSE, b"")
    fails("ENOTCONN", make(stack).setsockopt, SOL_TQUIC, tq.CLOSE, b"")
    fails("ENOPROTOOPT", client.getsockopt, SOL_TQUIC, tq.CLOSE, 80)


@test("TQUIC_CLOSE without an argument: the code that was set")
def close_coded(stack):
    client, server = pair(stack)
    client.setsockopt(SOL_TQUIC, tq.CLOSE_CODE,
                      struct.pack(CLOSE, 7, 1, 0, b""))
    client.setsockopt(SOL_TQUIC, tq.CLOSE, b"")
    fails("ECONNRESET", server.recv, 1)
    same(struct.unpack(CLOSE, server.getsockopt(
        SOL_TQUIC, tq.CLOSE_CODE, 80))[:3], (7, 1, 1))


@test("TQUIC_STREAM_CLASS")
def stream_class(stack):
    client, _server = pair(stack)
    for value in range(4):
        option(client, tq.STREAM_CLASS, value)
        same(number(client, tq.STREAM_CLASS), value)
    fails("EINVAL", option, client, tq.STREAM_CLASS, 4)


@test("TQUIC_KEY_UPDATE, schedulers, congestion controls while it runs")
def running(stack):
    client, server = pair(stack)
    client.send(b"a")
    same(server.recv(1), b"a")
    server.send(b"a")
    same(client.recv(1), b"a")
    client.setsockopt(SOL_TQUIC, tq.KEY_UPDATE, b"")
    option(client, tq.SCHEDULER, b"minrtt")
    option(client, tq.CONGESTION, b"bbr")
    same(client.getsockopt(SOL_TQUIC, tq.SCHEDULER, 16), b"minrtt\0")
    same(client.getsockopt(SOL_TQUIC, tq.CONGESTION, 16), b"bbr\0")
    fails("ENOENT", option, client, tq.SCHEDULER, b"nosuch")
    client.send(b"b")
    same(server.recv(1), b"b")


@test("TQUIC_MIGRATE to another port")
def migrate(stack):
    client, server = pair(stack)
    client.send(b"a")
    same(server.recv(1), b"a")
    fails("EINVAL", client.setsockopt, SOL_TQUIC, tq.MIGRATE, b"x")
    fails("ENOENT", client.setsockopt, SOL_TQUIC, tq.MIGRATE,
          struct.pack("=III16s", 7, 0, 0, b""))
    # a connection ID to move with may still be on its way
    for _ in range(100):
        try:
            client.setsockopt(SOL_TQUIC, tq.MIGRATE, b"")
            break
        except BlockingIOError:
            time.sleep(0.05)
    else:
        raise AssertionError("no connection ID for a migration after 5 s")
    client.send(b"b")
    same(server.recv(1), b"b")


@test("TQUIC_RETRY, TQUIC_VERSION 2, TQUIC_MULTIPATH 0")
def handshakes(stack):
    for options in {"RETRY": 1}, {"VERSION": 0x6b3343cf}, {"MULTIPATH": 0}:
        client, server = pair(stack, **options)
        client.send(b"a")
        same(server.recv(1), b"a")


@test("TQUIC_IDLE_TIMEOUT ends the connection")
def idle(stack):
    server = listener(stack, IDLE_TIMEOUT=1000)
    relay = Relay(stack, server.getsockname())
    client = make(stack, IDLE_TIMEOUT=1000)
    client.connect(relay.front.getsockname())
    # or the one who is late hears that the other has gone
    relay.mute = True
    fails("ETIMEDOUT", client.recv, 1)
