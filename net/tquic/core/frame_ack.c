// SPDX-License-Identifier: GPL-2.0
/*
 * The ranges and the delay of ACK and PATH_ACK frames (RFC 9000 section 19.3).
 */
#include "frame.h"

/**
 * tquic_frame_ack_first - begin a walk over acknowledged ranges
 * @it: walk
 * @ack: frame; need not have passed the decoder
 */
void tquic_frame_ack_first(struct tquic_frame_ack_iter *it,
			   const struct tquic_frame_ack *ack)
{
	it->rd = tquic_rd_init(ack->ranges, ack->ranges_len);
	it->left = ack->range_count;
	it->largest = ack->largest;
	it->smallest = ack->largest - ack->first_range;
	it->fresh = ack->first_range <= ack->largest;
	it->err = !it->fresh;
}

static bool tquic_frame_ack_read_range(struct tquic_frame_ack_iter *it)
{
	u64 gap = tquic_rd_varint(&it->rd);
	u64 len = tquic_rd_varint(&it->rd);

	if (it->rd.err)
		return false;
	it->err = it->smallest < gap + 2 || it->smallest - gap - 2 < len;
	if (it->err)
		return false;
	it->left--;
	it->largest = it->smallest - gap - 2;
	it->smallest = it->largest - len;
	return true;
}

/**
 * tquic_frame_ack_next - next range of acknowledged packet numbers
 * @it: walk
 * @smallest: set to the lower end of the range
 * @largest: set to the upper end of the range, at least 2 below the lower end
 *	of the range before
 *
 * Return: false after the last range, and at a range that is cut short or
 * reaches below 0, which a decoded frame does not have.
 */
bool tquic_frame_ack_next(struct tquic_frame_ack_iter *it, u64 *smallest,
			  u64 *largest)
{
	if (it->fresh)
		it->fresh = false;
	else if (it->err || !it->left || !tquic_frame_ack_read_range(it))
		return false;
	*smallest = it->smallest;
	*largest = it->largest;
	return true;
}

/**
 * tquic_frame_ack_put_range - append a range to the bytes of an ACK frame
 * @wr: the bytes for tquic_frame_ack.ranges; left alone on failure
 * @prev_smallest: lower end of the range before
 * @smallest: lower end of this range
 * @largest: upper end of this range, at most @prev_smallest - 2
 *
 * The first range is not among these bytes, see struct tquic_frame_ack.
 *
 * Return: false when there is no room or the range does not come after the one
 * before; the caller counts the others in tquic_frame_ack.range_count.
 */
bool tquic_frame_ack_put_range(struct tquic_wr *wr, u64 prev_smallest,
			       u64 smallest, u64 largest)
{
	u64 gap = prev_smallest - largest - 2;
	u64 len = largest - smallest;

	if (prev_smallest < largest + 2 || largest < smallest)
		return false;
	if (tquic_varint_len(gap) + tquic_varint_len(len) > tquic_wr_room(wr))
		return false;
	tquic_wr_varint(wr, gap);
	tquic_wr_varint(wr, len);
	return true;
}

/**
 * tquic_frame_ack_delay_decode - time that a peer took to acknowledge
 * @delay: ACK Delay field
 * @exponent: the peer's ack_delay_exponent, at most 20
 *
 * Return: ns; TQUIC_TIME_NEVER for what cannot be counted in ns.
 */
tquic_time_t tquic_frame_ack_delay_decode(u64 delay, unsigned int exponent)
{
	if (delay > (TQUIC_TIME_NEVER / TQUIC_NS_PER_US) >> exponent)
		return TQUIC_TIME_NEVER;
	return (delay << exponent) * TQUIC_NS_PER_US;
}

/**
 * tquic_frame_ack_delay_encode - ACK Delay field for a time
 * @delay: ns between receipt of the largest packet number and its ACK
 * @exponent: own ack_delay_exponent, at most 20
 *
 * Return: the field, rounded down.
 */
u64 tquic_frame_ack_delay_encode(tquic_time_t delay, unsigned int exponent)
{
	return div_u64(delay, TQUIC_NS_PER_US) >> exponent;
}
