/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One path ID of a connection: its packet number space, what is measured on
 * it, and whether its addresses are known to work.
 *
 *   OPENING --validated--> ACTIVE --abandon--> CLOSING --3 PTO--> gone
 *      |                                          ^
 *      +-----------validation failed--------------+
 */
#ifndef _TQUIC_CORE_PATH_H
#define _TQUIC_CORE_PATH_H

#include "ackfreq.h"
#include "ackq.h"
#include "cc.h"
#include "cid.h"
#include "ecn.h"
#include "loss.h"
#include "owd.h"
#include "pacer.h"
#include "pmtu.h"
#include "probe.h"
#include "rtt.h"
#include "tuple.h"

#define TQUIC_PATH_PROBE_LEN	8
/* challenges sent before an address is given up (RFC 9000 section 8.2.4) */
#define TQUIC_PATH_TRIES	5
/* RFC 9000 section 8.1 */
#define TQUIC_PATH_AMPLIFY	3
/* bytes that hold any header and an acknowledgment or a probe */
#define TQUIC_PATH_LEAST	128
/* bytes that hold a short header and a PATH_CHALLENGE */
#define TQUIC_PATH_LEAST_SHORT	64
/* probe timeouts in a row after which a path carries no new data */
#define TQUIC_PATH_SUSPECT	1

struct tquic_conn;
struct tquic_path;

/**
 * struct tquic_space - a packet number space
 * @conn: connection
 * @path: path whose measurements it feeds
 * @type: TQUIC_PKT_INITIAL, TQUIC_PKT_HANDSHAKE or TQUIC_PKT_1RTT
 * @live: packets may be sent and received
 * @ackq: received packets
 * @loss: sent packets
 * @probes: packets that a probe timeout still allows beyond the window
 */
struct tquic_space {
	struct tquic_conn *conn;
	struct tquic_path *path;
	enum tquic_pkt_type type;
	bool live;
	struct tquic_ackq ackq;
	struct tquic_loss loss;
	u8 probes;
};

enum tquic_path_state {
	TQUIC_PATH_OPENING,
	TQUIC_PATH_ACTIVE,
	TQUIC_PATH_CLOSING,
};

/**
 * struct tquic_path_check - validation of an address: RFC 9000 section 8.2
 * @data: what the newest PATH_CHALLENGE carries
 * @due: a challenge is to be sent
 * @open: one was sent and not answered
 * @full: in a datagram of 1200 bytes
 * @tries: times that a challenge for this address was not answered
 * @next: when to send another, or to give up
 */
struct tquic_path_check {
	u8 data[TQUIC_PATH_PROBE_LEN];
	bool due;
	bool open;
	bool full;
	u8 tries;
	tquic_time_t next;
};

/**
 * struct tquic_path_keys - key updates as seen on one path: packet numbers of
 *	different paths cannot be compared
 * @tx_gen: generation of keys that packets were last sent with
 * @tx_first: first packet number sent with it, TQUIC_PN_NONE for none
 * @rx_gen: highest generation received
 * @rx_first: lowest packet number received with it, TQUIC_PN_NONE for none
 * @rx_old: one above the highest packet number received with an older one
 */
struct tquic_path_keys {
	u32 tx_gen;
	u64 tx_first;
	u32 rx_gen;
	u64 rx_first;
	u64 rx_old;
};

/**
 * struct tquic_path_dcid - destination of packets to an address
 * @own: it is used for this address alone; if not, the path's is used
 * @cid: the connection ID
 * @seq: its sequence number
 */
struct tquic_path_dcid {
	bool own;
	struct tquic_cid cid;
	u64 seq;
};

/**
 * struct tquic_path_aside - packets to addresses that are not the path's
 * @known: there is another address, in @tuple
 * @tuple: where they go
 * @dcid: destination of those
 * @room: bytes that may be sent there
 * @respond: a PATH_RESPONSE is to be sent there
 * @ask: a PATH_CHALLENGE is to be sent to the address before the last one
 * @data: of the PATH_RESPONSE
 * @check: proof of @tuple that is under way
 * @proven: it was successful
 * @moves: the path goes there when it was
 */
struct tquic_path_aside {
	bool known;
	struct tquic_tuple tuple;
	struct tquic_path_dcid dcid;
	u32 room;
	bool respond;
	bool ask;
	u8 data[TQUIC_PATH_PROBE_LEN];
	struct tquic_path_check check;
	bool proven;
	bool moves;
};

/* struct tquic_path pending: frames to be sent about the path */
#define TQUIC_PATH_P_RESPONSE	BIT(0)	/* on this path only */
#define TQUIC_PATH_P_PING	BIT(1)	/* on this path only */
#define TQUIC_PATH_P_ABANDON	BIT(2)	/* on any path, better another */
#define TQUIC_PATH_P_STATUS	BIT(3)	/* on any path */
#define TQUIC_PATH_P_PROBE	BIT(4)	/* a PING, whatever the window says */

