/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What goes out next: one train of packets for one path.
 *
 * The core writes headers and frames into an arena and names payload by
 * reference; whoever asked for the plan seals the packets from there, sends
 * them as one GSO train, and puts the references.  A packet number in a plan
 * is spent, whatever becomes of the packet.
 */
#ifndef _TQUIC_CORE_PLAN_H
#define _TQUIC_CORE_PLAN_H

#include "ecn.h"
#include "pkt.h"
#include "tuple.h"

#define TQUIC_PLAN_PKTS		64
#define TQUIC_PLAN_SEGS		256
#define TQUIC_PLAN_ARENA	16384

/**
 * struct tquic_plan_seg - bytes of a packet's payload
 * @handle: buffer, of which a reference is held; NULL for the arena
 * @pos: where they begin
 * @len: how many
 */
struct tquic_plan_seg {
	void *handle;
	u32 pos;
	u32 len;
};

/**
 * struct tquic_plan_pkt - a packet, not yet sealed
 * @pn: packet number
 * @type: which keys
 * @version: which version
 * @hdr: where the header begins in the arena
 * @hdr_len: bytes of it, packet number included
 * @pn_off: where in the header the packet number is
 * @size: bytes of the packet, tag included
 * @seg: first of its segments
 * @nsegs: how many
 * @joined: in the same datagram as the packet before
 * @gen: generation of the keys, 1-RTT only
 */
struct tquic_plan_pkt {
	u64 pn;
	enum tquic_pkt_type type;
	u32 version;
	u32 hdr;
	u16 hdr_len;
	u16 pn_off;
	u16 size;
	u16 seg;
	u16 nsegs;
	bool joined;
	u32 gen;
};

/**
 * struct tquic_plan - a train
 * @path_id: path, for nonce and report
 * @tuple: where from and to
 * @ecn: mark of all its packets
 * @bytes: sum of the packets
 * @npkts: packets in @pkts
 * @nsegs: segments in @segs
 * @used: bytes used of @arena
 * @pkts: packets; without @joined ones, all but the last have the same size
 * @segs: segments
 * @arena: headers and frames
 */
struct tquic_plan {
	u32 path_id;
	struct tquic_tuple tuple;
	enum tquic_ecn_mark ecn;
	u32 bytes;
	u16 npkts;
	u16 nsegs;
	u32 used;
	struct tquic_plan_pkt pkts[TQUIC_PLAN_PKTS];
	struct tquic_plan_seg segs[TQUIC_PLAN_SEGS];
	u8 arena[TQUIC_PLAN_ARENA];
};

#endif /* _TQUIC_CORE_PLAN_H */
