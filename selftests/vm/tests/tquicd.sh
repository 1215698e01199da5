#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# tquicd on both ends, with the handshake agent and TLS: a gateway's LAN host
# talks to the Internet by what two files say; and what a reload, a restart and
# a kill do to its flows, which is nothing.
set -uo pipefail
. "$(dirname "$0")/../lib/tap.sh"
repo=$(cd "$(dirname "$0")/../../.." && pwd)
bin=$repo/build/tools
nft=$repo/build/nft-ext/nft-tquic
dir=$(mktemp -d)
key=$(openssl rand -base64 32)
far=198.51.100.2

# soon COMMAND...: within 20 seconds
soon()
{
	local tries

	for ((tries = 0; tries < 200; tries++)); do
		! "$@" >/tmp/td.soon 2>&1 || return 0
		sleep 0.1
	done
	cat /tmp/td.soon
	return 1
}

# spawn NAME COMMAND...: in the background; it must not hold what check reads
spawn()
{
	local name=$1
	shift
	"$@" >"$dir/$name.log" 2>&1 </dev/null &
	echo $! >"$dir/$name.pid"
}

pid()
{
	cat "$dir/$1.pid"
}

# A namespace with a /run of its own, since there is one agent for each.
node()
{
	spawn "$1" unshare --net --mount sh -c 'mount -t tmpfs run /run &&
		ip link set lo up && sysctl -qw net.ipv4.ip_forward=1 &&
		echo ready && exec sleep 9999'
	soon grep -q ready "$dir/$1.log"
}

on()
{
	local node
	node=$(pid "$1")
	shift
	nsenter -t "$node" --net --mount -- "$@"
}

# cable A DEVICE ADDRESS B DEVICE ADDRESS
cable()
{
	ip link add "$2" netns "$(pid "$1")" type veth \
		peer name "$5" netns "$(pid "$4")" &&
		on "$1" ip address add "$3/24" dev "$2" &&
		on "$4" ip address add "$6/24" dev "$5" &&
		on "$1" ip link set "$2" up && on "$4" ip link set "$5" up
}

network()
{
	local name

	for name in lan gw srv inet; do
		node $name || return
	done
	cable lan eth0 192.168.7.2 gw lan0 192.168.7.1 &&
		cable gw wan1 10.81.1.2 srv wan1 10.81.1.1 &&
		cable gw wan2 10.81.2.2 srv wan2 10.81.2.1 &&
		cable srv inet0 198.51.100.1 inet eth0 $far &&
		on lan ip route add default via 192.168.7.1 &&
		on srv ip address add 10.83.0.1/32 dev lo &&
		on gw ip route add default via 10.81.1.1 dev wan1 metric 1 &&
		on gw ip route add default via 10.81.2.1 dev wan2 metric 2 &&
		on inet ip route add default via 198.51.100.1
}

# start NODE NAME COMMAND...: until it says that it is ready
start()
{
	local node=$1 name=$2
	shift 2
	# without a shell in between, so that the process is the program
	spawn "$node.$name" nsenter -t "$(pid "$node")" --net --mount -- "$@"
	soon grep -q ready "$dir/$node.$name.log" || {
		cat "$dir/$node.$name.log"
		return 1
	}
}

agent()
{
	printf '[agent]\nstate-directory = %s/%s\n' "$dir" "$1" >"$dir/$1.hs"
	mkdir -p "$dir/$1"
	start "$1" agent "$bin/tquic-handshaked" -f -v -c "$dir/$1.hs"
}

daemon()
{
	start "$1" tquicd "$bin/tquicd" -v -c "$dir/$1.d" -N "$nft"
}

reload()
{
	local log=$dir/$1.tquicd.log before

	before=$(grep -c 'read again' "$log")
	kill -HUP "$(pid "$1.tquicd")"
	soon sh -c "[ \$(grep -c 'read again' $log) -gt $before ]" ||
		{ tail -n 5 "$log"; return 1; }
}

server_conf()
{
	mkdir -p "$dir/srv.d"
	(umask 077; cat >"$dir/srv.d/srv.conf") <<-END
		[global]
		listen_port = 443
		session_ttl = 60
		[client.router1]
		psk = $key
		port_range = 10000-10999
		bandwidth_limit = ${1:-500mbit}
		${2:-}
	END
}

gateway_conf()
{
	mkdir -p "$dir/gw.d"
	(umask 077; cat >"$dir/gw.d/gw.conf") <<-END
		[tunnel.home]
		server = 10.83.0.1:443
		identity = router1
		psk = ${2:-$key}
		paths = wan1, wan2
		capture = lan0
		class = ${1:-bulk}
		bypass = 10.0.0.0/8
	END
}

# json NODE FILTER WORDS...
json()
{
	local node=$1 filter=$2
	shift 2
	on "$node" "$bin/ip-tquic" -j "$@" | tee /tmp/td.json |
		jq -e "$filter" >/dev/null || { cat /tmp/td.json; return 1; }
}

conn()
{
	on gw "$bin/ip-tquic" -j tunnel show home | jq '.[0].conn_id'
}

serve()
{
	spawn echo nsenter -t "$(pid inet)" --net -- \
		socat TCP-LISTEN:7000,reuseaddr,fork SYSTEM:cat
	soon sh -c "nsenter -t $(pid inet) --net ss -Hltn sport = :7000 |
		grep -q ."
}

both()
{
	soon json gw '[.[] | select(.state == "active") | .dev]
		| sort == ["wan1", "wan2"]' path show && return
	tail -n 5 "$dir/gw.tquicd.log"
	return 1
}

