/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pre-shared keys: identity and key, from a file or from all files of a
 * directory.  Immutable once loaded.
 */
#ifndef _TQUIC_HANDSHAKED_PSK_H
#define _TQUIC_HANDSHAKED_PSK_H

#include <stdbool.h>
#include <stddef.h>

#define TH_PSK_IDENTITY_MAX	255
#define TH_PSK_KEY_MIN		16
#define TH_PSK_KEY_MAX		64

/**
 * struct th_psk - one key
 * @identity: its name, terminated
 * @len: bytes of @key
 * @key: the key
 */
struct th_psk {
	char identity[TH_PSK_IDENTITY_MAX + 1];
	unsigned int len;
	unsigned char key[TH_PSK_KEY_MAX];
};

/**
 * struct th_psk_store - keys
 * @keys: sorted by identity
 * @count: how many
 */
struct th_psk_store {
	struct th_psk *keys;
	size_t count;
};

/* false with an error logged, and the store empty */
bool th_psk_load(struct th_psk_store *store, const char *path);
void th_psk_free(struct th_psk_store *store);
const struct th_psk *th_psk_find(const struct th_psk_store *store,
				 const char *identity, size_t len);
/* whether @text are hexadecimal digits of a key */
bool th_psk_parse_key(struct th_psk *psk, const char *text);

#endif /* _TQUIC_HANDSHAKED_PSK_H */
