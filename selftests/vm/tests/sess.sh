#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Connections of the kernel's with themselves; the test module does the
# handshakes, runs when it is loaded, and is refused if it fails.
set -uo pipefail
. "$(dirname "$0")/../lib/tap.sh"

# A debug kernel takes its time, and finds in a few what it finds in many.
slow=1
[ ! -e /sys/kernel/debug/kmemleak ] || slow=5

in_kernel()
{
	local status=0

	dmesg --clear
	"${ns[@]}" modprobe tquic_sess_test seconds=$((60 * slow)) "$@" ||
		status=1
	[ $status -ne 0 ] || rmmod tquic_sess_test || status=1
	dmesg | sed -n 's/.*tquic_sess_test: /# /p'
	return $status
}

refused()
{
	! modprobe -q tquic_sess_test "$@"
}

topology()
{
	local i

	ip netns add st-client
	ip netns add st-server
	for i in 1 2; do
		ip link add c$i netns st-client mtu 1500 type veth \
			peer name s$i netns st-server
		ip -n st-client addr add 10.99.$i.1/24 dev c$i
		ip -n st-server addr add 10.99.$i.2/24 dev s$i
		ip -n st-client link set c$i up
		ip -n st-server link set s$i up
	done
	ip netns exec st-server sleep 3600 &
	server=$!
}

# A test whose server is in the other namespace.
across()
{
	in_kernel server_pid=$server remote=10.99.1.2 "$@"
}

shape()
{
	local i

	for i in 1 2; do
		tc -n st-client qdisc replace dev c$i root netem limit 1000 "$@"
		tc -n st-server qdisc replace dev s$i root netem limit 1000 "$@"
	done
}

flap()
{
	local flapper status

	(sleep 1; ip -n st-client link set c1 down
	 sleep 1; ip -n st-client link set c1 up) &
	flapper=$!
	across mb=$((16 / slow)) second=10.99.2.2
	status=$?
	wait $flapper
	return $status
}

# Connections that nobody uses and that cannot say goodbye.
stranded()
{
	local cutter status

	shape delay 1ms
	(sleep 1; shape loss 100%) &
	cutter=$!
	across mb=1000 seconds=3 conns=10 second=10.99.2.2 abandon=1
	status=$?
	wait $cutter
	return $status
}

busy()
{
	! rmmod tquic 2>/dev/null
}

# Frees what is left of connections, and of the devices they were bound to.
namespaces_go()
{
	kill $server
	ip netns delete st-client && ip netns delete st-server || return
	modules_go
}

ns=()
mb=${SESS_MB:-$((10 / slow))}

ip link set lo up
modprobe tquic
check 'a connection over loopback' in_kernel mb="$mb"
check 'keys are updated' in_kernel mb="$mb" updates=5
check 'a server that asks for proof of addresses' in_kernel mb=1 retry=1
check 'other congestion controls' in_kernel mb=1 cc=bbr
check 'an unknown congestion control is refused' refused mb=1 cc=none
check "$((100 / slow)) connections at a time" \
	in_kernel conns=$((100 / slow)) mb=1

# two uplinks between two namespaces
topology
ns=(nsenter --net=/run/netns/st-client)
check 'a connection between namespaces' across mb="$mb"
# one of them alone is enough where nothing holds it back
shape delay 5ms rate 40mbit
check 'two paths, both in use' across mb="$mb" second=10.99.2.2 least=1
shape loss 2% delay 5ms
check 'loss and delay' across mb=4
check 'loss and delay on two paths' across mb=4 second=10.99.2.2
shape delay 10ms rate 50mbit
check 'slow links' across mb=$((8 / slow)) second=10.99.2.2 least=10
check 'an uplink that dies, and comes back' flap
check 'connections that are left alone' stranded
check 'the module cannot be unloaded meanwhile' busy
check 'with their namespaces they go, and then the module' namespaces_go
tap_done
