// SPDX-License-Identifier: GPL-2.0
/*
 * Stateless resets (RFC 9000 section 10.3).
 */
#include "pkt.h"

/* up to here an observer could tell a reset by its size */
#define RESET_HIDDEN	42

/**
 * tquic_reset_build - write a stateless reset
 * @wr: where to; room for TQUIC_RESET_MAX bytes always suffices
 * @trigger_len: size of the datagram that is answered
 * @random: TQUIC_RESET_RANDOM unpredictable bytes
 * @token: TQUIC_RESET_TOKEN_LEN bytes, derived from the connection ID of the
 *	datagram that is answered
 *
 * The reset is smaller than what it answers, so that two endpoints without
 * state do not answer each other for ever, and of random size if it can be.
 *
 * Return: bytes written; 0 when the datagram is too small to be answered, or,
 * with @wr in error, when there is no room.
 */
size_t tquic_reset_build(struct tquic_wr *wr, size_t trigger_len,
			 const u8 *random, const u8 *token)
{
	size_t len = RESET_HIDDEN + (*random++ & 31);

	if (trigger_len <= TQUIC_RESET_MIN)
		return 0;
	len = min(len, trigger_len - 1);
	BUILD_BUG_ON(RESET_HIDDEN + 31 != TQUIC_RESET_MAX);
	tquic_wr_u8(wr, TQUIC_PKT_FIXED | (*random++ & 0x3f));
	tquic_wr_bytes(wr, random, len - 1 - TQUIC_RESET_TOKEN_LEN);
	tquic_wr_bytes(wr, token, TQUIC_RESET_TOKEN_LEN);
	return wr->err ? 0 : len;
}

/**
 * tquic_reset_token - the token that a datagram carries if it is a reset
 * @buf: UDP payload
 * @len: bytes at @buf
 *
 * To be compared, in constant time, with the tokens of the connection IDs in
 * use towards the sender's address, whenever the first packet of a datagram
 * cannot be attributed or opened, whatever form its header has.
 *
 * Return: TQUIC_RESET_TOKEN_LEN bytes, or NULL for a datagram that is too
 * small.
 */
const u8 *tquic_reset_token(const void *buf, size_t len)
{
	if (len < TQUIC_RESET_MIN)
		return NULL;
	return (const u8 *)buf + len - TQUIC_RESET_TOKEN_LEN;
}