# A TCP flow that lives throughout, and answers each line.
start_flow()
{
	mkfifo "$dir/in" "$dir/out"
	on lan socat - "TCP:$far:7000" <"$dir/in" >"$dir/out" 2>"$dir/flow" &
	echo $! >"$dir/flow.pid"
	exec 8>"$dir/in" 9<"$dir/out"
}

# flows TEXT: it comes back
flows()
{
	local answer=''

	echo "$1" >&8
	read -r -t 20 -u 9 answer
	[ "$answer" = "$1" ] || { echo "'$answer'"; return 1; }
}

# its port is from the client's range
from_range()
{
	json srv '[.[] | select(.protocol == "tcp")] | length > 0 and
		all(.out_port >= 10000 and .out_port <= 10999)' flows
}

rules()
{
	on gw "$nft" list table inet tquicd
}

same_rules()
{
	[ "$(rules)" = "$1" ] || { rules; return 1; }
}

killed()
{
	local pid
	pid=$(pid "$1.tquicd")

	kill -KILL "$pid"
	soon sh -c "! kill -0 $pid 2>/dev/null"
}

faulty()
{
	echo 'class = fast' >>"$dir/gw.d/gw.conf"
	kill -HUP "$(pid gw.tquicd)"
	soon grep -qF "gw.conf:9: class = fast: it is there twice" \
		"$dir/gw.tquicd.log" &&
		soon grep -q 'the old configuration stays in force' \
			"$dir/gw.tquicd.log"
}

modprobe -a tquic tquic_nf
check 'a LAN, a gateway, a server, the Internet' network
check 'agents' eval 'agent gw && agent srv'
server_conf
gateway_conf
check 'the gateway, which has nobody to talk to' daemon gw
check 'has its rules' sh -c "nsenter -t $(pid gw) --net --mount $nft \
	list table inet tquicd | grep -q 'tquic tunnel to \"home\" class bulk'"
check 'has a tunnel, which is down' json gw \
	'.[0] | .name == "home" and .state != "up"' tunnel show
check 'the server' daemon srv
check 'takes its client' json srv '.[0] | .identity == "router1" and
	.port_first == 10000 and .rate == 62500000' client show
check 'the keys are for the agent only' sh -c "[ \$(nsenter -t $(pid srv) \
	--mount stat -c %a /run/tquicd/psk) = 600 ]"
check 'the tunnel comes up, without anybody saying so' soon json gw \
	'.[0].state == "up"' tunnel show
check 'by both uplinks' both
check 'somebody on the Internet' serve
start_flow
check 'a flow goes through' flows one
check 'by the tunnel, from the range of its client' from_range
id=$(conn)
before=$(rules)
check 'a reload that changes nothing' reload gw
check 'leaves the rules' same_rules "$before"
check 'and the connection' [ "$(conn)" = "$id" ]
gateway_conf interactive
check 'another class' reload gw
check 'is in the rules' sh -c "nsenter -t $(pid gw) --net --mount $nft \
	list table inet tquicd | grep -q 'class interactive'"
check 'the flow goes on' flows two
server_conf 100mbit 'forward = tcp 10022 to 192.168.7.2:22'
check 'another limit and a forward' reload srv
check 'are there' json srv '.[0].rate == 12500000' client show
check 'the forward, too' json srv '.[0] | .port == 10022 and
	.to == "192.168.7.2" and .to_port == 22' forward show
check 'the flow goes on' flows three
check 'a faulty file is told by its line' faulty
check 'and changes nothing' same_rules "$(rules)"
gateway_conf interactive
check 'the gateway'\''s daemon is killed' killed gw
check 'the flow goes on' flows four
check 'it starts again' daemon gw
check 'and finds all as it should be' [ "$(conn)" = "$id" ]
check 'the server'\''s is killed and starts again' eval 'killed srv; daemon srv'
check 'which costs no flow either' flows five
on gw "$bin/ip-tquic" tunnel add other remote 192.0.2.9:443 identity x
check 'a tunnel by hand' json gw 'length == 2' tunnel show
check 'is left alone by a reload' eval 'reload gw &&
	json gw "length == 2" tunnel show'
on gw "$nft" flush ruleset
check 'rules that somebody flushed' reload gw
check 'are there again' sh -c "nsenter -t $(pid gw) --net --mount $nft \
	list table inet tquicd | grep -q 'class interactive'"
key=$(openssl rand -base64 32)
server_conf 100mbit
check 'another key on the server' reload srv
check 'a forward too many is gone' json srv 'length == 0' forward show
check 'the flow goes on' flows six
on gw "$bin/ip-tquic" tunnel down home
on gw "$bin/ip-tquic" tunnel up home
check 'but who has the old key gets nothing' soon json gw \
	'.[0] | .state != "up" and .error' tunnel show home
gateway_conf bulk
check 'until it has the new one' reload gw
check 'which needs no restart of an agent' soon json gw \
	'.[0].state == "up"' tunnel show home
rm "$dir/gw.d/gw.conf" "$dir/srv.d/srv.conf"
check 'without files' eval 'reload gw && reload srv'
check 'there is no tunnel of ours' json gw \
	'length == 1 and .[0].name == "other"' tunnel show
check 'nor a server' json srv 'length == 0' tunnel show
check 'nor a rule' eval '! rules'
on gw "$bin/ip-tquic" tunnel del other
exec 8>&- 9<&-
for file in "$dir"/*.pid; do
	kill "$(<"$file")" 2>/dev/null
done
wait
check 'the modules go' modules_go
tap_done
