# SPDX-License-Identifier: GPL-2.0
"""Errors that are not looked at elsewhere, each once."""
import contextlib
import errno
import fcntl
import os
import select
import socket
import struct
import threading

import tq
from tq import (SOL_TQUIC, V6, fails, linger, listener, make, option, pair,
                poll, same, stream_flags, test, until)


def so_error(sock):
    """SO_ERROR, which it takes away."""
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


@test("EAFNOSUPPORT, EPROTONOSUPPORT, ESOCKTNOSUPPORT")
def families(stack):
    fails("EAFNOSUPPORT", connect_raw, make(stack),
          struct.pack("=HH24x", 10, 99))
    for kind in socket.SOCK_DGRAM, socket.SOCK_SEQPACKET:
        try:
            socket.socket(socket.AF_INET, kind, 263).close()
        except OSError as error:
            assert error.errno in (errno.EPROTONOSUPPORT, errno.EINVAL,
                                   errno.ESOCKTNOSUPPORT), error
        else:
            raise AssertionError("a socket of a type that is not supported")


def connect_raw(sock, address):
    """connect() to bytes."""
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.connect(sock.fileno(), address, len(address)):
        raise OSError(ctypes.get_errno(), "connect")


@test("addresses that are too short: EINVAL")
def short(stack):
    fails("EINVAL", connect_raw, make(stack), struct.pack("=HH", 2, 99))
    fails("EINVAL", connect_raw, make(stack, V6), struct.pack("=HH8x", 10, 9))
    fails("EINVAL", connect_raw, make(stack), b"x")


