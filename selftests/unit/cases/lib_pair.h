/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two connections, joined by links in virtual time, with a TLS that is a few
 * bytes of text and packets that are not encrypted, but marked with the keys
 * that sealed them.
 */
#ifndef _TQUIC_LIB_PAIR_H
#define _TQUIC_LIB_PAIR_H

#include "core/conn.h"

#define LP_LINKS	4
#define LP_CIDS		512
/* last byte of the server's preferred address; its port is 444 */
#define LP_PREFERRED	2
#define LP_MS		TQUIC_NS_PER_MS

/* what a link does to ECN marks: nothing by default */
enum lp_ecn {
	LP_ECN_PASS,
	LP_ECN_BLEACH,	/* they are taken off */
	LP_ECN_ECT1,	/* all are made ECT(1) */
	LP_ECN_DROP,	/* what is marked does not pass */
	LP_ECN_CE,	/* every tenth is made CE */
};

/**
 * struct lp_link - one uplink of the client, both directions
 * @delay: one way, ns
 * @back: how much longer the way from the server takes, ns
 * @rate: bytes per second each way, 0 for any
 * @queue: bytes that wait at most
 * @loss: per thousand
 * @down: nothing passes
 * @mute: nothing passes that this end sends
 * @frozen: what is sent arrives then or later
 * @mtu: larger datagrams vanish, bytes of UDP payload; 0 for none
 * @ecn: what becomes of ECN marks
 * @marked: datagrams with a mark so far, per direction
 * @rebind: the port that the server sees for this link
 * @free_at: when the link is idle again, per direction
 * @dropped: packets dropped for whatever reason
 * @carried: bytes delivered, per direction
 */
struct lp_link {
	u64 delay;
	u64 back;
	u64 rate;
	u64 queue;
	unsigned int loss;
	bool down;
	bool mute[2];
	tquic_time_t frozen;
	u32 mtu;
	enum lp_ecn ecn;
	u64 marked[2];
	u16 rebind;
	tquic_time_t free_at[2];
	u64 dropped;
	u64 carried[2];
};

/**
 * struct lp_end - one endpoint
 * @conn: connection; NULL before a server that listens has heard something
 * @conn_scid: its first connection ID
 * @cids: connection IDs issued, by slot; NULL when free
 * @ncids: one above the highest slot ever used
 * @tls: steps of the handshake done
 * @rx_keys: bit per packet type that can be opened
 * @received: bytes of stream data read, all streams
 * @bad: some byte was not what it should be
 * @ended: streams of which the end was read
 * @drops: packets without effect, by reason
 * @unopened: packets for which there were no keys
 * @forged: packets that the keys did not fit
 * @greedy: data is read at once
 * @skip: but not that of this stream, if it is not 0
 * @plans: plans sent
 * @offset: what its clock shows more than virtual time, ns
 */
struct lp_end {
	struct tquic_conn *conn;
	struct tquic_cid conn_scid;
	struct tquic_cid_local *cids[LP_CIDS];
	unsigned int ncids;
	unsigned int tls;
	u8 rx_keys;
	u64 received;
	bool bad;
	unsigned int ended;
	u64 drops[TQUIC_DROP_MAX];
	u64 unopened;
	u64 forged;
	bool greedy;
	u64 skip;
	u64 plans;
	u64 offset;
};

struct lp_dgram;

/**
 * struct lp - a pair
 * @now: virtual time
 * @end: client and server
 * @link: links
 * @queue: datagrams on their way, by arrival
 * @fail_sends: this many of the next packets fail to be sent
 * @preferred_down: nothing passes to or from the preferred address
 * @mangle: spoils a datagram on its way, as somebody who has the keys could;
 *	NULL for an honest network
 * @remembered: client: early data is offered with these parameters
 * @takes: server: early data is accepted, if limits allow
 * @taken: it was
 * @stateless: deals with a packet outside of connections; whether it did.  See
 *	lib_listen.h.
 */
struct lp {
	tquic_time_t now;
	struct lp_end end[2];
	struct lp_link link[LP_LINKS];
	struct lp_dgram *queue;
	unsigned int fail_sends;
	bool preferred_down;
	void (*mangle)(struct lp *lp, unsigned int from, u8 *data, u32 len);
	const struct tquic_tparams *remembered;
	bool takes;
	bool taken;
	bool (*stateless)(struct lp *lp, unsigned int to,
			  const struct tquic_pkt *pkt, enum tquic_drop drop,
			  u32 dgram_len, const struct tquic_tuple *tuple);
};

