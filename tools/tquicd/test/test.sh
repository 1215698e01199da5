#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What tquicd says to its configuration, and the rules that it makes of it;
# neither needs a kernel of ours.
set -uo pipefail
tquicd=$(realpath "$1") failed=0 count=0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit
mkdir d
key=AAECAwQFBgcICQoLDA0ODw==

result()
{
	local name=$1 ok=$2

	count=$((count + 1))
	if [ "$ok" = 1 ]; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		sed 's/^/# /' out
		failed=$((failed + 1))
	fi
}

# check NAME STATUS TEXT: d/a.conf comes from standard input; TEXT is a line
check()
{
	local got=0 ok=1

	cat >d/a.conf
	chmod 600 d/a.conf
	"$tquicd" --check --config d >out 2>&1 || got=$?
	[ "$got" -eq "$2" ] || ok=0
	if [ -n "$3" ]; then
		grep -qxF -- "$3" out || ok=0
	elif [ -s out ]; then
		ok=0
	fi
	result "$1" $ok
}

# wrong NAME TEXT: refused, with that complaint
wrong()
{
	check "$1" 1 "d/a.conf:$2"
}

# client NAME TEXT SETTING: one of a client's is wrong; it stands in line 6
client()
{
	wrong "$1" "6: $2" < <(printf '[global]\nlisten_port = 443\n%s\n' \
		"[client.pc]"$'\n'"psk = $key"$'\n\n'"$3")
}

# tunnel NAME TEXT SETTING: likewise
tunnel()
{
	wrong "$1" "6: $2" < <(printf '[tunnel.home]\nserver=h:1\n%s\n' \
		"identity = pc"$'\n'"psk = $key"$'\n\n'"$3")
}

# global NAME TEXT SETTING: likewise, in line 2
global()
{
	wrong "$1" "2: $2" < <(printf '[global]\n%s\n' "$3")
}

cat >again <<END
[global]
listen_port = 443
metrics_port = 9100       # Prometheus endpoint
dashboard_port = 8080     # Web dashboard (localhost)
session_ttl = 120         # Seconds to hold session on reconnect

[client.router1]
psk = $key
port_range = 10000-10999   # NAT port range for this client
bandwidth_limit = 500mbit
END
check 'the server of the overview' 0 "d/a.conf:3: metrics_port: this version serves no metrics; nobody listens on port 9100" <again
check 'which has no dashboard either' 0 "d/a.conf:4: dashboard_port: this version has no dashboard; nobody listens on port 8080" \
	<again
check 'a server with forwards' 0 '' <<END
[global]
listen_port = 443
[client.router1]
psk = $key
port_range = 10000-10999
inside = yes
forward = tcp 10022 to 192.168.1.5:22
forward = udp 10022 to [fd00::5]:22
forward = tcp 10023 to 192.168.1.5
[client.router2]
psk=$key
port_range=11000-11999
END
check 'a gateway' 0 '' <<END
; comment
[tunnel.home]
	server = vps.example.net:443
	identity = router1
	psk = $key
	paths = wan1, wan2
	capture = lan0 br-guest
	class = bulk
	bypass = 10.0.0.0/8, 2001:db8::/32
	bypass = 192.0.2.1
	down = drop
	scheduler = aggregate
	congestion = bbr
END
check 'an address with IPv6' 0 '' <<END
[tunnel.home]
server = [2001:db8::1]:443
identity = router1
psk = $key
paths = auto
END
check 'nothing at all' 0 'nothing is configured: no [tunnel.NAME], and no listen_port in [global]' </dev/null

wrong 'no setting' '2: neither [section] nor name = value' <<<$'[global]\nhello'
wrong 'before a section' '1: a = b: it stands before the first [section]' \
	<<<'a = b'
wrong 'no end of a section' '1: neither [section] nor name = value' \
	<<<'[global'
wrong 'an unknown section' '1: [server]: a section is global, client.NAME or tunnel.NAME' \
	<<<'[server]'
wrong 'global twice' '3: [global]: it is there twice' \
	<<<$'[global]\nsession_ttl = 5\n[global]'
wrong 'a long line' '2: the line is too long' \
	<<<"[global]"$'\n'"session_ttl = $(printf '%0250d' 1)"
