# SPDX-License-Identifier: GPL-2.0
"""Connections: that they behave as TCP's do."""
import hashlib
import os
import select
import socket
import struct
import threading
import time

from tq import (POLLIN, POLLOUT, POLLRDHUP, V6, fails, linger, listener, make,
                pair, poll, read_all, same, test)


@test("SO_PROTOCOL and SO_TYPE")
def protocol(stack):
    sock = make(stack)
    same(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PROTOCOL), 263)
    same(sock.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE),
         socket.SOCK_STREAM)


@test("a fresh socket has no peer")
def fresh(stack):
    sock = make(stack)
    fails("ENOTCONN", sock.recv, 1)
    fails("ENOTCONN", sock.send, b"x", socket.MSG_NOSIGNAL)
    fails("ENOTCONN", sock.getpeername)
    fails("ENOTCONN", sock.shutdown, socket.SHUT_WR)
    fails("EINVAL", sock.accept)
    assert poll(sock, POLLIN | POLLOUT) & select.POLLHUP


@test("ports")
def ports(stack):
    server = listener(stack)
    port = server.getsockname()[1]
    assert port > 0
    other = make(stack)
    fails("EADDRINUSE", other.bind, ("127.0.0.1", port))
    fails("EADDRNOTAVAIL", other.bind, ("192.0.2.1", 1))
    other.bind(("127.0.0.2", port))
    fails("EINVAL", other.bind, ("127.0.0.2", port))


@test("a port goes to others than root only above 1024")
def privileged(stack):
    sock = make(stack)
    os.seteuid(65534)
    try:
        fails("EACCES", sock.bind, ("127.0.0.1", 80))
    finally:
        os.seteuid(0)


@test("SO_REUSEADDR and SO_REUSEPORT")
def reuse(stack):
    a, b, c = make(stack), make(stack), make(stack)
    for sock in a, b, c:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    a.bind(("127.0.0.1", 0))
    b.bind(a.getsockname())
    a.listen(1)
    fails("EADDRINUSE", b.listen, 1)
    fails("EADDRINUSE", c.bind, a.getsockname())


@test("names of both ends")
def names(stack):
    server = listener(stack)
    client = make(stack)
    client.connect(server.getsockname())
    accepted, peer = server.accept()
    with accepted:
        same(peer, client.getsockname())
        same(accepted.getpeername(), client.getsockname())
        same(client.getpeername(), accepted.getsockname())
        fails("EISCONN", client.connect, server.getsockname())


@test("the server may speak first")
def server_first(stack):
    client, server = pair(stack)
    server.send(b"220 hello")
    same(client.recv(100), b"220 hello")


@test("2 MiB there, a checksum back, each with an end")
def transfer(stack):
    client, server = pair(stack)
    data = os.urandom(2 << 20)

    def serve():
        digest = hashlib.sha256()
        while piece := server.recv(65536):
            digest.update(piece)
        server.sendall(digest.digest())
        server.shutdown(socket.SHUT_WR)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    client.sendall(data)
    client.shutdown(socket.SHUT_WR)
    same(read_all(client), hashlib.sha256(data).digest())
    thread.join()
    fails("EPIPE", client.send, b"x", socket.MSG_NOSIGNAL)


@test("a connect() that does not block")
def nonblocking(stack):
    server = listener(stack)
    client = make(stack)
    client.setblocking(False)
    fails("EINPROGRESS", client.connect, server.getsockname())
    assert poll(client, POLLOUT, 9000) & POLLOUT
    same(client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 0)
    client.connect(server.getsockname())
    fails("EISCONN", client.connect, server.getsockname())
    accepted, _ = server.accept()
    with accepted:
        fails("EAGAIN", client.recv, 1)
        same(poll(client, POLLIN | POLLRDHUP), 0)
        accepted.send(b"abc")
        same(poll(client, POLLIN | POLLRDHUP, 9000), POLLIN)
        same(client.recv(10), b"abc")