@test("EALREADY, and close() of a socket that connects")
def already(stack):
    # nobody answers there, nobody refuses
    drop = stack.enter_context(
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    drop.bind(("127.0.0.1", 0))
    client = make(stack)
    client.setblocking(False)
    fails("EINPROGRESS", client.connect, drop.getsockname())
    fails("EALREADY", client.connect, drop.getsockname())
    same(poll(client, select.POLLOUT), 0)
    fails("ENOTCONN", client.shutdown, socket.SHUT_WR)
    fails("EAGAIN", client.send, b"x")
    fails("EAGAIN", client.recv, 1)
    client.close()


@test("SO_SNDTIMEO ends the waiting of connect()")
def connect_timeout(stack):
    drop = stack.enter_context(
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    drop.bind(("127.0.0.1", 0))
    client = make(stack)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO,
                      struct.pack("ll", 0, 300000))
    fails("EINPROGRESS", client.connect, drop.getsockname())


@test("a refused connect() without blocking: POLLERR, SO_ERROR, once")
def refused(stack):
    client = make(stack)
    client.setblocking(False)
    fails("EINPROGRESS", client.connect, ("127.0.0.1", 9))
    assert poll(client, select.POLLOUT, 9000) & select.POLLERR
    same(so_error(client), errno.ECONNREFUSED)
    same(so_error(client), 0)


@test("TQUIC_INFO and a new connect() after a failed one")
def after_failure(stack):
    client = make(stack)
    fails("ECONNREFUSED", client.connect, ("127.0.0.1", 9))
    info = client.getsockopt(SOL_TQUIC, tq.INFO, 512)
    assert struct.unpack_from("=I", info, 4)[0] >= 2
    fails("ENOTCONN", client.recv, 1)
    server = listener(stack)
    client.connect(server.getsockname())
    accepted, _ = server.accept()
    with accepted:
        client.send(b"x")
        same(accepted.recv(1), b"x")


@test("a listener neither reads nor writes")
def of_listener(stack):
    server = listener(stack)
    fails("ENOTCONN", server.recv, 1)
    fails("ENOTCONN", server.send, b"x", socket.MSG_NOSIGNAL)
    fails("EISCONN", server.connect, ("127.0.0.1", 9))
    fails("EINVAL", fcntl.ioctl, server, 0x541B, b"\0\0\0\0")
    fails("EISCONN", option, server, tq.SCHEDULER, b"minrtt")
    server.listen(3)


@test("a stream neither listens nor accepts")
def of_stream(stack):
    client, server = pair(stack)
    server.listen(2)
    fd = fcntl.ioctl(client, tq.NEW_STREAM, 0)
    stream = stack.enter_context(socket.socket(fileno=fd))
    fails("EOPNOTSUPP", stream.listen, 1)
    fails("EOPNOTSUPP", stream.accept)
    fails("EISCONN", stream.connect, server.getsockname())


@test("the peer dies with data under way: ECONNRESET, then the end")
def reset(stack):
    client, server = pair(stack)
    server.send(b"abc")
    same(client.recv(3), b"abc")
    client.send(b"x")
    linger(server, 0)
    server.close()
    fails("ECONNRESET", client.recv, 1)
    # the end of the connection, which comes later, may be told, too
    for _ in range(100):
        try:
            client.send(b"x", socket.MSG_NOSIGNAL)
        except BrokenPipeError:
            return
        except ConnectionResetError:
            pass
        poll(client, 0, 50)
    raise AssertionError("no EPIPE")


@test("EPIPE when the peer does not read any more")
def unread(stack):
    client, server = pair(stack)
    server.shutdown(socket.SHUT_RD)
    same(server.recv(1), b"")
    assert poll(client, select.POLLOUT | tq.POLLRDHUP, 9000)
    for _ in range(100):
        try:
            client.send(b"x", socket.MSG_NOSIGNAL)
        except BrokenPipeError:
            break
        poll(client, 0, 50)
    fails("EPIPE", client.send, b"x", socket.MSG_NOSIGNAL)
    server.send(b"y")
    same(client.recv(1), b"y")


@test("SHUT_RD: reading answers 0, also after the peer's reset")
def deaf(stack):
    client, server = pair(stack)
    server.shutdown(socket.SHUT_RD)
    # the answer to STOP_SENDING (RFC 9000 section 3.5)
    until(lambda: stream_flags(server) & tq.I_RESET)
    for _ in range(2):
        same(server.recv(1), b"")
    same(poll(server, select.POLLIN) & select.POLLERR, 0)
    same(so_error(server), 0)
    server.send(b"y")
    same(client.recv(1), b"y")


@test("SHUT_RDWR, then the connection ends: no error is left")
def both_ways(stack):
    client, server = pair(stack)
    server.shutdown(socket.SHUT_RDWR)
    same(client.recv(1), b"")
    client.close()
    until(lambda: tq.state(server) > tq.ESTABLISHED)
    same(server.recv(1), b"")
    same(so_error(server), 0)


@test("EFAULT, and nothing is lost")
def fault(stack):
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    client, server = pair(stack)
    same(libc.send(client.fileno(), ctypes.c_void_p(8), 10, 0), -1)
    same(ctypes.get_errno(), errno.EFAULT)
    client.send(b"abc")
    assert poll(server, select.POLLIN, 9000)
    same(libc.recv(server.fileno(), ctypes.c_void_p(8), 10, 0), -1)
    same(ctypes.get_errno(), errno.EFAULT)
    same(server.recv(10), b"abc")
    same(libc.setsockopt(client.fileno(), SOL_TQUIC, tq.KEY_UPDATE,
                         ctypes.c_void_p(8), 4), -1)
    same(ctypes.get_errno(), errno.EFAULT)


@test("a signal interrupts, and calls are begun again")
def interrupted(stack):
    import signal
    client, server = pair(stack)
    hit = []
    signal.signal(signal.SIGUSR1, lambda *_: hit.append(1))
    main = threading.main_thread().ident

    def later():
        signal.pthread_kill(main, signal.SIGUSR1)
        client.send(b"x")

    threading.Timer(0.3, later).start()
    same(server.recv(1), b"x")
    same(hit, [1])


@test("shutdown() of what it cannot be")
def shutdowns(stack):
    client, server = pair(stack)
    fails("EINVAL", client.shutdown, 3)
    client.shutdown(socket.SHUT_RDWR)
    same(server.recv(1), b"")


@test("two threads read, each byte comes once")
def readers(stack):
    client, server = pair(stack)
    got = [0, 0]

    def read(i):
        while piece := server.recv(1000):
            got[i] += len(piece)

    threads = [threading.Thread(target=read, args=(i,), daemon=True)
               for i in range(2)]
    for thread in threads:
        thread.start()
    client.sendall(bytes(200000))
    client.shutdown(socket.SHUT_WR)
    for thread in threads:
        thread.join()
    same(sum(got), 200000)


@test("each TLS alert is an error of connect()")
def alerts(stack):
    for numbers, name in (
            ((0,), "ECONNRESET"), ((42, 43, 46, 48, 113), "EKEYREJECTED"),
            ((44,), "EKEYREVOKED"), ((45,), "EKEYEXPIRED"),
            ((49, 51, 112, 115, 116), "EACCES"), ((90,), "ECANCELED"),
            ((120,), "EPROTONOSUPPORT"), ((10, 40, 80, 255), "EPROTO")):
        for number in numbers:
            client = make(stack, PSK_IDENTITY=b"alert %d" % number)
            fails(name, client.connect, ("127.0.0.1", 9))
            same(struct.unpack_from("=I", client.getsockopt(
                SOL_TQUIC, tq.INFO, 64), 32)[0], number)


@test("the agent gives up in the middle: ECONNABORTED")
def abandoned(stack):
    client = make(stack, PSK_IDENTITY=b"gone")
    fails("ECONNABORTED", client.connect, ("127.0.0.1", 9))


@test("accept() of a stream when the connection is over: ECONNABORTED")
def accept_over(stack):
    client, server = pair(stack, STREAMS=2)
    linger(client, 0)
    client.close()
    fails("ECONNABORTED", server.accept)
    fails("ENOTCONN", server.listen, 3)


@test("EUSERS, ENOBUFS, ENOPROTOOPT: what a namespace may have")
def bounds(stack):
    address = listener(stack).getsockname()
    for name, value, error in (("conns_max", "1", "EUSERS"),
                               ("enabled", "0", "ENOPROTOOPT")):
        before = " ".join(tq.sysctl(name))
        pair(stack)
        tq.sysctl(name, value)
        try:
            fails(error, make(stack).connect, address)
        finally:
            tq.sysctl(name, before)
    # nobody reads: what arrived fills the namespace's memory
    full_ones = [pair(stack) for _ in range(12)]
    for client, _server in full_ones:
        client.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                client.send(bytes(65536))
    before = " ".join(tq.sysctl("mem_max"))
    tq.sysctl("mem_max", str(1 << 20))
    try:
        def full():
            with contextlib.suppress(BlockingIOError):
                client.send(bytes(65536))
            try:
                with make(stack) as other:
                    other.setblocking(False)
                    other.connect(address)
            except BlockingIOError:
                return False
            except OSError as error:
                same(error.errno, errno.ENOBUFS)
                return True
            return False
        until(full, "memory does not get full")
    finally:
        tq.sysctl("mem_max", before)


@test("descriptors run out: EMFILE")
def many(stack):
    import resource
    client, server = pair(stack)
    server.listen(2)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    spare = os.dup(client.fileno())
    os.close(spare)
    resource.setrlimit(resource.RLIMIT_NOFILE, (spare, hard))
    try:
        fails("EMFILE", fcntl.ioctl, client, tq.NEW_STREAM, 0)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    os.close(fcntl.ioctl(client, tq.NEW_STREAM, 0))


@test("descriptors by SCM_RIGHTS, epoll with edges")
def passed(stack):
    client, server = pair(stack)
    left, right = socket.socketpair()
    socket.send_fds(left, [b"x"], [client.fileno()])
    _, fds, _, _ = socket.recv_fds(right, 1, 1)
    client.close()
    other = stack.enter_context(socket.socket(fileno=fds[0]))
    other.send(b"x")
    same(server.recv(1), b"x")
    epoll = select.epoll()
    epoll.register(server, select.EPOLLIN | select.EPOLLET)
    same(epoll.poll(0), [])
    for _ in range(2):
        other.send(b"x")
        same(epoll.poll(9), [(server.fileno(), select.EPOLLIN)])
        same(server.recv(1), b"x")
    left.close()
    right.close()
    epoll.close()
