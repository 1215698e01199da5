#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Uplinks as they are in the field, and other rules beside the tunnel's.
set -uo pipefail
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/tunnel.sh"

paths()
{
	on client "$tq" -j path show |
		jq '[.. | objects | select(.state? == "active")] | length'
}

# path_bytes N: of the N-th path that works
path_bytes()
{
	on client "$tq" -j path show |
		jq "[.. | objects | select(.state? == \"active\") |
			.sent_bytes + .received_bytes][$1] // 0"
}

# both_carry COMMAND...: each path has carried a tenth of a megabyte for it
both_carry()
{
	local one two status=0

	one=$(path_bytes 0) two=$(path_bytes 1)
	"$@" || status=$?
	echo "before: $one $two, now: $(path_bytes 0) $(path_bytes 1)"
	[ $status -eq 0 ] &&
		[ $(($(path_bytes 0) - one)) -gt 100000 ] &&
		[ $(($(path_bytes 1) - two)) -gt 100000 ]
}

# A hop with a small MTU that says nothing about it.
small()
{
	on wan2 ip link set server mtu 1280
	on wan2 ip link set client mtu 1280
	on wan2 nft -f - <<-END
		table inet mute {
			chain out {
				type filter hook output priority 0;
				meta l4proto { icmp, icmpv6 } counter drop
			}
		}
	END
}

large()
{
	on wan2 ip link set server mtu 1500
	on wan2 ip link set client mtu 1500
	on wan2 nft delete table inet mute
}

# A modem: it translates, to other ports each time that it forgets.
nat()
{
	local n

	for n in 1 2; do
		on "wan$n" nft -f - <<-END
			table ip nat {
				chain out {
					type nat hook postrouting priority srcnat;
					oifname "server" masquerade fully-random
				}
			}
		END
	done
}

# rebinding COMMAND...: while modems forget, one after the other
rebinding()
{
	local status=0 turns=0

	"$@" >"$dir/rebinding" 2>&1 &
	while kill -0 $! 2>/dev/null; do
		on wan$((turns % 2 + 1)) conntrack -F 2>/dev/null
		turns=$((turns + 1))
		sleep 2
	done
	wait $! || status=$?
	cat "$dir/rebinding"
	echo "$turns times"
	[ $status -eq 0 ] && [ $turns -ge 2 ]
}

# Two modems of the same make: same network, same address.
twins()
{
	on wan2 ip address add 10.81.1.1/24 dev client
	on client ip address del 10.81.2.2/24 dev wan2
	on client ip address add 10.81.1.2/24 dev wan2 noprefixroute
	on client ip route replace 10.81.1.1 dev wan2 metric 200
	on client ip route replace default via 10.81.1.1 dev wan2 metric 102
	on client ip rule del from 10.81.2.2
	on client ip rule del from 10.81.1.2
	# what answers ARP for one of them answers on that one only
	on client sysctl -qw net.ipv4.conf.all.arp_ignore=1 \
		net.ipv4.conf.all.arp_announce=2
	# this one's way back is through its own translation
	on wan2 ip route replace 10.81.1.0/24 dev client
}

# twin: there is a path by the second device with the first one's address
twin()
{
	on client "$tq" -j path show | jq -e '[.. | objects |
		select(.dev? == "wan2" and .state? == "active" and
		       .local == "10.81.1.2")] | length == 1'
}

other_rules()
{
	on client nft -f - <<-END
		table inet nat {
			chain in {
				type nat hook prerouting priority dstnat;
				iifname "wan1" tcp dport 8080 dnat ip to 192.168.7.2:8000
				iifname "lan" ip daddr 203.0.113.1 dnat ip to $far
			}
			chain out {
				type nat hook postrouting priority srcnat;
				oifname "wan*" masquerade
			}
		}
		table inet fast {
			flowtable f {
				hook ingress priority 0;
				devices = { lan, wan1, wan2 };
			}
			chain across {
				type filter hook forward priority 0;
				ct state established meta l4proto { tcp, udp } flow add @f
			}
		}
	END
}

# The rule, but for one port, which goes by a WAN as it is.
rules()
{
	on client "$netns/../../build/nft-ext/nft-tquic" -f - <<-END
		table inet gw {
			chain capture {
				type filter hook prerouting priority mangle;
				iifname "lan" tcp dport 7500 accept
				iifname "lan" meta l4proto tcp tquic tunnel to "home"
			}
		}
	END
}

# seen_as ADDRESS WHOM PORT
seen_as()
{
	local who

	who=$(tcp lan who "$2" "$3") || return
	echo "$who"
	[ "${who% *}" = "$1" ]
}

four_only()
{
	local n

	for n in 1 2; do
		on "wan$n" nft 'add table ip6 no6; add chain ip6 no6 across { type filter hook forward priority 0; policy drop; }'
	done
}

six_only()
{
	local n

	on client "$tq" tunnel del home
	for n in 1 2; do
		on "wan$n" nft delete table ip6 no6
		on client ip -4 address flush dev "wan$n"
	done
	on client "$tq" tunnel add home identity gw remote '[fd83::1]:4433'
}

modprobe -a tquic tquic_nf
check 'two WANs, a LAN, a server and the Internet' \
	"$netns/gw" up 2 rate=8,delay=10
check 'one has a small MTU, of which it does not tell' small
check 'other rules: translation both ways, a flow table' other_rules
check 'the tunnel comes up' "$netns/gw" wait
check 'the rules are loaded' rules
check 'each WAN has a path' soon equals 2 paths
start inet inet serve 7000
start server server serve 7500
start lan lan serve 8000

check '3 MB to the LAN by both' both_carry tcp lan get "$far" 7000 3000000
check '3 MB from the LAN by both' both_carry tcp lan put "$far" 7000 3000000
check 'the MTU is as that of the other' large

check 'a port that is not captured is translated' seen_as 10.81.1.2 10.83.0.1 7500
check 'and carries 1 MB' tcp lan get 10.83.0.1 7500 1000000
check 'a port of a WAN leads to the LAN host' tcp server get 10.81.1.2 8080 1000000
check 'what is captured is not translated' seen_as "$near" "$far" 7000
check 'and carries 1 MB' tcp lan get "$far" 7000 1000000

check 'WANs translate addresses' nat
check '5 MB to the LAN while they forget them' \
	rebinding tcp lan get "$far" 7000 5000000
check '5 MB from the LAN while they forget them' \
	rebinding tcp lan put "$far" 7000 5000000
check 'each WAN has its path' soon equals 2 paths

check 'both WANs have the same network and address' twins
check 'each has a path' soon twin
check '3 MB to the LAN by both' both_carry tcp lan get "$far" 7000 3000000

check 'the tunnel uses IPv4, whatever there is' four_only
check 'an IPv6 LAN is carried by IPv4' tcp lan get "$far6" 7000 1000000
check 'WANs without IPv4, to the server by IPv6' six_only
check 'the tunnel comes up' "$netns/gw" wait
check 'an IPv4 LAN is carried by IPv6' tcp lan get "$far" 7000 1000000

finish inet
finish server
finish lan
check 'no flow is left' soon no_flows
check 'everything is taken down' "$netns/gw" down
check 'the modules can be unloaded' modules_go
tap_done
