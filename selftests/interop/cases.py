# SPDX-License-Identifier: GPL-2.0
"""Peers by cases.  "as client": TQUIC is the client."""
import pathlib
import socket
import time

from plain import AUTH_NONE, CHUNK, PATIENCE, Plain, need, text

ALL = {}
# what a peer cannot do, and why
CANNOT = {}
# one case of each, for every day
QUICK = {
    'ngtcp2 server': 'Retry', 'ngtcp2 client': 'resumption',
    'aioquic server': 'version 2', 'aioquic client': 'handshake',
    'nginx': 'key update', 'caddy': 'NAT rebinding', 'curl': 'ChaCha20',
    'openssl': 'handshake', 'iroh server': 'second path',
    'iroh client': 'handshake',
}
WORK = pathlib.Path('/tmp/interop')
HERE = pathlib.Path(__file__).resolve().parent
OURS, THEIRS, PORT = '10.99.0.1', '10.99.0.2', 4433
OURS6, THEIRS6 = 'fd99::1', 'fd99::2'


def case(peer, name):
    """Adds a case"""
    def add(function):
        ALL[peer, name] = function
        return function
    return add


class Skipped(Exception):
    """A case cannot be had here"""


# peers as servers

def gtlsserver(room, *args, address=THEIRS):
    """ngtcp2"""
    process = room.start('gtlsserver', 'theirs', 'gtlsserver', '-q', '-d',
                         WORK / 'www', *args, address, PORT,
                         WORK / 'key.pem', WORK / 'cert.pem')
    room.ready(process)


def aioquic_server(room, *args, address=THEIRS):
    """aioquic"""
    process = room.start('aioquic', 'theirs', 'python3',
                         HERE / 'peer_aioquic.py', 'server', address, PORT,
                         '--root', WORK / 'www', '--cert', WORK / 'cert.pem',
                         '--key', WORK / 'key.pem', *args)
    room.ready(process)


def nginx(room, retry=False, address='0.0.0.0'):
    """nginx"""
    config = WORK / 'nginx.conf'
    (WORK / 'host.key').write_bytes(b'k' * 32)
    config.write_text(f'''
daemon off; master_process off; user root; pid {WORK}/nginx.pid; error_log stderr;
events {{ }}
http {{
  access_log off;
  server {{
    listen {address}:{PORT} quic reuseport;
    listen [::]:{PORT} quic reuseport;
    http3 on; quic_host_key {WORK}/host.key;
    quic_retry {'on' if retry else 'off'};
    ssl_early_data on;
    ssl_certificate {WORK}/cert.pem; ssl_certificate_key {WORK}/key.pem;
    ssl_protocols TLSv1.3;
    root {WORK}/www;
  }}
}}
''', encoding='ascii')
    process = room.start('nginx', 'theirs', 'nginx', '-c', config)
    room.ready(process)
    return process


def caddy(room):
    """caddy"""
    config = WORK / 'Caddyfile'
    config.write_text(f'''{{
  admin off
  auto_https off
}}
https://localhost:{PORT} {{
  tls {WORK}/cert.pem {WORK}/key.pem
  root * {WORK}/www
  file_server
}}
''', encoding='ascii')
    room.ready(room.start('caddy', 'theirs', 'env', f'HOME={WORK}', 'caddy',
                          'run', '--adapter', 'caddyfile', '--config',
                          config))


SERVERS = {
    'ngtcp2 server': gtlsserver,
    'aioquic server': aioquic_server,
    'nginx': nginx,
    'caddy': caddy,
}


def both(room, start, *args, files=('small',), **kwargs):
    """Start a server, fetch from it"""
    start(room)
    return room.client(*args, files=files, **kwargs)


