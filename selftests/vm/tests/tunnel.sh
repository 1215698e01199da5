#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A LAN whose TCP goes through a tunnel, by a rule of the firewall.
set -uo pipefail
. "$(dirname "$0")/../lib/tap.sh"
gw=$(dirname "$0")/../../netns/gw
dir=$(mktemp -d)
far=198.51.100.2

# serve SOCAT-ARGUMENTS...: on the Internet host, for one connection
serve()
{
	"$gw" exec inet socat "$@" &
	server=$!
	until "$gw" exec inet ss -Hltn sport = :7000 | grep -q .; do
		sleep 0.02
	done
}

flows()
{
	"$gw" exec client /repo/build/tools/ip-tquic -j flows |
		jq '[.[] | select(.protocol == "tcp")] | length'
}

# until_equal WANT COMMAND...: 10 s at most
until_equal()
{
	local want=$1 tries=200
	shift
	while [ $tries -gt 0 ]; do
		[ "$("$@")" = "$want" ] && return
		tries=$((tries - 1))
		sleep 0.05
	done
	echo "wanted $want, have $("$@")"
	return 1
}

upload()
{
	head -c "$1" /dev/urandom >"$dir/up"
	serve -u TCP-LISTEN:7000,reuseaddr "CREATE:$dir/got"
	"$gw" exec lan socat -u "OPEN:$dir/up" "TCP:$far:7000" || return
	wait "$server"
	cmp "$dir/up" "$dir/got"
}

download()
{
	head -c "$1" /dev/urandom >"$dir/down"
	serve -u "OPEN:$dir/down" TCP-LISTEN:7000,reuseaddr
	"$gw" exec lan socat -u "TCP:$far:7000" "CREATE:$dir/got" || return
	wait "$server"
	cmp "$dir/down" "$dir/got"
}

# what was captured did not go by a WAN as it was
captured()
{
	serve TCP-LISTEN:7000,reuseaddr SYSTEM:'echo $SOCAT_PEERADDR'
	until_equal 198.51.100.1 "$gw" exec lan socat -T 2 "TCP:$far:7000" -
}

# the client sends FIN, and then reads the answer
half_close()
{
	local got

	serve TCP-LISTEN:7000,reuseaddr "SYSTEM:wc -c"
	got=$(head -c 100000 /dev/zero |
		"$gw" exec lan socat -t 10 - "TCP:$far:7000") || return
	echo "$got"
	[ "$got" -eq 100000 ]
}

speaks_first()
{
	serve TCP-LISTEN:7000,reuseaddr "SYSTEM:echo 220 hello; cat"
	[ "$(echo QUIT | "$gw" exec lan socat -t 5 - "TCP:$far:7000" |
		head -1)" = "220 hello" ]
}

# errno TARGET PORT WANT
connect_fails()
{
	"$gw" exec lan python3 -c '
import errno, socket, sys
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
s.settimeout(10)
try:
    s.connect((sys.argv[1], int(sys.argv[2])))
    s.send(b"x")
    while s.recv(1):
        pass
    sys.exit("it was served")
except OSError as e:
    print(e)
    sys.exit(errno.errorcode.get(e.errno) != sys.argv[3])
' "$1" "$2" "$3"
}

reset_reaches_client()
{
	"$gw" exec inet python3 -c '
import socket, struct
s = socket.create_server(("", 7000))
c, _ = s.accept()
c.recv(1)
c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
c.close()
' &
	until "$gw" exec inet ss -Hltn sport = :7000 | grep -q .; do
		sleep 0.02
	done
	connect_fails $far 7000 ECONNRESET
}

paths()
{
	"$gw" exec client /repo/build/tools/ip-tquic -j path show |
		jq '[.. | objects | select(.state? == "active")] | length'
}

many()
{
	local status

	"$gw" exec inet python3 -c '
import selectors, socket
s = socket.create_server(("", 7000), backlog=200)
sel = selectors.DefaultSelector()
sel.register(s, selectors.EVENT_READ)
while True:
    for key, _ in sel.select():
        if key.fileobj is s:
            sel.register(s.accept()[0], selectors.EVENT_READ)
            continue
        data = key.fileobj.recv(100)
        if data:
            key.fileobj.sendall(data)
        else:
            sel.unregister(key.fileobj)
            key.fileobj.close()
' &
	server=$!
	until "$gw" exec inet ss -Hltn sport = :7000 | grep -q .; do
		sleep 0.02
	done
	"$gw" exec lan python3 -c '
import socket
socks = [socket.create_connection(("'$far'", 7000)) for i in range(100)]
for i, s in enumerate(socks):
    s.sendall(b"%03d" % i)
for i, s in enumerate(socks):
    assert s.recv(3) == b"%03d" % i
    s.close()
'
	status=$?
	kill $server
	wait $server 2>/dev/null
	return $status
}

six()
{
	local far=2001:db8:100::2

	head -c 1000000 /dev/urandom >"$dir/down"
	serve -u "OPEN:$dir/down" TCP6-LISTEN:7000,reuseaddr
	"$gw" exec lan socat -u "TCP6:[$far]:7000" "CREATE:$dir/got" || return
	wait "$server"
	cmp "$dir/down" "$dir/got"
}

local_stays()
{
	"$gw" exec client socat TCP-LISTEN:7001,reuseaddr SYSTEM:'echo here' &
	until "$gw" exec client ss -Hltn sport = :7001 | grep -q .; do
		sleep 0.02
	done
	[ "$("$gw" exec lan socat -T 2 TCP:192.168.7.1:7001 -)" = here ]
}

modprobe -a tquic tquic_nf
check 'two WANs, a LAN, a server and the Internet' "$gw" up 2 rate=50,delay=10
check 'the tunnel comes up' "$gw" wait
check 'each WAN has a path' until_equal 2 paths
check 'the rule is loaded' "$gw" capture
check 'a connection leaves from the server' captured
check '3 MB from the LAN' upload 3000000
check '3 MB to the LAN' download 3000000
check 'FIN of one direction' half_close
check 'a server that speaks first' speaks_first
check 'a port without a listener' connect_fails $far 9 ECONNRESET
check "the server's loopback is not reached" \
	connect_fails 198.51.100.1 4433 ECONNRESET
check 'private addresses behind the server are not reached' \
	connect_fails 10.82.1.2 22 ECONNRESET
check 'a reset arrives' reset_reaches_client
check '100 connections at once' many
check 'IPv6' six
check 'the gateway itself is reached as before' local_stays
check 'no flow is left' until_equal 0 flows
check 'everything is taken down' "$gw" down
check 'the modules can be unloaded' modules_go
tap_done
