// SPDX-License-Identifier: GPL-2.0
/*
 * What stands in front of the payload of a tunnel's datagram.
 *
 *   Flow ID (i)
 *   A (1) | S (1) | Class (2) | Other legs (4)
 *   Sequence number (24)
 *   [Piece (i): offset * 2 + more]		with S
 */
#include "dflow.h"

#define TQUIC_DFLOW_AGAIN	0x80
#define TQUIC_DFLOW_SPLIT	0x40
#define TQUIC_DFLOW_CLASS	0x30
#define TQUIC_DFLOW_CLASS_SHIFT	4
#define TQUIC_DFLOW_OTHERS	0x0f

/**
 * tquic_dflow_hdr_write - write a header
 * @out: where to, TQUIC_DGRAM_HEAD_MAX bytes
 * @hdr: what
 *
 * Return: bytes written.
 */
u32 tquic_dflow_hdr_write(u8 *out, const struct tquic_dflow_hdr *hdr)
{
	struct tquic_wr wr = tquic_wr_init(out, TQUIC_DGRAM_HEAD_MAX);
	u8 what = hdr->class << TQUIC_DFLOW_CLASS_SHIFT |
		  min_t(u8, hdr->others, TQUIC_DFLOW_LEGS_MAX);

	if (hdr->again)
		what |= TQUIC_DFLOW_AGAIN;
	if (hdr->split)
		what |= TQUIC_DFLOW_SPLIT;
	tquic_wr_varint(&wr, hdr->id);
	tquic_wr_u8(&wr, what);
	tquic_wr_u8(&wr, hdr->seq >> 16);
	tquic_wr_u16(&wr, hdr->seq);
	if (hdr->split)
		tquic_wr_varint(&wr, (u64)hdr->off << 1 | hdr->more);
	return wr.ptr - out;
}

/**
 * tquic_dflow_hdr_parse - read a header
 * @rd: a datagram; afterwards its payload
 * @hdr: filled
 *
 * Return: false when it makes no sense.
 */
bool tquic_dflow_hdr_parse(struct tquic_rd *rd, struct tquic_dflow_hdr *hdr)
{
	u64 piece;
	u8 what;

	*hdr = (struct tquic_dflow_hdr){ .id = tquic_rd_varint(rd) };
	what = tquic_rd_u8(rd);
	hdr->again = what & TQUIC_DFLOW_AGAIN;
	hdr->split = what & TQUIC_DFLOW_SPLIT;
	hdr->class = (what & TQUIC_DFLOW_CLASS) >> TQUIC_DFLOW_CLASS_SHIFT;
	hdr->others = what & TQUIC_DFLOW_OTHERS;
	hdr->seq = tquic_rd_u8(rd) << 16;
	hdr->seq |= tquic_rd_u16(rd);
	if (rd->err || !hdr->split)
		return !rd->err && tquic_rd_left(rd) <= TQUIC_DFLOW_LEN_MAX;
	piece = tquic_rd_varint(rd);
	hdr->more = piece & 1;
	/* a piece without bytes would be no more than a way to waste memory */
	if (rd->err || !tquic_rd_left(rd) ||
	    (piece >> 1) + tquic_rd_left(rd) > TQUIC_DFLOW_LEN_MAX)
		return false;
	hdr->off = piece >> 1;
	return true;
}
