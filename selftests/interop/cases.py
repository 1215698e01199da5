# SPDX-License-Identifier: GPL-2.0
"""Peers by cases.  "as client": TQUIC is the client."""
import pathlib

ALL = {}
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
    config.write_text(f'''
daemon off; user root; pid {WORK}/nginx.pid; error_log stderr;
events {{ }}
http {{
  access_log off;
  server {{
    listen {address}:{PORT} quic reuseport;
    listen [::]:{PORT} quic reuseport;
    http3 on; quic_retry {'on' if retry else 'off'};
    ssl_early_data on;
    ssl_certificate {WORK}/cert.pem; ssl_certificate_key {WORK}/key.pem;
    ssl_protocols TLSv1.3;
    root {WORK}/www;
  }}
}}
''', encoding='ascii')
    room.ready(room.start('nginx', 'theirs', 'nginx', '-c', config))


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

    @case(peer, 'loss 3 %')
    def loss(room):
        room.loss(3)
        both(room, start, files=('large',))


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


@case('ngtcp2 server', 'IPv6')
def ngtcp2_ipv6(room):
    gtlsserver(room, address=THEIRS6)
    room.client(address=THEIRS6)


@case('nginx', 'IPv6')
def nginx_ipv6(room):
    nginx(room)
    room.client(address=THEIRS6)


# peers as clients

def gtlsclient(room, *args, name='small', address=OURS, status=0):
    """ngtcp2"""
    process = room.start('gtlsclient', 'theirs', 'gtlsclient', '-q',
                         '--exit-on-all-streams-close', '--download',
                         WORK / 'got', *args, address, PORT,
                         f'https://localhost/{name}')
    process.wait(status)
    room.same([name])
    return process


def curl(room, *args, name='small', address=OURS):
    """curl"""
    process = room.start('curl', 'theirs', 'curl', '-sS', '--http3-only',
                         '--cacert', WORK / 'cert.pem', '--connect-to',
                         f'localhost:{PORT}:{address}:{PORT}', '-o',
                         WORK / 'got' / name, *args,
                         f'https://localhost:{PORT}/{name}')
    process.wait()
    room.same([name])
    return process


def aioquic_client(room, *args, name='small', address=OURS):
    """aioquic"""
    process = room.start('aioquic', 'theirs', 'python3',
                         HERE / 'peer_aioquic.py', 'client', address, PORT,
                         f'/{name}', '--root', WORK / 'got', *args)
    process.wait()
    room.same([name])
    return process


CLIENTS = {
    'ngtcp2 client': gtlsclient,
    'curl': curl,
    'aioquic client': aioquic_client,
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


@case('ngtcp2 client', 'ChaCha20')
def ngtcp2_client_chacha(room):
    server = room.server()
    gtlsclient(room, '--ciphers', 'NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:'
               '+CHACHA20-POLY1305:%DISABLE_TLS13_COMPAT_MODE')
    server.wait()
    server.expect('cipher 1303')


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


@case('ngtcp2 client', 'rebinding')
def ngtcp2_client_rebinding(room):
    room.server()
    gtlsclient(room, '--change-local-addr', '20ms', '--nat-rebinding',
               name='large')


@case('ngtcp2 client', 'migration')
def ngtcp2_client_migration(room):
    room.server()
    gtlsclient(room, '--change-local-addr', '20ms', name='large')


@case('ngtcp2 client', 'IPv6')
def ngtcp2_client_ipv6(room):
    room.server(address=OURS6)
    gtlsclient(room, address=OURS6)


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
    aioquic_client(room, '--update', name='large')


@case('openssl', 'handshake')
def openssl_handshake(room):
    server = room.server()
    process = room.start('openssl', 'theirs', 'sh', '-c',
                         f'sleep 2 | openssl s_client -quic -alpn h3 -connect '
                         f'{OURS}:{PORT} -CAfile {WORK}/cert.pem '
                         f'-servername localhost -verify_return_error')
    process.wait(None)
    process.expect('Verify return code: 0')
    server.stop()
