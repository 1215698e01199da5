/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A connection: the core, TLS, and the keys between them.
 */
#ifndef _TQUIC_NATIVE_LINK_H
#define _TQUIC_NATIVE_LINK_H

#include "app.h"
#include "buf.h"
#include "core/conn.h"
#include "demux.h"
#include "keys.h"
#include "core/token.h"
#include "tls.h"
#include "udp.h"

#define TN_LINK_LEVELS	(TQUIC_PKT_1RTT + 1)
/* packets kept that came before their keys */
#define TN_LINK_EARLY	32

#define TN_VERSIONS	2

struct tn_end;

/* place of a version in arrays */
static inline unsigned int tn_version_no(u32 version)
{
	return version == TQUIC_VERSION_2;
}

/**
 * struct tn_arrival - how a packet came
 * @now: when
 * @tuple: addresses of its datagram
 * @ecn: mark
 * @bytes: of the datagram, 0 for packets that are not the first in it
 */
struct tn_arrival {
	tquic_time_t now;
	struct tquic_tuple tuple;
	enum tquic_ecn_mark ecn;
	u32 bytes;
};

/**
 * struct tn_early - a packet that came before its keys
 * @arrival: how it came
 * @type: level that it waits for
 * @buf: the packet, NULL when the slot is free
 */
struct tn_early {
	struct tn_arrival arrival;
	enum tquic_pkt_type type;
	struct tn_buf *buf;
};

/**
 * struct tn_link_stats - what becomes of packets
 * @sent: packets
 * @zero_rtt: of these and of those received, 0-RTT packets
 * @received: packets that were opened
 * @unopened: packets that were not
 * @drops: opened ones without effect, by reason
 */
struct tn_link_stats {
	u64 sent;
	u64 zero_rtt;
	u64 received;
	u64 unopened;
	u64 drops[TQUIC_DROP_MAX];
};

/**
 * struct tn_link - a connection
 * @node: place in the endpoint's list
 * @end: endpoint
 * @core: the protocol
 * @tls: session
 * @alias: the client's first destination, at a server
 * @initial_rx: keys to open Initial packets with, by version
 * @initial_tx: keys to seal them with
 * @rx: keys to open others with, by packet type; of 1-RTT packets generation 0
 * @tx: keys to seal with, likewise
 * @rx_gens: of 1-RTT packets all generations; no header protection
 * @tx_gens: likewise
 * @early: packets before their keys
 * @tparams_rx: the peer's transport parameters, as they came
 * @tparams_len: bytes of them
 * @tparams_due: the core has not seen them yet
 * @gave_token: a server has sent a token for the next time
 * @app: user
 * @stats: counters
 */
struct tn_link {
	struct list_head node;
	struct tn_end *end;
	struct tquic_conn *core;
	struct tn_tls tls;
	struct tn_cid *alias;
	struct tn_key initial_rx[TN_VERSIONS];
	struct tn_key initial_tx[TN_VERSIONS];
	struct tn_key rx[TN_LINK_LEVELS];
	struct tn_key tx[TN_LINK_LEVELS];
	struct tn_gens rx_gens;
	struct tn_gens tx_gens;
	struct tn_early early[TN_LINK_EARLY];
	u8 tparams_rx[1024];
	u32 tparams_len;
	bool tparams_due;
	bool gave_token;
	struct tn_app app;
	struct tn_link_stats stats;
};

/* link.c */
struct tn_link *tn_link_client(struct tn_end *end, u32 version, bool reacted,
			       const struct tquic_tuple *tuple,
			       tquic_time_t now);
struct tn_link *tn_link_server(struct tn_end *end, const struct tquic_pkt *pkt,
			       const struct tquic_token *token,
			       const struct tquic_tuple *tuple,
			       tquic_time_t now);
void tn_link_free(struct tn_link *link);
void tn_link_serve(struct tn_link *link, tquic_time_t now);
void tn_link_report(const struct tn_link *link);

/* link_setup.c */
void tn_link_tparams(struct tn_link *link, struct tquic_tparams *tp);
void tn_link_initial(struct tn_link *link);
void tn_link_learn(struct tn_link *link);
void tn_link_entropy(struct tn_link *link);
extern const struct tn_tls_ops tn_link_tls_ops;

/* link_rx.c */
void tn_link_receive(struct tn_link *link, struct tn_buf *buf,
		     const struct tn_arrival *arrival);
void tn_link_release_early(struct tn_link *link, enum tquic_pkt_type type);

/* link_show.c */
void tn_link_show(const struct tn_link *link, char way,
		  enum tquic_pkt_type type, u32 path_id, u64 pn,
		  const u8 *payload, u32 len);

/* link_tx.c */
void tn_link_send(struct tn_link *link, tquic_time_t now);

#endif /* _TQUIC_NATIVE_LINK_H */
