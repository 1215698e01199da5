# SPDX-License-Identifier: GPL-2.0
"""Who meets whom, and what has to come of it: see selftests/native/run."""

MB10 = 10 << 20
ALL = {}


def meeting(function):
    """Registers a meeting by its name"""
    ALL[function.__name__.replace('_', '-')] = function
    return function


# ourselves

@meeting
def ours_both_ways(room):
    """Ten megabytes each way at once"""
    server = room.server()
    room.client('--get', MB10, '--put', MB10)
    server.wait()


@meeting
def ours_ipv6(room):
    """Over IPv6"""
    server = room.server('[::1]:4433')
    room.client('--get', '1M', to='[::1]:4433')
    server.wait()


@meeting
def ours_v2(room):
    """Version 2 from the start"""
    server = room.server()
    room.client('--begin', 2, '--versions', 2, '--get', '1M').expect('version=6b3343cf')
    server.wait()


@meeting
def ours_chacha(room):
    """ChaCha20-Poly1305"""
    server = room.server()
    room.client('--ciphers', '+CHACHA20-POLY1305', '--get', '1M',
                '--put', '1M').expect('cipher=CHACHA20-POLY1305')
    server.wait()


@meeting
def ours_streams(room):
    """Resets, STOP_SENDING, streams of one direction"""
    server = room.server()
    room.client('--reset', '100K:77', '--stop', 33, '--uni', '1M', '--put',
                '1M', '--get', 0, '--put', 0)
    server.wait()


@meeting
def ours_datagrams(room):
    """Datagrams, all of which come back"""
    server = room.server()
    room.client('--datagrams', 500, '--get', '1M', '--put', '1M')
    server.wait()
    server.expect('datagrams=500')


@meeting
def ours_path_mtu(room):
    """Either end finds out what the network lets pass"""
    room.relay('--mtu', 1300, '--delay', 1000)
    server = room.server('--mtu', 1472)
    client = room.client('--mtu', 1472, '--get', '4M', '--put', '4M',
                         to='127.0.0.1:4432')
    server.wait()
    for end in (client, server):
        found = int(end.expect(r'mtu=(\d+)')[1])
        assert 1260 < found <= 1300, found


@meeting
def ours_bbr(room):
    """BBR through loss"""
    room.relay('--seed', 1, '--loss', 20, '--delay', 5000)
    server = room.server('--bbr')
    room.client('--bbr', '--get', '2M', '--put', '2M', to='127.0.0.1:4432')
    server.wait()


@meeting
def ours_bad_network(room):
    """Loss, reordering, duplicates and flipped bits, both ways"""
    relay = room.relay('--seed', 2, '--loss', 30, '--reorder', 30,
                       '--duplicate', 30, '--corrupt', 10, '--delay', 2000)
    server = room.server()
    room.client('--get', '2M', '--put', '2M', to='127.0.0.1:4432')
    server.wait()
    relay.stop()
    relay.expect('lost=[1-9]')


@meeting
def ours_key_updates(room):
    """Both sides update their keys, now and then"""
    room.relay('--delay', 20000)
    server = room.server('--at', '0:update')
    room.client('--get', MB10, '--put', MB10, '--at', '1M:update',
                to='127.0.0.1:4432').expect('generation=2,2')
    server.wait()


@meeting
def ours_rebinding(room):
    """The NAT changes the client's port, again and again"""
    room.relay('--rebind', 300)
    server = room.server()
    room.client('--get', '1M', '--put', '4M', to='127.0.0.1:4432')
    server.wait()


@meeting
def ours_two_paths(room):
    """A second path, over which much goes"""
    server = room.server('--paths', 3)
    client = room.client('--paths', 3, '--get', MB10, '--put', MB10,
                         '--at', '0:path=127.0.0.2')
    for path in (0, 1):
        sent = client.expect(fr'^path {path} sent=(\d+) ')[1]
        assert int(sent) > 10000, f'{sent} bytes on path {path}'
    server.wait()


@meeting
def ours_path_abandoned(room):
    """The first path is given up in the middle of a transfer"""
    server = room.server('--paths', 3)
    room.client('--paths', 3, '--get', '8M', '--put', '8M', '--at',
                '0:path=127.0.0.2', '--at', '8M:abandon=0')
    server.wait()


