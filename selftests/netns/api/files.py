# SPDX-License-Identifier: GPL-2.0
"""Programs and calls that know nothing of TQUIC."""
import http.client
import http.server
import os
import socket
import tempfile
import threading

from tq import fails, listener, make, pair, read_all, same, test


@test("sendfile() to a socket")
def sendfile(stack):
    client, server = pair(stack)
    data = os.urandom(300001)
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        done = 0

        def send():
            nonlocal done
            while done < len(data):
                done += os.sendfile(client.fileno(), file.fileno(), done,
                                    len(data) - done)
            client.shutdown(socket.SHUT_WR)

        thread = threading.Thread(target=send, daemon=True)
        thread.start()
        assert read_all(server) == data
        thread.join()


@test("splice() from a socket to a file")
def splice_from(stack):
    client, server = pair(stack)
    data = os.urandom(100001)
    threading.Thread(target=lambda: (client.sendall(data),
                                     client.shutdown(socket.SHUT_WR)),
                     daemon=True).start()
    read, write = os.pipe()
    with tempfile.TemporaryFile() as file:
        while n := os.splice(server.fileno(), write, 65536):
            while n:
                n -= os.splice(read, file.fileno(), n)
        file.seek(0)
        assert file.read() == data
    os.close(read)
    os.close(write)


@test("read(), write(), readv(), writev()")
def vectors(stack):
    client, server = pair(stack)
    os.write(client.fileno(), b"ab")
    os.writev(client.fileno(), [b"cd", b"", b"efg"])
    same(server.recv(7, socket.MSG_WAITALL | socket.MSG_PEEK), b"abcdefg")
    a, b = bytearray(3), bytearray(9)
    same(os.readv(server.fileno(), [a, b]), 7)
    same((bytes(a), bytes(b[:4])), (b"abc", b"defg"))


@test("what is not there is refused")
def refused(stack):
    client, _server = pair(stack)
    fails("EOPNOTSUPP", client.send, b"x", socket.MSG_OOB)
    fails("EDESTADDRREQ", client.send, b"x", socket.MSG_FASTOPEN)
    fails("EOPNOTSUPP", client.send, b"x", 0x4000000)
    fails("EOPNOTSUPP", client.recv, 1, socket.MSG_OOB)
    fails("EOPNOTSUPP", client.recv, 1, socket.MSG_ERRQUEUE)


@test("python's HTTP server and client")
def http_server(stack):
    class Server(http.server.HTTPServer):
        def __init__(self):
            super().__init__(("127.0.0.1", 0), Handler, False)
            self.socket.close()
            self.socket = listener(stack)
            self.server_address = self.socket.getsockname()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = self.path.encode() * 1000
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args):
            pass

    server = Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for path in "/a", "/something":
        client = http.client.HTTPConnection("127.0.0.1")
        client.sock = make(stack)
        client.sock.connect(server.server_address)
        client.request("GET", path)
        same(client.getresponse().read(), path.encode() * 1000)
        client.close()
    server.shutdown()
