#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the server of a tunnel gives its clients, and what it does not.
set -uo pipefail
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/tunnel.sh"

key()
{
	printf '%s:%032d' "$1" "$2"
}

GW_CLIENT="ports 20000-20019"
GW_KEYS_client="$(key second 8) $(key evil 9) $(key wrong 10) $(key nobody 11)"
GW_KEYS_server="$(key second 8) $(key evil 9) $(key wrong 99) $(key nobody 11)"
export GW_CLIENT GW_KEYS_client GW_KEYS_server

# The first tunnel is 'home'; another gateway would have the other ones.  What a
# host says of a connection that was just reset belongs to no flow, so only those
# that begin count.
rules()
{
	on client nft 'add table inet gw; add counter inet gw leaked'
	on client "$netns/../../build/nft-ext/nft-tquic" -f - <<-END
		table inet gw {
			chain capture {
				type filter hook prerouting priority mangle;
				iifname "lan" tcp dport 7100 tquic tunnel to "second" accept
				iifname "lan" tcp dport 7200 tquic tunnel to "wrong" accept
				iifname "lan" tcp dport 7300 tquic tunnel to "nobody" accept
				iifname "lan" meta l4proto tcp tquic tunnel to "home" accept
				iifname "lan" tcp flags & (fin | syn | rst | ack) == syn fib daddr type != local counter name leaked drop
			}
		}
	END
}

clients()
{
	on server "$tq" client set vps second ports 21000-21019
	on server "$tq" client set vps evil
	on server "$tq" client set vps wrong
	on server "$tq" client set vps absent ports 22000-22000
}

gateway()
{
	on client "$tq" tunnel add "$1" identity "$1" remote 10.83.0.1:4433 \
		"${@:2}"
}

# from FIRST LAST PORT: the server's ports as the Internet host sees them
from()
{
	local who

	who=$(tcp lan who "$far" "$3") || return
	echo "$who"
	[ "${who% *}" = "$near" ] && [ "${who#* }" -ge "$1" ] &&
		[ "${who#* }" -le "$2" ]
}

# 20 ports, each good for one flow to a destination
ports_run_out()
{
	local before after

	before=$(client_is gw .refused)
	equals 20 tcp lan holds "$far" 7000 25 || return
	after=$(client_is gw .refused)
	echo "$before $after"
	[ $((after - before)) -eq 5 ]
}

two_destinations()
{
	local status=0

	tcp lan holds "$far" 7000 20 >"$dir/one" &
	equals 20 tcp lan holds "$far" 7001 20 || status=1
	wait $!
	equals 20 cat "$dir/one" && return $status
}

# a tunnel of its own, with room for 3 flows
few_flows()
{
	local before

	before=$(tunnel_is client second .refused)
	equals 3 tcp lan holds "$far" 7100 5 || return
	tunnel_is client second ".refused == $before + 2"
}

limited()
{
	on server "$tq" client set vps gw ports 20000-20019 rate 4mbit
}

# four flows at once: their sum, and none has twice what another has
down_rate()
{
	local rate share

	read -r rate share < <(tcp lan get "$far" 7000 750000 4)
	echo "$rate $share"
	[ "${rate:-0}" -ge 3600 ] && [ "$rate" -le 4200 ] && [ "${share:-0}" -ge 50 ]
}

unlimited()
{
	on server "$tq" client set vps gw ports 20000-20019
	within 6000 1000000 tcp lan get "$far" 7000 3000000
}

forward()
{
	on server "$tq" forward "$@"
}

# intruder IDENTITY KIND DESTINATION...: what the server says, on one line
intruder()
{
	local identity=$1
	shift

	on client "$netns/intruder" 10.83.0.1 4433 "$identity" ask "$@" |
		sort | uniq -c | awk '{ $1 = $1; print }'
}

# Nothing of this may be reached, whatever the administrator allows.
own=(127.0.0.1 7000 127.3.2.1 22 0.0.0.0 7000 10.83.0.1 22 10.82.1.2 22
	"$near" 22 "$near" 20010 169.254.1.1 80 224.0.0.1 80 255.255.255.255 80
	::1 22 :: 22 fe80::1 22 fd83::1 22 "$near6" 22 ff02::1 22
	::ffff:127.0.0.1 22 64:ff9b::7f00:1 22 2002:7f00:1:: 22 "$far" 0)
private=(10.82.1.1 22 192.168.1.1 22 172.16.0.1 22 100.64.0.1 22 198.18.0.1 22
	fd00::1 22 64:ff9b::a00:1 22)

inside_changes_nothing()
{
	on server "$tq" client set vps evil inside on
	equals "20 0x104" intruder evil tcp "${own[@]}" || return
	# the hop behind the server, which has nobody at this port
	equals "1 0x101" intruder evil tcp 10.82.1.1 9
}

# no_session NAME WHY: it is refused, again and again
no_session()
{
	soon tunnel_is client "$1" '.error and .state != "up"' &&
		soon client_is gw '.state == "up"'
}

