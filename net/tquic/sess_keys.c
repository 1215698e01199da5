// SPDX-License-Identifier: GPL-2.0
/*
 * Keys of a session: Initial ones of both versions, those that TLS gave, and
 * generations of 1-RTT keys.
 *
 * Generations are derived one ahead of what is in use, both ways, so that a key
 * update finds them there, and takes no longer than any other packet (RFC 9001
 * section 6.3).
 */
#include "sess_priv.h"

/* Takes over @secret's bytes by value; -errno with nothing made. */
int tquic_sess_key_make(struct tquic_sess_key *key,
			const struct tquic_aead_secret *secret)
{
	struct tquic_sess_key new = { .secret = *secret };
	int err;

	new.key = tquic_aead_key_create(secret);
	if (IS_ERR(new.key)) {
		err = PTR_ERR(new.key);
		goto out;
	}
	new.hp = tquic_hp_key_create(secret);
	if (IS_ERR(new.hp)) {
		err = PTR_ERR(new.hp);
		tquic_aead_key_put(new.key);
		goto out;
	}
	tquic_sess_key_drop(key);
	*key = new;
	err = 0;
out:
	tquic_aead_secret_clear(&new.secret);
	return err;
}

void tquic_sess_key_drop(struct tquic_sess_key *key)
{
	if (key->key)
		tquic_aead_key_put(key->key);
	if (key->hp)
		tquic_hp_key_put(key->hp);
	tquic_aead_secret_clear(&key->secret);
	key->key = NULL;
	key->hp = NULL;
}

static void tquic_keys_drop_initial(struct tquic_sess *sess)
{
	unsigned int i;

	for (i = 0; i < TQUIC_SESS_VERSIONS; i++) {
		tquic_sess_key_drop(&sess->initial_rx[i]);
		tquic_sess_key_drop(&sess->initial_tx[i]);
	}
}

static int tquic_keys_initial(struct tquic_sess *sess, u32 version)
{
	const struct tquic_cid *dcid = &sess->core->initial_dcid;
	unsigned int no = tquic_sess_version_no(version);
	struct tquic_aead_secret client, server;
	int err;

	err = tquic_aead_secret_initial(&client, &server, version, dcid->id,
					dcid->len);
	if (err)
		return err;
	err = tquic_sess_key_make(&sess->initial_rx[no], sess->core->server ?
				  &client : &server);
	if (!err)
		err = tquic_sess_key_make(&sess->initial_tx[no],
					  sess->core->server ? &server :
					  &client);
	tquic_aead_secret_clear(&client);
	tquic_aead_secret_clear(&server);
	return err;
}

/**
 * tquic_sess_keys_initial - keys of Initial packets, by both versions
 * @sess: session
 *
 * They change with a Retry.  Without memory the event stays set, and the old
 * ones are used until it is tried again.
 */
void tquic_sess_keys_initial(struct tquic_sess *sess)
{
	if (!tquic_keys_initial(sess, TQUIC_VERSION_1) &&
	    !tquic_keys_initial(sess, TQUIC_VERSION_2))
		sess->core->events &= ~TQUIC_CONN_E_INITIAL;
}

/* The key after an update: RFC 9001 section 6.1; header protection stays. */
static int tquic_keys_next(struct tquic_sess_key *gens, u32 *top)
{
	const struct tquic_sess_key *old = &gens[*top % TQUIC_SESS_GENS];
	struct tquic_sess_key *slot = &gens[(*top + 1) % TQUIC_SESS_GENS];
	struct tquic_aead_secret secret = old->secret;
	struct tquic_aead_key *key;
	int err;

	err = tquic_aead_secret_update(&secret);
	if (err)
		goto out;
	key = tquic_aead_key_create(&secret);
	if (IS_ERR(key)) {
		err = PTR_ERR(key);
		goto out;
	}
	tquic_sess_key_drop(slot);
	slot->secret = secret;
	slot->key = key;
	(*top)++;
out:
	tquic_aead_secret_clear(&secret);
	return err;
}