@test("accept() that does not block, and poll() of a listener")
def accepting(stack):
    server = listener(stack)
    server.setblocking(False)
    fails("EAGAIN", server.accept)
    same(poll(server, POLLIN | POLLOUT), 0)
    client = make(stack)
    client.connect(server.getsockname())
    same(poll(server, POLLIN | POLLOUT, 9000), POLLIN)
    accepted, _ = server.accept()
    accepted.close()
    fails("EAGAIN", server.accept)


@test("accept() waits, shutdown() of a listener wakes it")
def wake_accept(stack):
    server = listener(stack)
    threading.Timer(0.3, lambda: server.shutdown(socket.SHUT_RD)).start()
    fails("EINVAL", server.accept)


@test("connections wait for accept(), with their data")
def backlog(stack):
    server = listener(stack)
    clients = [make(stack) for _ in range(4)]
    for i, client in enumerate(clients):
        client.connect(server.getsockname())
        client.send(b"%d" % i)
        client.shutdown(socket.SHUT_WR)
    for i, client in enumerate(clients):
        accepted, peer = server.accept()
        with accepted:
            same(peer, client.getsockname())
            same(read_all(accepted), b"%d" % i)


@test("poll() when the peer ends")
def poll_end(stack):
    client, server = pair(stack)
    server.shutdown(socket.SHUT_WR)
    same(poll(client, POLLIN | POLLRDHUP, 9000), POLLIN | POLLRDHUP)
    same(client.recv(1), b"")
    client.send(b"still")
    same(server.recv(10), b"still")
    client.shutdown(socket.SHUT_WR)
    assert poll(server, POLLRDHUP, 9000) & select.POLLHUP


@test("MSG_PEEK, MSG_WAITALL, MSG_TRUNC, SIOCINQ")
def flags(stack):
    import fcntl
    client, server = pair(stack)
    client.send(b"abcdef")
    assert poll(server, POLLIN, 9000)
    same(server.recv(2, socket.MSG_PEEK), b"ab")
    inq = fcntl.ioctl(server, 0x541B, b"\0\0\0\0")
    same(struct.unpack("i", inq)[0], 6)
    same(server.recv(3), b"abc")
    same(server.recv_into(bytearray(2), 2, socket.MSG_TRUNC), 2)
    threading.Timer(0.3, lambda: client.send(b"ghi")).start()
    same(server.recv(4, socket.MSG_WAITALL), b"fghi")


@test("a full buffer: EAGAIN, no POLLOUT, and again when it is read")
def full(stack):
    client, server = pair(stack)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
    client.setblocking(False)
    sent = 0
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            sent += client.send(b"z" * 65536)
        except BlockingIOError:
            if not poll(client, POLLOUT, 1000):
                break
    assert sent > 0
    same(poll(client, POLLOUT), 0)
    got = 0
    while got < sent:
        got += len(server.recv(1 << 20))
    assert poll(client, POLLOUT, 9000) & POLLOUT
    client.send(b"x")
    same(server.recv(2), b"x")


@test("SO_RCVTIMEO and SO_SNDTIMEO")
def timeouts(stack):
    client, server = pair(stack)
    for sock in client, server:
        for name in socket.SO_RCVTIMEO, socket.SO_SNDTIMEO:
            sock.setsockopt(socket.SOL_SOCKET, name,
                            struct.pack("ll", 0, 300000))
    begin = time.monotonic()
    fails("EAGAIN", client.recv, 1)
    assert 0.25 < time.monotonic() - begin < 5
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)

    def fill():
        while True:
            client.send(b"z" * 65536)

    fails("EAGAIN", fill)


@test("SO_RCVLOWAT")
def lowat(stack):
    client, server = pair(stack)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 4)
    client.send(b"ab")
    same(poll(server, POLLIN, 500), 0)
    client.send(b"cd")
    same(poll(server, POLLIN, 9000), POLLIN)
    same(server.recv(9), b"abcd")


