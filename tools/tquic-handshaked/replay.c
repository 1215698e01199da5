// SPDX-License-Identifier: GPL-2.0
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "replay.h"

#define TH_REPLAY_BUCKETS	4096
/* when there are more, early data is refused, which costs a round trip */
#define TH_REPLAY_MAX		65536
#define TH_REPLAY_KEY_MAX	64

/**
 * struct th_replay_entry - early data that came
 * @next: in its bucket
 * @expires: GnuTLS refuses it by its age from then on
 * @len: bytes of @key
 * @key: what it is told by
 */
struct th_replay_entry {
	struct th_replay_entry *next;
	time_t expires;
	unsigned int len;
	unsigned char key[TH_REPLAY_KEY_MAX];
};

static gnutls_anti_replay_t th_replay;
static pthread_mutex_t th_replay_lock = PTHREAD_MUTEX_INITIALIZER;
/* protected by it */
static struct th_replay_entry *th_replay_buckets[TH_REPLAY_BUCKETS];
static unsigned int th_replay_count;

static void th_replay_sweep(struct th_replay_entry **place, time_t now)
{
	struct th_replay_entry *entry;

	while ((entry = *place)) {
		if (entry->expires > now) {
			place = &entry->next;
			continue;
		}
		*place = entry->next;
		free(entry);
		th_replay_count--;
	}
}

static void th_replay_sweep_all(time_t now)
{
	unsigned int i;

	for (i = 0; i < TH_REPLAY_BUCKETS; i++)
		th_replay_sweep(&th_replay_buckets[i], now);
}

/* The key is a MAC: any of its bytes will do. */
static struct th_replay_entry **th_replay_bucket(const gnutls_datum_t *key)
{
	unsigned int hash = 0;

	memcpy(&hash, key->data, key->size < sizeof(hash) ? key->size :
							    sizeof(hash));
	return &th_replay_buckets[hash % TH_REPLAY_BUCKETS];
}

static int th_replay_insert(time_t expires, const gnutls_datum_t *key)
{
	struct th_replay_entry **bucket = th_replay_bucket(key);
	struct th_replay_entry *entry;
	time_t now = time(NULL);

	if (th_replay_count >= TH_REPLAY_MAX)
		th_replay_sweep_all(now);
	if (th_replay_count >= TH_REPLAY_MAX)
		return GNUTLS_E_DB_ENTRY_EXISTS;
	th_replay_sweep(bucket, now);
	for (entry = *bucket; entry; entry = entry->next)
		if (entry->len == key->size &&
		    !memcmp(entry->key, key->data, key->size))
			return GNUTLS_E_DB_ENTRY_EXISTS;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return GNUTLS_E_DB_ENTRY_EXISTS;
	entry->expires = expires;
	entry->len = key->size;
	memcpy(entry->key, key->data, key->size);
	entry->next = *bucket;
	*bucket = entry;
	th_replay_count++;
	return 0;
}

/* Remembers early data; GnuTLS expects an error for what was seen before. */
static int th_replay_add(void *ptr, time_t expires, const gnutls_datum_t *key,
			 const gnutls_datum_t *data)
{
	int err;

	(void)ptr;
	(void)data;
	if (key->size > TH_REPLAY_KEY_MAX)
		return GNUTLS_E_DB_ENTRY_EXISTS;
	pthread_mutex_lock(&th_replay_lock);
	err = th_replay_insert(expires, key);
	pthread_mutex_unlock(&th_replay_lock);
	return err;
}

bool th_replay_init(void)
{
	if (gnutls_anti_replay_init(&th_replay) < 0)
		return false;
	gnutls_anti_replay_set_add_function(th_replay, th_replay_add);
	return true;
}

void th_replay_exit(void)
{
	unsigned int i;

	for (i = 0; i < TH_REPLAY_BUCKETS; i++) {
		struct th_replay_entry *entry;

		while ((entry = th_replay_buckets[i])) {
			th_replay_buckets[i] = entry->next;
			free(entry);
		}
	}
	th_replay_count = 0;
	gnutls_anti_replay_deinit(th_replay);
}

gnutls_anti_replay_t th_replay_get(void)
{
	return th_replay;
}
