#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The laboratory of namespaces is what it says: rates, delays, losses.
set -uo pipefail
. "$(dirname "$0")/../lib/tap.sh"
lab=$(dirname "$0")/../../netns/lab

# between VALUE LOW HIGH
between()
{
	echo "$1 is to be within $2 and $3"
	[ -n "$1" ] && [ "$(echo "$1 >= $2 && $1 <= $3" | bc)" = 1 ]
}

# rtt MILLISECONDS SOURCE TARGET: round trip within 5 %.  The shortest of 20: a
# busy host only ever adds to them, and not to all alike.
rtt()
{
	local shortest

	shortest=$("$lab" exec client ping -n -i 0.05 -c 20 -I "$2" "$3" |
		sed -n 's/.*time=\([0-9.]*\) ms/\1/p' | sort -n | sed -n 1p)
	between "$shortest" "$(echo "$1 * 0.99" | bc)" \
		"$(echo "$1 * 1.05" | bc)"
}

# goodput ADDRESS TARGET OPTIONS...: Mbit/s of UDP that arrive
goodput()
{
	local source=$1 target=$2
	shift 2

	"$lab" exec server iperf3 -s -1 -B "$target" >/dev/null 2>&1 &
	until "$lab" exec server ss -Hltn sport = :5201 | grep -q .; do
		sleep 0.1
	done
	"$lab" exec client iperf3 -J -u -l 1400 -t 3 -B "$source" -c "$target" \
		"$@" >/tmp/lab.iperf
	wait
	jq -r '.error // empty' /tmp/lab.iperf >&2
	jq '(.end.sum_received.bits_per_second // 0) / 1e6' /tmp/lab.iperf
}

# rate MBIT SOURCE TARGET OPTIONS...: of the wire: 1400 bytes are 1442 there
rate()
{
	local want=$1 got
	shift

	got=$(goodput "$@")
	between "$(echo "scale=3; $got * 1442 / 1400" | bc)" \
		"$(echo "$want * 0.95" | bc)" "$(echo "$want * 1.05" | bc)"
}

loss()
{
	local lost

	lost=$("$lab" exec client ping -n -f -c 1000 -I 10.81.2.2 10.83.0.1 |
		sed -n 's/.* \([0-9.]*\)% packet loss.*/\1/p')
	between "$lost" 5 15
}

# a burst of as many as the queue holds and more
queue_limit()
{
	local got

	got=$("$lab" exec client ping -n -l 60 -c 60 -W 3 -s 1400 \
		-I 10.81.2.2 10.83.0.1 |
		sed -n 's/.* \([0-9]*\) received.*/\1/p')
	between "$got" 15 40
}

reaches()
{
	"$lab" exec client ping -n -c 2 -i 0.2 -W 1 -I "$1" "$2"
}

fails()
{
	! "$@"
}

refuses()
{
	local what=$1
	shift

	! "$lab" "$@" 2>/tmp/lab.err && grep -q "$what" /tmp/lab.err
}

ip netns add lab-of-somebody
check "it is built" "$lab" up 2 rate=40,delay=20
check "once" refuses "is up already" up
check "the second WAN differs" "$lab" wan 2 set rate=10,delay=50
check "IPv4: 40 ms there and back" rtt 40 10.81.1.2 10.83.0.1
check "IPv4: 100 ms by the other WAN" rtt 100 10.81.2.2 10.83.0.1
check "IPv6: 40 ms" rtt 40 fd81:1::2 fd83::1
check "IPv6: 100 ms by the other WAN" rtt 100 fd81:2::2 fd83::1
check "40 Mbit/s up" rate 40 10.81.1.2 10.83.0.1 -b 60M
check "10 Mbit/s up by the other WAN" rate 10 10.81.2.2 10.83.0.1 -b 15M
check "10 Mbit/s down" rate 10 10.81.2.2 10.83.0.1 -b 15M -R
check "one direction alone" "$lab" wan 1 set down.delay=80
check "100 ms then" rtt 100 10.81.1.2 10.83.0.1
check "losses" "$lab" wan 2 set up.loss=10,delay=1
check "one in ten is lost" loss
check "a short queue" "$lab" wan 2 set loss=0,rate=1,queue=20
check "what it does not hold is dropped" queue_limit
check "a WAN that swallows" "$lab" wan 2 blackhole
check "is no way" fails reaches 10.81.2.2 10.83.0.1
check "the other one is" reaches 10.81.1.2 10.83.0.1
check "until it passes" "$lab" wan 2 pass
check "again" reaches 10.81.2.2 10.83.0.1
check "a WAN that is cut" "$lab" wan 1 cut
check "and is no way, IPv4" fails reaches 10.81.1.2 10.83.0.1
check "nor IPv6" fails reaches fd81:1::2 fd83::1
check "lab show says so" sh -c "$lab show | grep -q '^wan1 cut'"
check "it is restored" "$lab" wan 1 restore
check "IPv4 passes" reaches 10.81.1.2 10.83.0.1
check "IPv6 passes" reaches fd81:1::2 fd83::1
check "unknown options are named" refuses "unknown option 'speed=1'" \
	wan 1 set speed=1
check "and WANs" refuses "no WAN '3'" wan 3 cut
check "and nodes" refuses "no node 'wan9'" exec wan9 true
check "and values" refuses "is not a number" wan 1 set rate=fast
check "it is removed" "$lab" down
check "entirely, and nothing else" sh -c \
	'[ "$(ip netns list | grep -c "^lab")" = 1 ]'
ip netns delete lab-of-somebody
tap_done