/**
 * struct tquic_path_acks - acknowledgments that cross, both ways
 * @freq: ours: how often
 * @away: ours: the peer seems not to hear them on this path
 * @away_at: ours: since when
 * @ping_at: ours: when a long one last went out on this path with a PING
 * @via: the peer's: path that they came on last
 * @via_at: the peer's: since when
 * @cross: the peer's: RTT samples are of both paths
 */
struct tquic_path_acks {
	struct tquic_ackfreq freq;
	bool away;
	tquic_time_t away_at;
	tquic_time_t ping_at;
	u32 via;
	tquic_time_t via_at;
	bool cross;
};

/**
 * struct tquic_path - a path
 * @node: link in the connection's list
 * @id: path ID
 * @leg: place among the paths of the connection, which another takes when this
 *	one is gone; below TQUIC_DGRAM_LEGS
 * @state: enum tquic_path_state
 * @space: its packet number space
 * @tuple: addresses in use
 * @old_tuple: addresses before a migration that is not validated yet, or that
 *	a client left
 * @old_dcid: destination of packets to @old_tuple, valid with @migrating
 * @migrating: it is the former
 * @left: it is the latter
 * @validated: the peer proved that it receives at @tuple
 * @claimed: @tuple is the peer's word only: it may be somebody else's address,
 *	so little is sent there until it is validated
 * @check: proof of it that is under way
 * @aside: what goes to other addresses
 * @response: data of a PATH_CHALLENGE to be answered
 * @rx_bytes: received from @tuple while it was not validated
 * @tx_bytes: sent to it meanwhile
 * @dcid: destination of our packets
 * @dcid_seq: its sequence number
 * @has_dcid: there is one
 * @via_seq: sequence number of the connection ID that the peer sends with
 * @skip_in: packets until a number is left out
 * @skips: @skip_in is meant
 * @spins: the spin bit follows the peer's: RFC 9000 section 17.4
 * @spin: spin bit of what we send
 * @keys: what key updates mean for its packet numbers
 * @mds: bytes of a full datagram
 * @pmtu: search for more
 * @in_flight: bytes in flight over all spaces
 * @rtt: RTT estimate
 * @rate: delivery rate
 * @owd: one-way delay
 * @cc: congestion control
 * @pacer: pacing
 * @ecn: ECN validation
 * @acks: which way acknowledgments go
 * @urgent_at: when the present round of real time began
 * @urgent: bytes of real time sent in it
 * @pto_count: probe timeouts in a row
 * @suspect: acknowledgments are overdue; its data was offered to others
 * @offered: packet number that the next one had when that was done last
 * @tail: packets below were copied by others, or not worth it
 * @failed: they have been for so long that the path was declared failed
 * @down: its link is known to be down: nothing is sent there
 * @probe: PINGs on an idle or lost path
 * @last_rx: when a packet was last received
 * @last_tx: when an ack-eliciting packet was last sent
 * @backup: we prefer other paths for what the peer sends
 * @told_backup: what the newest PATH_STATUS frame says of that: a backup path
 *	that is in use, and one that it stands in for, are told otherwise
 * @peer_backup: so does the peer for what we send
 * @peer_spare: it ever did
 * @metered: each byte costs: nothing speculative goes out on it
 * @status_seq: sequence number of our newest PATH_STATUS frame
 * @peer_status_seq: of the peer's newest one, plus 1; 0 for none
 * @abandon_code: why the path was abandoned
 * @abandon_sent: we said so
 * @abandon_recv: the peer said so
 * @delete_at: when to forget it, TQUIC_TIME_NEVER until both said so
 * @pending: TQUIC_PATH_P_*
 * @sent_bytes: counter: bytes sent
 * @recv_bytes: counter: bytes received
 * @sent_packets: counter
 * @recv_packets: counter: those that could be opened
 * @lost_packets: counter
 *
 * The lock of the connection protects all of it.
 */
struct tquic_path {
	struct list_head node;
	u32 id;
	u8 leg;
	enum tquic_path_state state;
	struct tquic_space space;

	struct tquic_tuple tuple;
	struct tquic_tuple old_tuple;
	struct tquic_path_dcid old_dcid;
	bool migrating;
	bool left;
	bool validated;
	bool claimed;
	struct tquic_path_check check;
	struct tquic_path_aside aside;
	u8 response[TQUIC_PATH_PROBE_LEN];
	u64 rx_bytes;
	u64 tx_bytes;

	struct tquic_cid dcid;
	u64 dcid_seq;
	bool has_dcid;
	u64 via_seq;

