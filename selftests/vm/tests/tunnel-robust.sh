#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What may happen to a gateway while a LAN uses its tunnel: rules, tunnel,
# server and uplinks go and come back, and hosts do what they like.
set -uo pipefail
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/tunnel.sh"

# Whatever is not captured is counted and dropped, and whatever a WAN sees of
# the LAN in spite of that is counted there.
guard()
{
	on client nft -f - <<-END
		table inet guard {
			counter escaped { }
			chain out {
				type filter hook postrouting priority 0;
				oifname "wan*" ip saddr 192.168.7.0/24 counter name escaped
			}
			chain across {
				type filter hook forward priority 0;
				iifname "lan" meta l4proto tcp drop
			}
		}
	END
}

escaped()
{
	on client nft -j list counter inet guard escaped |
		jq '.nftables[] | .counter? // empty | .packets'
}

# moved PORT: bytes of the flows to it that have come back
moved()
{
	on client "$tq" -j flows | jq "[.[] | select(.dport == $1) | .received_bytes] | add"
}

more_than()
{
	local have

	have=$(moved "$1")
	[ "${have:-null}" != null ] && [ "$have" -gt "$2" ]
}

# lives: the connection that is held gets answers
lives()
{
	local before

	before=$(moved 7001)
	[ "$before" != null ] && soon more_than 7001 "$before" &&
		equals ready cat "$dir/held.out" && return
	cat "$dir/held.out"
	look
	return 1
}

dies()
{
	soon grep -q ECONN "$dir/held.out"
}

hold()
{
	start held lan hold "$far" 7001 "$@"
}

no_rules()
{
	"$netns/gw" release
	# what it says meanwhile is dropped, and said again
	sleep 1
	"$netns/gw" capture
}

both()
{
	"$netns/lab" wan 1 "$1" && "$netns/lab" wan 2 "$1"
}

# transfer NAME WORDS...: in the background
transfer()
{
	local name=$1
	shift

	rm -f "$dir/$name.status"
	{
		status=0
		tcp lan "$@" >"$dir/$name" 2>&1 || status=$?
		echo $status >"$dir/$name.status"
	} >/dev/null 2>&1 &
}

# A flow that begins while there is no uplink: it waits.
begins_in_the_dark()
{
	transfer dark echo "$far" 7000
	# accepted here, though nobody is there
	soon captured_one
}

captured_one()
{
	on client "$tq" -j flows |
		jq -e '[.[] | select(.dport == 7000 and .received_bytes == 0)] | length > 0'
}

# arrives NAME
arrives()
{
	local patience=150

	soon test -s "$dir/$1.status" && equals 0 cat "$dir/$1.status" && return
	cat "$dir/$1"
	look
	return 1
}

paths()
{
	on client "$tq" -j path show |
		jq '[.. | objects | select(.state? == "active")] | length'
}

# under WORDS...: a transfer, when it is well under way
under()
{
	transfer bulk "$@"
	soon more_bytes 300000
}

more_bytes()
{
	on client "$tq" -j flows |
		jq -e "[.[] | select(.dport == 7000) | .received_bytes + .sent_bytes] | add > $1"
}

server_forgets()
{
	both blackhole
	on server "$tq" tunnel del vps
	on server "$tq" tunnel add vps server port 4433
	on server "$tq" client set vps gw
	both pass
}

no_tunnel()
{
	on client "$tq" tunnel del home
	! timeout 2 "$netns/gw" exec lan "$netns/tcp" echo "$far" 7000 || return
	on client "$tq" tunnel add home identity gw remote 10.83.0.1:4433
}

# The LAN host loses its memory: nobody hears of that.
amnesia()
{
	finish held USR1
	soon bash -c "! $netns/gw exec lan ss -Htn sport = :5555 | grep -q ."
}

modprobe -a tquic tquic_nf
check 'two WANs, a LAN, a server and the Internet' \
	"$netns/gw" up 2 rate=5,delay=10
check 'the tunnel comes up' "$netns/gw" wait
check 'nothing may pass uncaptured' guard
check 'the rule is loaded' "$netns/gw" capture
check 'each WAN has a path' soon equals 2 paths
start inet inet serve 7000 7001

check 'a connection is held' hold
check 'rules go and come back' no_rules
check 'the connection lives' lives

check 'a transfer to the LAN begins' under get "$far" 7000 2000000
check 'a WAN is cut' "$netns/lab" wan 1 cut
check 'all arrives, as it was' arrives bulk
check 'the connection lives' lives
check 'the WAN comes back' "$netns/lab" wan 1 restore
check 'with its path' soon equals 2 paths
check 'a transfer from the LAN begins' under put "$far" 7000 2000000
check 'a WAN swallows everything' "$netns/lab" wan 2 blackhole
check 'all arrives, as it was' arrives bulk
check 'the connection lives' lives
check 'the WAN comes back' "$netns/lab" wan 2 pass

check 'a transfer to the LAN begins' under get "$far" 7000 2000000
check 'all WANs are cut' both cut
check 'a flow begins nevertheless' begins_in_the_dark
check 'they come back' both restore
check 'the transfer goes on to its end' arrives bulk
check 'the flow that began meanwhile is served' arrives dark
check 'the connection lives' lives
check 'all WANs swallow everything' both blackhole
check 'a flow begins nevertheless' begins_in_the_dark
check 'they come back' both pass
check 'the flow is served' arrives dark
check 'the connection lives' lives

check 'the server forgets everything' server_forgets
check 'the connection is reset' dies
check 'the gateway has a new session' "$netns/gw" wait
check 'new flows are served' soon tcp lan echo "$far" 7000
check 'a connection is held' hold
check 'the tunnel goes, and with it what it would capture' no_tunnel
check 'the connection is reset' dies
check 'the tunnel comes up' "$netns/gw" wait
check 'new flows are served' soon tcp lan echo "$far" 7000

check 'a connection is held, from a port' hold 5555
check 'its host forgets it' amnesia
check 'and connects from the same port anew' hold 5555
check 'which lives' lives
finish held

check 'urgent data is data' tcp lan urgent "$far" 7000
check 'a host that reads late gets all of it' tcp lan slow "$far" 7000 300000 3000
check 'hosts that close, reset, and stop half-way' tcp lan garbage "$far" 7000
check '3000 segments of no connection' tcp lan junk "$far" 7000 3000
check 'do no harm' tcp lan echo "$far" 7000
check 'no packet of the LAN was seen on a WAN' equals 0 escaped

finish inet
check 'no flow is left' soon no_flows
check 'everything is taken down' "$netns/gw" down
check 'the modules can be unloaded' modules_go
tap_done
