#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Sockets, as programs use them: connections on loopback, with an agent that
# does the handshakes without TLS.  What runs is built by selftests/netns.
set -uo pipefail
. "$(dirname "$0")/../lib/tap.sh"

repo=$(cd "$(dirname "$0")/../../.." && pwd)
bin=$repo/build/netns
api=$repo/selftests/netns/api
work=$(mktemp -d)

agent_runs()
{
	sleep 1
	kill -0 "$agent" || { cat "$work/agent"; return 1; }
}

echo_sample()
{
	local server status answer

	"$bin/echo-server" 4433 &
	server=$!
	sleep 1
	answer=$(timeout 20 "$bin/echo-client" 127.0.0.1 4433 me 'hello world')
	status=$?
	kill $server
	[ $status -eq 0 ] && [ "$answer" = 'hello world' ]
}

file_sample()
{
	local receiver

	head -c 1000000 /dev/urandom >"$work/one"
	head -c 200000 /dev/urandom >"$work/two"
	mkdir "$work/in"
	timeout 60 "$bin/file-copy" recv 4434 "$work/in" &
	receiver=$!
	sleep 1
	timeout 60 "$bin/file-copy" send 127.0.0.1 4434 me \
		"$work/one" "$work/two" || return
	wait $receiver
	cmp "$work/one" "$work/in/one" && cmp "$work/two" "$work/in/two"
}

# A program that is told numbers: 2 is AF_INET, then port and address;
# TQUIC_ALPN is 4.
socat_talks()
{
	local address=2:263:x1155x7f000001x0000000000000000 listener
	local alpn=setsockopt-socket=288:4:x0474657374

	head -c 300000 /dev/urandom >"$work/socat"
	timeout 60 socat -u "SOCKET-LISTEN:$address,$alpn" \
		CREATE:"$work/socat.in" &
	listener=$!
	sleep 1
	timeout 60 socat -u OPEN:"$work/socat" \
		"SOCKET-CONNECT:$address,$alpn" || return
	wait $listener && cmp "$work/socat" "$work/socat.in"
}

# It knows nothing of TQUIC: its sockets are switched to protocol 263.
as_tquic()
{
	LD_PRELOAD=$bin/as-tquic.so timeout 60 "$@"
}

# iperf3_moves BYTES ARGS...: a server for one test, a client, and what both
# have counted.  What is on its way when the sender has done is not waited for.
iperf3_moves()
{
	local bytes=$1 server status=0 passive
	shift

	passive=$(established)
	as_tquic iperf3 -s -1 -p 5201 >"$work/iperf3.server" 2>&1 &
	server=$!
	for _ in $(seq 100); do
		grep -q listening "$work/iperf3.server" && break
		sleep 0.1
	done
	as_tquic iperf3 -c 127.0.0.1 -p 5201 -n "$bytes" -J "$@" \
		>"$work/iperf3.json" || status=$?
	wait "$server" || status=1
	cat "$work/iperf3.server" "$work/iperf3.json"
	[ $status -eq 0 ] && [ $(($(established) - passive)) -ge 4 ] &&
		jq -e ".end.sum_received.bytes >= $bytes * 0.8" \
			"$work/iperf3.json"
}

established()
{
	PROC_NET_SNMP=/proc/net/tquic/snmp nstat -asz TquicEstablished | awk '{ n = $2 } END { print n + 0 }'
}

no_agent()
{
	local output

	output=$(timeout 10 "$bin/echo-client" 127.0.0.1 4433 me hello 2>&1)
	[[ $output == *'Host is down'* ]] || { echo "$output"; return 1; }
}

busy()
{
	"$bin/echo-server" 4435 &
	local server=$!
	sleep 1
	! rmmod tquic 2>/dev/null
	local status=$?
	kill $server
	wait $server 2>/dev/null
	return $status
}

# Whether 263 is taken: programs know no other number.
mapped()
{
	python3 -B -c 'import sys
sys.path.insert(0, sys.argv[1])
import tq
sys.exit(tq.IPPROTO_TQUIC != 263)' "$api"
}

# with_263 DESCRIPTION COMMAND...
with_263()
{
	if mapped; then
		check "$@"
	else
		skip "$1" 'this kernel has no kretprobes to map 263 with'
	fi
}

ip link set lo up
modprobe tquic
with_263 'without an agent connect() says so at once' no_agent
"$bin/fake-agent" >"$work/agent" 2>&1 &
agent=$!
check 'the agent runs' agent_runs
# shellcheck disable=SC2086 # a list
results timeout -s KILL 400 "$api/run" ${API_TESTS:-}
with_263 'samples: echo' echo_sample
with_263 'samples: files' file_sample
with_263 'socat' socat_talks
with_263 'iperf3, unmodified' iperf3_moves 20000000
with_263 'iperf3, the other way' iperf3_moves 20000000 -R
with_263 'iperf3, both ways, four at a time' iperf3_moves 20000000 --bidir -P 4
# each error of the reference is provoked
results "$api/errnos" "$repo"
with_263 'the module cannot be unloaded while there is a socket' busy
kill "$agent"
check 'with the last one it can' modules_go
rm -rf "$work"
tap_done
