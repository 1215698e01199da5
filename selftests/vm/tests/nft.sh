#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# nft-tquic with the kernel's expression: this system's libnftables, and that
# of Debian 12 if it has been laid beside the program.
set -uo pipefail
. "$(dirname "$0")/../lib/tap.sh"

ext=/repo/nft-ext
nft=/repo/build/nft-ext/nft-tquic
dir=$(mktemp -d)
cd "$dir" || exit

# same WANT COMMAND...: it prints exactly this
same()
{
	local want=$1
	shift
	diff -u <(printf '%s\n' "$want") <("$@" 2>&1)
}

# rule TEXT [LISTED]: goes in, and is listed like that
rule()
{
	"$nft" flush chain inet t c && "$nft" add rule inet t c "$1" &&
		same $'\t\t'"${2-$1}" sed -n 3p <("$nft" list chain inet t c)
}

# refused WANT COMMAND...: fails, and says this
refused()
{
	local want=$1 out
	shift
	if out=$("$@" 2>&1) || [[ "$out" != *"$want"* ]]; then
		echo "$out"
		return 1
	fi
}

start()
{
	"$nft" flush ruleset && "$nft" -f - <<-'END'
	table inet t {
		chain state { }
		chain c { }
		chain pre { type filter hook prerouting priority mangle; }
	}
	END
}

includes()
{
	mkdir -p inc
	cat >inc/late.nft <<-'END'
	define late = interactive
	define name = "home"
	END
	cat >main.nft <<-'END'
	define cls = bulk
	define both = { realtime, $cls }
	include "./inc/*.nft"
	table inet t {
		define st = new
		set s {
			typeof tquic class
			elements = { realtime, $cls }
		}
		map m {
			typeof tquic class . ip daddr : verdict
			elements = { bulk . 1.1.1.1 : accept,
				     $late . 2.2.2.2 : jump state }
		}
		chain state { }
		chain tquic {
			type filter hook prerouting priority 0;
			tquic class $both accept; tquic state $st drop
			tquic class @s counter # tquic class x
			ip daddr 1.2.3.4 tquic tunnel \
				to $name class $late accept
			iifname "tquic" tquic path count 1-5 accept
			log prefix "tquic class bulk" jump state
		}
	}
	END
	"$nft" flush ruleset && "$nft" -c -f main.nft &&
		[ -z "$("$nft" list ruleset)" ] && "$nft" -f main.nft &&
		"$nft" -s list ruleset >listed && same "$(cat <<-'END'
	table inet t {
		set s {
			typeof tquic class
			elements = { realtime, bulk }
		}

		map m {
			typeof tquic class . ip daddr : verdict
			elements = { bulk . 1.1.1.1 : accept,
			     interactive . 2.2.2.2 : jump state }
		}

		chain state {
		}

		chain tquic {
			type filter hook prerouting priority filter; policy accept;
			tquic class { realtime, bulk } accept
			tquic state new drop
			tquic class @s counter
			ip daddr 1.2.3.4 tquic tunnel to "home" class interactive accept
			iifname "tquic" tquic path count 1-5 accept
			log prefix "tquic class bulk" jump state
		}
	}
	END
	)" sed 's/^\t*//' listed
}

restored()
{
	"$nft" list ruleset >one && "$nft" flush ruleset && "$nft" -f one &&
		"$nft" list ruleset | diff one -
}

names()
{
	start && "$nft" -f - <<-'END' && rule 'tquic class bulk jump state'
	table inet tquic {
		set tunnel {
			type ipv4_addr
		}
		chain state {
		}
	}
	add rule inet tquic state tcp dport 80 tquic state new accept
	add rule inet tquic state tcp dport { 1, 2 } accept
	END
}

errors_in_file()
{
	printf '%s\n' 'table inet t {' $'\tchain c {' \
		$'\t\ttquic class bulk tcp dport 99999 tquic tunnel accept' \
		$'\t}' '}' >bad.nft
	same $'bad.nft:3:30-34: Error: Service out of range
\t\ttquic class bulk tcp dport 99999 tquic tunnel accept
\t\t                           ^^^^^' "$nft" -f bad.nft
}

kernel_errors()
{
	refused $'n c tquic class bulk
                                                              ^^^^^' \
		"$nft" 'add table netdev n; add chain netdev n c; add rule netdev n c tquic class bulk'
}

elements()
{
	start && "$nft" add set inet t s '{ typeof tquic class; }' &&
		"$nft" add element inet t s '{ realtime, bulk }' &&
		"$nft" get element inet t s '{ bulk }' | grep -q '{ bulk }' &&
		"$nft" delete element inet t s '{ realtime }' &&
		"$nft" list set inet t s | grep -q '= { bulk }'
}

# Handles differ after a restore.
json()
{
	"$nft" -j list ruleset | jq -S 'del(.. | .handle?)'
}

json_both_ways()
{
	start && rule 'tquic class { realtime, bulk } accept' &&
		"$nft" add rule inet t c tquic class . ip daddr \
			'{ bulk . 1.2.3.4 } counter' &&
		"$nft" add rule inet t c tquic tunnel vmap '{ "home" : accept }' &&
		"$nft" add rule inet t pre tquic tunnel to home class bulk accept &&
		"$nft" -j list ruleset >one.json && json >one &&
		grep -q '"tquic"' one && "$nft" flush ruleset &&
		"$nft" -j -f one.json && json | diff one -
}

