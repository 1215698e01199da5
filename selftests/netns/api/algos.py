# SPDX-License-Identifier: GPL-2.0
"""Schedulers and congestion controls: modules that come on demand."""
import os
import subprocess

import tq
from tq import (CONGESTION, SCHEDULER, SOL_TQUIC, fails, make, option, pair,
                same, sysctl, test, until)

KINDS = ((SCHEDULER, "scheduler", "available_schedulers", "aggregate",
          "tquic_sched_", "minrtt"),
         (CONGESTION, "congestion", "available_congestion", "cubic",
          "tquic_cong_", "bbr"))


def loaded(module):
    """The module is there."""
    return os.path.exists("/sys/module/" + module)


def unload(module):
    """Whether it could be unloaded."""
    return subprocess.run(["rmmod", module], check=False,
                          stderr=subprocess.DEVNULL).returncode == 0


def gone(module):
    """Unload a module, whose last user may still be on its way out."""
    if loaded(module):
        until(lambda: unload(module), module + " does not go")


def each(function):
    """The test, for each module."""
    def body(stack):
        for kind in KINDS:
            gone(kind[4] + kind[5])
            function(stack, *kind)
            gone(kind[4] + kind[5])
    return body


@test("a socket option loads the module, which stays while it is used")
@each
def by_option(stack, number, _name, there, standard, prefix, algo):
    assert algo not in sysctl(there)
    assert standard in sysctl(there)
    sock = make(stack)
    option(sock, number, algo.encode())
    assert algo in sysctl(there)
    assert not unload(prefix + algo)
    # not even its own second thought lets it go too early
    option(sock, number, algo.encode())
    assert not unload(prefix + algo)
    option(sock, number, standard.encode())
    assert unload(prefix + algo)
    same(sock.getsockopt(SOL_TQUIC, number, 16), standard.encode() + b"\0")


@test("connections keep it, their listener's too")
@each
def by_connection(stack, number, _name, _there, standard, prefix, algo):
    client, server = pair(stack)
    option(client, number, algo.encode())
    client.send(b"x" * 100000)
    same(len(server.recv(100000, tq.socket.MSG_WAITALL)), 100000)
    assert not unload(prefix + algo)
    option(client, number, standard.encode())
    assert unload(prefix + algo)
    listens = make(stack)
    option(listens, number, algo.encode())
    listens.bind(("127.0.0.1", 0))
    listens.listen(1)
    other = make(stack)
    other.connect(listens.getsockname())
    accepted, _ = listens.accept()
    listens.close()
    other.send(b"x")
    same(accepted.recv(1), b"x")
    same(accepted.getsockopt(SOL_TQUIC, number, 16), algo.encode() + b"\0")
    assert not unload(prefix + algo)
    accepted.close()
    other.close()


@test("so does the default, until it is another one")
@each
def by_default(stack, number, name, _there, standard, prefix, algo):
    sysctl(name, algo)
    try:
        assert not unload(prefix + algo)
        client, _server = pair(stack)
        same(client.getsockopt(SOL_TQUIC, number, 16), algo.encode() + b"\0")
        for end in _server, client:
            end.close()
        same(sysctl(name), [algo])
        fails("ENOENT", sysctl, name, "random")
        same(sysctl(name), [algo])
    finally:
        sysctl(name, standard)


@test("without CAP_NET_ADMIN nothing is loaded, but what is there is used")
@each
def unprivileged(stack, number, _name, _there, _standard, prefix, algo):
    sock = make(stack)
    os.seteuid(65534)
    try:
        fails("ENOENT", option, sock, number, algo.encode())
        assert not loaded(prefix + algo)
        os.seteuid(0)
        subprocess.run(["modprobe", prefix + algo], check=True)
        os.seteuid(65534)
        option(sock, number, algo.encode())
    finally:
        os.seteuid(0)
    sock.close()


@test("an unknown name: ENOENT, and nothing changes; too long a one")
def unknown(stack):
    sock = make(stack)
    for number, standard in (SCHEDULER, b"aggregate"), (CONGESTION, b"cubic"):
        for name in b"random", b"", b"cubic/..":
            fails("ENOENT", option, sock, number, name)
        fails("ENAMETOOLONG", option, sock, number, b"x" * 16)
        same(sock.getsockopt(SOL_TQUIC, number, 16), standard + b"\0")