@meeting
def ours_retry(room):
    """Retry, in both versions"""
    for version in (1, 2):
        server = room.server('--retry')
        room.client('--begin', version, '--get', '100K').expect('retry=1')
        server.wait()


@meeting
def ours_token(room):
    """A token for the next connection saves the Retry"""
    for retry in (1, 0):
        server = room.server('--retry', '--secret', 'knock')
        room.client('--session', room.path('session'), '--get', '100K'
                    ).expect(f'retry={retry}')
        server.wait()


@meeting
def ours_resumption(room):
    """A ticket resumes the session"""
    server = room.server('--conns', 2)
    for resumed in (0, 1):
        room.client('--session', room.path('session'), '--get', '100K'
                    ).expect(f'resumed={resumed}')
    server.wait()


@meeting
def ours_compatible_version(room):
    """The server switches to version 2, after a Retry, too"""
    for more in ((), ('--retry',)):
        server = room.server('--versions', '2,1', *more)
        room.client('--get', '100K').expect('version=6b3343cf')
        server.wait()


@meeting
def ours_version_negotiation(room):
    """The client begins with a version that the server does not speak"""
    server = room.server('--versions', 1)
    room.client('--begin', 2, '--versions', '2,1', '--get', '100K'
                ).expect('version=00000001')
    server.wait()


@meeting
def ours_early_data(room):
    """Early data is accepted, and once more behind a Retry"""
    for more in ((), ('--retry',)):
        server = room.server('--early', '--conns', 2, *more)
        for early in (0, 1):
            room.client('--early', '--session', room.path(f'session{more}'),
                        '--put', '100K', '--get', '100K'
                        ).expect('early=1,[1-9]' if early else 'early=0,0')
        server.wait()


@meeting
def ours_early_data_rejected(room):
    """A server with other keys rejects early data: it goes again"""
    for packets in ('0', '[1-9]'):
        server = room.server('--early')
        room.client('--early', '--session', room.path('session'), '--put',
                    '100K', '--get', '100K').expect(f'early=0,{packets}')
        server.wait()


@meeting
def ours_stateless_reset(room):
    """A server that forgot all says so, and is believed"""
    server = room.server('--secret', 'memory', '--at', '1M:die')
    client = room.ours('client', '--cert', room.path('cert.pem'), '--put',
                       MB10, '127.0.0.1:4433')
    server.wait()
    again = room.server('--secret', 'memory')
    client.wait(1)
    client.expect('closed by=reset')
    again.stop()


@meeting
def ngtcp2_client_stateless_reset(room):
    """gtlsclient believes our stateless reset"""
    room.text('data', MB10)
    server = room.server('--alpn', 'h3', '--secret', 'memory', '--at',
                         '1M:die')
    client = room.gtlsclient('-d', '/tmp/data', '-m', 'POST', status=None,
                             wait=False)
    server.wait()
    again = room.server('--alpn', 'h3', '--secret', 'memory')
    client.wait(None)
    client.expect('(?i)stateless.?reset', 'err')
    again.stop()


# ngtcp2, HTTP/3

@meeting
def ngtcp2_server_retry(room):
    """Retry by gtlsserver, with a token for the next time"""
    room.gtlsserver('-q', '-V')
    for retry in (1, 0):
        room.client('--alpn', 'h3', '--session', room.path('session'), '--put',
                    '1M').expect(f'resumed={1 - retry} .*retry={retry}')


@meeting
def ngtcp2_server_compatible_version(room):
    """gtlsserver switches to version 2"""
    room.gtlsserver('-q', '--preferred-versions', 'v2')
    room.client('--alpn', 'h3', '--put', '1M').expect('version=6b3343cf')


@meeting
def ngtcp2_client_retry(room):
    """Retry for gtlsclient, and a token for the next time"""
    for retry in (1, 0):
        server = room.server('--alpn', 'h3', '--size', '1M', '--retry',
                             '--secret', 'knock')
        room.gtlsclient('-q', '--token-file', '/tmp/token')
        server.wait()
        server.expect(f'retry={retry}')


@meeting
def ngtcp2_client_resumption(room):
    """gtlsclient resumes its session"""
    server = room.server('--alpn', 'h3', '--size', '1M', '--conns', 2)
    for _ in range(2):
        room.gtlsclient('-q', '--session-file', '/tmp/session',
                        '--wait-for-ticket', '--disable-early-data')
    server.wait()
    server.expect('resumed=0(.|\n)*resumed=1')


