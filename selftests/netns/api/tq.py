# SPDX-License-Identifier: GPL-2.0
"""What the tests of sockets share: constants, sockets, results."""
import contextlib
import errno
import select
import signal
import socket
import struct
import time
import traceback



def number_of_protocol():
    """263, or what is below it, where the kernel does not let modules map it
    (no kretprobes, as in user-mode Linux)."""
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, 263).close()
    except OSError as error:
        if error.errno == errno.EINVAL:
            return 259
    return 263


IPPROTO_TQUIC = number_of_protocol()
SOL_TQUIC = 288

# include/uapi/linux/tquic.h
SCHEDULER, CONGESTION, MIGRATE, ALPN, PEERNAME, PSK_IDENTITY = range(1, 7)
PSK_KEY, CERTIFICATE, PRIVATE_KEY, PROFILE, AUTH, INFO = range(7, 13)
PATH_INFO, STREAM_INFO, STREAM_CLASS, STREAM_RESET = range(13, 17)
STREAM_STOP, CLOSE_CODE, IDLE_TIMEOUT, DATAGRAM, EARLY_DATA = range(17, 22)
RETRY, VERSION, KEY_UPDATE, CIPHER, MULTIPATH = range(22, 27)
DEFAULT_STREAM, STREAMS, CLOSE = 27, 28, 29
CMSG_DATAGRAM = 1
NEW_STREAM = 1 << 30 | 4 << 16 | ord("q") << 8 | 1
F_UNI, F_CLOEXEC, F_NONBLOCK = 1, 2, 4
I_UNI, I_LOCAL, I_RESET, I_STOPPED = 1, 2, 4, 8
HANDSHAKE, ESTABLISHED, CLOSING, DRAINING, CLOSED = range(5)

POLLRDHUP = 0x2000
POLLIN, POLLOUT = select.POLLIN, select.POLLOUT
SECONDS = 30
V4, V6 = socket.AF_INET, socket.AF_INET6

tests = []


def test(what):
    """Decorator: a function that raises nothing has passed."""
    def add(function):
        tests.append((what, function))
        return function
    return add


def alarm(_signum, _frame):
    raise TimeoutError("it hangs")


def run():
    """Run all tests; whether all have passed."""
    good = True
    signal.signal(signal.SIGALRM, alarm)
    for what, function in tests:
        signal.alarm(SECONDS)
        try:
            with contextlib.ExitStack() as stack:
                function(stack)
                signal.alarm(SECONDS)
            print("ok -", what, flush=True)
        except Exception:  # whatever it is, the others are of interest, too
            good = False
            print("not ok -", what)
            for line in traceback.format_exc().splitlines():
                print("#", line, flush=True)
        signal.alarm(0)
    return good


def same(is_, should):
    """What @is_ is compared with what it should be."""
    assert is_ == should, f"is {is_!r:.200}, should be {should!r:.200}"


def fails(name, function, *args):
    """The call fails, with the error of that name."""
    try:
        result = function(*args)
    except OSError as error:
        # some numbers have two names
        if error.errno != getattr(errno, name):
            raise AssertionError(f"{error} instead of {name}") from error
        return
    raise AssertionError(f"returned {result!r:.100} instead of {name}")


def option(sock, name, value):
    """Set an option: bytes, or a number."""
    if isinstance(value, int):
        value = struct.pack("=I", value)
    sock.setsockopt(SOL_TQUIC, name, value)


def number(sock, name):
    """An option that is a number."""
    return struct.unpack("=I", sock.getsockopt(SOL_TQUIC, name, 4))[0]


def make(stack, family=V4, **options):
    """A socket with credentials; options by their names here."""
    sock = stack.enter_context(
        socket.socket(family, socket.SOCK_STREAM, IPPROTO_TQUIC))
    option(sock, ALPN, b"\4test")
    option(sock, PSK_IDENTITY, b"me")
    for name, value in options.items():
        option(sock, globals()[name], value)
    return sock


def listener(stack, family=V4, address=None, **options):
    """A socket that listens on a port of its own."""
    sock = make(stack, family, **options)
    sock.bind((address or ("127.0.0.1" if family == V4 else "::1"), 0))
    sock.listen(8)
    return sock


def pair(stack, family=V4, **options):
    """A connection: both ends."""
    server = listener(stack, family, **options)
    client = make(stack, family, **options)
    client.connect(server.getsockname())
    accepted, _ = server.accept()
    stack.enter_context(accepted)
    return client, accepted


def until(there, what="it does not happen"):
    """Wait until a function answers something that is true; answers that."""
    deadline = time.monotonic() + 10
    while not (result := there()):
        assert time.monotonic() < deadline, what
        time.sleep(0.01)
    return result


def state(sock):
    """State of the connection, as TQUIC_INFO tells."""
    return struct.unpack_from("=4xI", sock.getsockopt(SOL_TQUIC, INFO, 8))[0]


def stream_flags(sock):
    """TQUIC_STREAM_I_*."""
    return struct.unpack_from("=QI", sock.getsockopt(SOL_TQUIC, STREAM_INFO,
                                                     32))[1]


def sysctl(name, value=None):
    """Read a setting, or write it."""
    with open("/proc/sys/net/tquic/" + name, "r" if value is None else "w",
              encoding="ascii") as file:
        return file.read().split() if value is None else file.write(value)


def poll(sock, events, ms=0):
    """What poll() says of one socket."""
    poller = select.poll()
    poller.register(sock, events)
    ready = poller.poll(ms)
    return ready[0][1] if ready else 0


def read_all(sock):
    """All until the end."""
    data = b""
    while piece := sock.recv(65536):
        data += piece
    return data


def linger(sock, seconds):
    """Set SO_LINGER."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack("ii", 1, seconds))
