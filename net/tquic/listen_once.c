// SPDX-License-Identifier: GPL-2.0
/*
 * Tokens of NEW_TOKEN frames are taken once: RFC 9000 section 8.1.4.
 *
 * What was used is remembered in two Bloom filters, of which the older one
 * makes room when the newer one is full.  What it held then is not known any
 * more, but was issued before it was used: so no token is taken that was issued
 * before the older filter began, nor before the namespace did.  A token that is
 * refused costs its client a round trip at the most.
 */
#include <linux/bitmap.h>
#include <linux/slab.h>
#include <linux/unaligned.h>

#include "listen_priv.h"

/* bits of a filter, and the tokens that it remembers: 1 % are taken amiss */
#define TQUIC_ONCE_BITS		65536
#define TQUIC_ONCE_TOKENS	4096
/* bits of a token in each */
#define TQUIC_ONCE_HASHES	3

void tquic_once_init(struct tquic_listen_once *once)
{
	once->began = ktime_get_real_ns();
	once->floor = once->began;
}

void tquic_once_exit(struct tquic_listen_once *once)
{
	bitmap_free(once->used);
	bitmap_free(once->before);
}

static bool tquic_once_ready(struct tquic_listen_once *once)
{
	if (!once->used)
		once->used = bitmap_zalloc(TQUIC_ONCE_BITS, GFP_KERNEL);
	if (!once->before)
		once->before = bitmap_zalloc(TQUIC_ONCE_BITS, GFP_KERNEL);
	return once->used && once->before;
}

static void tquic_once_turn(struct tquic_listen_once *once)
{
	swap(once->used, once->before);
	bitmap_zero(once->used, TQUIC_ONCE_BITS);
	once->count = 0;
	once->floor = once->began;
	once->began = ktime_get_real_ns();
}

/**
 * tquic_once_take - a token is to be used
 * @once: what was used before
 * @nonce: drawn at random when it was made; it was opened with that
 * @issued: when it was made, real time, ns
 *
 * Context: process context, one at a time.
 * Return: whether it surely is the first time.
 */
bool tquic_once_take(struct tquic_listen_once *once,
		     const u8 nonce[TQUIC_LISTEN_NONCE], u64 issued)
{
	bool used = true, before = true;
	unsigned int i;
	u16 bit;

	BUILD_BUG_ON(BIT(8 * sizeof(bit)) != TQUIC_ONCE_BITS);
	BUILD_BUG_ON(TQUIC_ONCE_HASHES * sizeof(bit) > TQUIC_LISTEN_NONCE);
	if (issued < once->floor || !tquic_once_ready(once))
		return false;
	for (i = 0; i < TQUIC_ONCE_HASHES; i++) {
		/* as random as any hash of it */
		bit = get_unaligned_le16(nonce + i * sizeof(bit));
		used = __test_and_set_bit(bit, once->used) && used;
		before = test_bit(bit, once->before) && before;
	}
	if (used || before)
		return false;
	if (++once->count >= TQUIC_ONCE_TOKENS)
		tquic_once_turn(once);
	return true;
}
