/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A batch of packets on its way in: between sess_rx.c, which walks through
 * datagrams and opens packets, and sess_rx_core.c, where they enter the core.
 */
#ifndef _TQUIC_SESS_RX_H
#define _TQUIC_SESS_RX_H

#include <linux/completion.h>

#include "aead_batch.h"
#include "sess_priv.h"

#define TQUIC_RX_MAX	TQUIC_AEAD_BATCH_MAX

/**
 * struct tquic_rx_skb - how an skb came
 * @tuple: addresses
 * @now: when
 * @udp: socket, a reference
 * @ecn: mark
 */
struct tquic_rx_skb {
	struct tquic_tuple tuple;
	u64 now;
	struct tquic_udp *udp;
	u8 ecn;
};

/**
 * struct tquic_rx_pkt - what is known of a packet beside its operation
 * @dgram_len: bytes of its datagram if it is the first in it, else 0
 * @version: of a long header
 * @gen: generation of keys
 * @type: enum tquic_pkt_type
 * @ours: its connection ID is one of this session's
 * @alone: with a short header and all of its datagram: it may be a reset
 * @token: that of the reset that it may be
 */
struct tquic_rx_pkt {
	u32 dgram_len;
	u32 version;
	u32 gen;
	u8 type;
	bool ours;
	bool alone;
	u8 token[TQUIC_RESET_TOKEN_LEN];
};

/**
 * struct tquic_rx_ctx - a batch
 * @sess: session
 * @batch: packets
 * @hp: header protection keys, references, as the session had them at the start
 * @tls_done: 1-RTT packets may be opened
 * @skb: how each buffer of the batch came
 * @pkt: the same packets as in @batch
 * @dcid: connection ID that was looked up last
 * @dcid_len: bytes of it
 * @cid: what that led to; valid while the lock is held
 * @done: the batch is
 */
struct tquic_rx_ctx {
	struct tquic_sess *sess;
	struct tquic_aead_batch *batch;
	struct tquic_hp_key *hp[TQUIC_SESS_LEVELS + 1];
	bool tls_done;
	struct tquic_rx_skb skb[TQUIC_RX_MAX];
	struct tquic_rx_pkt pkt[TQUIC_RX_MAX];
	u8 dcid[TQUIC_PKT_CID_MAX];
	u8 dcid_len;
	struct tquic_demux_cid *cid;
	struct completion done;
};

/* sess_rx.c: account an skb, whose truesize was charged */
void tquic_rx_own(struct tquic_net *tn, struct sk_buff *skb);

/* sess_rx_core.c; the lock is held */
void tquic_rx_choose_keys(struct tquic_rx_ctx *ctx);
void tquic_rx_enter(struct tquic_rx_ctx *ctx);

#endif /* _TQUIC_SESS_RX_H */