def add_server(peer, start):
    """Cases that any server has to bear"""
    @case(peer, 'handshake')
    def handshake(room):
        both(room, start).expect('alpn h3')

    @case(peer, '10 MB')
    def transfer(room):
        both(room, start, files=('large',))

    @case(peer, 'ChaCha20')
    def chacha(room):
        both(room, start, '--cipher', '1303').expect('cipher 1303')

    @case(peer, 'resumption')
    def resumption(room):
        both(room, start).expect('resumed 0')
        room.client().expect('resumed 1')

    @case(peer, 'key update')
    def update(room):
        both(room, start, '--update', files=('large', 'small'))

    if peer != 'caddy':
        @case(peer, 'migration')
        def migration(room):
            start(room)
            room.client('--migrate', files=('small', 'medium'))

    @case(peer, 'NAT rebinding')
    def rebinding(room):
        start(room)
        room.slow()
        client = room.client(files=('large', 'small'), wait=False)
        port = room.connection()['paths'][0]['local_port']
        room.nat('ours', 'us', port, 20000)
        client.finish()
        room.answered('ours', 'us')

    @case(peer, 'loss 3 %')
    def loss(room):
        room.loss(3)
        both(room, start, files=('large',))

    @case(peer, 'close codes')
    def close(room):
        start(room)
        # RFC 9114 section 6.2.1: SETTINGS have to come first
        conn = Plain.make(alpn=b'\x02h3', auth=AUTH_NONE, streams=8,
                          peername='localhost')
        conn.sock.connect((THEIRS, PORT))
        conn.stream(uni=True).sock.sendall(b'\0\7\1\0')
        code, app, remote, _ = conn.ended()
        need(remote and app and 0x100 <= code <= 0x110,
             f'closed by {code:#x}, application {app}, remote {remote}')


for PEER, START in SERVERS.items():
    add_server(PEER, START)


@case('ngtcp2 server', 'Retry')
def ngtcp2_retry(room):
    gtlsserver(room, '-V')
    room.client().expect('retried 1')


@case('aioquic server', 'Retry')
def aioquic_retry(room):
    aioquic_server(room, '--retry')
    room.client().expect('retried 1')


@case('nginx', 'Retry')
def nginx_retry(room):
    nginx(room, retry=True)
    room.client().expect('retried 1')


@case('ngtcp2 server', 'version 2')
def ngtcp2_v2(room):
    gtlsserver(room)
    room.client('--version', '6b3343cf').expect('version 6b3343cf')


@case('aioquic server', 'version 2')
def aioquic_v2(room):
    aioquic_server(room, '--v2')
    room.client('--version', '6b3343cf').expect('version 6b3343cf')


@case('ngtcp2 server', '0-RTT')
def ngtcp2_early(room):
    gtlsserver(room)
    room.client()
    room.client('--early').expect('early 1')


@case('aioquic server', '0-RTT')
def aioquic_early(room):
    aioquic_server(room)
    room.client()
    room.client('--early').expect('early 1')


@case('caddy', '0-RTT')
def caddy_early(room):
    caddy(room)
    room.client()
    room.client('--early').expect('early 1')


@case('ngtcp2 server', 'IPv6')
def ngtcp2_ipv6(room):
    gtlsserver(room, address=THEIRS6)
    room.client(address=THEIRS6)


@case('aioquic server', 'IPv6')
def aioquic_ipv6(room):
    aioquic_server(room, address=THEIRS6)
    room.client(address=THEIRS6)


@case('caddy', 'IPv6')
def caddy_ipv6(room):
    caddy(room)
    room.client(address=THEIRS6)


@case('nginx', 'stateless reset')
def nginx_reset(room):
    server = nginx(room)
    conn = Plain.make(alpn=b'\x02h3', auth=AUTH_NONE, streams=8)
    conn.sock.connect((THEIRS, PORT))
    # another process with the same key knows nothing of the connection
    server.kill()
    nginx(room)
    conn.sock.send(b'anything')
    conn.ended()
    need(room.counter('StatelessResetReceived'), 'no stateless reset')


@case('aioquic server', 'server speaks first')
def aioquic_first(room):
    aioquic_server(room, '--greet')
    conn = Plain.make(alpn=b'\x05greet', auth=AUTH_NONE)
    conn.sock.connect((THEIRS, PORT))
    need(conn.sock.recv(5, socket.MSG_WAITALL) == b'hello', 'no greeting')


