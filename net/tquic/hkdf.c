// SPDX-License-Identifier: GPL-2.0
/* HKDF as TLS 1.3 uses it: RFC 5869, RFC 8446 section 7.1. */
#include <crypto/hash.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "hkdf.h"

#define TQUIC_HKDF_PREFIX	"tls13 "

/**
 * tquic_hkdf_extract - RFC 5869 section 2.2
 * @hmac: "hmac(...)" of the hash wanted; its key is replaced
 * @salt: key of the HMAC
 * @salt_len: bytes of @salt
 * @ikm: input keying material
 * @ikm_len: bytes of @ikm, may be 0
 * @prk: result, one digest long
 *
 * Context: process context; @hmac must not be in use by anybody else.
 * Return: 0 or what the crypto layer answered.
 */
int tquic_hkdf_extract(struct crypto_shash *hmac, const u8 *salt,
		       unsigned int salt_len, const u8 *ikm,
		       unsigned int ikm_len, u8 *prk)
{
	int err;

	err = crypto_shash_setkey(hmac, salt, salt_len);
	if (err)
		return err;
	return crypto_shash_tfm_digest(hmac, ikm, ikm_len, prk);
}

/**
 * tquic_hkdf_expand_label - RFC 8446 section 7.1 with an empty context
 * @hmac: "hmac(...)" of the hash wanted; its key is replaced
 * @secret: pseudorandom key
 * @secret_len: bytes of @secret
 * @label: without the prefix "tls13 "
 * @out: result
 * @out_len: bytes wanted, at most one digest: everything that QUIC derives
 *	fits, so that the first block T(1) of RFC 5869 section 2.3 is enough
 *
 * Context: process context; @hmac must not be in use by anybody else.
 * Return: 0, -EINVAL for an impossible length, or what the crypto layer
 * answered.
 */
int tquic_hkdf_expand_label(struct crypto_shash *hmac, const u8 *secret,
			    unsigned int secret_len, const char *label,
			    u8 *out, unsigned int out_len)
{
	u8 info[2 + 1 + TQUIC_HKDF_LABEL_MAX + 1 + 1];
	const size_t prefix = strlen(TQUIC_HKDF_PREFIX);
	u8 t1[HASH_MAX_DIGESTSIZE];
	size_t n = strlen(label);
	u8 *p = info;
	int err;

	if (prefix + n > TQUIC_HKDF_LABEL_MAX ||
	    out_len > crypto_shash_digestsize(hmac))
		return -EINVAL;

	put_unaligned_be16(out_len, p);
	p += 2;
	*p++ = prefix + n;
	memcpy(p, TQUIC_HKDF_PREFIX, prefix);
	p += prefix;
	memcpy(p, label, n);
	p += n;
	*p++ = 0;	/* length of the context */
	*p++ = 1;	/* number of the block */

	err = crypto_shash_setkey(hmac, secret, secret_len);
	if (!err)
		err = crypto_shash_tfm_digest(hmac, info, p - info, t1);
	if (!err)
		memcpy(out, t1, out_len);
	memzero_explicit(t1, sizeof(t1));
	return err;
}
