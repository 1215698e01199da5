#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Management of tunnels: what is set is there, what cannot be is refused with a
# reason, and dumps are whole however long they are.
set -uo pipefail
. "$(dirname "$0")/../lib/tap.sh"
repo=$(cd "$(dirname "$0")/../../.." && pwd)
tq=$repo/build/tools/ip-tquic

# says TEXT WORDS...: refused by the kernel, with these words
says()
{
	local text=$1 output status=0
	shift

	output=$("$tq" "$@" 2>&1) || status=$?
	echo "$output"
	[ $status -eq 2 ] && grep -qF -- "$text" <<<"$output"
}

# json FILTER WORDS...: what ip-tquic prints, seen through jq, is true
json()
{
	local filter=$1
	shift

	"$tq" -j "$@" | tee /tmp/tm.json | jq -e "$filter" >/dev/null ||
		{ cat /tmp/tm.json; return 1; }
}

# soon COMMAND...: within 10 seconds
soon()
{
	local tries

	for ((tries = 0; tries < 100; tries++)); do
		! "$@" >/tmp/tm.soon 2>&1 || return 0
		sleep 0.1
	done
	cat /tmp/tm.soon
	return 1
}

# The messages that a dump took, by what strace saw.
messages()
{
	strace -e trace=recvmsg -f "$tq" client show vps 2>&1 >/dev/null |
		grep -c '^recvmsg'
}

many()
{
	local i

	for ((i = 1; i <= 500; i++)); do
		echo "client set vps pc$i ports $((20000 + i))-$((20000 + i))"
	done | xargs -n 6 -P 1 "$tq"
}

unprivileged()
{
	! setpriv --bounding-set -net_admin --inh-caps -net_admin "$tq" \
		"$@" 2>/tmp/tm.err && grep -q CAP_NET_ADMIN /tmp/tm.err
}

ip link set lo up
modprobe tquic
"$tq" -j monitor >/tmp/tm.events &
monitor=$!

check 'there is none' json 'length == 0' tunnel show
check 'none of a name' says 'there is no tunnel "home"' tunnel show home
check 'nor flows of it' says 'there is no tunnel "home"' flows home
check 'nor clients' says 'there is no tunnel "home"' client show home
check 'nor ports' says 'there is no tunnel "home"' forward show home
check 'no server' says 'address of the server is missing' \
	tunnel add home identity pc
check 'no port' says 'port of the server is missing' \
	tunnel add home remote 192.0.2.1 identity pc
check 'no identity' says 'PSK identity of the client is missing' \
	tunnel add home remote 192.0.2.1:443
for address in 224.0.0.1 255.255.255.255 0.0.0.0 :: ff02::1; do
	port=:443
	[[ $address != *:* ]] || address="[$address]"
	check "nobody is $address" says 'not the address of one host' \
		tunnel add home remote "$address$port" identity pc
done
check 'families' says 'not of the same family' tunnel add home \
	remote 192.0.2.1:443 local ::1 identity pc
check 'a scheduler' says 'no such scheduler' tunnel add home \
	remote 192.0.2.1:443 identity pc scheduler random
check 'a congestion control' says 'no such congestion control' tunnel add \
	home remote 192.0.2.1:443 identity pc congestion random
check 'paths' says 'a connection has 16 paths at most' tunnel add home \
	remote 192.0.2.1:443 identity pc paths 17
check 'a cipher' says 'not a cipher of QUIC' tunnel add home \
	remote 192.0.2.1:443 identity pc cipher 0x1304
check 'a server without a port' says 'port of the server is missing' \
	tunnel add vps server
check 'all that was refused has left nothing' json 'length == 0' tunnel show
check 'without CAP_NET_ADMIN' unprivileged tunnel add home \
	remote 192.0.2.1:443 identity pc
check 'nothing is shown either' unprivileged tunnel show

check 'a client' "$tq" tunnel add home remote 127.0.0.1:443 identity pc \
	local 127.0.0.1 scheduler minrtt congestion bbr paths 3 flows 77 \
	profile wan cipher 0x1301
