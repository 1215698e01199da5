/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packet protection keys: RFC 9001 section 5 and 6, RFC 9369, and the nonce
 * of multipath-21 section 2.4.
 *
 * A traffic secret (struct tquic_aead_secret) is derived into a packet key
 * (struct tquic_aead_key), which changes with every key update, and a header
 * protection key (struct tquic_hp_key, aead_hp.h), which never does.  Both are
 * immutable after creation, so they may be published by RCU and used from any
 * number of CPUs at once.  Packets are sealed and opened by batches,
 * aead_batch.h.
 *
 * Nothing here knows of a connection: who counts packets against the limits,
 * when keys change and which phase a packet belongs to is decided above.
 */
#ifndef _TQUIC_AEAD_H
#define _TQUIC_AEAD_H

#include <linux/cache.h>
#include <linux/init.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct crypto_aead;

#define TQUIC_AEAD_TAG_LEN	16
#define TQUIC_AEAD_IV_LEN	12
#define TQUIC_AEAD_SECRET_MAX	48
#define TQUIC_AEAD_KEY_MAX	32

/* TLS 1.3 code points (RFC 8446 appendix B.4) */
#define TQUIC_AES_128_GCM_SHA256	0x1301
#define TQUIC_AES_256_GCM_SHA384	0x1302
#define TQUIC_CHACHA20_POLY1305_SHA256	0x1303

/**
 * struct tquic_aead_suite - what a cipher suite is made of
 * @id: TLS 1.3 code point
 * @key_len: bytes of the packet key and of the header protection key
 * @hash_len: bytes of a traffic secret
 * @hmac: name of the hash in the kernel's crypto API
 * @aead: name of the AEAD in the kernel's crypto API; NULL for the suite that
 *	is composed from library functions
 * @seal_limit: packets that one key may seal (RFC 9001 section 6.6)
 * @open_limit: packets that may fail to open in one connection, over all keys
 *	and all paths
 */
struct tquic_aead_suite {
	u16 id;
	u8 key_len;
	u8 hash_len;
	const char *hmac;
	const char *aead;
	u64 seal_limit;
	u64 open_limit;
};

/**
 * struct tquic_aead_secret - a traffic secret and how to derive from it
 * @suite: never NULL once initialised
 * @version: QUIC version, which chooses the labels
 * @bytes: @suite->hash_len bytes are used
 *
 * Owned by value; tquic_aead_secret_clear() ends its life.
 */
struct tquic_aead_secret {
	const struct tquic_aead_suite *suite;
	u32 version;
	u8 bytes[TQUIC_AEAD_SECRET_MAX];
};

/**
 * struct tquic_aead_key - packet key of one direction and one generation
 * @tfm: the AEAD; NULL for ChaCha20-Poly1305 through the library
 * @chacha: key words for the library
 * @iv: XORed with path ID and packet number
 * @suite: never NULL
 * @ref: see tquic_aead_key_get()
 * @rwork: frees the key after a grace period, in process context
 *
 * Opaque to callers except through the functions below.
 */
struct tquic_aead_key {
	struct crypto_aead *tfm;
	u32 chacha[TQUIC_AEAD_KEY_MAX / sizeof(u32)];
	u8 iv[TQUIC_AEAD_IV_LEN];
	const struct tquic_aead_suite *suite;

	refcount_t ref ____cacheline_aligned_in_smp;
	struct rcu_work rwork;
};

/*
 * Secrets.  All of these run in process context and may sleep.
 */
const struct tquic_aead_suite *tquic_aead_suite(u16 id);
int tquic_aead_secret_init(struct tquic_aead_secret *secret, u32 version,
			   u16 suite, const u8 *bytes, unsigned int len);
int tquic_aead_secret_initial(struct tquic_aead_secret *client,
			      struct tquic_aead_secret *server, u32 version,
			      const u8 *dcid, unsigned int dcid_len);
int tquic_aead_secret_update(struct tquic_aead_secret *secret);
void tquic_aead_secret_clear(struct tquic_aead_secret *secret);

/*
 * Keys.  Creation runs in process context and may sleep; get and put run
 * anywhere.
 */
struct tquic_aead_key *
tquic_aead_key_create(const struct tquic_aead_secret *secret);
struct tquic_aead_key *tquic_aead_key_get(struct tquic_aead_key *key);
bool tquic_aead_key_get_maybe_zero(struct tquic_aead_key *key) __must_check;
void tquic_aead_key_put(struct tquic_aead_key *key);

void tquic_aead_nonce(const struct tquic_aead_key *key, u32 path_id, u64 pn,
		      u8 nonce[TQUIC_AEAD_IV_LEN]);

/*
 * Retry integrity tag (RFC 9001 section 5.8).  Any context but hard interrupt.
 */
int tquic_aead_retry_tag(u32 version, const u8 *odcid, unsigned int odcid_len,
			 const u8 *pkt, unsigned int len,
			 u8 tag[TQUIC_AEAD_TAG_LEN]);
int tquic_aead_retry_verify(u32 version, const u8 *odcid,
			    unsigned int odcid_len, const u8 *pkt,
			    unsigned int len);

int __init tquic_aead_init(void);
void tquic_aead_exit(void);
int __init tquic_aead_selftest(void);

#endif /* _TQUIC_AEAD_H */
