/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sent packets of one packet number space.
 *
 * Packet numbers of a space are spent one after the other, so packets live in
 * a ring indexed by number, cut into chunks, of which there are none when no
 * packet is outstanding or remembered.  A mask per chunk and a bitmap over them
 * tell which packets are outstanding: finding the next one costs a few words
 * however the peer cuts its acknowledgments up.
 */
#ifndef _TQUIC_CORE_SENT_H
#define _TQUIC_CORE_SENT_H

#include "core.h"

#define TQUIC_SENT_CHUNK	8	/* packets, one bit each in a u32 */
#define TQUIC_SENT_INLINE	2	/* records kept without allocation */
#define TQUIC_SENT_NONE		U64_MAX

/**
 * enum tquic_sent_kind - what a record stands for
 * @TQUIC_SENT_STREAM: stream data; ptr is the stream
 * @TQUIC_SENT_CRYPTO: handshake data; arg is the level
 * @TQUIC_SENT_ACK: an acknowledgment; off is the largest number it covered,
 *	arg the path ID of the space
 * @TQUIC_SENT_CTL: a control frame; arg and off are its owner's
 * @TQUIC_SENT_DGRAM: a DATAGRAM frame; off is its sender's identifier
 * @TQUIC_SENT_PROBE: a path MTU probe; off is the size probed
 */
enum tquic_sent_kind {
	TQUIC_SENT_STREAM,
	TQUIC_SENT_CRYPTO,
	TQUIC_SENT_ACK,
	TQUIC_SENT_CTL,
	TQUIC_SENT_DGRAM,
	TQUIC_SENT_PROBE,
};

/**
 * struct tquic_sent_rec - what to do when its packet is acknowledged or lost
 * @ptr: object, where there is one
 * @off: offset or other 64-bit argument
 * @arg: 32-bit argument
 * @len: bytes of payload
 * @kind: enum tquic_sent_kind
 * @flags: for the owner's use
 *
 * Frames are not kept as bytes: what is lost is marked to be sent again and
 * then written with fresh values (RFC 9000 section 13.3).
 */
struct tquic_sent_rec {
	void *ptr;
	u64 off;
	u32 arg;
	u16 len;
	u8 kind;
	u8 flags;
};

/* struct tquic_sent_pkt flags */
#define TQUIC_SENT_ELICITING	BIT(0)	/* asks for an acknowledgment */
#define TQUIC_SENT_IN_FLIGHT	BIT(1)	/* counts against the window */
#define TQUIC_SENT_APP_LIMITED	BIT(2)	/* see struct tquic_cc_sample */
#define TQUIC_SENT_SKIPPED	BIT(3)	/* number left out on purpose */
#define TQUIC_SENT_ECT		BIT(4)	/* carried ECT(0) */
#define TQUIC_SENT_MTU_PROBE	BIT(5)	/* loss is no sign of congestion */

/**
 * struct tquic_sent_pkt - one sent packet
 * @time: when it was planned
 * @delivered: rate stamp: bytes delivered by then
 * @delivered_at: rate stamp: when @delivered was reached
 * @first_sent: rate stamp: when the present flight began
 * @tx_in_flight: bytes in flight with this one
 * @lost: bytes lost on the path by then
 * @size: bytes on the wire above UDP
 * @flags: TQUIC_SENT_*
 * @nrecs: number of records
 * @recs: the records when they are few
 * @more: array of @nrecs records otherwise
 */
struct tquic_sent_pkt {
	tquic_time_t time;
	u64 delivered;
	tquic_time_t delivered_at;
	tquic_time_t first_sent;
	u64 tx_in_flight;
	u64 lost;
	u16 size;
	u8 flags;
	u8 nrecs;
	union {
		struct tquic_sent_rec recs[TQUIC_SENT_INLINE];
		struct tquic_sent_rec *more;
	};
};

/**
 * struct tquic_sent_chunk - consecutive packets of a space
 * @outstanding: bit n: packet n was neither acknowledged nor declared lost
 * @lost: bit n: packet n was declared lost and is remembered in case it is
 *	acknowledged after all
 * @pkts: the packets
 */
struct tquic_sent_chunk {
	u32 outstanding;
	u32 lost;
	struct tquic_sent_pkt pkts[TQUIC_SENT_CHUNK];
};

/**
 * struct tquic_sent - sent packets of one space
 * @base: first packet number of the oldest chunk
 * @next: packet number of the next packet
 * @ring: chunks, indexed by chunk number modulo @size
 * @busy: bit per ring slot: the chunk has outstanding packets
 * @kept: bit per ring slot: the chunk has lost packets that are remembered
 * @size: slots in @ring, a power of two
 * @outstanding: number of outstanding packets
 * @remembered: number of lost packets remembered
 * @lost_end: one above the highest packet number that was declared lost: beyond
 *	it there is no need to look for any, however many are outstanding
 */
struct tquic_sent {
	u64 base;
	u64 next;
	struct tquic_sent_chunk **ring;
	unsigned long *busy;
	unsigned long *kept;
	u32 size;
	u32 outstanding;
	u32 remembered;
	u64 lost_end;
};

void tquic_sent_init(struct tquic_sent *sent);
void tquic_sent_free(struct tquic_sent *sent);
struct tquic_sent_pkt *tquic_sent_peek(struct tquic_sent *sent, gfp_t gfp);
u64 tquic_sent_push(struct tquic_sent *sent);
void tquic_sent_clear(struct tquic_sent_pkt *pkt);
int tquic_sent_rec(struct tquic_sent_pkt *pkt,
		   const struct tquic_sent_rec *rec, gfp_t gfp);
struct tquic_sent_pkt *tquic_sent_get(const struct tquic_sent *sent, u64 pn);
bool tquic_sent_is_outstanding(const struct tquic_sent *sent, u64 pn);
bool tquic_sent_is_lost(const struct tquic_sent *sent, u64 pn);
u64 tquic_sent_next_outstanding(const struct tquic_sent *sent, u64 from);
u64 tquic_sent_next_lost(const struct tquic_sent *sent, u64 from);
void tquic_sent_lose(struct tquic_sent *sent, u64 pn);
void tquic_sent_drop(struct tquic_sent *sent, u64 pn);

/**
 * tquic_sent_recs - records of a packet
 * @pkt: packet
 *
 * Return: array of @pkt->nrecs records.
 */
static inline const struct tquic_sent_rec *
tquic_sent_recs(const struct tquic_sent_pkt *pkt)
{
	return pkt->nrecs > TQUIC_SENT_INLINE ? pkt->more : pkt->recs;
}

#endif /* _TQUIC_CORE_SENT_H */
