# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Two namespaces over veth, with an agent in each that does handshakes without
# TLS, and programs in them: for tests of what goes wrong. Source it after
# tap.sh.

repo=$(cd "$(dirname "$0")/../../.." && pwd)
bin=$repo/build/netns
robust=$repo/selftests/netns/robust
ip_tquic=$repo/build/tools/ip-tquic
work=$(mktemp -d)
server=10.97.0.2
port=4433

# How much longer than on a stock kernel things may take. A debug kernel has one
# CPU, and KASAN and lockdep on it. TQUIC_SLOW says otherwise.
slow=1
[ ! -e /sys/kernel/debug/kmemleak ] || slow=10
slow=${TQUIC_SLOW:-$slow}

# begin NAME NAMESPACE COMMAND...: in the background, until it says something.
# What is begun is known by files, as check has its command in a subshell.
begin()
{
	local name=$1 ns=$2
	shift 2

	rm -f "$work/$name.status"
	: >"$work/$name"
	# shellcheck disable=SC2016 # for the other shell
	(ip netns exec "$ns" sh -c 'echo $$ >"$0"; exec "$@"' \
		"$work/$name.pid" "$@"
	 echo $? >"$work/$name.status") </dev/null >"$work/$name" 2>&1 &
	soon $((60 * slow)) spoken "$name"
	[ -s "$work/$name" ]
}

spoken()
{
	[ -s "$work/$1" ] || [ -e "$work/$1.status" ]
}

ended()
{
	[ -s "$work/$1.status" ]
}

# end NAME [SIGNAL]: its status, and what it said
end()
{
	kill "-${2:-TERM}" "$(cat "$work/$1.pid")" 2>/dev/null
	soon $((60 * slow)) ended "$1" || { echo "$1 does not end"; return 1; }
	rm -f "$work/$1.pid"
	cat "$work/$1"
	return "$(cat "$work/$1.status")"
}

all_end()
{
	local file

	for file in "$work"/*.pid; do
		[ ! -e "$file" ] || end "$(basename "$file" .pid)" KILL
	done >/dev/null 2>&1
	return 0
}

link_up()
{
	ip link add c0 netns hc type veth peer name s0 netns hs || return
	ip -n hc addr add 10.97.0.1/24 dev c0
	ip -n hs addr add $server/24 dev s0
	ip -n hc link set c0 up
	ip -n hs link set s0 up
	# whoever made an address up is reached by way of the client
	ip -n hs route add default via 10.97.0.1
	# single packets, as over a wire
	ip netns exec hc ethtool -K c0 tso off gso off \
		tx-udp-segmentation off >/dev/null
	ip netns exec hs ethtool -K s0 tso off gso off \
		tx-udp-segmentation off >/dev/null
}

namespaces()
{
	local ns

	modprobe tquic
	for ns in hc hs; do
		ip netns add $ns || return
		ip -n $ns link set lo up
		ip netns exec $ns sysctl -q net.ipv4.conf.all.rp_filter=0 \
			net.ipv4.conf.default.rp_filter=0 \
			net.tquic.handshake_timeout=$((10000 * slow)) \
			net.tquic.idle_timeout=120000
	done
	link_up
}

agents()
{
	begin agent-c hc "$bin/fake-agent" && begin agent-s hs "$bin/fake-agent"
}

# in NAMESPACE SETTING=VALUE...
setting()
{
	local ns=$1
	shift

	ip netns exec "$ns" sysctl -q "${@/#/net.tquic.}"
}

# NAMESPACE COUNTER
count()
{
	ip netns exec "$1" "$ip_tquic" -j stats |
		jq -r ".counters.Tquic$2"
}

# moved NAMESPACE COUNTER SINCE
moved()
{
	local now

	now=$(count "$1" "$2")
	echo "Tquic$2 was $3, is $now"
	[ "$now" -gt "$3" ]
}

connections()
{
	ip netns exec "$1" "$ip_tquic" -j show | jq length
}

# soon SECONDS COMMAND...
soon()
{
	local until=$((SECONDS + $1))
	shift

	while ! "$@" >"$work/soon" 2>&1; do
		if [ $SECONDS -ge $until ]; then
			cat "$work/soon"
			return 1
		fi
		sleep 0.2
	done
}

none_left()
{
	local n

	n=$(connections "$1")
	echo "$n connections are left"
	[ "$n" -eq 0 ]
}

# from the client's side, within seconds
connects()
{
	ip netns exec hc "$robust" connect $server $port "$1"
}

unload()
{
	soon 20 rmmod tquic
}
