/* SPDX-License-Identifier: GPL-2.0 */
/* What differs between QUIC versions in packet protection. */
#ifndef _TQUIC_AEAD_VERSION_H
#define _TQUIC_AEAD_VERSION_H

#include <linux/types.h>

#include "aead.h"

#define TQUIC_AEAD_SALT_LEN	20
#define TQUIC_AEAD_RETRY_KEY	16
#define TQUIC_AEAD_VERSIONS	2

/**
 * struct tquic_aead_version - constants of one QUIC version
 * @version: as in long headers
 * @key: label of the packet key
 * @iv: label of the initialisation vector
 * @hp: label of the header protection key
 * @ku: label of the next generation's secret
 * @salt: for Initial secrets (RFC 9001 section 5.2, RFC 9369 section 3.3.1)
 * @retry_key: for the Retry integrity tag (RFC 9001 section 5.8, RFC 9369
 *	section 3.3.3)
 * @retry_nonce: for the same
 */
struct tquic_aead_version {
	u32 version;
	const char *key;
	const char *iv;
	const char *hp;
	const char *ku;
	u8 salt[TQUIC_AEAD_SALT_LEN];
	u8 retry_key[TQUIC_AEAD_RETRY_KEY];
	u8 retry_nonce[TQUIC_AEAD_IV_LEN];
};

extern const struct tquic_aead_version
tquic_aead_versions[TQUIC_AEAD_VERSIONS];

const struct tquic_aead_version *tquic_aead_version(u32 version);

int __init tquic_aead_retry_init(void);
void tquic_aead_retry_exit(void);

#endif /* _TQUIC_AEAD_VERSION_H */
