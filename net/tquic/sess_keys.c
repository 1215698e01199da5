// SPDX-License-Identifier: GPL-2.0
/*
 * Keys of a session: Initial ones of both versions, those that TLS gave, and
 * generations of 1-RTT keys.
 *
 * Generations to open packets are derived one ahead of what is in use, so that
 * a key update finds them there, and takes no longer than any other packet (RFC
 * 9001 section 6.3).  Those to seal with are derived when the first packet
 * needs them: who seals decides when, and keys take memory.
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

static void tquic_keys_drop_initial(struct tquic_sess_levels *levels)
{
	unsigned int i;

	for (i = 0; i < TQUIC_SESS_VERSIONS; i++) {
		tquic_sess_key_drop(&levels->initial_rx[i]);
		tquic_sess_key_drop(&levels->initial_tx[i]);
	}
}

/**
 * tquic_sess_key_at - where the keys of packets that are no Initial ones are
 * @sess: session
 * @type: packet type
 * @tx: to seal, not to open
 *
 * Return: NULL where there are none any more, and never were.
 */
struct tquic_sess_key *tquic_sess_key_at(struct tquic_sess *sess,
					 enum tquic_pkt_type type, bool tx)
{
	struct tquic_sess_levels *levels = sess->levels;

	if (type == TQUIC_PKT_1RTT)
		return tx ? &sess->tx : &sess->rx;
	if (!levels || type >= ARRAY_SIZE(levels->rx))
		return NULL;
	return tx ? &levels->tx[type] : &levels->rx[type];
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
	err = tquic_sess_key_make(&sess->levels->initial_rx[no],
				  sess->core->server ? &client : &server);
	if (!err)
		err = tquic_sess_key_make(&sess->levels->initial_tx[no],
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
	/* without levels it is too late */
	if (!sess->levels || (!tquic_keys_initial(sess, TQUIC_VERSION_1) &&
			      !tquic_keys_initial(sess, TQUIC_VERSION_2)))
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

static bool tquic_keys_until(struct tquic_sess_key *gens, u32 *top, u32 gen)
{
	/* generation 0 is not there yet */
	if (!gens[*top % TQUIC_SESS_GENS].key)
		return true;
	while (*top < gen)
		if (tquic_keys_next(gens, top))
			return false;
	return true;
}

/* Derives the generations that are needed, or may be soon. */
void tquic_sess_keys_review(struct tquic_sess *sess)
{
	const struct tquic_keys *keys = &sess->core->keys;

	sess->gens_due = !tquic_keys_until(sess->rx_gens, &sess->rx_top,
					   keys->rx + 1) ||
			 !tquic_keys_until(sess->tx_gens, &sess->tx_top,
					   keys->tx);
	sess->core->events &= ~TQUIC_CONN_E_PHASE;
}

/* Forgets the levels of @types; all of them are gone with the last. */
static void tquic_keys_drop(struct tquic_sess *sess, u8 types)
{
	const u8 handshake = BIT(TQUIC_PKT_INITIAL) | BIT(TQUIC_PKT_HANDSHAKE);
	struct tquic_sess_levels *levels = sess->levels;
	unsigned int i;

	if (!levels)
		return;
	if (types & BIT(TQUIC_PKT_INITIAL))
		tquic_keys_drop_initial(levels);
	for (i = 0; i < ARRAY_SIZE(levels->rx); i++) {
		if (!(types & BIT(i)))
			continue;
		tquic_sess_key_drop(&levels->rx[i]);
		tquic_sess_key_drop(&levels->tx[i]);
	}
	if ((types & handshake) != handshake ||
	    levels->rx[TQUIC_PKT_0RTT].hp || levels->tx[TQUIC_PKT_0RTT].hp)
		return;
	kfree_sensitive(levels);
	sess->levels = NULL;
}

/* Forgets what the core needs no more. */
void tquic_sess_keys_dropped(struct tquic_sess *sess)
{
	tquic_keys_drop(sess, sess->core->dropped_keys);
	sess->core->events &= ~TQUIC_CONN_E_KEYS;
}

void tquic_sess_keys_free(struct tquic_sess *sess)
{
	unsigned int i;

	tquic_keys_drop(sess, U8_MAX);
	tquic_sess_key_drop(&sess->rx);
	tquic_sess_key_drop(&sess->tx);
	for (i = 0; i < TQUIC_SESS_GENS; i++) {
		tquic_sess_key_drop(&sess->rx_gens[i]);
		tquic_sess_key_drop(&sess->tx_gens[i]);
	}
}

/* Whose header protection a packet has; NULL without keys. */
struct tquic_sess_key *tquic_sess_rx_hp(struct tquic_sess *sess,
					enum tquic_pkt_type type, u32 version)
{
	struct tquic_sess_key *key = tquic_sess_key_at(sess, type, false);

	if (key && type == TQUIC_PKT_INITIAL)
		key = &sess->levels->initial_rx[tquic_sess_version_no(version)];
	return key && key->hp ? key : NULL;
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
	struct tquic_sess_key *hp = tquic_sess_key_at(sess, pkt->type, true);
	struct tquic_sess_key *key;

	*out = (struct tquic_xmit_pkt){};
	if (hp && pkt->type == TQUIC_PKT_INITIAL)
		hp = sess->levels->initial_tx +
		     tquic_sess_version_no(pkt->version);
	key = hp;
	if (pkt->type == TQUIC_PKT_1RTT) {
		/* the plan may have begun with the next one */
		if (pkt->gen > sess->tx_top)
			tquic_sess_keys_review(sess);
		if (pkt->gen > sess->tx_top ||
		    pkt->gen + TQUIC_SESS_GENS <= sess->tx_top)
			return;
		key = &sess->tx_gens[pkt->gen % TQUIC_SESS_GENS];
	}
	if (!hp || !key->key || !hp->hp)
		return;
	out->key = tquic_aead_key_get(key->key);
	out->hp = tquic_hp_key_get(hp->hp);
}
