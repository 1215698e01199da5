#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The data path benchmark moves every byte right, in every mode, and goes away
# in the middle of it.  It is not about speed: for that see selftests/bench.
set -uo pipefail
. "$(dirname "$0")/../lib/tap.sh"

a=10.77.0.1 b=10.77.0.2
port=4433
bytes=600000	# some 400 packets
jobs=()
proc_a='' proc_b=''

cleanup()
{
	trap - EXIT
	kill "${jobs[@]}" 2>/dev/null
	ip netns del dpa 2>/dev/null
	ip netns del dpb 2>/dev/null
	modprobe -q -r tquic_datapath
}
trap cleanup EXIT

# Have a process in a namespace, through which its /proc/net is reached.
keep()
{
	local here there pid

	ip netns exec "$1" sleep infinity >/dev/null 2>&1 &
	pid=$!
	jobs+=("$pid")
	proc=/proc/$pid/net/tquic_datapath
	here=$(readlink /proc/self/ns/net)
	there=$here
	while [ "$there" = "$here" ]; do
		there=$(readlink "/proc/$pid/ns/net")
	done
}

# Two namespaces over veth.
setup()
{
	ip netns add dpa && ip netns add dpb || return
	ip link add va netns dpa type veth peer name vb netns dpb || return
	ip -n dpa addr add $a/24 dev va
	ip -n dpb addr add $b/24 dev vb
	ip -n dpa link set va up
	ip -n dpb link set vb up
	keep dpa
	proc_a=$proc
	keep dpb
	proc_b=$proc
	ip netns exec dpa ping -q -c 1 -W 5 $b >/dev/null
}

# One command in one write(2).
tell()
{
	echo "$2" >"$1"
}

stop()
{
	tell "$proc_a" stop
	tell "$proc_b" stop
}

start()
{
	stop
	tell "$proc_b" "rx port=$port $2" &&
		tell "$proc_a" "tx daddr=$b port=$port $1"
}

# Read the counters of the run, in one go: they change under a reader who comes
# back.  No processes are made here and in what follows: on a debug kernel each
# takes a second.
declare -A count
read_counters()
{
	local -a lines
	local line

	mapfile -t lines <"$proc_a"
	count=()
	for line in "${lines[@]}"; do
		count[${line% *}]=${line#* }
	done
}

exec {nothing}<> <(:)
nap()
{
	read -r -t "$1" -u "$nothing" || true
}

# Wait until the sender is no longer at it.
finish()
{
	local i

	for ((i = 0; i < 1200; i++)); do
		read_counters
		case ${count[state]} in
		running | waiting) nap 0.05 ;;
		*) return ;;
		esac
	done
	return 1
}

