# SPDX-License-Identifier: GPL-2.0
"""A relay of UDP between a client and a server, which remembers how it began."""
import select
import socket
import threading


class Relay:
    """Between a client and a server, on loopback."""

    def __init__(self, stack, server):
        self.server = server
        self.front = stack.enter_context(
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self.front.bind(("127.0.0.1", 0))
        self.stack = stack
        # by client: the socket that speaks for it
        self.backs = {}
        # of the newest client
        self.newest = None
        self.flight, self.answered = [], False
        # nothing passes any more
        self.mute = False
        self.stop = False
        stack.callback(setattr, self, "stop", True)
        threading.Thread(target=self.run, daemon=True).start()

    def replay(self):
        """The first flight again, from elsewhere."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for data in self.flight:
                sock.sendto(data, self.server)

    def run(self):
        """Forward, until the test is over and its sockets are closed."""
        try:
            while not self.stop:
                socks = [self.front, *self.backs.values()]
                for sock in select.select(socks, [], [], 0.2)[0]:
                    self.forward(sock, *sock.recvfrom(65536))
        except (OSError, ValueError):
            # a test closes what it opened last before it says so
            if all(s.fileno() >= 0 for s in (self.front,
                                             *self.backs.values())):
                raise

    def forward(self, sock, data, peer):
        """One datagram, either way."""
        if self.mute:
            return
        if sock is not self.front:
            client = next(c for c, s in self.backs.items() if s is sock)
            self.answered |= client == self.newest
            self.front.sendto(data, client)
            return
        if peer not in self.backs:
            self.backs[peer] = self.stack.enter_context(
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            self.newest, self.flight, self.answered = peer, [], False
        if peer == self.newest and not self.answered:
            self.flight.append(data)
        self.backs[peer].sendto(data, self.server)
