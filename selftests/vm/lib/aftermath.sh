# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Inside the guest: what a command may not leave behind. Sourced by init.

timeout_marker='tquic-vm: out of time; tasks and CPUs are doing this:'
kmemleak=/sys/kernel/debug/kmemleak

# What boot has lost is not COMMAND's. kmemleak notes for each object when it
# was allocated, in ticks that began five minutes before an overflow of 32 bits.
aftermath_before()
{
	local up hz

	[ -e $kmemleak ] || return
	read -r up _ </proc/uptime
	hz=$(zcat /proc/config.gz | sed -n 's/^CONFIG_HZ=//p')
	first_tick=$(((1 << 32) - 300 * hz + ${up%.*} * hz))
}

# show_hang SECONDS: after that time say in the kernel's log what blocks. The
# marker tells the host that the traces are no complaints.
show_hang()
{
	local up

	read -r up _ </proc/uptime
	sleep $(($1 - ${up%.*}))
	echo "$timeout_marker" >/dev/kmsg
	[ -e /proc/sysrq-trigger ] || return
	echo w >/proc/sysrq-trigger
	echo l >/proc/sysrq-trigger
}

# aftermath FILE: writes findings to FILE, nothing if all is well.
aftermath()
{
	local findings=$1

	kill -KILL -1 2>/dev/null
	cd /
	ip -all netns delete 2>/dev/null
	# Only while they are loaded do addresses have names.
	grep -F '[tquic' /proc/kallsyms >/tmp/symbols
	unload_modules >>"$findings"
	[ ! -e $kmemleak ] || find_leaks >>"$findings"
	[ -s "$findings" ] || rm -f "$findings"
}

# Modules of this project that are loaded, dependents first.
our_modules()
{
	local name

	while read -r name _; do
		[ ! -e "/vm/modules/updates/$name.ko" ] || echo "$name"
	done </proc/modules
}

# Namespaces are torn down behind the scenes and may hold a module for a
# moment; more than some seconds is a leak.
unload_modules()
{
	local name status deadline=$((SECONDS + 8))
	local -a left=()

	while [ $SECONDS -lt $deadline ]; do
		mapfile -t left < <(our_modules)
		[ ${#left[@]} -gt 0 ] || return
		for name in "${left[@]}"; do
			status=''
			# One that hangs cannot be killed, only left alone.
			read -r -t 20 status \
				< <(rmmod "$name" 2>/tmp/rmmod; echo $?)
			if [ -z "$status" ]; then
				echo "rmmod $name hangs, see the log for where"
				[ ! -e /proc/sysrq-trigger ] ||
					echo w >/proc/sysrq-trigger
				return
			fi
		done
	done
	echo "modules that cannot be unloaded: ${left[*]}"
	cat /tmp/rmmod
	for name in "${left[@]}"; do
		grep "^$name " /proc/modules
	done
}

# An object must be five seconds old, and found unreferenced by two scans and
# then once more: a pointer may have been in a register.
find_leaks()
{
	local found

	sleep 5.2
	echo scan >$kmemleak
	echo scan >$kmemleak
	found=$(report_leaks)
	[ -n "$found" ] || return
	sleep 1
	echo scan >$kmemleak
	report_leaks
}

# Objects younger than first_tick; addresses in a module that is gone by the
# symbols that it had.
report_leaks()
{
	python3 -c '
import bisect, re, sys
first = int(sys.argv[1])
syms = sorted((int(f[0], 16), f[2]) for f in
              (l.split() for l in open("/tmp/symbols")))
addrs = [a for a, _ in syms]
def name(m):
    a = int(m[0], 16)
    i = bisect.bisect(addrs, a) - 1
    if i < 0 or a - addrs[i] > 0x10000:
        return m[0]
    return "%s+0x%x" % (syms[i][1], a - addrs[i])
report = open(sys.argv[2], errors="replace").read()
for obj in re.split(r"(?=^unreferenced object)", report, flags=re.M):
    tick = re.search(r"jiffies (\d+)", obj)
    if tick and int(tick[1]) >= first:
        obj = re.sub(r"(?<=\[<)[0-9a-f]{8,16}(?=>\])", name, obj)
        obj = re.sub(r"0x[0-9a-f]{8,16}$", name, obj, flags=re.M)
        print("memory that nothing points to (kmemleak):", obj, sep="\n")
' "$first_tick" $kmemleak
}
