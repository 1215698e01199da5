#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Management of connections that live: netlink by ip-tquic, settings, counters.
# The test module of sessions lays a slow transfer under it.
set -uo pipefail
. "$(dirname "$0")/../lib/tap.sh"
repo=$(cd "$(dirname "$0")/../../.." && pwd)
lab=$repo/selftests/netns/lab
ip_tquic=$repo/build/tools/ip-tquic
sys=/proc/sys/net/tquic

tq()
{
	"$lab" exec client "$ip_tquic" "$@"
}

# says TEXT WORDS...: refused, with these words
says()
{
	local text=$1 output status=0
	shift

	output=$(tq "$@" 2>&1) || status=$?
	echo "$output"
	[ $status -eq 2 ] && grep -qF -- "$text" <<<"$output"
}

# json FILTER WORDS...: what ip-tquic prints, seen through jq, is true
json()
{
	local filter=$1
	shift

	tq -j "$@" | tee /tmp/nl.json | jq -e "$filter" >/dev/null ||
		{ cat /tmp/nl.json; return 1; }
}

# soon COMMAND...: within 5 seconds
soon()
{
	local tries

	for ((tries = 0; tries < 50; tries++)); do
		! "$@" >/tmp/nl.soon 2>&1 || return 0
		sleep 0.1
	done
	cat /tmp/nl.soon
	return 1
}

