#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A LAN whose UDP goes through a tunnel, by a rule of the firewall.
set -uo pipefail
. "$(dirname "$0")/../lib/tap.sh"
netns=$(dirname "$0")/../../netns
gw=$netns/gw
udp=$netns/udp
far=198.51.100.2
far6=2001:db8:100::2
own=198.51.100.1
ports='sport >= :10000 and sport <= :10999'

lan()
{
	"$gw" exec lan "$udp" "$@"
}

# until_true COMMAND...: a minute at most
until_true()
{
	local tries=600

	while [ $tries -gt 0 ]; do
		"$@" >/dev/null 2>&1 && return
		tries=$((tries - 1))
		sleep 0.1
	done
	"$@"
}

listens()
{
	"$gw" exec "$1" ss -Hlun sport = ":$2" | grep -q .
}

# serve NODE PORT...: in the background, as $!
serve()
{
	local node=$1
	shift
	"$gw" exec "$node" "$udp" serve "$@" >/dev/null 2>&1 &
}

# zero COUNTER: at both ends; a line of names stands above each of values
zero()
{
	local node

	for node in client server; do
		"$gw" exec "$node" awk -v name="$1" '
			/^Tquic: [A-Z]/ { for (i = 2; i <= NF; i++) at[i] = $i; next }
			{ for (i = 2; i <= NF; i++) if (at[i] == name) n = $i }
			END { print name, n; exit n != "0" }
		' /proc/net/tquic/snmp || return
	done
}

flows()
{
	"$gw" exec "$1" /repo/build/tools/ip-tquic -j flows |
		jq '[.[] | select(.protocol == "udp")] | length'
}

# none NODE: no flow is left there
none()
{
	local n

	n=$(flows "$1")
	echo "$n flows on $1"
	[ "$n" = 0 ]
}

no_mapping()
{
	! "$gw" exec server ss -Hlun "$ports" | grep .
}

# what was captured left from the server, by a port of the client's
leaves_from_server()
{
	local address port

	read -r address port < <(lan who $far 7000)
	echo "$address $port"
	[ "$address" = $own ] && [ "$port" -ge 10000 ] && [ "$port" -le 10999 ]
}

# ping_from NODE OPTION...: the answers are the far end's, not the gateway's
ping_from()
{
	local node=$1 out
	shift

	out=$("$gw" exec "$node" ping -n -i 0.2 -W 5 "$@")
	echo "$out"
	grep -q ' 0% packet loss' <<<"$out"
}

# this host has no way to the far end but by the tunnel
pings()
{
	ping_from lan -c 5 $far && ping_from lan -c 5 $far6 &&
		ping_from lan -c 2 -s 0 $far &&
		ping_from lan -c 2 -s 9000 $far &&
		ping_from lan -c 2 -s 9000 $far6 &&
		icmp_flows client && icmp_flows server
}

# far more than there may be at a time, and in a second
ping_flood()
{
	"$gw" exec lan ping -n -q -i 0 -c 3000 -w 10 $far
	ping_from lan -c 5 -i 1 $far
}

# two_pings: the identifier that both use is another one for each at the server
two_pings()
{
	local status

	ping_from lan -c 5 -e 77 $far >/dev/null &
	ping_from client -c 5 -e 77 $far
	status=$?
	wait $! && return "$status"
}

own_ping()
{
	local status

	"$gw" exec client /repo/build/nft-ext/nft-tquic -f - <<-'END' || return
		table inet own {
			chain out {
				type filter hook output priority mangle;
				ip daddr 198.51.100.2 tquic tunnel to "home"
				ip6 daddr 2001:db8:100::2 tquic tunnel to "home"
			}
		}
	END
	ping_from client -c 3 $far && ping_from client -c 3 $far6 && two_pings
	status=$?
	"$gw" exec client /repo/build/nft-ext/nft-tquic delete table inet own
	return "$status"
}

icmp_flows()
{
	"$gw" exec "$1" /repo/build/tools/ip-tquic -j flows |
		jq -e '[.[].protocol] | index("icmp") and index("icmpv6")'
}

# the answers of a conntrack that would not know them are not let out
ping_tracked()
{
	local status

	"$gw" exec client /repo/build/nft-ext/nft-tquic -f - <<-'END' || return
		table inet strict {
			chain out {
				type filter hook output priority filter;
				meta l4proto { icmp, icmpv6 } ct state invalid drop
				icmpv6 type echo-reply ct state != established drop
				icmp type echo-reply ct state != established drop
			}
		}
	END
	ping_from lan -c 3 $far && ping_from lan -c 3 $far6
	status=$?
	"$gw" exec client /repo/build/nft-ext/nft-tquic delete table inet strict
	return "$status"
}