wrong 'a long section' "1: the section's name is too long" \
	<<<"[client.$(printf '%0150d' 1)]"
wrong 'a byte 0' '2: there is a byte 0 in the line' < <(
	printf '[global]\nsession_ttl = 1\0002\n')
global 'an unknown setting' 'port = 1: there is no such setting in this section' \
	'port = 1'
global 'a port' 'listen_port = 0: a port is a number from 1 to 65535' \
	'listen_port = 0'
global 'another port' 'metrics_port = 70000: a port is a number from 1 to 65535' \
	'metrics_port = 70000'
global 'no port' 'dashboard_port = x: a port is a number from 1 to 65535' \
	'dashboard_port = x'
global 'a time' 'session_ttl = 0: it is a number of seconds from 1 to 86400' \
	'session_ttl = 0'
global 'no value' 'session_ttl = : a value is missing' 'session_ttl ='
global 'only a comment' 'session_ttl = : a value is missing' \
	'session_ttl = # soon'
wrong 'a setting twice' '3: session_ttl = 6: it is there twice' < <(
	printf '[global]\nsession_ttl = 5\nsession_ttl = 6\n')

wrong 'no name of a client' '1: [client.]: an identity has 1 to 63 characters' \
	<<<'[client.]'
wrong 'a name with a blank' "1: [client.a b]: an identity has no blanks, no '#', just ASCII" \
	<<<'[client.a b]'
wrong 'a name with a colon' "1: [client.a:b]: a client's name has no ':'" \
	<<<'[client.a:b]'
wrong 'a client twice' \
	'5: [client.a]: there are two clients of that name' < <(
	printf '[global]\nlisten_port=1\n[client.a]\npsk=%s\n[client.a]\n' $key)
wrong 'a client without a key' "3: the client 'a' has no psk" <<END
[global]
listen_port = 1
[client.a]
END
wrong 'clients without a server' \
	'1: clients want a listen_port in [global]' <<END
[client.a]
psk = $key
END
wrong 'a key that is not base64, and is not shown' \
	'2: psk: it is not base64' < <(
	printf '[client.a]\npsk = secret\n')
wrong 'a short key' '2: psk: a key has 16 to 64 bytes' < <(
	printf '[client.a]\npsk = AAEC\n')
wrong 'a long key' '2: psk: a key has 16 to 64 bytes' < <(
	printf '[client.a]\npsk = %s\n' "$(head -c 66 /dev/zero | base64 -w 0)")
wrong 'a key with a slip' '2: psk: it is not base64' < <(
	printf '[client.a]\npsk = AAECAwQ*BgcICQoLDA0ODw==\n')
client 'a range' 'port_range = 5: a range of ports is FIRST-LAST' \
	'port_range = 5'
client 'a range that ends first' \
	'port_range = 6-5: the last port comes before the first' \
	'port_range = 6-5'
client 'a port of a range' \
	'port_range = 1-70000: a port is a number from 1 to 65535' \
	'port_range = 1-70000'
client 'a rate' \
	'bandwidth_limit = fast: a rate is a number with a unit, as in 500mbit' \
	'bandwidth_limit = fast'
client 'its unit' \
	'bandwidth_limit = 5m: its unit has to be bit, kbit, mbit, gbit or bps to gbps' \
	'bandwidth_limit = 5m'
client 'too high a rate' \
	'bandwidth_limit = 9999gbit: the rate has to be from 8bit to 1000gbit' \
	'bandwidth_limit = 9999gbit'
client 'inside' 'inside = maybe: it is either yes or no' 'inside = maybe'
client 'a forward' \
	'forward = tcp 22: a forward is, say, tcp 10022 to 192.168.1.5:22' \
	'forward = tcp 22'
client 'a protocol' 'forward = icmp 22 to ::1: the protocol is tcp or udp' \
	'forward = icmp 22 to ::1'
client 'a port of a forward' \
	'forward = tcp 0 to ::1: a port is a number from 1 to 65535' \
	'forward = tcp 0 to ::1'
client 'an address of a forward' \
	'forward = tcp 1 to lan: it is not an address' 'forward = tcp 1 to lan'