@test("SO_LINGER 0 resets")
def abort(stack):
    client, server = pair(stack)
    client.send(b"x")
    same(server.recv(1), b"x")
    linger(server, 0)
    server.close()
    fails("ECONNRESET", client.recv, 1)


@test("SO_LINGER waits until all has arrived")
def lingering(stack):
    client, server = pair(stack)
    linger(client, 10)
    client.send(b"x" * 100000)
    client.close()
    same(len(read_all(server)), 100000)


@test("what was written before close() arrives")
def close_at_once(stack):
    client, server = pair(stack)
    client.send(b"x" * 100000)
    client.close()
    same(len(read_all(server)), 100000)


@test("MSG_MORE keeps back, not for ever")
def more(stack):
    client, server = pair(stack)
    client.send(b"a", socket.MSG_MORE)
    client.send(b"b", socket.MSG_MORE)
    client.send(b"c")
    same(server.recv(3, socket.MSG_WAITALL), b"abc")
    client.send(b"d", socket.MSG_MORE)
    same(server.recv(1), b"d")
    client.send(b"e", socket.MSG_MORE)
    client.close()
    same(read_all(server), b"e")


@test("a signal to who writes to a closed connection")
def sigpipe(stack):
    client, _server = pair(stack)
    client.shutdown(socket.SHUT_WR)
    pid = os.fork()
    if not pid:
        import signal
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        try:
            client.send(b"x")
        finally:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    same(os.WTERMSIG(status), 13)


@test("a second connection with the same socket")
def again(stack):
    server = listener(stack)
    client = make(stack)
    for _ in range(2):
        client.connect(server.getsockname())
        accepted, _ = server.accept()
        with accepted:
            client.send(b"q")
            same(accepted.recv(1), b"q")
        libc_disconnect(client)


def libc_disconnect(sock):
    """connect() to AF_UNSPEC, which python has no way to say."""
    import ctypes
    import ctypes.util
    libc = ctypes.CDLL(None, use_errno=True)
    same(libc.connect(sock.fileno(), bytes(16), 16), 0)


@test("IPv4 to an IPv6 socket")
def mapped(stack):
    server = listener(stack, V6, "::")
    client = make(stack)
    client.connect(("127.0.0.1", server.getsockname()[1]))
    accepted, peer = server.accept()
    with accepted:
        same(peer[0], "::ffff:127.0.0.1")
        client.send(b"q")
        same(accepted.recv(1), b"q")
        client.close()
        same(accepted.recv(1), b"")


@test("IPv6")
def ipv6(stack):
    client, server = pair(stack, V6)
    same(server.getpeername()[:2], client.getsockname()[:2])
    client.send(b"q")
    same(server.recv(1), b"q")


@test("IPV6_V6ONLY")
def v6only(stack):
    sock = make(stack, V6)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.bind(("::", 0))
    other = make(stack)
    other.bind(("0.0.0.0", sock.getsockname()[1]))


@test("nobody listens: ECONNREFUSED")
def refused(stack):
    fails("ECONNREFUSED", make(stack).connect, ("127.0.0.1", 9))


@test("addresses that cannot be connected to")
def nowhere(stack):
    fails("ENETUNREACH", make(stack).connect, ("224.0.0.1", 9))
    fails("EADDRNOTAVAIL", make(stack).connect, ("127.0.0.1", 0))
    fails("ENETUNREACH", make(stack).connect, ("192.0.2.1", 9))


@test("a fork shares the connection")
def fork(stack):
    client, server = pair(stack)
    pid = os.fork()
    if not pid:
        client.send(b"child")
        os._exit(0)
    os.waitpid(pid, 0)
    same(server.recv(5, socket.MSG_WAITALL), b"child")
    client.send(b"parent")
    same(server.recv(6, socket.MSG_WAITALL), b"parent")
