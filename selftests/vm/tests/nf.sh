#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Capture, with a stand-in for the tunnel: a gateway between a client and a
# server, each in a namespace.
#
#   client 10.0.1.2 --- 10.0.1.1 gateway 10.0.2.1 --- 10.0.2.2 server
#        dead:1::2  --- dead:1::1        dead:2::1 --- dead:2::2
set -uo pipefail
. "$(dirname "$0")/../lib/tap.sh"

nft=/repo/build/nft-ext/nft-tquic
dir=$(mktemp -d)
cd "$dir" || exit
c() { ip netns exec client "$@"; }
g() { ip netns exec gateway "$@"; }
s() { ip netns exec server "$@"; }

topology()
{
	local ns

	for ns in client gateway server; do
		ip netns add $ns
		ip -n $ns link set lo up
		ip netns exec $ns sysctl -qw net.ipv6.conf.all.accept_dad=0 \
			net.ipv6.conf.default.accept_dad=0
	done
	ip link add c0 netns client type veth peer name g0 netns gateway
	ip link add s0 netns server type veth peer name g1 netns gateway
	addr client c0 10.0.1.2/24 dead:1::2/64
	addr gateway g0 10.0.1.1/24 dead:1::1/64
	addr gateway g1 10.0.2.1/24 dead:2::1/64
	addr server s0 10.0.2.2/24 dead:2::2/64
	ip -n client route add default via 10.0.1.1
	ip -n client route add default via dead:1::1
	ip -n server route add default via 10.0.2.1
	ip -n server route add default via dead:2::1
	g sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
		net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.g0.rp_filter=1
}

addr()
{
	ip -n "$1" addr add "$3" dev "$2"
	ip -n "$1" addr add "$4" dev "$2" nodad
	ip -n "$1" link set "$2" up
}

# Servers that say who they are.
servers()
{
	local family only

	for family in 4 6; do
		only=fork,reuseaddr
		[ $family = 4 ] || only+=,ipv6only=1
		# shellcheck disable=SC2016 # the shell's that socat starts
		{
			s socat TCP$family-LISTEN:80,$only \
				SYSTEM:'read x; echo server $x' >/dev/null &
			s socat UDP$family-LISTEN:53,$only \
				SYSTEM:'read x; echo server $x' >/dev/null &
			g socat TCP$family-LISTEN:22,$only \
				SYSTEM:'read x; echo gateway $x' >/dev/null &
		}
	done
}

# ask WHO WANT SOCAT-ADDRESS: what comes back for "hello"
ask()
{
	local got

	got=$(echo hello | timeout 5 ip netns exec "$1" socat -t 2 - "$3")
	[[ "$got" == "$2"* ]] || {
		echo "got '$got'"
		cat /proc/tquic_nf_test
		return 1
	}
}

rules()
{
	g $nft flush ruleset && g $nft -f - <<-END
	table inet tquic {
		chain lan {
			type filter hook prerouting priority mangle; policy accept;
			$1
		}
		chain local {
			type filter hook output priority mangle; policy accept;
			${2-}
		}
	}
	END
}

tell()
{
	g sh -c "echo $1 >/proc/tquic_nf_test"
}

if [ ! -x $nft ]; then
	check 'nft-tquic has been built: make -C nft-ext' false
	tap_done
fi

# Jobs are shells around what runs in a namespace, and socat has children.
quiet()
{
	local ns

	for ns in client gateway server; do
		ip netns pids $ns 2>/dev/null | xargs -r kill -9
	done
}

trap quiet EXIT
modprobe -q tquic_nf
topology
servers
sleep 1

check 'rules load without a tunnel' rules 'tquic tunnel to home accept'
check 'and let everything pass' ask client 'server hello' TCP4:10.0.2.2:80
modprobe tquic_nf_test
g python3 /repo/selftests/nf/tunnel.py home >ready &
for ((i = 0; i < 50; i++)); do
	grep -q ready ready && break
	sleep 0.1
done

check 'a rule for everything, in and out' \
	rules 'tquic tunnel to home class bulk accept' \
	'tquic tunnel class realtime accept'
for who in client gateway; do
	check "TCP, IPv4, $who" ask $who 'tunnel 10.0.2.2 80 hello' \
		TCP4:10.0.2.2:80
	check "UDP, IPv4, $who" ask $who 'tunnel 10.0.2.2 53 hello' \
		UDP4:10.0.2.2:53
	check "TCP, IPv6, $who" ask $who 'tunnel dead:2::2 80 hello' \
		"TCP6:[dead:2::2]:80"
	check "UDP, IPv6, $who" ask $who 'tunnel dead:2::2 53 hello' \
		"UDP6:[dead:2::2]:53"
done
check 'the rule tells the class' \
	sh -c 'grep -q "tcp4 80 2" /proc/tquic_nf_test &&
	grep -q "udp6 53 0" /proc/tquic_nf_test'
check 'the gateway can still be reached' ask client 'gateway hello' \
	TCP4:10.0.1.1:22
check 'by its other address, too' ask client 'gateway hello' \
	"TCP6:[dead:2::1]:22"
check 'a tunnel that is not there is refused' \
	sh -c "! ip netns exec gateway $nft add rule inet tquic lan \
		tquic tunnel to nobody"
tell down
check 'new flows pass while the tunnel is down' ask client 'server hello' \
	TCP4:10.0.2.2:80
tell up
check 'and are captured when it is up again' ask client 'tunnel' \
	TCP4:10.0.2.2:80
check 'a rule for keys of inner flows' rules \
	'tquic tunnel to home class bulk' "tquic role inner drop"
tell forget
check 'stock nft lists its own rules beside them' \
	sh -c 'ip netns exec gateway nft list ruleset | grep -q "hook prerouting"'
g $nft flush ruleset
check 'without rules all pass' ask client 'server hello' "TCP6:[dead:2::2]:80"

quiet
wait 2>/dev/null
for who in client gateway server; do
	ip netns delete $who
done
check 'the modules go' modules_go
tap_done
