/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters of a namespace, shown in /proc/net/tquic/snmp.  A reason to drop a
 * packet is enum tquic_drop of the core, and has a counter of its own.
 */
#ifndef _TQUIC_MIB_H
#define _TQUIC_MIB_H

#include <linux/percpu.h>
#include <linux/types.h>

#include "core/drop.h"

/* name as users see it; add a line, and the counter exists */
#define TQUIC_MIB_LIST(x) \
	x(ACTIVE_OPENS, "TquicActiveOpens") \
	x(PASSIVE_OPENS, "TquicPassiveOpens") \
	x(ESTABLISHED, "TquicEstablished") \
	x(CLOSED, "TquicClosed") \
	x(HANDSHAKE_FAILED, "TquicHandshakeFailed") \
	x(NO_AGENT, "TquicNoAgent") \
	x(HS_WAITING_FULL, "TquicHandshakeWaitingFull") \
	x(HS_TIMEOUT, "TquicHandshakeTimeout") \
	x(HS_GONE, "TquicHandshakeAgentGone") \
	x(IN_DATAGRAMS, "TquicInDatagrams") \
	x(IN_BYTES, "TquicInBytes") \
	x(IN_PACKETS, "TquicInPackets") \
	x(IN_BAD, "TquicInNotAuthentic") \
	x(IN_EARLY, "TquicInBeforeKeys") \
	x(IN_NO_CONN, "TquicInNoConnection") \
	x(IN_QUEUE_FULL, "TquicInQueueFull") \
	x(IN_NO_MEM, "TquicInNoMemory") \
	x(IN_CHECKSUM, "TquicInBadChecksum") \
	x(OUT_DATAGRAMS, "TquicOutDatagrams") \
	x(OUT_BYTES, "TquicOutBytes") \
	x(OUT_PACKETS, "TquicOutPackets") \
	x(OUT_FAILED, "TquicOutFailed") \
	x(OUT_NO_ROUTE, "TquicOutNoRoute") \
	x(OUT_QUEUE_LIMIT, "TquicOutLocalQueueFull") \
	x(OUT_QUEUE_DROP, "TquicOutLocalQueueDrop") \
	x(OUT_TOO_BIG, "TquicOutTooBig") \
	x(RETRY_SENT, "TquicRetrySent") \
	x(VERSION_SENT, "TquicVersionNegotiationSent") \
	x(RESET_SENT, "TquicStatelessResetSent") \
	x(RESET_RECEIVED, "TquicStatelessResetReceived") \
	x(HALF_OPEN_FULL, "TquicHalfOpenFull") \
	x(BACKLOG_FULL, "TquicBacklogFull") \
	x(CONNS_FULL, "TquicConnectionsFull") \
	x(ICMP_IN, "TquicInIcmp") \
	x(ASYNC_CRYPTO, "TquicAsyncCrypto") \
	x(COPIED, "TquicOpenedIntoCopies")

enum tquic_mib_item {
#define TQUIC_MIB_ENUM(name, text) TQUIC_MIB_##name,
	TQUIC_MIB_LIST(TQUIC_MIB_ENUM)
#undef TQUIC_MIB_ENUM
	TQUIC_MIB_MAX
};

/**
 * struct tquic_mib - the counters, per CPU
 * @item: by enum tquic_mib_item
 * @drop: by enum tquic_drop
 */
struct tquic_mib {
	unsigned long item[TQUIC_MIB_MAX];
	unsigned long drop[TQUIC_DROP_MAX];
};

struct tquic_mib __percpu *tquic_mib_alloc(void);
void tquic_mib_free(struct tquic_mib __percpu *mib);
void tquic_mib_sum(struct tquic_mib __percpu *mib, struct tquic_mib *sum);

#define TQUIC_MIB_INC(tn, name) \
	this_cpu_inc((tn)->mib->item[TQUIC_MIB_##name])
#define TQUIC_MIB_ADD(tn, name, n) \
	this_cpu_add((tn)->mib->item[TQUIC_MIB_##name], n)
#define TQUIC_MIB_DROP(tn, reason) \
	this_cpu_inc((tn)->mib->drop[reason])

#endif /* _TQUIC_MIB_H */
