/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What TQUIC has per network namespace.  Each part belongs to its own file,
 * which initialises it and takes it down; main.c says in which order.
 */
#ifndef _TQUIC_NET_H
#define _TQUIC_NET_H

#include <linux/atomic.h>
#include <linux/rhashtable-types.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "demux.h"
#include "hs.h"
#include "kept.h"
#include "listen.h"
#include "mib.h"
#include "udp.h"

struct ctl_table_header;
struct tquic_cc_ops;
struct tquic_sched_ops;

/* how paths come about */
enum tquic_pm_kind {
	TQUIC_PM_KERNEL,
	TQUIC_PM_USERSPACE,
};

/**
 * struct tquic_net_config - sysctls, net.tquic.*
 * @path_manager: enum tquic_pm_kind
 * @enabled: connections may be made and accepted
 * @ecn_enabled: paths try ECN
 * @mem_max: bytes that the connections of the namespace may hold
 * @conns_max: connections
 * @half_open_max: handshakes under way of servers
 * @retry_threshold: of these, from which on Retry is demanded
 * @backlog_max: accepted connections that wait
 * @wmem_max: bytes of stream data that wait, of one connection
 * @rmem_max: bound of the receive window of one connection, bytes
 * @max_paths: of a connection
 * @initial_rtt: assumed before there is a sample, ms
 * @idle_timeout: ms, 0 for none
 * @handshake_timeout: ms
 * @probe_interval: ms
 * @failover_timeout: ms
 * @udp_timeout: of UDP flows of tunnels that had no answer, ms
 * @udp_timeout_stream: of the others
 * @handshake_agent_init: agent of the initial namespace may be used
 *
 * Written by sysctl, read by READ_ONCE() everywhere.
 */
struct tquic_net_config {
	u8 path_manager;
	u8 enabled;
	u8 ecn_enabled;
	u64 mem_max;
	u32 conns_max;
	u32 half_open_max;
	u32 retry_threshold;
	u32 backlog_max;
	u64 wmem_max;
	u64 rmem_max;
	u32 max_paths;
	u32 initial_rtt;
	u32 idle_timeout;
	u32 handshake_timeout;
	u32 probe_interval;
	u32 failover_timeout;
	u32 udp_timeout;
	u32 udp_timeout_stream;
	u8 handshake_agent_init;
};

/**
 * struct tquic_net - a namespace
 * @net: the namespace
 * @config: sysctls
 * @sched_ops: default scheduler, a reference
 * @cc_ops: default congestion control, a reference
 * @mib: counters
 * @udp: UDP sockets
 * @demux: connection IDs
 * @listen: listeners
 * @hs: handshakes that wait for the agent
 * @kept: tokens for connections to come
 * @lock: protects @sessions, @nr_sessions, @sched_ops and @cc_ops
 * @sessions: struct tquic_sess that are alive; readers take references by
 *	tquic_sess_get_maybe_zero() under @lock
 * @nr_sessions: how many; also read without the lock
 * @by_id: the same, by number
 * @next_id: where to look for the number of the next connection
 * @peers: struct tquic_peer by addresses
 * @peers_lock: see there
 * @resets: struct tquic_reset by token
 * @exist: struct tquic_sess that are not freed yet, alive or not
 * @closing: the namespace goes: no more connections
 * @held: bytes that connections hold
 * @sysctl: registered tables
 */
struct tquic_net {
	struct net *net;
	struct tquic_net_config config;
	const struct tquic_sched_ops *sched_ops;
	const struct tquic_cc_ops *cc_ops;
	struct tquic_mib __percpu *mib;
	struct tquic_udp_net udp;
	struct tquic_demux demux;
	struct tquic_listen_net listen;
	struct tquic_hs_net hs;
	struct tquic_kept_net kept;
	spinlock_t lock;	/* see above */
	struct list_head sessions;
	u32 nr_sessions;
	struct xarray by_id;
	u32 next_id;
	struct rhashtable peers;
	spinlock_t peers_lock;	/* see above */
	struct rhashtable resets;
	atomic_t exist;
	bool closing;
	atomic64_t held;
	struct ctl_table_header *sysctl;
};

extern unsigned int tquic_net_id;

static inline struct tquic_net *tquic_net(const struct net *net)
{
	return net_generic(net, tquic_net_id);
}

/**
 * tquic_net_charge - account memory of a connection's
 * @tn: namespace
 * @bytes: how many
 *
 * Context: any.
 * Return: false, with nothing accounted, when the namespace has enough.
 */
static inline bool tquic_net_charge(struct tquic_net *tn, unsigned int bytes)
{
	if ((u64)atomic64_add_return(bytes, &tn->held) <=
	    READ_ONCE(tn->config.mem_max))
		return true;
	atomic64_sub(bytes, &tn->held);
	return false;
}

static inline void tquic_net_uncharge(struct tquic_net *tn, unsigned int bytes)
{
	atomic64_sub(bytes, &tn->held);
}

/* of all connections; created by main.c */
extern struct workqueue_struct *tquic_wq;

int tquic_net_init(struct tquic_net *tn);
void tquic_net_exit(struct tquic_net *tn);

/* net_algo.c: default scheduler and congestion control */
void tquic_net_algo_init(struct tquic_net *tn);
void tquic_net_algo_exit(struct tquic_net *tn);
const struct tquic_sched_ops *tquic_net_sched(struct tquic_net *tn);
const struct tquic_cc_ops *tquic_net_cc(struct tquic_net *tn);
int tquic_net_set_sched(struct tquic_net *tn, const char *name);
int tquic_net_set_cc(struct tquic_net *tn, const char *name);
void tquic_net_sched_name(struct tquic_net *tn, char *name);
void tquic_net_cc_name(struct tquic_net *tn, char *name);

/* net_dev.c: what links and addresses do */
int __init tquic_net_dev_init(void);
void tquic_net_dev_exit(void);

#endif /* _TQUIC_NET_H */
