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
for command in show path scheduler congestion stats monitor close; do
	wants 0 "ip-tquic $command" "$command" --help
	wants 0 "ip-tquic $command" -j "$command" -h
done
wants 1 "usage: ip-tquic"
wants 1 "unknown command 'shwo'" shwo
wants 1 "unknown option '-x'" -x show
wants 2 "network namespace 'no-such-namespace'" -n no-such-namespace show
echo "1..$count"
[ "$failed" -eq 0 ]
