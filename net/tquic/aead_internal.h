/* SPDX-License-Identifier: GPL-2.0 */
/* Shared between the files of packet protection and its tests. */
#ifndef _TQUIC_AEAD_INTERNAL_H
#define _TQUIC_AEAD_INTERNAL_H

#include <crypto/aead.h>
#include <linux/bits.h>
#include <linux/init.h>
#include <linux/scatterlist.h>
#include <linux/types.h>

#include "aead_batch.h"

int tquic_aead_secret_expand(const struct tquic_aead_secret *secret,
			     unsigned int n, const char *const label[],
			     u8 *const out[], const unsigned int len[]);
struct tquic_aead_key *
tquic_aead_key_create_alg(const struct tquic_aead_secret *secret,
			  const char *alg);
void tquic_aead_key_free(struct tquic_aead_key *key);
void tquic_hp_key_free(struct tquic_hp_key *hp);
void tquic_aead_flush(void);
void tquic_aead_free_work(struct rcu_work *rwork);

/* tquic_aead_op.flags */
#define TQUIC_OP_KEY_REF	BIT(0)	/* the batch holds a reference */
#define TQUIC_OP_HP_REF		BIT(1)
#define TQUIC_OP_ASYNC		BIT(2)
#define TQUIC_OP_BACKLOG	BIT(3)
#define TQUIC_OP_COPIED		BIT(4)	/* opened into a new buffer */

/**
 * struct tquic_aead_slot - what the crypto layer needs during one operation
 * @b: the batch
 * @op: index of the operation
 * @iv: nonce; the crypto layer may write it
 * @src: header, then payload
 * @dst: the same for the output, when it is another memory
 * @req: request, with the implementation's context behind it
 */
struct tquic_aead_slot {
	struct tquic_aead_batch *b;
	unsigned int op;
	u8 iv[16] __aligned(8);
	struct scatterlist src[1 + TQUIC_AEAD_SG_MAX];
	struct scatterlist dst[1 + TQUIC_AEAD_SG_MAX];
	struct aead_request req CRYPTO_MINALIGN_ATTR;
};

/**
 * struct tquic_aead_work - one operation, ready to run
 * @src: header in the first entry, then the input
 * @dst: header in the first entry, then the output; may be @src
 * @len: bytes of input without the header, tag included when opening
 */
struct tquic_aead_work {
	struct scatterlist *src;
	struct scatterlist *dst;
	unsigned int len;
};

typedef int (*tquic_aead_prep_t)(struct tquic_aead_batch *b,
				 struct tquic_aead_op *op,
				 struct tquic_aead_slot *slot,
				 struct tquic_aead_work *work);

int __init tquic_aead_batch_init(void);
void tquic_aead_batch_exit(void);
int tquic_aead_batch_add(struct tquic_aead_batch *b);
void tquic_aead_batch_use_key(struct tquic_aead_batch *b, unsigned int i,
			      struct tquic_aead_key *key);
void tquic_aead_batch_use_hp(struct tquic_aead_batch *b, unsigned int i,
			     struct tquic_hp_key *hp);
u8 *tquic_aead_batch_scratch(struct tquic_aead_batch *b, unsigned int len);
void tquic_aead_batch_masks(struct tquic_aead_batch *b);
void tquic_aead_batch_run(struct tquic_aead_batch *b, tquic_aead_prep_t prep,
			  tquic_aead_done_t done, void *arg);

void tquic_seal_finish(struct tquic_aead_batch *b);
void tquic_open_finish(struct tquic_aead_batch *b);
void tquic_open_release(struct tquic_aead_batch *b);

void __init tquic_chacha_init(void);
int tquic_chacha_seal(const struct tquic_aead_key *key, const u8 *nonce,
		      const u8 *aad, unsigned int aad_len,
		      struct scatterlist *src, struct scatterlist *dst,
		      unsigned int len);
int tquic_chacha_open(const struct tquic_aead_key *key, const u8 *nonce,
		      const u8 *aad, unsigned int aad_len,
		      struct scatterlist *src, struct scatterlist *dst,
		      unsigned int len);
void tquic_chacha_mask(const u32 key[8], u8 *block);

#endif /* _TQUIC_AEAD_INTERNAL_H */
