#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Handshakes by the agent, between connections of the kernel's with themselves:
# the test module runs when it is loaded, and is refused if they do not end as
# they are expected to.  HS_CONNS=N is how many there are at once with TLS; twice
# as many are served by the agent without.
set -uo pipefail
. "$(dirname "$0")/../lib/tap.sh"

bin=/repo/build/tools

in_kernel()
{
	local status=0

	dmesg --clear
	modprobe tquic_hs_test "$@" || status=1
	[ $status -ne 0 ] || rmmod tquic_hs_test || status=1
	dmesg | sed -n 's/.*tquic_hs_test: /# /p'
	return $status
}

certificates()
{
	local name days

	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout ca.key -out ca.pem -subj /CN=ca -days 30
	for name in server client; do
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
			-nodes -keyout $name.key -out $name.csr \
			-subj /CN=$name -addext subjectAltName=DNS:host.example
		openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key \
			-copy_extensions copy -days 30 -out $name.pem
	done
	# one that has been out of date for a day
	openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key \
		-copy_extensions copy -not_before 20200101000000Z \
		-not_after 20200102000000Z -out expired.pem
}

configure()
{
	certificates >certificates.log 2>&1 || return
	echo "gateway:$(printf '%032d' 1)" >psk
	printf 'gateway:%032d\nstranger:%032d\n' 2 3 >psk-wrong
	cat >conf <<-END
		[agent]
		state-directory = /tmp/hs/state
		[default]
		psk = /tmp/hs/psk
		ca = /tmp/hs/ca.pem
		[wrong]
		psk = /tmp/hs/psk-wrong
		[server]
		certificate = /tmp/hs/server.pem
		private-key = /tmp/hs/server.key
		[expired]
		certificate = /tmp/hs/expired.pem
		private-key = /tmp/hs/server.key
		[mutual]
		certificate = /tmp/hs/server.pem
		private-key = /tmp/hs/server.key
		ca = /tmp/hs/ca.pem
		client-certificates = require
		[private]
		psk = /tmp/hs/psk
		users = root
		[client]
		certificate = /tmp/hs/client.pem
		private-key = /tmp/hs/client.key
		ca = /tmp/hs/ca.pem
	END
	"$bin/tquic-handshaked" --check --config conf
}

start_agent()
{
	"$@" >agent.log 2>&1 &
	echo $! >agent.pid
	for _ in $(seq 200); do
		grep -q ready agent.log && return
		sleep 0.05
	done
	sed 's/^/# /' agent.log
	return 1
}

# Until it has let go of everything.
stop_agent()
{
	local pid

	pid=$(cat agent.pid)
	kill "${1:--TERM}" "$pid" || return
	for _ in $(seq 200); do
		[ -d "/proc/$pid" ] || return 0
		sleep 0.05
	done
	return 1
}

the_agent()
{
	start_agent "$bin/tquic-handshaked" --foreground --config conf
}

# An agent that does not answer, and then is not there any more.
killed()
{
	local pid

	pid=$(cat agent.pid)
	kill -STOP "$pid"
	(sleep 1; kill -KILL "$pid") >/dev/null 2>&1 &
	in_kernel identity=gateway expect=$ETIMEDOUT timeout=3000
}

EHOSTDOWN=112 EACCES=13 EKEYEXPIRED=127 EKEYREJECTED=129 ETIMEDOUT=110
EPROTONOSUPPORT=93 ENOKEY=126
conns=${HS_CONNS:-50}
x509="server=server peername=host.example"

umask 077
mkdir -p /tmp/hs/state
cd /tmp/hs || exit
ip link set lo up
modprobe tquic
check 'the configuration' configure
check 'without an agent: EHOSTDOWN' in_kernel expect=$EHOSTDOWN
check 'the agent starts' the_agent
check 'PSK' in_kernel identity=gateway known_as=gateway
check 'a wrong key: EACCES' \
	in_kernel identity=gateway client=wrong expect=$EACCES
check 'an unknown identity: EACCES' \
	in_kernel identity=stranger client=wrong expect=$EACCES
check 'no key at all: ENOKEY' in_kernel identity=nobody expect=$ENOKEY
# shellcheck disable=SC2086 # words are wanted
check 'X.509' in_kernel $x509 resumed=0 hold=1000
# shellcheck disable=SC2086
check 'a session that is resumed' in_kernel $x509 resumed=1 hold=1000
# shellcheck disable=SC2086
check 'with early data' in_kernel $x509 resumed=1 early=1
check 'another name: EKEYREJECTED' \
	in_kernel server=server peername=other.example expect=$EKEYREJECTED
check 'an old certificate: EKEYEXPIRED' in_kernel server=expired \
	peername=host.example expect=$EKEYEXPIRED
check 'client certificate' in_kernel server=mutual client=client \
	peername=host.example known_as=CN=client
check 'no common ALPN: EPROTONOSUPPORT' in_kernel identity=gateway mismatch=1 \
	expect=$EPROTONOSUPPORT
results timeout -s KILL 150 /repo/selftests/netns/api/run early
check "$conns at once" in_kernel identity=gateway known_as=gateway \
	conns="$conns" timeout=60000 seconds=90
check 'an agent that is stopped, and killed: ETIMEDOUT' killed
check 'without an agent again: EHOSTDOWN' in_kernel expect=$EHOSTDOWN
check 'another agent' the_agent
check 'PSK, with it' in_kernel identity=gateway known_as=gateway
check 'the agent ends' stop_agent
check 'the agent without TLS' start_agent /repo/build/netns/fake-agent
check "$((conns * 2)) at once" in_kernel conns=$((conns * 2)) known_as=fake \
	timeout=60000 seconds=90
check 'it is killed' stop_agent -KILL
check 'the module can be unloaded' modules_go
tap_done