@case('aioquic server', 'datagrams')
def aioquic_datagrams(room):
    aioquic_server(room, '--greet')
    conn = Plain.make(alpn=b'\x05greet', auth=AUTH_NONE, datagram=1)
    conn.sock.connect((THEIRS, PORT))
    need(conn.echoed(b'x' * 1000), 'no datagram came back')


@case('nginx', 'IPv6')
def nginx_ipv6(room):
    nginx(room)
    room.client(address=THEIRS6)


# peers as clients

def gtlsclient(room, *args, name='small', address=OURS, wait=True):
    """ngtcp2"""
    process = room.start('gtlsclient', 'theirs', 'gtlsclient', '-q',
                         '--exit-on-all-streams-close', '--download',
                         WORK / 'got', *args, address, PORT,
                         f'https://localhost/{name}')
    return room.check(process, [name], wait)


def curl(room, *args, name='small', address=OURS, wait=True):
    """curl"""
    where = f'[{address}]' if ':' in address else address
    process = room.start('curl', 'theirs', 'curl', '-sS', '--http3-only',
                         '--cacert', WORK / 'cert.pem', '--connect-to',
                         f'localhost:{PORT}:{where}:{PORT}', '-o',
                         WORK / 'got' / name, *args,
                         f'https://localhost:{PORT}/{name}')
    return room.check(process, [name], wait)


def aioquic_client(room, *args, name='small', address=OURS, wait=True):
    """aioquic, which takes some 10 ms for a packet in an emulated machine"""
    # asyncio gets memory of 256 KiB for each packet that it receives
    process = room.start('aioquic', 'theirs', 'env',
                         'MALLOC_MMAP_THRESHOLD_=1048576', 'python3',
                         HERE / 'peer_aioquic.py', 'client', address, PORT,
                         f'/{name}', '--root', WORK / 'got', *args)
    return room.check(process, [name], wait, 300)


CLIENTS = {
    'ngtcp2 client': gtlsclient,
    'curl': curl,
    'aioquic client': aioquic_client,
}
# how each says goodbye: what tquic-h3 shows of it
CODES = {
    'ngtcp2 client': '100 app 1',
    'curl': '0 app 1',
    'aioquic client': '0 app [01]',
}


def add_client(peer, fetch):
    """Cases that any client has to bear"""
    @case(peer, 'handshake')
    def handshake(room):
        room.server()
        fetch(room)

    @case(peer, '10 MB')
    def transfer(room):
        room.server()
        fetch(room, name='large')

    @case(peer, 'Retry')
    def retry(room):
        server = room.server('--retry')
        fetch(room)
        server.wait()
        server.expect('retried 1')

    @case(peer, 'ChaCha20')
    def chacha(room):
        server = room.server('--cipher', '1303')
        fetch(room)
        server.wait()
        server.expect('cipher 1303')

    @case(peer, 'IPv6')
    def ipv6(room):
        room.server(address=OURS6)
        fetch(room, address=OURS6)

    @case(peer, 'NAT rebinding')
    def rebinding(room):
        room.slow()
        server = room.server()
        client = fetch(room, name='large', wait=False)
        port = room.connection()['paths'][0]['remote_port']
        room.nat('theirs', 'them', port, 20000)
        client.finish()
        server.wait()
        room.answered('theirs', 'them')

    @case(peer, 'close codes')
    def close(room):
        server = room.server()
        fetch(room)
        server.wait()
        server.expect(f'closed code {CODES[peer]} remote 1')

    @case(peer, 'loss 3 %')
    def loss(room):
        room.loss(3)
        room.server()
        fetch(room, name='large')


for PEER, FETCH in CLIENTS.items():
    add_client(PEER, FETCH)


@case('ngtcp2 client', 'version 2')
def ngtcp2_client_v2(room):
    server = room.server()
    gtlsclient(room, '--version', 'v2', '--preferred-versions', 'v2')
    server.wait()
    server.expect('version 6b3343cf')


