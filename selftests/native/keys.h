/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packet protection by GnuTLS: RFC 9001 section 5, RFC 9369 section 3.3,
 * multipath-21 section 5.
 */
#ifndef _TQUIC_NATIVE_KEYS_H
#define _TQUIC_NATIVE_KEYS_H

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "core/pkt.h"

#define TN_SECRET_MAX	48
#define TN_IV_LEN	12

/**
 * struct tn_key - one direction of one level
 * @cipher: AEAD
 * @version: QUIC version, of which the labels depend
 * @aead: opened with the packet key, NULL for none
 * @hp: opened with the header protection key, which updates do not change
 * @iv: initialisation vector
 * @secret: traffic secret
 * @secret_len: bytes of it
 */
struct tn_key {
	gnutls_cipher_algorithm_t cipher;
	u32 version;
	gnutls_aead_cipher_hd_t aead;
	gnutls_cipher_hd_t hp;
	u8 iv[TN_IV_LEN];
	u8 secret[TN_SECRET_MAX];
	unsigned int secret_len;
};

/* generations of 1-RTT keys that are at hand: the last, this and the next */
#define TN_GENS		3

/**
 * struct tn_gens - 1-RTT keys of one direction: RFC 9001 section 6
 * @key: by generation, modulo TN_GENS
 * @top: highest generation derived
 */
struct tn_gens {
	struct tn_key key[TN_GENS];
	u32 top;
};

static inline bool tn_key_there(const struct tn_key *key)
{
	return key->aead;
}

void tn_key_set(struct tn_key *key, u32 version,
		gnutls_cipher_algorithm_t cipher, const u8 *secret,
		unsigned int len);
void tn_key_initial(struct tn_key *client, struct tn_key *server, u32 version,
		    const u8 *dcid, unsigned int len);
void tn_key_drop(struct tn_key *key);
struct tn_key *tn_gens_get(struct tn_gens *gens, u32 gen);
void tn_gens_drop(struct tn_gens *gens);

void tn_key_mask(struct tn_key *key, const u8 *sample, u8 *mask);
void tn_key_seal(struct tn_key *key, u32 path_id, u64 pn, const u8 *hdr,
		 unsigned int hdr_len, u8 *payload, size_t len);
bool tn_key_open(struct tn_key *key, u32 path_id, u64 pn, const u8 *hdr,
		 unsigned int hdr_len, u8 *payload, size_t len);
void tn_key_retry_tag(u32 version, const u8 *pseudo, size_t len, u8 *tag);

#endif /* _TQUIC_NATIVE_KEYS_H */