@meeting
def ngtcp2_server_early_data(room):
    """gtlsserver accepts early data"""
    room.gtlsserver('-q')
    for early in ('0,0', '1,[1-9]'):
        room.client('--alpn', 'h3', '--early', '--session',
                    room.path('session'), '--put', '100K'
                    ).expect(f'early={early}')


@meeting
def ngtcp2_server_early_data_rejected(room):
    """Another gtlsserver has other keys: early data goes again"""
    for early in ('0,0', '0,[1-9]'):
        server = room.gtlsserver('-q')
        room.client('--alpn', 'h3', '--early', '--session',
                    room.path('session'), '--put', '100K'
                    ).expect(f'early={early}')
        server.stop(expected=None)


@meeting
def ngtcp2_client_early_data(room):
    """gtlsclient sends early data"""
    room.text('data', 1 << 20)
    server = room.server('--alpn', 'h3', '--early', '--conns', 2)
    for _ in range(2):
        room.gtlsclient('-q', '--session-file', '/tmp/session', '--tp-file',
                        '/tmp/tp', '--wait-for-ticket', '-d', '/tmp/data',
                        '-m', 'POST')
    server.wait()
    server.expect('early=0,0(.|\n)*early=1,[1-9]')
    server.expect('received=1048576(.|\n)*received=1048576')


@meeting
def ngtcp2_client_early_data_rejected(room):
    """Another server of ours has other keys: gtlsclient sends again"""
    room.text('data', 1 << 20)
    for _ in range(2):
        server = room.server('--alpn', 'h3', '--early')
        room.gtlsclient('-q', '--session-file', '/tmp/session', '--tp-file',
                        '/tmp/tp', '--wait-for-ticket', '-d', '/tmp/data',
                        '-m', 'POST')
        server.wait()
        server.expect('received=1048576')


@meeting
def aioquic_server_early_data(room):
    """aioquic's server accepts early data"""
    room.aioquic_server()
    for early in ('0,0', '1,[1-9]'):
        room.client('--early', '--session', room.path('session'), '--put',
                    '100K', '--get', '100K').expect(f'early={early}')


@meeting
def aioquic_client_early_data(room):
    """aioquic's client sends early data"""
    server = room.server('--early', '--conns', 2)
    for early in ((), ('--early',)):
        room.aioquic_client('--session', '/tmp/session', '--get', 100000,
                            *early)
    server.wait()
    server.expect('early=0,0(.|\n)*early=1,[1-9]')


@meeting
def ngtcp2_client_compatible_version(room):
    """We switch to version 2 for gtlsclient"""
    server = room.server('--alpn', 'h3', '--size', '1M', '--versions', '2,1')
    room.gtlsclient('-q', '--available-versions', 'v1,v2',
                    '--preferred-versions', 'v2,v1')
    server.wait()
    server.expect('version=6b3343cf')


@meeting
def ngtcp2_client_version_negotiation(room):
    """gtlsclient begins with a version that we do not speak"""
    server = room.server('--alpn', 'h3', '--size', '1M', '--versions', 1)
    room.gtlsclient('-q', '-v', 'v2', '--preferred-versions', 'v1,v2')
    server.wait()
    server.expect('version=00000001')


@meeting
def aioquic_server_datagrams(room):
    """aioquic's server sends our datagrams back"""
    room.aioquic_server()
    room.client('--datagrams', 100, '--get', '1M')


@meeting
def aioquic_client_datagrams(room):
    """We send datagrams of aioquic's client back"""
    server = room.server()
    room.aioquic_client('--datagrams', 50, '--get', 100000)
    server.wait()
    server.expect('datagrams=[1-9]')


@meeting
def aioquic_server_retry(room):
    """Retry by aioquic's server"""
    room.aioquic_server('--retry')
    room.client('--get', '1M').expect('retry=1')


@meeting
def aioquic_client_retry(room):
    """Retry for aioquic's client, and a token for the next time"""
    server = room.server('--retry', '--conns', 2)
    for _ in range(2):
        room.aioquic_client('--session', '/tmp/session', '--get', 1 << 20)
    server.wait()
    server.expect('resumed=0 .*retry=1(.|\n)*resumed=1 .*retry=0')


