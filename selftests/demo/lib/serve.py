# SPDX-License-Identifier: GPL-2.0
"""A web server with one file, on the Internet host: serve.py PORT FILE."""

import os
import socket
import sys


def answer(conn, name):
    """One request, whatever it asks for."""
    request = b""
    while b"\r\n\r\n" not in request:
        got = conn.recv(4096)
        if not got or len(request) > 65536:
            return
        request += got
    with open(name, "rb") as file:
        size, at = os.fstat(file.fileno()).st_size, 0
        conn.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
                     b"Content-Length: %d\r\n\r\n" % size)
        while at < size:
            at += os.sendfile(conn.fileno(), file.fileno(), at, 1 << 20)


def main():
    """Serve one client after the other."""
    with socket.create_server(("", int(sys.argv[1]))) as server:
        while True:
            conn, _ = server.accept()
            with conn:
                try:
                    answer(conn, sys.argv[2])
                except OSError as error:
                    print(error, flush=True)


if __name__ == "__main__":
    main()
