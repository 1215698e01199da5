#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What ip-tquic says to a wrong command line, which needs no kernel of ours.
set -uo pipefail
ip_tquic=$1 failed=0 count=0

# wants STATUS TEXT WORDS...
wants()
{
	local status=$1 text=$2 output got=0
	shift 2

	count=$((count + 1))
	output=$("$ip_tquic" "$@" 2>&1) || got=$?
	if [ "$got" -eq "$status" ] && grep -qF -- "$text" <<<"$output"; then
		echo "ok $count - ip-tquic $*"
	else
		echo "not ok $count - ip-tquic $*: $got, $output"
		failed=$((failed + 1))
	fi
}

wants 0 "usage: ip-tquic" --help
wants 0 "usage: ip-tquic" -h
wants 0 "usage: ip-tquic" help
for command in show path scheduler congestion stats monitor close \
		flush tunnel \
		client forward flows; do
	wants 0 "ip-tquic $command" "$command" --help
	wants 0 "ip-tquic $command" -j "$command" -h
done
wants 1 "usage: ip-tquic"
wants 1 "'all' is not understood here" flush all
wants 1 "unknown command 'shwo'" shwo
wants 1 "unknown option '-x'" -x show
wants 2 "network namespace 'no-such-namespace'" -n no-such-namespace show
wants 1 "'tnl' is not show, add, del, up or down" tunnel tnl
wants 1 "name of the tunnel is missing" tunnel add
wants 1 "'a/b': a name has letters, digits" tunnel del a/b
wants 1 "'sixteen.letters.': a name has 1 to 15" tunnel up sixteen.letters.
wants 1 "'192.0.2.1:x' is not a valid remote address: its port" \
	tunnel add home remote 192.0.2.1:x
wants 1 "'[::1' is not a valid remote address" tunnel add home remote '[::1'
wants 1 "'red hat': an identity has no blanks" \
	tunnel add home identity 'red hat'
wants 1 "there is no device 'wan9'" tunnel add home dev wan9
wants 1 "'password' is not default, psk" tunnel add home auth password
wants 1 "'port' is not understood here" tunnel add home port 443
wants 1 "'identity' is not understood here" tunnel add home server identity x
wants 1 "'70000' is not a valid port" tunnel add home server port 70000
wants 1 "'' is not a valid serial of a key" tunnel add home psk_key ''
wants 1 "'now' is not understood here" tunnel down home now
wants 1 "identity of the client is missing" client set home
wants 1 "'5-4': the last port comes before the first" \
	client set home pc ports 5-4
wants 1 "'5': a range of ports is FIRST-LAST" client set home pc ports 5
wants 1 "'5-0': a port is a number from 1 to 65535" \
	client set home pc ports 5-0
wants 1 "'500': its unit has to be bit" client set home pc rate 500
wants 1 "'fast': a rate is a number with a unit" client set home pc rate fast
wants 1 "'1e9mbit': a rate is a number" client set home pc rate 1e9mbit
wants 1 "'9999gbit': the rate has to be from" client set home pc rate 9999gbit
wants 1 "inside: 'on' or 'off'?" client set home pc inside maybe
wants 1 "'rate' is not understood here" client del home pc rate 5mbit
wants 1 "'icmp': the protocol is tcp or udp" forward add home pc icmp 5
wants 1 "'to' and an address are missing" forward add home pc tcp 80
wants 1 "'lan' is not a valid LAN host's address" \
	forward add home pc tcp 80 to lan
wants 1 "'0': a port is a number from 1" forward del home pc tcp 0
wants 1 "'on' is not understood here" flows home on
echo "1..$count"
[ "$failed" -eq 0 ]