@meeting
def aioquic_server_version_negotiation(room):
    """aioquic's server does not speak the version that we begin with"""
    room.aioquic_server('--versions', 1)
    room.client('--begin', 2, '--versions', '2,1', '--get', '1M'
                ).expect('version=00000001')


@meeting
def aioquic_client_version_negotiation(room):
    """aioquic's client begins with a version that we do not speak"""
    server = room.server('--versions', 1)
    room.aioquic_client('--begin', 2, '--versions', 21, '--get', 1 << 20)
    server.wait()
    server.expect('version=00000001')


@meeting
def aioquic_client_compatible_version(room):
    """We switch to version 2 for aioquic's client"""
    server = room.server('--versions', '2,1')
    room.aioquic_client('--begin', 1, '--versions', 21, '--get', 1 << 20)
    server.wait()
    server.expect('version=6b3343cf')


@meeting
def ngtcp2_server_get(room):
    """Ten megabytes from gtlsserver"""
    room.text(f'text-{MB10}', MB10)
    room.gtlsserver('-q')
    room.client('--alpn', 'h3', '--get', MB10)


@meeting
def ngtcp2_server_put(room):
    """Ten megabytes to gtlsserver"""
    room.gtlsserver('-q')
    room.client('--alpn', 'h3', '--put', MB10)


@meeting
def ngtcp2_server_v2(room):
    """Version 2 with gtlsserver"""
    room.gtlsserver('-q')
    room.client('--alpn', 'h3', '--begin', 2, '--versions', 2, '--put', '1M'
                ).expect('version=6b3343cf')


@meeting
def ngtcp2_server_chacha(room):
    """ChaCha20-Poly1305 with gtlsserver"""
    room.gtlsserver('-q')
    room.client('--alpn', 'h3', '--ciphers', '+CHACHA20-POLY1305', '--put',
                '1M').expect('cipher=CHACHA20-POLY1305')


@meeting
def ngtcp2_server_bad_network(room):
    """gtlsserver through loss, reordering, duplicates and flipped bits"""
    room.text('text-2097152', 2 << 20)
    room.relay('--seed', 3, '--loss', 30, '--reorder', 30, '--duplicate', 30,
               '--corrupt', 10, '--delay', 2000)
    room.gtlsserver('-q')
    room.client('--alpn', 'h3', '--get', '2M', '--put', '2M',
                to='127.0.0.1:4432')


@meeting
def ngtcp2_server_rebinding(room):
    """gtlsserver sees new ports of ours"""
    room.text(f'text-{MB10}', MB10)
    room.relay('--rebind', 100)
    room.gtlsserver('-q')
    room.client('--alpn', 'h3', '--get', MB10, to='127.0.0.1:4432')


@meeting
def ngtcp2_server_key_update(room):
    """We update the keys towards gtlsserver"""
    room.text(f'text-{MB10}', MB10)
    room.relay('--delay', 20000)
    room.gtlsserver('-q')
    room.client('--alpn', 'h3', '--get', MB10, '--at', '0:update', '--at',
                '1M:update', to='127.0.0.1:4432').expect('generation=2,2')


@meeting
def ngtcp2_client_get(room):
    """Ten megabytes to gtlsclient"""
    room.text('want', MB10)
    room.path('got').mkdir()
    server = room.server('--alpn', 'h3', '--size', MB10)
    room.gtlsclient('-q', '--download', '/tmp/got')
    room.same('want', 'got/text')
    server.wait()


@meeting
def ngtcp2_client_post(room):
    """Ten megabytes from gtlsclient"""
    room.text('data', MB10)
    server = room.server('--alpn', 'h3')
    room.gtlsclient('-q', '-d', '/tmp/data', '-m', 'POST')
    server.wait()
    server.expect(fr'text received={MB10} ')


@meeting
def ngtcp2_client_v2(room):
    """Version 2 with gtlsclient"""
    server = room.server('--alpn', 'h3', '--size', '1M')
    room.gtlsclient('-q', '-v', 'v2')
    server.wait()
    server.expect('version=6b3343cf')


