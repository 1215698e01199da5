#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module loads, has tested itself, and goes without a trace.
set -uo pipefail
. "$(dirname "$0")/../lib/tap.sh"

loaded()
{
	grep -q "^$1 " /proc/modules
}

# How often the module has said that its self-tests passed.
selftests_passed()
{
	dmesg | grep -c 'tquic: self-tests: pass'
}

one_pass_per_load()
{
	local before

	before=$(selftests_passed)
	modprobe tquic && modprobe -r tquic &&
		[ "$(selftests_passed)" -eq $((before + 1)) ]
}

# Files of the module's own; other tests' modules may be loaded meanwhile.
no_trace()
{
	! loaded tquic &&
		[ -z "$(ls -d /sys/module/tquic /proc/net/tquic \
			/proc/sys/net/tquic 2>/dev/null)" ] &&
		! grep -qE '\[tquic\]' /proc/kallsyms
}

load_unload()
{
	local i

	for ((i = 0; i < $1; i++)); do
		modprobe tquic && modprobe -r tquic || return
	done
}

# Namespaces come and go while the module does.
load_under_churn()
{
	local churn status=0

	(while :; do
		ip netns add churn-modules
		ip netns delete churn-modules
	done) &
	churn=$!
	load_unload 5 || status=$?
	kill $churn
	wait $churn 2>/dev/null
	ip netns delete churn-modules 2>/dev/null
	return $status
}

if ! modinfo tquic >/dev/null 2>&1; then
	skip 'tquic loads' 'tquic.ko has not been built'
	tap_done
fi

check 'tquic loads' modprobe tquic
check 'it is in /proc/modules' loaded tquic
check 'its self-tests have passed' test "$(selftests_passed)" -ge 1
check 'it can be unloaded' modprobe -r tquic
check 'it leaves nothing behind' no_trace
check 'each load runs the self-tests' one_pass_per_load
check 'it loads and unloads ten times' load_unload 10
check 'it loads and unloads while namespaces come and go' load_under_churn
tap_done