client 'a port of an address' \
	'forward = tcp 1 to 10.0.0.1:x: its port is not a number from 0 to 65535' \
	'forward = tcp 1 to 10.0.0.1:x'
client 'a forward outside' \
	"port 22 is not in the port_range of the client 'pc'" \
	'forward = tcp 22 to 10.0.0.1'
client 'what is a tunnel'\''s' \
	'capture = lan: there is no such setting in this section' \
	'capture = lan'
wrong 'a port forwarded twice' '7: port 5 is forwarded twice' <<END
[global]
listen_port = 1
[client.a]
psk = $key
port_range = 5-6
forward = tcp 5 to 10.0.0.1
forward = tcp 5 to 10.0.0.2
END
wrong 'ranges that overlap' \
	"8: the port_range 200-300 of 'b' overlaps 100-200 of 'a' at d/a.conf:5" <<END
[global]
listen_port = 1
[client.a]
psk = $key
port_range = 100-200
[client.b]
psk = $key
port_range = 200-300
END
wrong 'a range within another, behind a third' \
	"10: the port_range 150-160 of 'c' overlaps 100-200 of 'a' at d/a.conf:5" <<END
[global]
listen_port = 1
[client.a]
psk = $key
port_range = 100-200
[client.b]
psk = $key
[client.c]
psk = $key
port_range = 150-160
END

wrong 'a name of a tunnel' "1: [tunnel.a/b]: a name has letters, digits, '-', '_' and '.'" \
	<<<'[tunnel.a/b]'
wrong 'a long one' '1: [tunnel.sixteen-letters.]: a name has 1 to 15 characters' \
	<<<'[tunnel.sixteen-letters.]'
wrong 'the one of the server' \
	'1: [tunnel.server]: that name is for the tunnel which clients come to' \
	<<<'[tunnel.server]'
wrong 'a tunnel twice' '2: [tunnel.a]: there are two tunnels of that name' \
	<<<$'[tunnel.a]\n[tunnel.a]'
wrong 'no server' "1: the tunnel 'a' has no server" <<<'[tunnel.a]'
wrong 'no identity' "1: the tunnel 'a' has no identity" \
	<<<$'[tunnel.a]\nserver = h:1'
wrong 'no key' "1: the tunnel 'a' has no psk" \
	<<<$'[tunnel.a]\nserver = h:1\nidentity = pc'
wrong 'no port' '2: server = vps: a server is HOST:PORT' < <(
	printf '[tunnel.a]\nserver = vps\n')
wrong 'no brackets' \
	'2: server = ::1:443: with an IPv6 address it is [ADDRESS]:PORT' < <(
	printf '[tunnel.a]\nserver = ::1:443\n')
wrong 'one bracket' \
	'2: server = [::1:443: with an IPv6 address it is [ADDRESS]:PORT' < <(
	printf '[tunnel.a]\nserver = [::1:443\n')
wrong 'no host' \
	'2: server = a/b:443: its host is neither a name nor an address' < <(
	printf '[tunnel.a]\nserver = a/b:443\n')
wrong 'no port of a host' \
	'2: server = a:0: a port is a number from 1 to 65535' < <(
	printf '[tunnel.a]\nserver = a:0\n')
wrong 'an identity with a colon' \
	"2: identity = a:b: an identity has no ':' here" < <(
	printf '[tunnel.a]\nidentity = a:b\n')
tunnel 'no device' 'capture = a/b: that is not a list of devices'\'' names' \
	'capture = a/b'
tunnel 'a quote in a device' \
	'capture = a"b: that is not a list of devices'\'' names' 'capture = a"b'
tunnel 'a device twice' 'paths = a, a: a device is there twice' \
	'paths = a, a'
tunnel 'too many devices' 'paths = a b c d e f g h i: there are more than 8 devices' \
	'paths = a b c d e f g h i'
tunnel 'only a comma' 'paths = ,: a value is missing' 'paths = ,'
tunnel 'a class' 'class = fast: a class is realtime, interactive, bulk or background' \
	'class = fast'
tunnel 'no prefix' 'bypass = lan: a prefix is ADDRESS or ADDRESS/BITS' \
	'bypass = lan'
tunnel 'bits of a prefix' \
	'bypass = 10.0.0.0/33: a prefix has up to 32 bits, or 128 with IPv6' \
	'bypass = 10.0.0.0/33'