/**
 * struct lp_config - what a pair starts from
 * @cc: congestion control, cubic by default
 * @window: initial credit of connection and streams, bytes
 * @max_path_id: multipath is offered with it; U64_MAX for not
 * @idle: idle timeout, ms
 * @ecn: use ECN
 * @offset: of the server's clock, ns
 * @probe: of the client
 * @failover: of the client, ns
 * @mds_max: datagrams as large are searched for
 * @max_datagram: datagrams are announced with it
 * @listen: the server's connection is not made at once
 * @version: of the client's first flight, 1 by default
 * @vn_reacted: it was picked from Version Negotiation
 * @versions: list of either end, version @version only by default
 * @retry_scid: server: connection ID from a Retry
 * @validated: server: there was a valid token
 * @token: client: token from an earlier connection
 * @token_len: bytes of it
 * @handshake_timeout: ns
 * @spin: use the spin bit
 * @grease: clear the QUIC bit if the peer bears it
 * @preferred: the server announces a preferred address
 */
struct lp_config {
	const struct tquic_cc_ops *cc;
	u64 window;
	u64 max_path_id;
	u64 idle;
	bool ecn;
	u64 offset;
	u64 max_datagram;
	bool listen;
	u32 version;
	bool vn_reacted;
	struct tquic_tparam_versions versions[2];
	const struct tquic_cid *retry_scid;
	bool validated;
	const u8 *token;
	u32 token_len;
	u64 handshake_timeout;
	bool spin;
	bool grease;
	struct tquic_probe_config probe;
	u64 failover;
	u32 mds_max;
	bool preferred;
};

/* what an end's clock shows */
static inline tquic_time_t lp_now(const struct lp *lp, unsigned int who)
{
	return lp->now + lp->end[who].offset;
}

struct tquic_conn *lp_make(struct lp *lp, const struct lp_config *config,
			   unsigned int who, const struct tquic_cid *odcid);
void lp_start(struct lp *lp, const struct lp_config *config);
void lp_unmake(struct lp *lp, unsigned int who);
void lp_stop(struct lp *lp);
void lp_say(struct lp *lp, unsigned int from, const struct tquic_tuple *tuple,
	    const void *data, u32 len);
void lp_run(struct lp *lp, u64 ns);
bool lp_handshake(struct lp *lp);
struct tquic_stream *lp_send(struct lp *lp, unsigned int end, u64 bytes,
			     bool fin);
int lp_try(struct lp *lp, unsigned int end, struct tquic_stream *s, u64 bytes,
	   bool fin);
void lp_more(struct lp *lp, unsigned int end, struct tquic_stream *s,
	     u64 bytes, bool fin);
int lp_open(struct lp *lp, unsigned int link);

/**
 * struct lp_raw - a packet of the peer's making
 * @path_id: path that its connection ID belongs to
 * @link: link that it comes by
 * @next_keys: it is opened with the next keys
 * @pn: packet number
 * @payload: frames, or what pretends to be
 * @len: bytes of @payload, at most 2048
 */
struct lp_raw {
	u32 path_id;
	unsigned int link;
	bool next_keys;
	u64 pn;
	const u8 *payload;
	u32 len;
};

enum tquic_drop lp_inject_raw(struct lp *lp, unsigned int to,
			      const struct lp_raw *raw);
enum tquic_drop lp_inject(struct lp *lp, unsigned int to, u32 path_id,
			  const struct tquic_frame *frames, unsigned int n);
enum tquic_drop lp_inject_rx(struct lp *lp, unsigned int to,
			     struct tquic_rx *rx,
			     const struct tquic_frame *frames, unsigned int n);
extern bool lp_next_keys;
extern unsigned int lp_inject_link;
void lp_tuple(const struct lp *lp, unsigned int end, unsigned int link,
	      struct tquic_tuple *tuple);

extern const struct tquic_buf_ops lp_buf_ops;
unsigned int lp_bufs(void);
void *lp_buf_new(u32 len);
u8 *lp_buf_data(void *handle);
size_t lp_buf_bytes(void);

#endif /* _TQUIC_LIB_PAIR_H */