# expect COUNTER OPERATOR VALUE, three at a time: what is not so is said.
expect()
{
	local status=0

	while [ $# -gt 0 ]; do
		if ! test "${count[$1]}" "$2" "$3"; then
			echo "$1 is ${count[$1]}, not $2 $3"
			status=1
		fi
		shift 3
	done
	return $status
}

# transfer SENDER RECEIVER [EXPECT...]: every byte arrives once, in order and
# unchanged.
transfer()
{
	local sender=$1 receiver=$2 status=0
	shift 2

	start "bytes=$bytes $sender" "verify=1 $receiver" || return
	finish
	expect state = "done" rx_verified -ge "$bytes" \
		rx_verified -eq "${count[tx_bytes]}" \
		rx_packets -eq "${count[tx_packets]}" \
		tx_failed -eq 0 rx_lost -eq 0 rx_late -eq 0 rx_bad -eq 0 \
		rx_differ -eq 0 "$@" || status=1
	stop
	return $status
}

running()
{
	read_counters
	expect state = running
}

wire()
{
	local on=on off=off

	[ "$1" = on ] || on=off off=on
	ip netns exec dpa ethtool -K va tso $off tx-udp-segmentation $off \
		gro $on &&
		ip netns exec dpb ethtool -K vb tso $off \
			tx-udp-segmentation $off gro $on &&
		ip netns exec dpa ping -q -c 1 -W 5 $b >/dev/null
}

# What is lost is counted and spoils nothing that follows.
lossy()
{
	local status=0

	start "bytes=3000000 train=4" "verify=1" || return
	finish
	expect rx_lost -ge 1 rx_differ -eq 0 rx_bad -eq 0 \
		rx_verified -eq "${count[rx_bytes]}" || status=1
	stop
	return $status
}

# Datagrams of all sizes that are no packets; socat ends with an empty one.
garbage()
{
	local i status=0

	start "bytes=$bytes" "verify=1" || return
	for ((i = 0; i < 20; i++)); do
		ip netns exec dpa socat -u \
			OPEN:/dev/urandom,readbytes=$((1 + i * 70)) \
			UDP4:$b:$port,shut-null 2>/dev/null
	done
	finish
	expect state = "done" rx_bad -ge 10 rx_differ -eq 0 \
		rx_verified -eq "${count[tx_bytes]}" || status=1
	stop
	return $status
}

refused()
{
	! tell "$proc_b" "$1" 2>/dev/null
}

stop_midway()
{
	start "ms=60000" "$1" && nap 0.5 && running && stop
}

stop_receiver_first()
{
	start "ms=60000" "$1" && nap 0.5 && tell "$proc_b" stop || return
	finish && expect state = failed && tell "$proc_a" stop
}

unload_midway()
{
	start "ms=60000" "$1" && nap 0.5 && running &&
		modprobe -r tquic_datapath && [ ! -e "$proc_a" ] &&
		modprobe tquic_datapath && [ -e "$proc_a" ]
}

# delete_midway NAMESPACE: it takes its end of the run along.
delete_midway()
{
	local i

	start "ms=60000" "" && nap 0.5 && running || return
	ip netns del dpa
	ip netns del dpb
	kill "${jobs[@]}"
	wait "${jobs[@]}" 2>/dev/null
	jobs=()
	# Namespaces are taken down behind our back.
	for ((i = 0; i < 100; i++)); do
		pgrep tquic_dp_ >/dev/null || return 0
		nap 0.1
	done
	return 1
}

if ! modprobe -q tquic_datapath; then
	skip 'the benchmark loads' 'tquic_datapath.ko has not been built'
	tap_done
fi
# Not within check, which runs its command in a process of its own.
setup
check 'each namespace has a control file' test -e "$proc_a" -a -e "$proc_b"

for suite in chacha20 aes128 aes256; do
	for mode in gso encap single; do
		check "$suite, received as $mode" \
			transfer "" "suite=$suite mode=$mode"
	done
	check "$suite, one packet in each buffer" transfer "mode=single" \
		"suite=$suite mode=single" tx_skbs -ge 400
	check "$suite, pages by reference" transfer "copy=0" \
		"suite=$suite copy=0"
	check "$suite, opened into new pages" transfer "" \
		"suite=$suite unshare=1" rx_in_place -eq 0
done
for context in kthread workqueue bh softirq; do
	for mode in gso encap single; do
		check "opened in $context, received as $mode" \
			transfer "" "context=$context mode=$mode suite=aes128"
	done
done
for train in 1 2 17 64; do
	check "trains of $train" transfer "train=$train" ""
done
check 'trains are opened in place' \
	transfer "" "suite=aes128" rx_copied -eq 0 rx_skbs -lt 40
bytes=60000 check 'packets of 100 bytes' transfer "size=100" ""
check 'both ends on one CPU' transfer "cpu=0" "cpu=0"

check 'packets cross one by one' wire on
check 'aggregated by GRO' transfer "" "suite=aes128" rx_skbs -lt 200
check 'aggregated by GRO, opened into new pages' \
	transfer "" "suite=aes128 unshare=1"
check 'cut apart for encap_rcv' transfer "" "mode=encap"
check 'not aggregated' transfer "" "mode=single" rx_skbs -ge 400
check 'packets cross in aggregates again' wire off
# Packets with a wrong checksum do not get as far as encap_rcv.
check 'checksums are computed in software' \
	ip netns exec dpa ethtool -K va tx off
check 'checksums of trains are right' transfer "" "mode=encap"
check 'checksums of single packets are right' \
	transfer "mode=single" "mode=encap"
check 'checksums are left to the device' ip netns exec dpa ethtool -K va tx on

if tc -n dpa qdisc add dev va root netem loss 2% 2>/dev/null; then
	check 'losses are counted' lossy
	tc -n dpa qdisc del dev va root
else
	skip 'losses are counted' 'there is no netem'
fi
check 'what is no packet is dropped' garbage

check 'an unknown option is refused' refused 'rx nonsense=1'
check 'a wrong value is refused' refused 'rx suite=rot13'
check 'a value out of range is refused' refused 'rx port=70000'
check 'a sender without receiver is refused' refused "tx daddr=$a port=9 ms=1"

for context in kthread workqueue bh softirq; do
	check "stopped midway, $context" stop_midway "context=$context"
done
check 'the receiver stops first' stop_receiver_first ""
check 'unloaded midway' unload_midway ""
check 'unloaded midway, workqueue' unload_midway "context=workqueue"
check 'unloaded midway, softirq' unload_midway "context=softirq mode=encap"
check 'namespaces deleted midway' delete_midway
tap_done
