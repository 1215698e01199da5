// SPDX-License-Identifier: GPL-2.0
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>

#include "demux.h"
#include "log.h"

static struct tn_cid **tn_demux_chain(struct tn_demux *demux, const u8 *id,
				      unsigned int len)
{
	u32 hash = len;

	while (len--)
		hash = hash * 31 + *id++;
	return &demux->slot[hash % TN_DEMUX_SLOTS];
}

/**
 * tn_demux_init - an empty table
 * @demux: table
 * @secret: what stateless reset tokens depend on, so that a server which was
 *	restarted can reset connections of the one before; NULL for random
 */
void tn_demux_init(struct tn_demux *demux, const char *secret)
{
	*demux = (struct tn_demux){};
	if (secret)
		gnutls_hash_fast(GNUTLS_DIG_SHA256, secret, strlen(secret),
				 demux->key);
	else
		gnutls_rnd(GNUTLS_RND_KEY, demux->key, sizeof(demux->key));
}

struct tn_cid *tn_demux_find(const struct tn_demux *demux, const u8 *id,
			     unsigned int len)
{
	struct tn_cid *cid = *tn_demux_chain((struct tn_demux *)demux, id,
					     len);

	while (cid && (cid->local.cid.len != len ||
		       memcmp(cid->local.cid.id, id, len)))
		cid = cid->next;
	return cid;
}

static struct tn_cid *tn_demux_add(struct tn_demux *demux,
				   struct tn_link *link,
				   const struct tquic_cid *id)
{
	struct tn_cid **chain = tn_demux_chain(demux, id->id, id->len);
	struct tn_cid *cid = calloc(1, sizeof(*cid));

	if (!cid)
		tn_die("out of memory");
	cid->local.cid = *id;
	cid->link = link;
	cid->next = *chain;
	*chain = cid;
	return cid;
}

/* A new ID of a connection, and its reset token. */
struct tn_cid *tn_demux_issue(struct tn_demux *demux, struct tn_link *link)
{
	struct tquic_cid id = { .len = TN_CID_LEN };
	struct tn_cid *cid;

	do {
		gnutls_rnd(GNUTLS_RND_RANDOM, id.id, id.len);
	} while (tn_demux_find(demux, id.id, id.len));
	cid = tn_demux_add(demux, link, &id);
	tn_demux_token(demux, id.id, id.len, cid->local.token);
	return cid;
}

/* What the client calls a server until it knows better. */
struct tn_cid *tn_demux_alias(struct tn_demux *demux, struct tn_link *link,
			      const struct tquic_cid *id)
{
	struct tn_cid *cid = tn_demux_add(demux, link, id);

	cid->alias = true;
	return cid;
}

void tn_demux_drop(struct tn_demux *demux, struct tn_cid *cid)
{
	struct tn_cid **p = tn_demux_chain(demux, cid->local.cid.id,
					   cid->local.cid.len);

	while (*p != cid)
		p = &(*p)->next;
	*p = cid->next;
	free(cid);
}

/* RFC 9000 section 10.3.2 */
void tn_demux_token(const struct tn_demux *demux, const u8 *id,
		    unsigned int len, u8 *token)
{
	u8 mac[32];

	gnutls_hmac_fast(GNUTLS_MAC_SHA256, demux->key, sizeof(demux->key),
			 id, len, mac);
	memcpy(token, mac, TQUIC_RESET_TOKEN_LEN);
}
