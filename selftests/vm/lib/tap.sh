# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# TAP for test scripts: source this, call check or skip for each test, and
# tap_done at the end.

tap_count=0
tap_failed=0

# check DESCRIPTION COMMAND...: passes if COMMAND does; what it printed is
# shown only if it fails.
check()
{
	local what=$1 output status=0
	shift

	tap_count=$((tap_count + 1))
	output=$("$@" 2>&1) || status=$?
	if [ $status -eq 0 ]; then
		echo "ok $tap_count - $what"
		return
	fi
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $what"
	printf '%s\n' "exit status $status of: $*" "$output" | sed 's/^/# /'
}

# skip DESCRIPTION REASON
skip()
{
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# modules_go: all of ours are unloaded, algorithms that were asked for by name
# among them.  It may take a while: namespaces let go of rules when they have
# gone, and what was written before close() is tried for a minute, peer or none.
# By rmmod, for modprobe -r would take drivers of ciphers along.
modules_go()
{
	local tries

	for ((tries = 0; tries < 900; tries++)); do
		awk '/^tquic/ { print $1 }' /proc/modules |
			xargs -r -n 1 rmmod 2>/dev/null
		grep -q '^tquic' /proc/modules || return 0
		sleep 0.1
	done
	grep '^tquic' /proc/modules
	return 1
}

# results COMMAND...: the tests of a program that does not number them, as part
# of these.
results()
{
	local line status

	while IFS= read -r line; do
		case $line in
		'ok - '*)
			tap_count=$((tap_count + 1))
			echo "ok $tap_count - ${line#ok - }"
			;;
		'not ok - '*)
			tap_count=$((tap_count + 1))
			tap_failed=$((tap_failed + 1))
			echo "not ok $tap_count - ${line#not ok - }"
			;;
		'status '*) status=${line#status } ;;
		*) echo "$line" ;;
		esac
	done < <("$@" 2>&1; echo "status $?")
	# 1 is what it says of a test that it has shown
	[ "$status" -le 1 ] || check "$* ends (status $status)" false
}

tap_done()
{
	echo "1..$tap_count"
	[ "$tap_failed" -eq 0 ]
	exit
}
