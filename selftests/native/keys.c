// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>

#include "keys.h"
#include "log.h"

#define TN_KEY_LEN_MAX	32

/* What differs between versions. */
struct tn_labels {
	u32 version;
	const char *key;
	const char *iv;
	const char *hp;
	const char *ku;
	u8 salt[20];
	u8 retry_key[16];
	u8 retry_nonce[TN_IV_LEN];
};

static const struct tn_labels tn_labels[] = {
	{
		.version = TQUIC_VERSION_1,
		.key = "quic key",
		.iv = "quic iv",
		.hp = "quic hp",
		.ku = "quic ku",
		.salt = { 0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3,
			  0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad,
			  0xcc, 0xbb, 0x7f, 0x0a },
		.retry_key = { 0xbe, 0x0c, 0x69, 0x0b, 0x9f, 0x66, 0x57, 0x5a,
			       0x1d, 0x76, 0x6b, 0x54, 0xe3, 0x68, 0xc8,
			       0x4e },
		.retry_nonce = { 0x46, 0x15, 0x99, 0xd3, 0x5d, 0x63, 0x2b,
				 0xf2, 0x23, 0x98, 0x25, 0xbb },
	},
	{
		.version = TQUIC_VERSION_2,
		.key = "quicv2 key",
		.iv = "quicv2 iv",
		.hp = "quicv2 hp",
		.ku = "quicv2 ku",
		.salt = { 0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb,
			  0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb,
			  0xf9, 0xbd, 0x2e, 0xd9 },
		.retry_key = { 0x8f, 0xb4, 0xb0, 0x1b, 0x56, 0xac, 0x48, 0xe2,
			       0x60, 0xfb, 0xcb, 0xce, 0xad, 0x7c, 0xcc,
			       0x92 },
		.retry_nonce = { 0xd8, 0x69, 0x69, 0xbc, 0x2d, 0x7c, 0x6d,
				 0x99, 0x90, 0xef, 0xb0, 0x4a },
	},
};

static const struct tn_labels *tn_labels_of(u32 version)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tn_labels); i++)
		if (tn_labels[i].version == version)
			return &tn_labels[i];
	tn_die("no labels for version %08x", version);
}

static void tn_must(int err, const char *what)
{
	if (err < 0)
		tn_die("%s: %s", what, gnutls_strerror(err));
}

static gnutls_mac_algorithm_t tn_key_mac(gnutls_cipher_algorithm_t cipher)
{
	return cipher == GNUTLS_CIPHER_AES_256_GCM ? GNUTLS_MAC_SHA384 :
						     GNUTLS_MAC_SHA256;
}

/* HKDF-Expand-Label of RFC 8446 section 7.1, without a context. */
static void tn_expand(gnutls_mac_algorithm_t mac, const u8 *secret,
		      unsigned int secret_len, const char *label, u8 *out,
		      unsigned int len)
{
	gnutls_datum_t prk = { (u8 *)secret, secret_len }, data;
	u8 info[64];
	int n;

	n = snprintf((char *)info + 3, sizeof(info) - 3, "tls13 %s", label);
	put_unaligned_be16(len, info);
	info[2] = n;
	info[3 + n] = 0;
	data = (gnutls_datum_t){ info, 4 + n };
	tn_must(gnutls_hkdf_expand(mac, &prk, &data, out, len), "HKDF");
}

/* AES in ECB mode is CBC of a single block. */
static gnutls_cipher_algorithm_t tn_key_hp(gnutls_cipher_algorithm_t cipher)
{
	switch (cipher) {
	case GNUTLS_CIPHER_AES_128_GCM:
		return GNUTLS_CIPHER_AES_128_CBC;
	case GNUTLS_CIPHER_AES_256_GCM:
		return GNUTLS_CIPHER_AES_256_CBC;
	case GNUTLS_CIPHER_CHACHA20_POLY1305:
		return GNUTLS_CIPHER_CHACHA20_32;
	default:
		tn_die("no header protection for cipher %s",
		       gnutls_cipher_get_name(cipher));
	}
}

