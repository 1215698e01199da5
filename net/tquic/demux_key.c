// SPDX-License-Identifier: GPL-2.0
/*
 * The machine's key, and what is derived from it: stateless reset tokens (RFC
 * 9000 section 10.3.2), and secrets that must be the same after the module was
 * loaded again.
 *
 * It is random until user space sets the one that it keeps.  Two SipHashes
 * under independent keys are a pseudorandom function of 128 bits.  A namespace
 * has its own: a listener answers any ID with its token, and so would tell one
 * container what ends the connections of another.
 */
#include <linux/once.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "demux.h"

/* what a derived value is for; none is a prefix of another's input */
enum tquic_demux_use {
	TQUIC_DEMUX_TOKEN	= 1,
	TQUIC_DEMUX_LABEL	= 2,
};

#define TQUIC_DEMUX_INPUT_MAX	64

/**
 * struct tquic_demux_input - what is hashed
 * @salt: namespace
 * @use: enum tquic_demux_use
 * @len: bytes of @data
 * @data: ID or label, the rest 0
 */
struct tquic_demux_input {
	__le64 salt;
	u8 use;
	u8 len;
	u8 data[TQUIC_DEMUX_INPUT_MAX];
} __aligned(SIPHASH_ALIGNMENT);

/* protects the key */
static DEFINE_SPINLOCK(tquic_demux_key_lock);
static siphash_aligned_key_t tquic_demux_key[2];
static bool tquic_demux_key_set;

/* Under the lock. */
static void tquic_demux_key_fill(void)
{
	if (tquic_demux_key_set)
		return;
	get_random_bytes(tquic_demux_key, sizeof(tquic_demux_key));
	tquic_demux_key_set = true;
}

static void tquic_demux_derive(const struct tquic_demux *d,
			       enum tquic_demux_use use, const void *data,
			       unsigned int len, u8 *out)
{
	struct tquic_demux_input in = {
		.salt = cpu_to_le64(d->salt),
		.use = use,
		.len = len,
	};
	siphash_aligned_key_t key[2];
	unsigned int i;

	memcpy(in.data, data, min(len, TQUIC_DEMUX_INPUT_MAX));
	spin_lock_bh(&tquic_demux_key_lock);
	tquic_demux_key_fill();
	memcpy(key, tquic_demux_key, sizeof(key));
	spin_unlock_bh(&tquic_demux_key_lock);

	for (i = 0; i < ARRAY_SIZE(key); i++)
		put_unaligned_le64(siphash(&in, sizeof(in), &key[i]),
				   out + i * sizeof(u64));
	memzero_explicit(key, sizeof(key));
}

/**
 * tquic_demux_token - the stateless reset token of a connection ID
 * @d: table of the namespace
 * @id: connection ID
 * @len: its length, at most 64
 * @token: answer, TQUIC_RESET_TOKEN_LEN bytes
 *
 * Context: any but hard interrupts.
 */
void tquic_demux_token(const struct tquic_demux *d, const u8 *id,
		       unsigned int len, u8 *token)
{
	BUILD_BUG_ON(TQUIC_RESET_TOKEN_LEN != 2 * sizeof(u64));
	tquic_demux_derive(d, TQUIC_DEMUX_TOKEN, id, len, token);
}

/**
 * tquic_demux_secret - a secret that lives as long as the machine's key
 * @d: table of the namespace
 * @label: what it is for, at most 64 characters
 * @secret: answer, TQUIC_DEMUX_SECRET_LEN bytes
 *
 * Context: any but hard interrupts.
 */
void tquic_demux_secret(const struct tquic_demux *d, const char *label,
			u8 *secret)
{
	BUILD_BUG_ON(TQUIC_DEMUX_SECRET_LEN != 2 * sizeof(u64));
	tquic_demux_derive(d, TQUIC_DEMUX_LABEL, label, strlen(label), secret);
}

/**
 * tquic_demux_set_key - set the machine's key
 * @key: TQUIC_DEMUX_KEY_LEN bytes; to be set before there are connections, as
 *	tokens that were issued are not revoked
 *
 * Context: any but hard interrupts.
 */
void tquic_demux_set_key(const u8 *key)
{
	unsigned int i;

	BUILD_BUG_ON(TQUIC_DEMUX_KEY_LEN != 4 * sizeof(u64));
	spin_lock_bh(&tquic_demux_key_lock);
	for (i = 0; i < 4; i++)
		tquic_demux_key[i / 2].key[i % 2] =
			get_unaligned_le64(key + i * sizeof(u64));
	tquic_demux_key_set = true;
	spin_unlock_bh(&tquic_demux_key_lock);
}
