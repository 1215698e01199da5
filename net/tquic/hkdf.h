/* SPDX-License-Identifier: GPL-2.0 */
/* HKDF as TLS 1.3 uses it: RFC 5869, RFC 8446 section 7.1. */
#ifndef _TQUIC_HKDF_H
#define _TQUIC_HKDF_H

#include <linux/types.h>

struct crypto_shash;

/* the longest in use is "tls13 quicv2 key" */
#define TQUIC_HKDF_LABEL_MAX	16

int tquic_hkdf_extract(struct crypto_shash *hmac, const u8 *salt,
		       unsigned int salt_len, const u8 *ikm,
		       unsigned int ikm_len, u8 *prk);
int tquic_hkdf_expand_label(struct crypto_shash *hmac, const u8 *secret,
			    unsigned int secret_len, const char *label,
			    u8 *out, unsigned int out_len);

#endif /* _TQUIC_HKDF_H */