@case('ngtcp2 client', 'resumption')
def ngtcp2_client_resumption(room):
    files = ('--session-file', WORK / 'session', '--tp-file', WORK / 'tp')
    server = room.server('--conns', 2)
    gtlsclient(room, *files, '--disable-early-data')
    gtlsclient(room, *files, '--disable-early-data')
    server.wait()
    server.expect('resumed 1')


@case('ngtcp2 client', '0-RTT')
def ngtcp2_client_early(room):
    files = ('--session-file', WORK / 'session0', '--tp-file', WORK / 'tp0')
    server = room.server('--conns', 2, '--early')
    gtlsclient(room, *files)
    gtlsclient(room, *files)
    server.wait()
    server.expect('early 1')


@case('ngtcp2 client', 'key update')
def ngtcp2_client_update(room):
    room.server()
    gtlsclient(room, '--key-update', '10ms', name='large')


@case('ngtcp2 client', 'migration')
def ngtcp2_client_migration(room):
    room.server()
    gtlsclient(room, '--change-local-addr', '20ms', name='large')


@case('aioquic client', 'resumption')
def aioquic_client_resumption(room):
    server = room.server('--conns', 2)
    aioquic_client(room, '--ticket', WORK / 'ticket')
    aioquic_client(room, '--ticket', WORK / 'ticket').expect('resumed 1')
    server.wait()
    server.expect('resumed 1')


@case('aioquic client', 'key update')
def aioquic_client_update(room):
    room.server()
    aioquic_client(room, '--update', name='medium')


@case('aioquic client', 'version 2')
def aioquic_client_v2(room):
    server = room.server()
    aioquic_client(room, '--v2')
    server.wait()
    server.expect('version 6b3343cf')


@case('ngtcp2 client', 'stateless reset')
def ngtcp2_client_reset(room):
    listener = listening(alpn=b'\x02h3', streams=8)
    client = room.start('gtlsclient', 'theirs', 'gtlsclient',
                        '--delay-stream=10s', OURS, PORT,
                        'https://localhost/small')
    conn = listener.accept()
    forget(room)
    conn.close()
    client.expect('(?i)stateless.?reset', PATIENCE)


def listening(address=OURS, **options):
    """A plain listener of ours"""
    listener = Plain.make(socket.AF_INET6 if ':' in address else
                          socket.AF_INET, **options)
    listener.sock.bind((address, PORT))
    listener.sock.listen(4)
    return listener


def forget(room):
    """We lose a connection, and the peer does not hear of it"""
    number = room.connection()['conn_id']
    room.mute('ours', True)
    room.tool('close', 'conn_id', number)
    room.gone(number)
    room.mute('ours', False)


# OpenSSL's s_client knows no HTTP: it sends a line, and shows what comes

def s_client(room, line, *args, address=OURS):
    """openssl s_client"""
    for name in 'end', 'answer':
        (WORK / 'got' / name).unlink(missing_ok=True)
    where = f'[{address}]' if ':' in address else address
    words = ' '.join(map(str, args))
    process = room.start(
        'openssl', 'theirs', 'sh', '-c',
        f'(echo {line}; while [ ! -e {WORK}/got/end ]; do sleep 0.2; done) | '
        f'openssl s_client -quic -alpn interop -connect {where}:{PORT} '
        f'-CAfile {WORK}/cert.pem -servername localhost '
        f'-verify_return_error -quiet -no_ign_eof {words} >{WORK}/got/answer')
    return process


def openssl(room, *args, count=1000, address=OURS, **options):
    """A server of ours answers s_client; returns the connection"""
    listener = listening(address, alpn=b'\x07interop', **options)
    process = s_client(room, f'get {count}', *args, address=address)
    conn = listener.accept()
    listener.close()
    conn.answer()
    until = time.monotonic() + 120
    answer = WORK / 'got/answer'
    while answer.stat().st_size < count and time.monotonic() < until:
        time.sleep(0.1)
    info = conn.info()
    (WORK / 'got/end').touch()
    process.wait(None)
    data = answer.read_bytes()
    need(len(data) == count, f'{len(data)} of {count} bytes came')
    need(all(data[at:at + CHUNK] == text(at, len(data[at:at + CHUNK]))
             for at in range(0, count, CHUNK)), 'wrong bytes')
    return conn, info


