#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The far end of tquic_nf_test.ko: transparent sockets that answer.

Each flow is told where it wanted to go: "tunnel ADDRESS PORT DATA".
"""
import select
import socket
import sys

IP_TRANSPARENT = 19
IPV6_TRANSPARENT = 75
IP_RECVORIGDSTADDR = 20
IPV6_RECVORIGDSTADDR = 74
PORT = 40000


def listener(family, kind):
    """A transparent socket on a port of its own"""
    sock = socket.socket(family, kind)
    if family == socket.AF_INET:
        sock.setsockopt(socket.SOL_IP, IP_TRANSPARENT, 1)
        sock.setsockopt(socket.SOL_IP, IP_RECVORIGDSTADDR, 1)
    else:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_TRANSPARENT, 1)
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVORIGDSTADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(('::' if family == socket.AF_INET6 else '0.0.0.0', PORT))
    if kind == socket.SOCK_STREAM:
        sock.listen(16)
    return sock


def tell(line):
    """One command to the module"""
    with open('/proc/tquic_nf_test', 'w', encoding='ascii') as proc:
        proc.write(line)


def answer_tcp(sock):
    """Accepts a flow and answers it once"""
    conn, _ = sock.accept()
    host, port = conn.getsockname()[:2]
    data = conn.recv(100)
    conn.sendall(f'tunnel {host} {port} '.encode() + data)
    conn.close()


def answer_udp(sock):
    """Answers a datagram from where it was sent to"""
    data, control, _, peer = sock.recvmsg(2000, 200)
    v4 = sock.family == socket.AF_INET
    for _, _, addr in control:
        port = int.from_bytes(addr[2:4], 'big')
        host = socket.inet_ntop(sock.family,
                                addr[4:8] if v4 else addr[8:24])
        reply = socket.socket(sock.family, socket.SOCK_DGRAM)
        reply.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if v4:
            reply.setsockopt(socket.SOL_IP, IP_TRANSPARENT, 1)
        else:
            reply.setsockopt(socket.IPPROTO_IPV6, IPV6_TRANSPARENT, 1)
        reply.bind((host, port))
        reply.sendto(f'tunnel {host} {port} '.encode() + data, peer)
        reply.close()


def main():
    socks = {}
    for name, family, kind in (
            ('tcp4', socket.AF_INET, socket.SOCK_STREAM),
            ('udp4', socket.AF_INET, socket.SOCK_DGRAM),
            ('tcp6', socket.AF_INET6, socket.SOCK_STREAM),
            ('udp6', socket.AF_INET6, socket.SOCK_DGRAM)):
        socks[name] = listener(family, kind)
        tell(f'{name} {socks[name].fileno()}')
    tell(f'name {sys.argv[1]}')
    tell('up')
    print('ready', flush=True)
    while True:
        for sock in select.select(list(socks.values()), [], [])[0]:
            if sock.type == socket.SOCK_STREAM:
                answer_tcp(sock)
            else:
                answer_udp(sock)


if __name__ == '__main__':
    main()
