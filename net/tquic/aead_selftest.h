/* SPDX-License-Identifier: GPL-2.0 */
/* Shared between the files of packet protection's self-test. */
#ifndef _TQUIC_AEAD_SELFTEST_H
#define _TQUIC_AEAD_SELFTEST_H

#include <linux/init.h>
#include <linux/types.h>

#include "aead_batch.h"

/**
 * struct tquic_st_keys - the keys of one direction
 * @secret: what they are derived from
 * @key: packet key
 * @hp: header protection key
 */
struct tquic_st_keys {
	struct tquic_aead_secret secret;
	struct tquic_aead_key *key;
	struct tquic_hp_key *hp;
};

/* the client's first destination connection ID in both RFCs' appendices */
#define TQUIC_ST_DCID_LEN	8
extern const u8 tquic_st_dcid[TQUIC_ST_DCID_LEN];
/* the traffic secret of RFC 9001 and RFC 9369 appendix A.5 */
extern const u8 tquic_st_chacha_secret[32];
/* made up; suites with a shorter hash take the beginning */
extern const u8 tquic_st_secret[TQUIC_AEAD_SECRET_MAX];

int __init tquic_st_verdict(const char *name, int err);
int __init tquic_st_equal(const char *name, const void *got, const void *want,
			  unsigned int len);
int __init tquic_st_keys_make(struct tquic_st_keys *k);
void __init tquic_st_keys_free(struct tquic_st_keys *k);
int __init tquic_st_wait(struct tquic_aead_batch *b);
int __init tquic_st_packets_run(void);
int __init tquic_st_batches(const struct tquic_st_keys *k, const char *name,
			    bool async);

/* the AEAD that finishes late */
int __init tquic_st_async_register(void);
int __init tquic_st_async_use(struct tquic_st_keys *k);
void __init tquic_st_async_unregister(void);

#endif /* _TQUIC_AEAD_SELFTEST_H */