/* The packet key and the vector of a secret. */
static void tn_key_derive(struct tn_key *key)
{
	const struct tn_labels *labels = tn_labels_of(key->version);
	gnutls_mac_algorithm_t mac = tn_key_mac(key->cipher);
	u8 raw[TN_KEY_LEN_MAX];
	gnutls_datum_t datum = {
		raw, gnutls_cipher_get_key_size(key->cipher)
	};

	tn_expand(mac, key->secret, key->secret_len, labels->key, raw,
		  datum.size);
	tn_expand(mac, key->secret, key->secret_len, labels->iv, key->iv,
		  sizeof(key->iv));
	tn_must(gnutls_aead_cipher_init(&key->aead, key->cipher, &datum),
		"AEAD");
}

/**
 * tn_key_set - make a key of a secret
 * @key: filled; what it had is dropped
 * @version: QUIC version
 * @cipher: AEAD
 * @secret: traffic secret
 * @len: bytes of it
 */
void tn_key_set(struct tn_key *key, u32 version,
		gnutls_cipher_algorithm_t cipher, const u8 *secret,
		unsigned int len)
{
	static u8 zero[16];
	gnutls_datum_t iv = { zero, sizeof(zero) }, datum;
	u8 raw[TN_KEY_LEN_MAX];

	tn_key_drop(key);
	key->cipher = cipher;
	key->version = version;
	key->secret_len = len;
	memcpy(key->secret, secret, len);
	tn_key_derive(key);
	datum = (gnutls_datum_t){ raw, gnutls_cipher_get_key_size(cipher) };
	tn_expand(tn_key_mac(cipher), secret, len, tn_labels_of(version)->hp,
		  raw, datum.size);
	tn_must(gnutls_cipher_init(&key->hp, tn_key_hp(cipher), &datum, &iv),
		"header protection");
}

/**
 * tn_key_initial - keys of Initial packets: RFC 9001 section 5.2
 * @client: filled: what the client seals with
 * @server: filled: what the server seals with
 * @version: QUIC version
 * @dcid: destination of the client's first packet
 * @len: bytes of it
 */
void tn_key_initial(struct tn_key *client, struct tn_key *server, u32 version,
		    const u8 *dcid, unsigned int len)
{
	const struct tn_labels *labels = tn_labels_of(version);
	gnutls_datum_t ikm = { (u8 *)dcid, len };
	gnutls_datum_t salt = { (u8 *)labels->salt, sizeof(labels->salt) };
	u8 prk[32], secret[32];

	tn_must(gnutls_hkdf_extract(GNUTLS_MAC_SHA256, &ikm, &salt, prk),
		"HKDF");
	tn_expand(GNUTLS_MAC_SHA256, prk, sizeof(prk), "client in", secret,
		  sizeof(secret));
	tn_key_set(client, version, GNUTLS_CIPHER_AES_128_GCM, secret,
		   sizeof(secret));
	tn_expand(GNUTLS_MAC_SHA256, prk, sizeof(prk), "server in", secret,
		  sizeof(secret));
	tn_key_set(server, version, GNUTLS_CIPHER_AES_128_GCM, secret,
		   sizeof(secret));
}

/* The key after an update; header protection stays with generation 0. */
static void tn_key_next(struct tn_key *next, const struct tn_key *key)
{
	gnutls_cipher_hd_t hp = next->hp;

	next->hp = NULL;
	tn_key_drop(next);
	next->hp = hp;
	next->cipher = key->cipher;
	next->version = key->version;
	next->secret_len = key->secret_len;
	tn_expand(tn_key_mac(key->cipher), key->secret, key->secret_len,
		  tn_labels_of(key->version)->ku, next->secret,
		  next->secret_len);
	tn_key_derive(next);
}

/**
 * tn_gens_get - the keys of a generation
 * @gens: keys, of which generation 0 was set
 * @gen: at most two before the highest that was asked for so far
 *
 * Return: its key.
 */
struct tn_key *tn_gens_get(struct tn_gens *gens, u32 gen)
{
	while (gens->top < gen) {
		tn_key_next(&gens->key[(gens->top + 1) % TN_GENS],
			    &gens->key[gens->top % TN_GENS]);
		gens->top++;
	}
	return &gens->key[gen % TN_GENS];
}

void tn_gens_drop(struct tn_gens *gens)
{
	unsigned int i;

	for (i = 0; i < TN_GENS; i++)
		tn_key_drop(&gens->key[i]);
	gens->top = 0;
}

