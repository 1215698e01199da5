#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What somebody hostile can do to a server: packets recorded, changed and sent
# again, strays, floods of first packets from made-up addresses; and the caps of
# a namespace. With SOAK=1 as much of it as a night has room for: 10^6 packets.
set -uo pipefail
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/pair.sh"

hostile=$bin/hostile
packets=20000 flood=1000000000
[ -z "${SOAK:-}" ] || packets=1000000 flood=1000000
# those who are there may wait for a CPU, not for the end of a flood
noticed=$((3000 * slow))
in_time=$((3 * slow))

free_kb()
{
	sed -n 's/^MemAvailable: *\([0-9]*\).*/\1/p' /proc/meminfo
}

# More than there are tokens of earlier connections for: some get a Retry.
retried()
{
	local retries

	retries=$(count hs RetrySent)
	setting hs retry_threshold=0
	begin many hc "$robust" many "$server" "$port" 20 &&
		soon $((60 * slow)) grep -q held "$work/many"
	setting hs retry_threshold=256
	end many >/dev/null
	moved hs RetrySent "$retries"
}

recorded()
{
	begin record hs "$hostile" record "$work/packets" "$port" || return
	# before there is no room left for what is recorded
	retried && connects 20 &&
		begin bulk hc "$robust" bulk "$server" "$port" || return
	sleep 2
	end bulk
	connects 20 && connects 20
	end record
	[ "$(stat -c %s "$work/packets")" -gt 100000 ]
}

# while COMMAND... runs, one that is there does not notice
undisturbed()
{
	local status=0

	begin steady hc "$robust" steady "$server" "$port" "$noticed" || return
	"$@" || status=$?
	end steady || status=1
	return $status
}

replayed()
{
	local bad

	bad=$(count hs InNotAuthentic)
	ip netns exec hc "$hostile" replay "$work/packets" "$packets" "$1" &&
		moved hs InNotAuthentic "$bad"
}

# Between the addresses of one who is there: its session is not asked.
strays()
{
	local bad full

	begin other hc "$robust" steady "$server" "$port" 60000 || return
	bad=$(count hs InNotAuthentic)
	full=$(count hs InStraysFull)
	ip netns exec hc "$hostile" stray 10.97.0.1 "$(head -1 "$work/other")" \
		"$server" "$port" "$packets"
	moved hs InStraysFull "$full" || return
	end other || return
	echo "$bad were not authentic before, $(count hs InNotAuthentic) are"
	[ "$(count hs InNotAuthentic)" -eq "$bad" ]
}

# A flood for as long as three newcomers take, each within 3 s, at the least.
flooded()
{
	local before used opened retries since=$SECONDS status=0

	before=$(free_kb)
	retries=$(count hs RetrySent)
	opened=$(count hs PassiveOpens)
	begin flood hc "$hostile" flood "$server" "$port" "$flood" \
		10.98.0.0 || return
	sleep 1
	connects "$in_time" && connects "$in_time" && connects "$in_time" || status=1
	used=$((before - $(free_kb)))
	echo "$used KB of memory"
	[ -z "${SOAK:-}" ] || soon 1800 ended flood || status=1
	end flood
	opened=$(($(count hs PassiveOpens) - opened))
	echo "$opened sessions"
	moved hs RetrySent "$retries" || status=1
	[ $used -lt 65536 ] || status=1
	# half-open ones are replaced after ten seconds
	[ $opened -lt $((300 * (2 + (SECONDS - since) / 10))) ] || status=1
	return $status
}

# cap SETTING=VALUE USUAL COUNTER COMMAND...: the counter moves
cap()
{
	local setting=$1 usual=$2 counter=$3 before status=0
	shift 3

	before=$(count hs "$counter")
	setting hs "$setting"
	"$@" || status=1
	setting hs "${setting%=*}=$usual"
	moved hs "$counter" "$before" && [ $status -eq 0 ]
}

# All in one go; some time out, which is not to take all day.
too_many()
{
	setting hc handshake_timeout=1000
	begin many hc "$robust" many "$server" "$port" 30 || return
	soon $((120 * slow)) grep -q held "$work/many" || return
	setting hc handshake_timeout=$((10000 * slow))
	end many
	[ "$(sed -n 's/^held //p' "$work/many")" -le "$1" ]
}

# One of an earlier connection proves the address of the next one.
spared()
{
	local retries taken status=0

	retries=$(count hs RetrySent)
	taken=$(count hs TokenTaken)
	setting hs retry_threshold=0
	connects 20 || status=1
	setting hs retry_threshold=256
	moved hs TokenTaken "$taken" && moved hs RetrySent $((retries - 1)) &&
		[ "$(count hs RetrySent)" -eq "$retries" ] && [ $status -eq 0 ]
}

first_packets()
{
	ip netns exec hc "$hostile" flood "$server" "$port" "$1" 10.98.0.0
}

# with_deaf BACKLOG COMMAND...: the server accepts nobody meanwhile
with_deaf()
{
	local status=0

	end server >/dev/null
	begin server hs "$robust" deaf "$port" "$1" || return
	"${@:2}" || status=1
	end server KILL >/dev/null
	begin server hs "$robust" serve "$port" && return $status
}

# What is not read has to be kept; the last ones may not even get in.
much()
{
	local i

	for i in 1 2 3 4; do
		begin bulk$i hc "$robust" bulk "$server" "$port"
	done
	soon $((20 * slow)) moved hs InNoMemory 0 || return
	for i in 1 2 3 4; do
		end bulk$i
	done
	return 0
}

check 'two namespaces, with agents' namespaces
# a wire that loses nothing by itself: the queue of a CPU holds 1000 packets
sysctl -q net.core.netdev_max_backlog=100000
agents && begin server hs "$robust" serve "$port"
check 'a server, and somebody connects' connects 20
check 'sessions are recorded' recorded
check 'replayed, changed: nobody notices' undisturbed replayed 1
check 'and once more' undisturbed replayed 2
check 'no token is taken twice' moved hs TokenAgain 0
check 'nor one of a Retry from another port' moved hs TokenInvalid 0
check 'somebody connects after that' connects 20
check 'a token spares whoever has been there a Retry' spared
check 'strays ask no session, and nobody notices' undisturbed strays
check 'a flood of first packets: newcomers connect, nobody notices' \
	undisturbed flooded
check 'all of it ends' soon $((90 * slow)) none_left hs

check 'conns_max' cap conns_max=10 65536 ConnectionsFull too_many 10
check 'half_open_max' cap half_open_max=4 4096 HalfOpenFull first_packets 200
check 'these end' soon $((90 * slow)) none_left hs
check 'retry_threshold' cap retry_threshold=0 256 RetrySent first_packets 20
check 'mem_max' \
	cap mem_max=1048576 268435456 InNoMemory with_deaf 100 much
check 'backlog_max' \
	cap backlog_max=4 4096 BacklogFull with_deaf 100 too_many 30
check 'somebody connects after all that' connects 20
all_end
ip netns delete hc
ip netns delete hs
check 'the module can be unloaded' unload
rm -rf "$work"
tap_done
