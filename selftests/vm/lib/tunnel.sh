# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For tests of tunnels in the world of selftests/netns/gw: source this behind
# tap.sh.

netns=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../netns" && pwd)
tq=$netns/../../build/tools/ip-tquic
dir=$(mktemp -d)
# the Internet host, and the server's address in front of it
far=198.51.100.2 far6=2001:db8:100::2
near=198.51.100.1 near6=2001:db8:100::1

# on NODE COMMAND...
on()
{
	ip netns exec "${TQUIC_LAB:-lab}-$1" "${@:2}"
}

# tcp NODE WORDS...: a program of selftests/netns/tcp there
tcp()
{
	on "$1" "$netns/tcp" "${@:2}"
}

# soon COMMAND...: until it succeeds, for as long as there is patience
patience=30
soon()
{
	local end=$((SECONDS + patience)) output

	until output=$("$@" 2>&1); do
		if [ $SECONDS -ge $end ]; then
			echo "$output"
			return 1
		fi
		sleep 0.1
	done
}

# start NAME NODE WORDS...: like tcp, in the background, until it says "ready"
start()
{
	# not by a function: what ends it has to meet the program, not a shell
	ip netns exec "${TQUIC_LAB:-lab}-$2" "$netns/tcp" "${@:3}" \
		>"$dir/$1.out" 2>&1 &
	echo $! >"$dir/$1.pid"
	soon grep -q ready "$dir/$1.out"
}

# ended NAME: it is
ended()
{
	local state

	# without a child's end that nobody has asked for
	state=$(ps -o state= "$(<"$dir/$1.pid")") || return 0
	[ "${state:0:1}" = Z ]
}

# finish NAME [SIGNAL]
finish()
{
	kill "-${2:-TERM}" "$(<"$dir/$1.pid")" 2>/dev/null || :
	soon ended "$1"
}

# equals WANT COMMAND...: what it prints
equals()
{
	local want=$1 have
	shift

	have=$("$@")
	echo "$have"
	[ "$have" = "$want" ]
}

# tunnel NODE NAME FILTER: is true of a tunnel, as ip-tquic shows it
tunnel_is()
{
	on "$1" "$tq" -j tunnel show "$2" | jq -e ".[0] | $3"
}

# client_is IDENTITY FILTER: likewise of a client
client_is()
{
	on server "$tq" -j client show vps |
		jq -e --arg id "$1" ".[] | select(.identity == \$id) | $2"
}

# flows NODE: TCP flows there
flows()
{
	on "$1" "$tq" -j flows | jq '[.[] | select(.protocol == "tcp")] | length'
}

no_flows()
{
	equals 0 flows client && equals 0 flows server
}

# within LOW HIGH COMMAND...: the first number that it prints
within()
{
	local low=$1 high=$2 output
	shift 2

	output=$("$@") || return
	echo "$output"
	[ "${output%% *}" -ge "$low" ] && [ "${output%% *}" -le "$high" ]
}

# look: how everything is, for whoever reads of a failure
look()
{
	local node

	for node in client server; do
		on $node "$tq" -s show
		on $node "$tq" -s flows
	done
}

# What the rules counted that came from the LAN and was not captured.
leaked()
{
	on client nft -j list counter inet gw leaked |
		jq '.nftables[] | .counter? // empty | .packets'
}