watched()
{
	start
	timeout 5 "$nft" monitor >events &
	sleep 1
	"$nft" add rule inet t pre tquic tunnel to home accept
	"$nft" delete rule inet t pre handle "$("$nft" -a list chain inet t pre |
		sed -n 's/.*home.*handle //p')"
	wait
	cat events
	grep -q '^add rule inet t pre tquic tunnel to "home" accept' events &&
		grep -q '^delete rule inet t pre handle' events
}

replaced()
{
	local handle

	start && rule 'tquic class bulk' &&
		handle=$("$nft" -a list chain inet t c |
			sed -n 's/.*bulk.*handle //p') &&
		"$nft" replace rule inet t c handle "$handle" tquic class realtime &&
		"$nft" insert rule inet t c tquic role inner accept &&
		same $'\t\ttquic role inner accept\n\t\ttquic class realtime' \
			sed -n 3,4p <("$nft" list chain inet t c)
}

# A stock nft lists and restores the sets, but does not see the rules.
stock()
{
	start && "$nft" add set inet t s '{ typeof tquic class; }' &&
		"$nft" add element inet t s '{ bulk }' &&
		"$nft" add rule inet t c tquic class @s accept &&
		"$nft" add rule inet t c tcp dport 80 accept &&
		nft list ruleset >plain && grep -q 'tcp dport 80' plain &&
		! grep -q tquic plain && nft flush ruleset && nft -f plain &&
		"$nft" list set inet t s | grep -q 'typeof tquic class'
}

fuzz()
{
	local seed

	for ((seed = $1; seed < $1 + $2; seed++)); do
		python3 $ext/test/fuzz.py "$nft" $seed 25 || return
	done
}

all()
{
	check "$1: a table" start
	while read -r text; do
		check "$1: $text" rule "$text"
	done <<-'END'
	tquic class bulk
	tquic class != bulk accept
	tquic state { new, handshake } drop
	tquic role inner accept
	tquic path count > 1 accept
	tquic path id 1-3 accept
	tquic path count & 0x3 == 0x1 accept
	tquic class vmap { realtime : accept, bulk : drop }
	meta mark set tquic class map { realtime : 0x00000001, bulk : 0x00000002 }
	ct mark set tquic path id
	tquic class . ip daddr { bulk . 1.2.3.4, realtime . 10.0.0.0/8 } accept
	ip daddr . tquic class vmap { 1.2.3.4 . bulk : accept }
	tquic tunnel "home" accept
	tquic tunnel { "home", "work" } accept
	tquic tunnel . tquic class { "home" . bulk }
	tquic tunnel accept
	ip daddr 1.2.3.4 tquic tunnel to "home" class bulk accept
	tquic tunnel class realtime accept comment "tquic tunnel to x"
	log prefix "tquic tunnel to x" tquic class bulk
	END
	check "$1: a list becomes a set" rule 'tquic state new,invalid drop' \
		'tquic state { new, invalid } drop'
	check "$1: a name after an operator" rule 'tquic tunnel == home' \
		'tquic tunnel "home"'
	check "$1: includes and variables" includes
	check "$1: restored from its listing" restored
	check "$1: names that are words of the syntax" names
	check "$1: elements" elements
	check "$1: replace and insert" replaced
	check "$1: JSON both ways" json_both_ways
	check "$1: monitor" watched
	check "$1: errors point into the user's file" errors_in_file
	check "$1: errors of the kernel point at the expression" kernel_errors
	start
	check "$1: an unknown class" refused "cannot be 'fast'" \
		"$nft" add rule inet t c tquic class fast
	check "$1: a name that is too long" refused '1 to 15 characters' \
		"$nft" add rule inet t c tquic tunnel to abcdefghijklmnop
	check "$1: a carrier by hand" refused 'no payload offset' \
		"$nft" add rule inet t c @ih,1414594560,32 5
	check "$1: the wrong hook" refused 'prerouting or output' \
		"$nft" "add chain inet t in { type filter hook input priority 0; }
add rule inet t in tquic tunnel accept"
	check "$1: stock nft beside it" stock
	check "$1: random rules survive the round trip" fuzz "$2" 10
	"$nft" flush ruleset
}

if [ ! -x "$nft" ]; then
	check 'nft-tquic has been built: make -C nft-ext' false
	tap_done
fi
modprobe -q tquic_nf
all "$(nft --version | sed 's/^[^v]*//;s/ .*//')" 100
if [ -e /repo/build/nft-ext/lib-1.0.6/libnftables.so.1 ]; then
	old=(env "LD_LIBRARY_PATH=/repo/build/nft-ext/lib-1.0.6")
	printf '#!/bin/sh\nexec %s "$@"\n' "${old[*]} $nft" >nft-old
	chmod +x nft-old
	nft=$dir/nft-old
	all v1.0.6 200
else
	skip 'libnftables 1.0.6' 'not laid beside nft-tquic: see nft-ext/Makefile'
fi
check 'the modules go when the rules have gone' modules_go
tap_done