# ping_error ADDRESS TEXT: the LAN host is told, by the gateway
ping_error()
{
	local out

	out=$("$gw" exec lan ping -n -c 3 -i 0.5 -W 5 "$1")
	echo "$out"
	grep -q "$2" <<<"$out"
}

from_gateway()
{
	local words

	"$gw" exec client /repo/build/nft-ext/nft-tquic -f - <<-'END' || return
		table inet own {
			chain out {
				type filter hook output priority mangle;
				meta l4proto udp ip daddr 198.51.100.2 tquic tunnel to "home"
			}
		}
	END
	"$gw" exec client "$udp" ask $far 7000 5 1400 9000 || return
	words=$("$gw" exec client "$udp" who $far 7000)
	echo "$words"
	"$gw" exec client /repo/build/nft-ext/nft-tquic delete table inet own
	[ "${words% *}" = $own ]
}

forward()
{
	local status

	"$gw" exec server /repo/build/tools/ip-tquic forward add vps gw \
		udp 10500 to 192.168.7.2:7777 || return
	serve lan 7777
	until_true listens lan 7777
	"$gw" exec inet "$udp" ask $own 10500 4 2000
	status=$?
	kill $!
	"$gw" exec server /repo/build/tools/ip-tquic forward del vps gw \
		udp 10500 && return "$status"
}

# the largest number of flows is 300
limit()
{
	local n

	n=$(lan many $far 7000 400)
	echo "$n answers, $(flows client) flows"
	[ "$n" -ge 200 ] && [ "$(flows client)" -le 300 ] &&
		[ "$(flows server)" -le 300 ]
}

timeouts()
{
	local node

	for node in client server; do
		"$gw" exec "$node" sysctl -qw net.tquic.udp_timeout="$1" \
			net.tquic.udp_timeout_stream="$1" || return
	done
}

idle()
{
	timeouts 1000 && until_true none client && until_true none server &&
		until_true no_mapping
}

# A wire keeps the order of packets, a pair of veth devices that are used from
# two CPUs does not, unless the receiver sends each flow to one CPU.  The ends
# where the tunnel's own packets arrive are left as they are.
wires()
{
	local node

	for node in client server wan1 wan2; do
		"$gw" exec "$node" sh -c '
			for cpus in /sys/class/net/*/queues/rx-0/rps_cpus; do
				echo 3 >"$cpus" || exit
			done' || return
	done
}

modprobe -a tquic tquic_nf
export GW_CLIENT='ports 10000-10999' GW_TUNNEL='flows 300'
export GW_L4='tcp, udp, icmp, icmpv6'
check 'two WANs, a LAN, a server and the Internet' "$gw" up 2 rate=50,delay=10
[ "$(nproc)" -lt 2 ] || check 'wires keep the order' wires
check 'the tunnel comes up' "$gw" wait
# the others would wait for it, each in turn
[ "$tap_failed" -eq 0 ] || tap_done
check 'the rule is loaded' "$gw" capture
serve inet 7000 7001
server=$!
check 'somebody is there to answer' until_true listens inet 7001
check 'a question is answered' lan ask $far 7000 30
check 'it leaves from the server, by a port of the client' leaves_from_server
check 'payloads of any length' lan ask $far 7000 0 1 1000 1400 1472 1473 9000 \
	60000
check '10,000 payloads, in order' lan order $far 7000 10000
check 'IPv6' lan ask $far6 7000 0 30 1400 1452 1453 9000
check 'IPv6 in order' lan order $far6 7000 1000
check "the gateway's own" from_gateway
check 'a closed port is told' lan error $far 9 ECONNREFUSED
check 'a closed port is told, IPv6' lan error $far6 9 ECONNREFUSED
check "the server's own ports are not reached" lan error $own 4433 EHOSTUNREACH
check 'nor private addresses behind it' lan error 10.82.1.2 9 EHOSTUNREACH
check 'ping, IPv4 and IPv6, of any length' pings
check 'conntrack knows the answers' ping_tracked
check "the gateway's own ping" own_ping
check 'the gateway answers for itself' ping_from lan -c 2 192.168.7.1
check 'ping is told where it may not go' ping_error 10.82.1.2 'filtered'
check 'a flood of ping ends, and leaves room' ping_flood
check 'one mapping for all, open to all' lan mapping $far 7000 7001
check 'the same, IPv6' lan mapping $far6 7000 7001
check 'hosts meet by their outer addresses' lan hairpin $far 7000
check 'the same, IPv6' lan hairpin $far6 7000
check 'a port leads into the LAN' forward
check 'flows are bounded' limit
check 'idle flows end, and mappings' idle
check 'and begin anew' lan ask $far 7000 30
check 'nothing was malformed' zero TunnelMalformed
kill $server
check 'everything is taken down' "$gw" down
check 'the modules can be unloaded' modules_go
tap_done
