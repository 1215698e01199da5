#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The data path below connections, from end to end, with what makes it take its
# rare turns: what a queue drops, what others hold a copy of, what routers say,
# devices that go, asynchronous ciphers.  Each check names the counter that says
# that the turn was taken.
set -uo pipefail
. "$(dirname "$0")/../lib/tap.sh"

server=''

cleanup()
{
	trap - EXIT
	[ -z "$server" ] || kill "$server" 2>/dev/null
	ip netns del wr-client 2>/dev/null
	ip netns del wr-middle 2>/dev/null
	ip netns del wr-server 2>/dev/null
	rm -f /run/modprobe.d/wire.conf
}
trap cleanup EXIT

# client c1 - m1 middle r1 - s1 server: 10.98.1.0/24 and 10.98.2.0/24, likewise
# fd98:1::/64 and fd98:2::/64; and beside it c2 - s2, 10.98.3.0/24
topology()
{
	local n

	for n in client middle server; do
		ip netns add wr-$n
		ip -n wr-$n link set lo up
		# an address that is there at once
		ip netns exec wr-$n sysctl -qw net.ipv6.conf.default.accept_dad=0
	done
	ip netns exec wr-middle sysctl -qw net.ipv4.ip_forward=1 \
		net.ipv6.conf.all.forwarding=1
	ip link add c1 netns wr-client type veth peer name m1 netns wr-middle
	ip link add s1 netns wr-server type veth peer name r1 netns wr-middle
	ip link add c2 netns wr-client type veth peer name s2 netns wr-server
	address wr-client c1 10.98.1.1 fd98:1::1
	address wr-middle m1 10.98.1.2 fd98:1::2
	address wr-middle r1 10.98.2.2 fd98:2::2
	address wr-server s1 10.98.2.1 fd98:2::1
	address wr-client c2 10.98.3.1 fd98:3::1
	address wr-server s2 10.98.3.2 fd98:3::2
	ip -n wr-client route add default via 10.98.1.2
	ip -n wr-client route add default via fd98:1::2
	ip -n wr-server route add default via 10.98.2.2
	ip -n wr-server route add default via fd98:2::2
	ip netns exec wr-server sleep 3600 &
	server=$!
}

address()
{
	ip -n "$1" link set "$2" up
	ip -n "$1" addr add "$3/24" dev "$2"
	ip -n "$1" addr add "$4/64" dev "$2" nodad
}

across()
{
	local status=0

	dmesg --clear
	nsenter --net=/run/netns/wr-client modprobe tquic_sess_test \
		server_pid="$server" remote=10.98.2.1 "$@" || status=1
	[ $status -ne 0 ] || rmmod tquic_sess_test || status=1
	dmesg | sed -n 's/.*tquic_sess_test: /# /p'
	return $status
}

# While the command runs, a link is taken away; it is put back afterwards.
device_goes()
{
	local status

	(sleep 0.5; ip -n wr-client link del c2) &
	across mb=$((mb * 4)) second=10.98.3.2 "$@"
	status=$?
	wait $!
	! ip -n wr-client link show dev c2 &>/dev/null || status=1
	return $status
}

queue()
{
	local status

	tc -n wr-client qdisc replace dev c1 root "$@"
	shift $#
	across "${run[@]}"
	status=$?
	tc -n wr-client -s qdisc show dev c1 | sed 's/^/# /'
	tc -n wr-client qdisc del dev c1 root
	return $status
}

# The highest backlog that a queue of unbounded length ever has, in bytes, stays
# below a limit though the window is far larger.
backlog()
{
	local limit=$1 most=0 now pid

	tc -n wr-client qdisc replace dev c1 root tbf rate 40mbit burst 8k \
		limit 50m
	across mb="$mb" counts=TquicOutLocalQueueFull >/tmp/backlog.out &
	pid=$!
	while kill -0 $pid 2>/dev/null; do
		now=$(tc -n wr-client -s -j qdisc show dev c1 |
		      sed -n 's/.*"backlog":\([0-9]*\).*/\1/p')
		[ "${now:-0}" -le "$most" ] || most=$now
	done
	wait $pid || return
	cat /tmp/backlog.out
	tc -n wr-client qdisc del dev c1 root
	echo "# backlog at most $most bytes"
	[ "$most" -gt 0 ] && [ "$most" -le "$limit" ]
}