	u32 skip_in;
	bool skips;
	bool spins;
	bool spin;
	struct tquic_path_keys keys;

	u32 mds;
	struct tquic_pmtu pmtu;
	u64 in_flight;
	struct tquic_rtt rtt;
	struct tquic_rate rate;
	struct tquic_owd owd;
	struct tquic_cc *cc;
	struct tquic_pacer pacer;
	struct tquic_ecn ecn;
	struct tquic_path_acks acks;
	tquic_time_t urgent_at;
	u64 urgent;
	unsigned int pto_count;
	bool suspect;
	u64 offered;
	u64 tail;
	bool failed;
	bool down;
	struct tquic_probe probe;
	tquic_time_t last_rx;
	tquic_time_t last_tx;

	bool backup;
	bool told_backup;
	bool peer_backup;
	bool peer_spare;
	bool metered;
	u64 status_seq;
	u64 peer_status_seq;

	u64 abandon_code;
	bool abandon_sent;
	bool abandon_recv;
	tquic_time_t delete_at;

	u8 pending;

	u64 sent_bytes;
	u64 recv_bytes;
	u64 sent_packets;
	u64 recv_packets;
	u64 lost_packets;
};

/**
 * struct tquic_path_config - what a path starts from
 * @conn: connection
 * @id: path ID
 * @tuple: addresses
 * @validated: they need no proof
 * @claimed: they are the peer's word only
 * @mds: bytes of a full datagram
 * @initial_rtt: ns
 * @max_ack_delay: ours, ns
 * @ack_exponent: ours
 * @ecn: send ECN marks if the path lets them through
 * @seed: for the congestion controller
 * @cc_ops: congestion control
 * @group: coupling group, or NULL
 * @loss_ops: what becomes of sent packets
 */
struct tquic_path_config {
	struct tquic_conn *conn;
	u32 id;
	const struct tquic_tuple *tuple;
	bool validated;
	bool claimed;
	u32 mds;
	u64 initial_rtt;
	u64 max_ack_delay;
	u8 ack_exponent;
	bool ecn;
	u64 seed;
	const struct tquic_cc_ops *cc_ops;
	struct tquic_cc_group *group;
	const struct tquic_loss_ops *loss_ops;
};

struct tquic_path *tquic_path_new(const struct tquic_path_config *config,
				  tquic_time_t now, gfp_t gfp);
void tquic_path_free(struct tquic_path *path);
void tquic_space_init(struct tquic_space *space, struct tquic_conn *conn,
		      struct tquic_path *path, enum tquic_pkt_type type,
		      u64 max_ack_delay, u8 ack_exponent,
		      const struct tquic_loss_ops *ops);
void tquic_space_free(struct tquic_space *space);

u64 tquic_path_allowance(const struct tquic_path *path);
void tquic_path_credit(struct tquic_path *path, u64 bytes);
void tquic_path_sent(struct tquic_path *path, tquic_time_t now, u64 bytes);

void tquic_check_start(struct tquic_path_check *check, tquic_time_t now);
void tquic_check_sent(struct tquic_path_check *check, tquic_time_t now,
		      u64 pto);
bool tquic_check_answer(struct tquic_path_check *check, const u8 *data);
bool tquic_check_timeout(struct tquic_path_check *check, tquic_time_t now,
			 u64 pto);
void tquic_path_check_start(struct tquic_path *path, tquic_time_t now);
void tquic_path_check_sent(struct tquic_path *path, tquic_time_t now);
bool tquic_path_check_answer(struct tquic_path *path, const u8 *data);
bool tquic_path_check_timeout(struct tquic_path *path, tquic_time_t now);
void tquic_path_migrate(struct tquic_path *path,
			const struct tquic_tuple *tuple, tquic_time_t now,
			u64 bytes);
void tquic_path_move(struct tquic_path *path, const struct tquic_tuple *tuple,
		     tquic_time_t now);
bool tquic_path_revert(struct tquic_path *path);
void tquic_path_resize(struct tquic_path *path);

bool tquic_path_recv_status(struct tquic_path *path, bool backup, u64 seq);
u64 tquic_path_window(const struct tquic_path *path);
u64 tquic_path_urgent(const struct tquic_path *path, tquic_time_t now);
void tquic_path_urge(struct tquic_path *path, tquic_time_t now, u64 bytes);

/* new data may be put on the path, as far as window and pacer allow */
static inline bool tquic_path_usable(const struct tquic_path *path)
{
	return path->state == TQUIC_PATH_ACTIVE && path->validated &&
	       path->has_dcid && !path->suspect && !path->down &&
	       path->pto_count < TQUIC_PATH_SUSPECT;
}

#endif /* _TQUIC_CORE_PATH_H */
