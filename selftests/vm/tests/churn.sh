#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Comings and goings: connections by the hundred with losses, agents killed
# while they shake hands, devices, addresses, namespaces and the module itself
# taken away from those who are at it. With SOAK=1 a thousand connections.
set -uo pipefail
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/pair.sh"

cycles=100
[ -z "${SOAK:-}" ] || cycles=1000
seconds=$((6 * slow))

# What the kernel holds that is not given back at need.
slab_kb()
{
	echo 3 >/proc/sys/vm/drop_caches
	sed -n 's/^SUnreclaim: *\([0-9]*\).*/\1/p' /proc/meminfo
}

cycle()
{
	ip netns exec hc "$robust" cycles "$server" "$port" "$1"
}

# The second round takes no more memory than the first one has left.
no_growth()
{
	local before after

	cycle "$1" && soon $((100 * slow)) none_left hs &&
		soon 60 none_left hc || return
	before=$(slab_kb)
	cycle "$2" && soon $((100 * slow)) none_left hs &&
		soon 60 none_left hc || return
	after=$(slab_kb)
	echo "slab: $before KB, then $after KB"
	[ $((after - before)) -lt 4096 ]
}

lossy()
{
	tc -n hc qdisc replace dev c0 root netem loss "$1" delay 2ms &&
		tc -n hs qdisc replace dev s0 root netem loss "$1" delay 2ms
}

clean()
{
	tc -n hc qdisc del dev c0 root
	tc -n hs qdisc del dev s0 root
}

agents_killed()
{
	local side

	begin tries hc "$robust" tries "$server" "$port" $seconds || return
	until ended tries; do
		for side in c s; do
			sleep 0.3
			end agent-$side KILL >/dev/null
			begin agent-$side h$side "$bin/fake-agent" || return
		done
	done
	end tries
}

# Whatever nobody uses any more, too.
close_all()
{
	local id

	for id in $(ip netns exec "$1" "$ip_tquic" -j show |
			jq '.[].conn_id'); do
		ip netns exec "$1" "$ip_tquic" close "$id"
	done
}

# Connections of the dead server are reset by the one that comes after it.
reborn()
{
	local got

	got=$(count hc StatelessResetReceived)
	begin client hc "$robust" steady "$server" "$port" 60000 || return
	sleep 1
	lossy 100% || return
	end server KILL >/dev/null
	close_all hs
	soon $((90 * slow)) none_left hs || return
	begin server hs "$robust" serve "$port" || return
	clean
	soon 60 moved hc StatelessResetReceived "$got" || return
	! end client
}

busy()
{
	begin bulk hc "$robust" bulk "$server" "$port"
}

device_goes()
{
	busy || return
	sleep 1
	ip -n hc link del c0 || return
	sleep 1
	end bulk
	link_up && soon 20 connects 10
}

address_goes()
{
	local i

	busy || return
	for i in 3 4 5; do
		sleep 0.5
		ip -n hc addr add 10.97.0.$i/24 dev c0
		ip -n hc addr del 10.97.0.1/24 dev c0
		sleep 0.5
		ip -n hc addr add 10.97.0.1/24 dev c0
		ip -n hc addr del 10.97.0.$i/24 dev c0
	done
	end bulk
	soon 20 connects 10
}

suspended()
{
	busy || return
	echo freezer >/sys/power/pm_test && echo freeze >/sys/power/state ||
		return
	end bulk
	soon 20 connects 10
}

busy_module()
{
	! rmmod tquic 2>/dev/null
}

flush()
{
	ip netns exec "$1" "$ip_tquic" -j flush | tee "$work/flush" |
		jq -e "$2" >/dev/null || { cat "$work/flush"; return 1; }
}

# Who connects and who listens notice, and cannot go on.
flushed_open()
{
	begin client hc "$robust" steady "$server" "$port" 60000 || return
	flush hc '.connections == 1 and .left == 0' || return
	! end client || return
	flush hs '.left == 0' || return
	soon 20 grep -q 'accept: EINVAL' "$work/server" || return
	end server KILL >/dev/null
	return 0
}

# Programs end, and what outlives them is closed.
flushed()
{
	all_end
	flush hc '.left == 0' && flush hs '.left == 0' && rmmod tquic
}

reloaded()
{
	modprobe tquic && agents && begin server hs "$robust" serve "$port" &&
		connects 20
}

# The namespace of one end, then of the other, while both are at it.
namespace_goes()
{
	local ns

	for ns in hs hc; do
		busy || return
		sleep 1
		ip netns delete $ns
		all_end
		ip netns delete hc 2>/dev/null
		ip netns delete hs 2>/dev/null
		soon 20 namespaces && agents &&
			begin server hs "$robust" serve "$port" || return
	done
	connects 20
}

namespaces
agents && begin server hs "$robust" serve "$port"
check 'somebody connects' connects 20
lossy 3%
check "$((cycles * 2)) connections with losses leave nothing" \
	no_growth "$cycles" "$cycles"
clean
check 'a server that begins anew resets what it does not know' reborn
check 'agents are killed while they shake hands' agents_killed
check 'then others serve' connects 20
check 'a device goes while it is used' device_goes
check 'addresses come and go while they are used' address_goes
if grep -q freeze /sys/power/state 2>/dev/null && [ -e /sys/power/pm_test ]
then
	check 'suspended while it is used' suspended
else
	skip 'suspended while it is used' 'this kernel cannot test that'
fi
check 'a namespace goes while it is used' namespace_goes
check 'a flush ends what is open' flushed_open
begin server hs "$robust" serve "$port"
busy
check 'the module cannot be unloaded meanwhile' busy_module
check 'it can when all is closed' flushed
check 'and is as good as new when it is loaded again' reloaded
all_end
ip netns delete hc
ip netns delete hs
check 'the module can be unloaded' unload
rm -rf "$work"
tap_done