tunnel 'when it is down' 'down = reject: it is either route or drop' \
	'down = reject'
tunnel 'a scheduler' 'scheduler = a b: that is not the name of an algorithm' \
	'scheduler = a b'
wrong 'a class of nothing' \
	'1: a class is for what is captured, and nothing is' <<END
[tunnel.a]
server = h:1
identity = pc
psk = $key
class = bulk
END
wrong 'an uplink that is captured' \
	'6: wan1 is an uplink and captured from at once' <<END
[tunnel.a]
server = h:1
identity = pc
psk = $key
capture = lan wan1
paths = wan1
END
wrong 'two tunnels for a device' \
	"6: what comes from lan goes into the tunnel 'a' already" <<END
[tunnel.a]
server = h:1
identity = pc
psk = $key
capture = lan
[tunnel.b]
server = h:2
identity = pc
psk = $key
capture = lan
END
wrong 'paths of two kinds' \
	"6: paths are auto for all tunnels, or lists for all: the tunnel 'a' has it the other way" <<END
[tunnel.a]
server = h:1
identity = pc
psk = $key
paths = wan1
[tunnel.b]
server = h:2
identity = pc
psk = $key
END
wrong 'an identity with two keys' \
	"5: the identity 'pc' has another psk elsewhere" <<END
[tunnel.a]
server = h:1
identity = pc
psk = $key
[tunnel.b]
server = h:2
identity = pc
psk = AQECAwQFBgcICQoLDA0ODw==
END

printf '[client.a]\npsk = %s\n' $key >d/a.conf
chmod 640 d/a.conf
"$tquicd" -C -c d >out 2>&1
result 'a key that others may read' "$(grep -cxF \
	'd/a.conf:2: psk: others have access to this file: chmod 600' out)"
printf '[global]\nsession_ttl = 5\n' >d/a.conf
"$tquicd" -C -c d >out 2>&1
result 'without a key they may' $((! $?))
printf '[global]\nsession_ttl = 6\n' >d/b.conf
"$tquicd" -C -c d >out 2>&1
result 'the same in another file' "$(grep -cxF \
	'd/b.conf:1: [global]: it is there twice' out)"
rm d/b.conf
mkfifo d/b.conf
"$tquicd" -C -c d >out 2>&1
result 'a file that is none' "$(grep -cxF \
	'd/b.conf: it is not a regular file' out)"
rm d/b.conf
"$tquicd" -C -c nowhere >out 2>&1
result 'no directory' "$(grep -cxF 'nowhere: No such file or directory' out)"
"$tquicd" --help >out 2>&1
result 'help' "$(grep -c '^usage: tquicd' out)"
"$tquicd" now >out 2>&1
result 'a word too much' $(($? == 2))

cat >d/a.conf <<END
[tunnel.home]
server = h:1
identity = pc
psk = $key
capture = lan0, br0
class = bulk
bypass = 10.1.2.3/8 10.1.0.0/16 192.0.2.1 10.0.0.0/8 2001:db8::1/32
down = drop
[tunnel.guest]
server = h:1
identity = pc
psk = $key
capture = guest0
[tunnel.idle]
server = h:1
identity = pc
psk = $key
END
chmod 600 d/a.conf
"$tquicd" --policy -c d >rules
diff - rules >out <<'END'
table inet tquicd {
	chain to-home {
		ip daddr { 10.0.0.0/8, 192.0.2.1/32 } return
		ip6 daddr { 2001:db8::/32 } return
		meta l4proto { tcp, udp } tquic tunnel to "home" class bulk accept
		fib daddr type != unicast return
		ip daddr 169.254.0.0/16 return
		ip6 daddr fe80::/10 return
		meta l4proto { tcp, udp } counter drop comment "home is down"
	}
	chain to-guest {
		meta l4proto { tcp, udp } tquic tunnel to "guest" accept
	}
	chain prerouting {
		type filter hook prerouting priority mangle; policy accept;
		iifname { "lan0", "br0" } jump to-home
		iifname { "guest0" } jump to-guest
	}
}
END
result 'the rules' $((! $?))
echo "1..$count"
echo "$((count - failed)) passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