void tn_key_drop(struct tn_key *key)
{
	if (key->aead)
		gnutls_aead_cipher_deinit(key->aead);
	if (key->hp)
		gnutls_cipher_deinit(key->hp);
	gnutls_memset(key, 0, sizeof(*key));
}

/* RFC 9001 sections 5.4.3 and 5.4.4 */
void tn_key_mask(struct tn_key *key, const u8 *sample, u8 *mask)
{
	u8 in[TQUIC_PKT_SAMPLE_LEN] = {}, out[TQUIC_PKT_SAMPLE_LEN];
	static u8 zero[16];

	if (key->cipher == GNUTLS_CIPHER_CHACHA20_POLY1305) {
		gnutls_cipher_set_iv(key->hp, (u8 *)sample,
				     TQUIC_PKT_SAMPLE_LEN);
	} else {
		gnutls_cipher_set_iv(key->hp, zero, sizeof(zero));
		memcpy(in, sample, sizeof(in));
	}
	tn_must(gnutls_cipher_encrypt2(key->hp, in, sizeof(in), out,
				       sizeof(out)), "header protection");
	memcpy(mask, out, TQUIC_PKT_MASK_LEN);
}

/* The path ID comes before the packet number: without multipath it is 0. */
static void tn_nonce(const struct tn_key *key, u32 path_id, u64 pn, u8 *nonce)
{
	unsigned int i;
	u8 mix[TN_IV_LEN];

	put_unaligned_be32(path_id, mix);
	put_unaligned_be64(pn, mix + 4);
	for (i = 0; i < TN_IV_LEN; i++)
		nonce[i] = key->iv[i] ^ mix[i];
}

/**
 * tn_key_seal - encrypt and authenticate
 * @key: key
 * @path_id: path, 0 without multipath
 * @pn: packet number
 * @hdr: header
 * @hdr_len: bytes of it
 * @payload: in: plain text; out: cipher text and tag
 * @len: bytes of plain text
 */
void tn_key_seal(struct tn_key *key, u32 path_id, u64 pn, const u8 *hdr,
		 unsigned int hdr_len, u8 *payload, size_t len)
{
	size_t out = len + TQUIC_PKT_TAG_LEN;
	u8 nonce[TN_IV_LEN];

	tn_nonce(key, path_id, pn, nonce);
	tn_must(gnutls_aead_cipher_encrypt(key->aead, nonce, sizeof(nonce),
					   hdr, hdr_len, TQUIC_PKT_TAG_LEN,
					   payload, len, payload, &out),
		"seal");
}

/**
 * tn_key_open - verify and decrypt
 * @key: key
 * @path_id: path, 0 without multipath
 * @pn: packet number
 * @hdr: header, unprotected
 * @hdr_len: bytes of it
 * @payload: in: cipher text and tag; out: plain text, garbage on failure
 * @len: bytes of cipher text and tag
 *
 * Return: whether it is authentic.
 */
bool tn_key_open(struct tn_key *key, u32 path_id, u64 pn, const u8 *hdr,
		 unsigned int hdr_len, u8 *payload, size_t len)
{
	size_t out = len - TQUIC_PKT_TAG_LEN;
	u8 nonce[TN_IV_LEN];

	tn_nonce(key, path_id, pn, nonce);
	return gnutls_aead_cipher_decrypt(key->aead, nonce, sizeof(nonce), hdr,
					  hdr_len, TQUIC_PKT_TAG_LEN, payload,
					  len, payload, &out) >= 0;
}

/* RFC 9001 section 5.8 */
void tn_key_retry_tag(u32 version, const u8 *pseudo, size_t len, u8 *tag)
{
	const struct tn_labels *labels = tn_labels_of(version);
	gnutls_datum_t key = {
		(u8 *)labels->retry_key, sizeof(labels->retry_key)
	};
	size_t out = TQUIC_PKT_TAG_LEN;
	gnutls_aead_cipher_hd_t aead;

	tn_must(gnutls_aead_cipher_init(&aead, GNUTLS_CIPHER_AES_128_GCM,
					&key), "AEAD");
	tn_must(gnutls_aead_cipher_encrypt(aead, labels->retry_nonce,
					   TN_IV_LEN, pseudo, len,
					   TQUIC_PKT_TAG_LEN, NULL, 0, tag,
					   &out), "Retry tag");
	gnutls_aead_cipher_deinit(aead);
}
