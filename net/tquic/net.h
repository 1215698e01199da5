/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What TQUIC has per network namespace.  Each part belongs to its own file,
 * which initialises it and takes it down; main.c says in which order.
 */
#ifndef _TQUIC_NET_H
#define _TQUIC_NET_H

#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "demux.h"
#include "hs.h"
#include "listen.h"
#include "mib.h"
#include "udp.h"

struct ctl_table_header;

/**
 * struct tquic_net_config - sysctls, net.tquic.*
 * @scheduler: default scheduler; a name that is registered
 * @congestion: default congestion control of sockets
 * @path_manager: enum tquic_pm_kind
 * @mem_max: bytes that the connections of the namespace may hold
 * @conns_max: connections
 * @half_open_max: handshakes under way of servers
 * @retry_threshold: of these, from which on Retry is demanded
 * @backlog_max: accepted connections that wait
 * @wmem_max: bytes of stream data that wait, of one connection
 * @rmem_max: bound of the receive window of one connection, bytes
 * @idle_timeout: ms, 0 for none
 * @handshake_timeout: ms
 * @probe_interval: ms
 * @failover_timeout: ms
 * @handshake_agent_init: agent of the initial namespace may be used
 *
 * Written by sysctl, read by READ_ONCE() everywhere.
 */
struct tquic_net_config {
	char scheduler[16];
	char congestion[16];
	u8 path_manager;
	u64 mem_max;
	u32 conns_max;
	u32 half_open_max;
	u32 retry_threshold;
	u32 backlog_max;
	u64 wmem_max;
	u64 rmem_max;
	u32 idle_timeout;
	u32 handshake_timeout;
	u32 probe_interval;
	u32 failover_timeout;
	u8 handshake_agent_init;
};

/**
 * struct tquic_net - a namespace
 * @net: the namespace
 * @config: sysctls
 * @mib: counters
 * @udp: UDP sockets
 * @demux: connection IDs
 * @listen: listeners
 * @hs: handshakes that wait for the agent
 * @lock: protects @sessions and @next_id
 * @sessions: struct tquic_sess
 * @nr_sessions: how many; also read without the lock
 * @next_id: number of the next connection
 * @held: bytes that connections hold
 * @sysctl: registered tables
 */
struct tquic_net {
	struct net *net;
	struct tquic_net_config config;
	struct tquic_mib __percpu *mib;
	struct tquic_udp_net udp;
	struct tquic_demux demux;
	struct tquic_listen_net listen;
	struct tquic_hs_net hs;
	spinlock_t lock;
	struct list_head sessions;
	u32 nr_sessions;
	u32 next_id;
	atomic64_t held;
	struct ctl_table_header *sysctl;
};

extern unsigned int tquic_net_id;

static inline struct tquic_net *tquic_net(const struct net *net)
{
	return net_generic(net, tquic_net_id);
}

#endif /* _TQUIC_NET_H */