# It goes to the next tunnel: the one for everything.
nothing_for_it()
{
	from 20000 20019 "$1"
}

# The gateway goes without a word, and comes back with nothing in mind.
reboot()
{
	"$netns/lab" wan 1 blackhole
	"$netns/lab" wan 2 blackhole
	on client "$tq" tunnel del home
	"$netns/lab" wan 1 pass
	"$netns/lab" wan 2 pass
	on client "$tq" tunnel add home identity gw remote 10.83.0.1:4433
}

old_is_reset()
{
	! on inet ss -Htn state established "sport = :7001" | grep -q .
}

modprobe -a tquic tquic_nf
check 'two WANs, a LAN, a server and the Internet' \
	"$netns/gw" up 2 rate=100,delay=5
check 'clients are set' clients
check 'another client comes' gateway second flows 3
check 'and one with the wrong key' gateway wrong
check 'and one that the server does not know' gateway nobody
check 'the tunnel comes up' "$netns/gw" wait
check 'so does the other one' soon tunnel_is client second '.state == "up"'
check 'the rules are loaded' rules
start inet inet serve 7000 7001 7100 7200 7300
start lan lan serve 8000
start gateway client serve 8001

check 'flows leave from ports of the client' from 20000 20019 7000
check "the other client's from its own" from 21000 21019 7100
check 'where ports are used up flows are refused, and counted' ports_run_out
check 'and are free afterwards' soon equals 20 tcp lan holds "$far" 7000 20
check 'two destinations share ports' two_destinations
check 'more flows than a tunnel may have are refused, and counted' few_flows
check 'and are free afterwards' soon equals 3 tcp lan holds "$far" 7100 3

check 'a limit of 4 Mb/s is set while it runs' limited
check 'four flows share it, to the LAN' down_rate
check 'one has it, from the LAN' within 3600 4200 \
	tcp lan put "$far" 7000 3000000
check 'without it they are faster at once' unlimited

check 'a port leads into the LAN' \
	forward add vps gw tcp 20010 to 192.168.7.2:8000
check 'it is served there' tcp inet echo "$near" 20010
check 'also by IPv6' tcp inet echo "$near6" 20010
check '1 MB into the LAN' tcp inet put "$near" 20010 1000000
check '1 MB out of it' tcp inet get "$near" 20010 1000000
check 'the gateway itself cannot be meant' \
	forward add vps gw tcp 20011 to 192.168.7.1:8001
check 'it refuses that' tcp inet fails "$near" 20011 ECONNRESET
check 'a port of a client that is not there' \
	forward add vps absent tcp 22000 to 192.168.7.2:8000
check 'is reset' tcp inet fails "$near" 22000 ECONNRESET
check "another client's port is not given" \
	bash -c "! $netns/gw exec server $tq forward add vps second tcp 20012 to 192.168.7.2:8000"
check 'the port is taken away' forward del vps gw tcp 20010
check 'nobody is there any more' tcp inet fails "$near" 20010 ECONNREFUSED
forward add vps gw tcp 20010 to 192.168.7.2:8000

check 'a client that keeps to the rules of the wire only is served' \
	equals "1 00" intruder evil tcp "$far" 7000
check "but not to the server's own, its links and other clients' ports" \
	equals "20 0x104" intruder evil tcp "${own[@]}"
check 'nor to private addresses' \
	equals "7 0x104" intruder evil tcp "${private[@]}"
check 'of which the first can be allowed, never the others' \
	inside_changes_nothing
check 'a stream of another type' equals "1 0x106" intruder evil type "$far" 7000
check 'one that ends too soon' equals "1 0x106" intruder evil short "$far" 7000
check 'all of them were counted' soon tunnel_is server vps '.refused >= 50'

check 'who has the wrong key has no session' no_session wrong
check 'nor has who is not known' no_session nobody
check 'the server knows of no session of theirs' \
	client_is wrong '.state == "down"'
check 'and has counted the one it does not know' \
	tunnel_is server vps '.refused > 0'
check 'what was to go there goes by the next rule' nothing_for_it 7200
check 'likewise' nothing_for_it 7300
check 'nothing was left to no rule' equals 0 leaked

start held lan hold "$far" 7001
check 'the gateway reboots' reboot
check 'it is there again' "$netns/gw" wait
check 'its old flows are reset at the far end' soon old_is_reset
check 'and in the LAN' soon grep -q ECONN "$dir/held.out"
check 'new flows are served' soon tcp lan echo "$far" 7000
check 'so is the port that leads into the LAN' soon tcp inet echo "$near" 20010
check "the other client's flows never noticed" tcp lan echo "$far" 7100

finish inet
finish lan
finish gateway
finish held
check 'no flow is left' soon no_flows
for name in second wrong nobody; do
	on client "$tq" tunnel del $name
done
check 'everything is taken down' "$netns/gw" down
check 'the modules can be unloaded' modules_go
tap_done