# Whether a process has entered its network namespace.
elsewhere()
{
	[ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

event()
{
	grep -q "\"event\":\"$1\"" /tmp/nl.events
}

accepts()
{
	echo "$2" >"$sys/$1" && [ "$(cat "$sys/$1")" = "$2" ]
}

refuses()
{
	local before

	before=$(cat "$sys/$1")
	! echo "$2" 2>/dev/null >"$sys/$1" && [ "$(cat "$sys/$1")" = "$before" ]
}

counted()
{
	"$lab" exec client env PROC_NET_SNMP=/proc/net/tquic/snmp \
		nstat -asz "$1" |
		awk -v n="$1" '$1 == n && $2 > 0 { ok = 1 } END { exit !ok }'
}

# as many values as names, in both pairs of lines
snmp_is_square()
{
	awk '{ if (NR % 2) n = NF; else if (NF != n || n < 10) exit 1 }
		END { if (NR != 4) exit 1 }' /proc/net/tquic/snmp
}

# It may be gone when it is asked for again.
closed_once()
{
	says 'being closed already' close "$id" ||
		says "there is no connection $id" close "$id"
}

unprivileged()
{
	! "$lab" exec client setpriv --bounding-set -net_admin --inh-caps \
		-net_admin "$ip_tquic" show 2>/tmp/nl.err &&
		grep -q CAP_NET_ADMIN /tmp/nl.err
}

modprobe -r tquic 2>/dev/null
check 'without the module that is said' sh -c \
	"$ip_tquic show 2>&1 | grep -q 'modprobe tquic'"
modprobe tquic reset_key="$(printf '%064d' 7)"

check 'limits: seconds' accepts handshake_timeout 20000
check 'too short' refuses handshake_timeout 999
check 'too long' refuses handshake_timeout 600001
check 'too many paths' refuses max_paths 9
check 'none' refuses max_paths 0
check '64 bits' accepts rmem_max 1073741824
check 'too much' refuses rmem_max 1073741825
check 'too little' refuses wmem_max 65535
check 'no number' refuses mem_max much
check 'a scheduler' accepts scheduler minrtt
check 'there is no such one' refuses scheduler random
check 'a congestion control' accepts congestion bbr
check 'there is no such one' refuses congestion random
check 'path manager' accepts path_manager userspace
check 'there is no such one' refuses path_manager random
check 'names are listed' grep -q aggregate $sys/available_schedulers
check 'of congestion controls, too' grep -q cubic $sys/available_congestion
check 'a reset key of 64 digits' sh -c "printf '%064d' 9 >$sys/reset_key"
check 'not of 63' sh -c "! printf '%063d' 9 2>/dev/null >$sys/reset_key"
check 'which nobody reads' [ -z "$(tr -d '\n' <$sys/reset_key)" ]
check 'and only root may write' [ "$(stat -c %a $sys/reset_key)" = 600 ]
check 'names and values of counters go together' snmp_is_square
echo aggregate >$sys/scheduler
echo cubic >$sys/congestion

check 'the laboratory' "$lab" up 2 rate=10,delay=10
"$lab" exec server sleep 3600 &
server=$!
check 'whose server is a process' soon elsewhere $server
"$lab" exec client "$ip_tquic" -j monitor >/tmp/nl.events &
monitor=$!
"$lab" exec client modprobe tquic_sess_test server_pid=$server \
	remote=10.83.0.1 mb=1000 seconds=300 >/dev/null 2>&1 &
transfer=$!
check 'a connection is there' soon json '.[0].state == "established"' show
id=$(tq -j show | jq '.[0].conn_id')
check 'and told of' soon event CONN_NEW
check 'it has one path' json '.[0].paths | length == 1' show conn_id "$id"
check 'that carries data' soon event PATH_UP
check 'of the connection first' sh -c 'head -n 1 /tmp/nl.events | grep -q CONN_NEW'
check 'numbers grow' soon json '.[0].sent_bytes > 100000' show "$id"
check 'text has the same' sh -c \
	"$lab exec client $ip_tquic -s -d show | grep -q '^conn $id established'"

check 'no such connection' says 'there is no connection 4711' show 4711
check 'no such path' says "connection $id has no path 9" \
	path set path_id 9 conn_id "$id" up
check 'nothing to set' says 'nothing to set' path set path_id 0 conn_id "$id"
check 'the last path stays' says 'it is the last path' \
	path del path_id 0 conn_id "$id"
check 'no such device is' sh -c \
	"! $lab exec client $ip_tquic path add conn_id $id dev wan9 2>&1 |
		grep -v 'there is no device'"
check 'from no address of ours there is a route' \
	says 'there is no route with these addresses' \
	path add conn_id "$id" local 192.0.2.1:0 remote 10.83.0.1:4433
check 'no such scheduler' says 'there is no scheduler "random"' \
	scheduler set random conn_id "$id"
check 'no such congestion control' says 'there is no congestion control' \
	congestion set random conn_id "$id"
check 'a code that is too large' says '62 bits' close "$id" code \
	9223372036854775807
check 'without CAP_NET_ADMIN nothing is shown' unprivileged

check 'another path' soon tq path add conn_id "$id" dev wan2 \
	local 10.81.2.2:0 remote 10.83.0.1:4433
check 'is validated' soon json \
	'map(select(.path_id == 1 and .state == "active")) | length == 1' \
	path show conn_id "$id"
check 'by its device' json '.[] | select(.path_id == 1).dev == "wan2"' path show
check 'and carries data' soon json \
	'.[] | select(.path_id == 1).sent_bytes > 100000' path show
check 'it becomes a backup' tq path set path_id 1 conn_id "$id" backup on
check 'and says so' json \
	'.[] | select(.path_id == 1).flags | index("backup")' path show
check 'an event, too' soon grep -q '"backup".*PATH_CHANGE' /tmp/nl.events
check 'metered' tq path set path_id 1 metered on
check 'down' tq path set path_id 1 conn_id "$id" down
check 'is told' soon event PATH_DOWN
check 'up again' tq path set path_id 1 conn_id "$id" up backup off
check 'another scheduler' tq scheduler set minrtt conn_id "$id"
check 'is there' json '.name == "minrtt"' scheduler get conn_id "$id"
check 'the default is not touched' json '.name == "aggregate"' scheduler get
check 'the default for those to come' tq scheduler set minrtt
check 'is the setting of the namespace' [ \
	"$("$lab" exec client cat $sys/scheduler)" = minrtt ]
check 'another congestion control' tq congestion set bbr conn_id "$id"
check 'is there' json '.name == "bbr"' congestion get conn_id "$id"
check 'the path goes, found by its ID' tq path del path_id 1
check 'counters are read by nstat' counted TquicOutPackets
check 'ip-tquic stats shows them' json \
	'.counters.TquicEstablished > 0' stats
check 'it is closed' tq close conn_id "$id" code 5 app reason enough
check 'once' closed_once
check 'is told, with the code' soon grep -q \
	'"close_code":5.*CONN_CLOSED' /tmp/nl.events
kill $monitor
# the test is over, and says that not all has arrived
wait $transfer
kill $server
"$lab" down
check 'the modules go' modules_go
tap_done