static bool tquic_keys_ahead(struct tquic_sess_key *gens, u32 *top, u32 used)
{
	/* generation 0 is not there yet */
	if (!gens[*top % TQUIC_SESS_GENS].key)
		return true;
	while (*top <= used)
		if (tquic_keys_next(gens, top))
			return false;
	return true;
}

/* Derives the generations that may be needed soon. */
void tquic_sess_keys_review(struct tquic_sess *sess)
{
	const struct tquic_keys *keys = &sess->core->keys;

	sess->gens_due = !tquic_keys_ahead(sess->rx_gens, &sess->rx_top,
					   keys->rx) ||
			 !tquic_keys_ahead(sess->tx_gens, &sess->tx_top,
					   keys->tx);
	sess->core->events &= ~TQUIC_CONN_E_PHASE;
}

/* Forgets what the core needs no more. */
void tquic_sess_keys_dropped(struct tquic_sess *sess)
{
	unsigned int i;

	if (sess->core->dropped_keys & BIT(TQUIC_PKT_INITIAL))
		tquic_keys_drop_initial(sess);
	for (i = 0; i < TQUIC_SESS_LEVELS; i++) {
		if (!(sess->core->dropped_keys & BIT(i)))
			continue;
		tquic_sess_key_drop(&sess->rx[i]);
		tquic_sess_key_drop(&sess->tx[i]);
	}
	sess->core->events &= ~TQUIC_CONN_E_KEYS;
}

void tquic_sess_keys_free(struct tquic_sess *sess)
{
	unsigned int i;

	tquic_keys_drop_initial(sess);
	for (i = 0; i < TQUIC_SESS_LEVELS; i++) {
		tquic_sess_key_drop(&sess->rx[i]);
		tquic_sess_key_drop(&sess->tx[i]);
	}
	for (i = 0; i < TQUIC_SESS_GENS; i++) {
		tquic_sess_key_drop(&sess->rx_gens[i]);
		tquic_sess_key_drop(&sess->tx_gens[i]);
	}
}

/* Whose header protection a packet has; NULL without keys. */
struct tquic_sess_key *tquic_sess_rx_hp(struct tquic_sess *sess,
					enum tquic_pkt_type type, u32 version)
{
	struct tquic_sess_key *key = type == TQUIC_PKT_INITIAL ?
		&sess->initial_rx[tquic_sess_version_no(version)] :
		&sess->rx[type];

	return key->hp ? key : NULL;
}

/* What opens a packet; NULL without keys. */
struct tquic_sess_key *tquic_sess_rx_key(struct tquic_sess *sess,
					 enum tquic_pkt_type type, u32 version,
					 u32 gen)
{
	struct tquic_sess_key *key;

	if (type != TQUIC_PKT_1RTT)
		return tquic_sess_rx_hp(sess, type, version);
	if (gen > sess->rx_top || gen + TQUIC_SESS_GENS <= sess->rx_top)
		return NULL;
	key = &sess->rx_gens[gen % TQUIC_SESS_GENS];
	return key->key ? key : NULL;
}

/**
 * tquic_sess_tx_key - what seals a packet
 * @sess: session
 * @pkt: packet of a plan
 * @out: filled with references; NULL when the keys are not there, which only
 *	want of memory explains
 */
void tquic_sess_tx_key(struct tquic_sess *sess,
		       const struct tquic_plan_pkt *pkt,
		       struct tquic_xmit_pkt *out)
{
	struct tquic_sess_key *hp = pkt->type == TQUIC_PKT_INITIAL ?
		&sess->initial_tx[tquic_sess_version_no(pkt->version)] :
		&sess->tx[pkt->type];
	struct tquic_sess_key *key = hp;

	*out = (struct tquic_xmit_pkt){};
	if (pkt->type == TQUIC_PKT_1RTT) {
		if (pkt->gen > sess->tx_top ||
		    pkt->gen + TQUIC_SESS_GENS <= sess->tx_top)
			return;
		key = &sess->tx_gens[pkt->gen % TQUIC_SESS_GENS];
	}
	if (!key->key || !hp->hp)
		return;
	out->key = tquic_aead_key_get(key->key);
	out->hp = tquic_hp_key_get(hp->hp);
}