@meeting
def ngtcp2_client_bad_network(room):
    """gtlsclient through loss, reordering, duplicates and flipped bits"""
    room.text('data', 2 << 20)
    room.relay('--seed', 4, '--loss', 30, '--reorder', 30, '--duplicate', 30,
               '--corrupt', 10, '--delay', 2000)
    server = room.server('--alpn', 'h3')
    room.gtlsclient('-q', '-d', '/tmp/data', '-m', 'POST', port=4432)
    server.wait()
    server.expect('text received=2097152 ')


@meeting
def ngtcp2_client_key_update(room):
    """gtlsclient updates the keys"""
    room.relay('--delay', 2000)
    server = room.server('--alpn', 'h3', '--size', MB10)
    room.gtlsclient('-q', '--key-update', '50ms', port=4432)
    server.wait()
    server.expect('generation=[1-9]')


@meeting
def ngtcp2_client_rebinding(room):
    """gtlsclient comes from another port, as behind a NAT"""
    room.text('data', MB10)
    server = room.server('--alpn', 'h3')
    room.gtlsclient('-q', '--change-local-addr', '20ms', '--nat-rebinding',
                    '-d', '/tmp/data', '-m', 'POST')
    server.wait()
    server.expect(fr'text received={MB10} ')


@meeting
def ngtcp2_client_migration(room):
    """gtlsclient migrates, with path validation"""
    room.text('data', MB10)
    server = room.server('--alpn', 'h3')
    room.gtlsclient('-q', '--change-local-addr', '20ms', '-d', '/tmp/data',
                    '-m', 'POST')
    server.wait()
    server.expect(fr'text received={MB10} ')


# aioquic, raw streams

@meeting
def aioquic_server_both_ways(room):
    """Ten megabytes each way at once with aioquic's server"""
    room.aioquic_server()
    room.client('--get', MB10, '--put', MB10)


@meeting
def aioquic_server_streams(room):
    """Streams of all kinds with aioquic's server"""
    room.aioquic_server()
    # no "--get 0": aioquic 1.2 forgets a FIN without data that finds the
    # packet full (get_frame() takes it, start_frame() then raises)
    room.client('--reset', '100K:77', '--stop', 33, '--uni', '1M', '--put',
                '1M', '--put', 0)


@meeting
def aioquic_server_v2(room):
    """Version 2 with aioquic's server"""
    room.aioquic_server('--versions', 2)
    room.client('--begin', 2, '--versions', 2, '--get', '1M').expect('version=6b3343cf')


@meeting
def aioquic_server_key_update(room):
    """We update the keys towards aioquic's server"""
    room.relay('--delay', 20000)
    room.aioquic_server()
    room.client('--get', '4M', '--at', '0:update', '--at', '1M:update',
                to='127.0.0.1:4432').expect('generation=2,2')


@meeting
def aioquic_server_bad_network(room):
    """aioquic's server through loss, reordering, duplicates"""
    room.relay('--seed', 5, '--loss', 20, '--reorder', 20, '--duplicate', 20,
               '--corrupt', 10, '--delay', 2000)
    room.aioquic_server()
    room.client('--get', '1M', '--put', '1M', to='127.0.0.1:4432')


@meeting
def aioquic_client_both_ways(room):
    """Ten megabytes each way at once with aioquic's client"""
    server = room.server()
    room.aioquic_client('--get', MB10, '--put', MB10)
    server.wait()


@meeting
def aioquic_client_streams(room):
    """Streams of all kinds with aioquic's client"""
    server = room.server()
    room.aioquic_client('--reset', '100000:77', '--stop', 33, '--uni',
                        1 << 20, '--put', 1 << 20, '--get', 0, '--put', 0)
    server.wait()


@meeting
def aioquic_client_v2(room):
    """Version 2 with aioquic's client"""
    server = room.server()
    room.aioquic_client('--begin', 2, '--versions', 2, '--get', 1 << 20)
    server.wait()
    server.expect('version=6b3343cf')


@meeting
def aioquic_client_key_update(room):
    """aioquic's client updates the keys"""
    server = room.server()
    room.aioquic_client('--get', 2 << 20, '--update')
    server.wait()
    server.expect('generation=1,1')


@meeting
def aioquic_client_new_id(room):
    """aioquic's client changes its connection ID, and so must we"""
    server = room.server()
    room.aioquic_client('--get', 2 << 20, '--new-cid')
    server.wait()