check 'is there' json '.[0] | .name == "home" and .role == "client"
	and .remote == "127.0.0.1" and .remote_port == 443
	and .local == "127.0.0.1" and .identity == "pc" and .auth == "psk"
	and .scheduler == "minrtt" and .congestion == "bbr"
	and .paths_max == 3 and .flows_max == 77 and .profile == "wan"
	and .cipher == "0x1301"' tunnel show home
check 'not connected, since there is no agent' soon \
	json '.[0] | .state == "down" and .retry_ms > 0 and .error' tunnel show
check 'for people, too' sh -c "$tq -d -s tunnel show | grep -q \
	'^tunnel home client down retry in'"
check 'events tell of it' soon grep -q 'home.*"event":"TUNNEL_CHANGE"' \
	/tmp/tm.events
check 'a second one of that name' says 'there is a tunnel of this name' \
	tunnel add home remote 192.0.2.1:443 identity pc
check 'it is taken down' "$tq" tunnel down home
check 'and waits for nothing' soon \
	json '.[0] | .state == "down" and .retry_ms == null' tunnel show
check 'up again' "$tq" tunnel up home
check 'it tries' soon json '.[0].retry_ms' tunnel show
check 'a client has no clients' says 'only a server has clients' \
	client set home pc
check 'what is not there is not removed' says 'there is no tunnel' \
	tunnel del work
check 'nor taken up' says 'there is no tunnel' tunnel up work

check 'a server' "$tq" tunnel add vps server port 443 ttl 60
check 'is there' json '.[1] | .name == "vps" and .role == "server"
	and .local_port == 443 and .session_ttl_ms == 60000
	and .paths_max == '"$(</proc/sys/net/tquic/max_paths)"'
	and .flows_max == 16384' tunnel show
check 'its port is taken' says 'the tunnel "vps" listens there' \
	tunnel add other server port 443
check 'which leaves nothing' json 'length == 2' tunnel show
check 'a client of it' "$tq" client set vps pc ports 10000-10009 rate 8mbit \
	inside on
check 'is there' json 'length == 1 and (.[0] | .tunnel == "vps"
	and .identity == "pc" and .port_first == 10000
	and .port_last == 10009 and .rate == 1000000 and .inside == 1
	and .state == "down")' client show vps
check 'set anew' "$tq" client set vps pc ports 10000-10019
check 'it is that' json '.[0] | .port_last == 10019 and .rate == 0
	and .inside == 0' client show
check 'its ports are its own' says 'another client has such ports' \
	client set vps pad ports 10019-10029
check 'a port is forwarded' "$tq" forward add vps pc tcp 10005 to 192.168.1.2
check 'as it was said' json '.[0] | .tunnel == "vps" and .identity == "pc"
	and .protocol == "tcp" and .port == 10005 and .to == "192.168.1.2"
	and .to_port == 10005' forward show
check 'once' says 'forwarded already' forward add vps pc tcp 10005 to ::1
check 'only its own' says "not one of the client's" \
	forward add vps pc tcp 10020 to ::1
check 'not to everybody' says 'not the address of one host' \
	forward add vps pc tcp 10006 to 255.255.255.255
check 'no longer' "$tq" forward del vps pc tcp 10005
check 'really' json 'length == 0' forward show vps
check 'twice' says 'there is no such port' forward del vps pc tcp 10005
check '500 more clients' many
check 'are all shown, once' json '[.[].identity] | length == 501 and
	(unique | length) == 501' client show vps
check 'in more than one piece' [ "$(messages)" -gt 3 ]
check 'tunnels beside them, too' json 'length == 2' tunnel show
check 'a client goes' "$tq" client del vps pc7
check 'really' json 'length == 500' client show
check 'and is not there' says 'there is no client' client del vps pc7
check 'the module stays while there are tunnels' sh -c \
	'! modprobe -r --remove-holders tquic'
check 'the server goes' "$tq" tunnel del vps
check 'with its clients' json 'length == 0' client show
check 'the client goes' "$tq" tunnel del home
check 'no flows are left' json 'length == 0' flows
kill $monitor
wait $monitor 2>/dev/null
check 'the modules go' modules_go
tap_done