# Packets that somebody else holds, too, are opened in copies; here it is a
# queue that lets go of them later.
tapped()
{
	local status

	ip -n wr-server link add tap0 type dummy
	ip -n wr-server link set tap0 up
	tc -n wr-server qdisc add dev tap0 root netem delay 100ms limit 100000
	tc -n wr-server qdisc add dev s1 clsact
	tc -n wr-server filter add dev s1 ingress matchall \
		action mirred egress mirror dev tap0
	across mb="$mb" counts=TquicOpenedIntoCopies
	status=$?
	tc -n wr-server qdisc del dev s1 clsact
	ip -n wr-server link del tap0
	return $status
}

# A router whose next link takes less says so.
too_big()
{
	local status

	ip -n wr-middle link set r1 mtu 1400
	across mb="$mb" "$@"
	status=$?
	ip -n wr-middle link set r1 mtu 1500
	return $status
}

# So does our own device.
shrinks()
{
	local status

	(sleep 0.3; ip -n wr-client link set c1 mtu 1300) &
	across mb=$((mb * 4))
	status=$?
	wait $!
	ip -n wr-client link set c1 mtu 1500
	return $status
}

# There is no way: said by ICMP at once, not by a time-out.
unreachable()
{
	local start=$SECONDS

	ip -n wr-middle route add unreachable 10.98.4.0/24
	! across remote=10.98.4.1 mb=1 seconds=8 &&
		[ $((SECONDS - start)) -lt 8 ]
}

# What uses the processor's instructions is asynchronous in name only, and
# stands above what cryptd() makes.
gcm_async()
{
	local driver

	modprobe -q cryptd && modules_go || return
	mkdir -p /run/modprobe.d
	echo 'install aesni_intel /bin/true' >/run/modprobe.d/wire.conf
	rmmod aesni_intel 2>/dev/null
	modprobe tquic || return
	driver=$(awk '$1 == "name" { name = $3 }
		$1 == "driver" { driver = $3 }
		$1 == "priority" { prio = $3 }
		$1 == "async" && $3 == "no" && name == "gcm(aes)" &&
		prio > best { best = prio; found = driver }
		END { print found }' /proc/crypto)
	modprobe tquic_aead_test test=load alg="cryptd($driver)" async=1 &&
		rmmod tquic_aead_test
}

mb=${WIRE_MB:-4}
modprobe -q aesni-intel
modprobe tquic
topology
run=(mb="$mb")
check 'a connection over a router' across mb="$mb" \
	counts=TquicInDatagrams,TquicOutDatagrams
check 'IPv6' across mb="$mb" remote=fd98:2::1
check 'two families' across mb="$mb" remote=fd98:2::1 second=10.98.3.2
run=(mb="$mb" counts=TquicOutLocalQueueDrop)
check 'a queue that drops' queue tbf rate 40mbit burst 8k limit 8k
run=(mb="$mb")
check 'a queue that cuts trains apart' queue cake bandwidth 40mbit
check 'what waits in the local queue is bounded' backlog 131072
check 'packets that a tap holds, too' tapped
check 'a router with a smaller MTU' too_big
check 'the same over IPv6' too_big remote=fd98:2::1
check 'a device whose MTU shrinks' shrinks
check 'an unreachable network is noticed at once' unreachable
check 'a device that vanishes' device_goes
if grep -q ' T register_kretprobe$' /proc/kallsyms; then
	check 'memory that is not there' across mb="$mb" fail=10 \
		counts=TquicOutFailed
else
	skip 'memory that is not there' 'no kretprobes here'
fi
if gcm_async; then
	check 'a cipher that is asynchronous' across mb="$mb" \
		counts=TquicAsyncCrypto
else
	skip 'a cipher that is asynchronous' 'no cryptd here'
fi
kill "$server"
wait "$server" 2>/dev/null
server=''
cleanup
check 'the module goes with them' modules_go
tap_done