@case('openssl', 'handshake')
def openssl_handshake(room):
    openssl(room)


@case('openssl', '10 MB')
def openssl_transfer(room):
    openssl(room, count=10 << 20)


@case('openssl', 'Retry')
def openssl_retry(room):
    _, info = openssl(room, retry=1)
    need(info['flags'] & 16, 'no Retry')


@case('openssl', 'ChaCha20')
def openssl_chacha(room):
    _, info = openssl(room, cipher=0x1303)
    need(info['cipher'] == 0x1303, f'cipher {info["cipher"]:x}')


@case('openssl', 'resumption')
def openssl_resumption(room):
    openssl(room, '-sess_out', WORK / 'session.pem')
    _, info = openssl(room, '-sess_in', WORK / 'session.pem')
    need(info['flags'] & 4, 'not resumed')


@case('openssl', 'key update')
def openssl_update(room):
    listener = listening(alpn=b'\x07interop')
    process = s_client(room, 'get 1000')
    conn = listener.accept()
    conn.answer(end=False)
    for _ in range(2):
        conn.update_keys()
        conn.send(1000)
    until = time.monotonic() + PATIENCE
    while (WORK / 'got/answer').stat().st_size < 3000 and \
            time.monotonic() < until:
        time.sleep(0.1)
    need((WORK / 'got/answer').stat().st_size == 3000, 'bytes are missing')
    (WORK / 'got/end').touch()
    process.wait(None)


@case('openssl', 'IPv6')
def openssl_ipv6(room):
    openssl(room, address=OURS6)


@case('openssl', 'loss 3 %')
def openssl_loss(room):
    room.loss(3)
    openssl(room, count=2 << 20)


@case('openssl', 'close codes')
def openssl_close(room):
    conn, _ = openssl(room)
    code, app, remote, _ = conn.ended()
    need((code, app, remote) == (0, True, True),
         f'closed by {code}, application {app}, remote {remote}')


def cannot(peers, names, why):
    """Cases that there are not, with the reason"""
    for peer in peers:
        for name in names:
            CANNOT[peer, name] = why


cannot((*SERVERS, *CLIENTS, 'openssl'),
       ('second path', 'three paths', 'path abandoned', 'path status',
        'link lost'), 'knows one path only')
cannot(('nginx', 'caddy'), ('version 2',), 'speaks version 1 only')
cannot(('curl', 'openssl'), ('version 2',), 'speaks version 1 only')
cannot(('caddy',), ('migration',), 'forbids it: disable_active_migration')
cannot(('caddy',), ('Retry',), 'cannot be told to send Retry')
cannot(('ngtcp2 server', 'nginx', 'caddy', 'ngtcp2 client', 'curl'),
       ('server speaks first', 'datagrams'),
       'speaks HTTP/3 only, in which the client begins')
cannot(('ngtcp2 server',), ('stateless reset',),
       'makes another key for resets whenever it is started')
cannot(('caddy',), ('stateless reset',),
       'makes another key for resets whenever it is started')
cannot(('aioquic server',), ('stateless reset',), 'sends no stateless resets')
cannot(('aioquic client',), ('stateless reset',),
       'does not look for stateless resets')
cannot(('curl',), ('resumption', '0-RTT'), 'keeps no sessions between runs')
cannot(('curl',), ('key update',), 'does not update keys by itself')
cannot(('curl', 'aioquic client', 'openssl'), ('migration',),
       'does not migrate by itself')
cannot(('openssl',), ('0-RTT',), 'has no 0-RTT with QUIC')
cannot(('nginx',), ('0-RTT',), 'is built without it')
cannot(('iroh server', 'iroh client'), ('version 2',), 'speaks version 1 only')
