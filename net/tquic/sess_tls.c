// SPDX-License-Identifier: GPL-2.0
/* What a session is told by TLS, and tells it: called by the handshake file. */
#include <linux/export.h>
#include <linux/tquic.h>

#include "hs.h"
#include "sess_priv.h"

/* Keys of 0-RTT packets go with the client's first version: RFC 9369 4.1. */
static u32 tquic_tls_version(const struct tquic_conn *core,
			     enum tquic_pkt_type type)
{
	return type == TQUIC_PKT_0RTT ? core->first_version : core->version;
}

static bool tquic_tls_over(const struct tquic_sess *sess)
{
	return sess->dead || sess->core->state > TQUIC_CONN_ESTABLISHED;
}

/**
 * tquic_sess_hs_crypto - handshake bytes for the peer
 * @sess: session
 * @type: level, as the packet type that carries it
 * @data: bytes
 * @len: how many
 *
 * Context: process context.
 * Return: 0; -EPIPE when it is too late for that level; -ENOMEM.
 */
int tquic_sess_hs_crypto(struct tquic_sess *sess, enum tquic_pkt_type type,
			 const void *data, u32 len)
{
	void *handle;
	int err;
	u32 pos;

	handle = tquic_buf_copy(data, len, &pos, GFP_KERNEL);
	if (!handle)
		return -ENOMEM;
	tquic_sess_lock(sess);
	err = tquic_tls_over(sess) ? -EPIPE :
	      tquic_conn_crypto_write(sess->core, type, handle, pos, len,
				      GFP_KERNEL);
	tquic_sess_unlock(sess);
	tquic_buf_put(handle);
	return err;
}
EXPORT_SYMBOL_GPL(tquic_sess_hs_crypto);

/* Generation 0 of 1-RTT keys; their header protection stays with @from. */
static void tquic_tls_first_gen(struct tquic_sess_key *gen,
				struct tquic_sess_key *from)
{
	tquic_sess_key_drop(gen);
	gen->secret = from->secret;
	gen->key = from->key;
	tquic_aead_secret_clear(&from->secret);
	from->key = NULL;
}

/*
 * A server's answer to early data shows in its keys: it derives those for 0-RTT
 * packets before all others, or not at all.
 */
static void tquic_tls_rx(struct tquic_sess *sess, enum tquic_pkt_type type,
			 u64 now)
{
	struct tquic_conn *core = sess->core;

	if (type == TQUIC_PKT_1RTT)
		tquic_tls_first_gen(&sess->rx_gens[0], &sess->rx);
	if (core->server && type == TQUIC_PKT_0RTT &&
	    core->early_data == TQUIC_EARLY_NONE)
		tquic_conn_early_result(core, true);
	if (core->server && type == TQUIC_PKT_HANDSHAKE &&
	    !sess->levels->rx[TQUIC_PKT_0RTT].key)
		tquic_conn_early_result(core, false);
	/* RFC 9001 section 4.1.3: nothing is left of the first flight */
	if (type == TQUIC_PKT_HANDSHAKE)
		tquic_conn_read_level(core, type, now);
	set_bit(TQUIC_SESS_F_REPLAY, &sess->flags);
}

static void tquic_tls_tx(struct tquic_sess *sess, enum tquic_pkt_type type)
{
	const struct tquic_aead_suite *suite = sess->tx.secret.suite;

	if (type == TQUIC_PKT_1RTT) {
		tquic_tls_first_gen(&sess->tx_gens[0], &sess->tx);
		tquic_conn_aead_limits(sess->core, suite->seal_limit,
				       suite->open_limit);
	}
	tquic_conn_keys(sess->core, type);
}

static int tquic_tls_secret(struct tquic_sess *sess, enum tquic_pkt_type type,
			    bool tx, u16 suite, const u8 *secret, u32 len)
{
	struct tquic_sess_key *key = tquic_sess_key_at(sess, type, tx);
	struct tquic_aead_secret from;
	int err;

	/* all of them were dropped, or it is too late for early data */
	if (!key)
		return -EPIPE;
	if (key->hp)
		return -EALREADY;
	err = tquic_aead_secret_init(&from, tquic_tls_version(sess->core, type),
				     suite, secret, len);
	if (err)
		return err;
	err = tquic_sess_key_make(key, &from);
	tquic_aead_secret_clear(&from);
	if (err)
		return err;
	if (tx)
		tquic_tls_tx(sess, type);
	else
		tquic_tls_rx(sess, type, ktime_get_ns());
	if (type == TQUIC_PKT_1RTT)
		tquic_sess_keys_review(sess);
	return 0;
}

/**
 * tquic_sess_hs_secret - TLS has a traffic secret
 * @sess: session
 * @type: packets that it is for
 * @tx: those that we send
 * @suite: TLS code point
 * @secret: secret
 * @len: bytes of it
 *
 * Context: process context.
 * Return: 0; -EINVAL for Initial packets, an unknown suite or a wrong length;
 * -EALREADY; -EPIPE when the connection has ended; -ENOMEM.
 */
int tquic_sess_hs_secret(struct tquic_sess *sess, enum tquic_pkt_type type,
			 bool tx, u16 suite, const u8 *secret, u32 len)
{
	int err;

	if (type != TQUIC_PKT_0RTT && type != TQUIC_PKT_HANDSHAKE &&
	    type != TQUIC_PKT_1RTT)
		return -EINVAL;
	tquic_sess_lock(sess);
	if (tquic_tls_over(sess) || sess->core->dropped_keys & BIT(type))
		err = -EPIPE;
	else if (tx && type == TQUIC_PKT_0RTT &&
		 sess->core->early_data != TQUIC_EARLY_OFFERED)
		/* see tquic_sess_hs_remembered(): there is none */
		err = 0;
	else
		err = tquic_tls_secret(sess, type, tx, suite, secret, len);
	tquic_sess_unlock(sess);
	if (!err && !tx)
		tquic_sess_kick(sess);
	return err;
}
EXPORT_SYMBOL_GPL(tquic_sess_hs_secret);

/**
 * tquic_sess_hs_tparams - TLS has the peer's transport parameters
 * @sess: session
 * @data: extension
 * @len: bytes of it
 *
 * Context: process context.
 * Return: 0; -EPROTO with the connection closing; -EPIPE when it has ended.
 */
int tquic_sess_hs_tparams(struct tquic_sess *sess, const void *data, u32 len)
{
	int err = -EPIPE;

	tquic_sess_lock(sess);
	if (!tquic_tls_over(sess))
		err = tquic_conn_peer_tparams(sess->core, data, len,
					      ktime_get_ns(), GFP_KERNEL);
	tquic_sess_unlock(sess);
	return err;
}
EXPORT_SYMBOL_GPL(tquic_sess_hs_tparams);

/**
 * tquic_sess_hs_remembered - client: a session is resumed, with early data
 * @sess: session
 * @data: transport parameters of the server then
 * @len: bytes of them
 *
 * Context: process context.
 * Return: 0; -EPROTO; -EINVAL when it is too late; -EOPNOTSUPP when the user
 * does not want early data.
 */
int tquic_sess_hs_remembered(struct tquic_sess *sess, const void *data,
			     u32 len)
{
	struct tquic_close close;
	struct tquic_tparams tp;
	int err;

	if (!sess->config.early)
		return -EOPNOTSUPP;
	err = tquic_tparam_parse(&tp, data, len, true, &close);
	if (err)
		return err;
	tquic_sess_lock(sess);
	/* with a slow agent the server may have answered: then without */
	if (sess->core->heard)
		err = 0;
	else
		err = sess->dead ? -EINVAL :
				   tquic_conn_early_start(sess->core, &tp);
	if (sess->core->early_data == TQUIC_EARLY_OFFERED && sess->ops &&
	    sess->ops->early)
		sess->ops->early(sess);
	tquic_sess_unlock(sess);
	return err;
}
EXPORT_SYMBOL_GPL(tquic_sess_hs_remembered);

/**
 * tquic_sess_hs_early - TLS knows what becomes of early data
 * @sess: session
 * @accepted: whether the server takes it
 *
 * Context: process context.
 */
void tquic_sess_hs_early(struct tquic_sess *sess, bool accepted)
{
	tquic_sess_lock(sess);
	if (!tquic_tls_over(sess))
		tquic_conn_early_result(sess->core, accepted);
	tquic_sess_unlock(sess);
}
EXPORT_SYMBOL_GPL(tquic_sess_hs_early);

/**
 * tquic_sess_hs_finished - TLS has finished
 * @sess: session
 *
 * Context: process context.
 */
void tquic_sess_hs_finished(struct tquic_sess *sess)
{
	u64 now = ktime_get_ns();

	tquic_sess_lock(sess);
	if (!tquic_tls_over(sess)) {
		tquic_conn_tls_done(sess->core, now);
		/* RFC 9001 section 5.7: now they may be opened */
		set_bit(TQUIC_SESS_F_REPLAY, &sess->flags);
	}
	tquic_sess_unlock(sess);
	tquic_sess_kick(sess);
}
EXPORT_SYMBOL_GPL(tquic_sess_hs_finished);

void tquic_sess_hs_cork(struct tquic_sess *sess, bool on)
{
	tquic_sess_lock(sess);
	sess->corked = on;
	tquic_sess_unlock(sess);
}
EXPORT_SYMBOL_GPL(tquic_sess_hs_cork);

/**
 * tquic_sess_hs_end - the handshake is over
 * @sess: session
 * @err: 0, or -errno for the user
 * @alert: TLS alert to be sent, 0 for none
 * @text: what went wrong, or NULL
 *
 * Context: process context.
 */
void tquic_sess_hs_end(struct tquic_sess *sess, int err, u8 alert,
		       const char *text)
{
	u64 code = alert ? TQUIC_CRYPTO_ERROR + alert : TQUIC_INTERNAL_ERROR;

	if (!err)
		return;
	tquic_sess_lock(sess);
	sess->corked = false;
	if (!tquic_tls_over(sess) && !sess->core->tls_done) {
		sess->err = err;
		sess->alert = alert;
		if (text)
			strscpy(sess->error, text, sizeof(sess->error));
		tquic_conn_close(sess->core, code, false, "handshake failed",
				 ktime_get_ns());
	}
	tquic_sess_unlock(sess);
}
EXPORT_SYMBOL_GPL(tquic_sess_hs_end);

/**
 * tquic_sess_hs_identity - whom the peer proved to be
 * @sess: session
 * @text: that, not terminated
 * @len: bytes of it; more than TQUIC_IDENTITY_MAX are left out
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int tquic_sess_hs_identity(struct tquic_sess *sess, const void *text, u32 len)
{
	char *identity;

	len = min_t(u32, len, TQUIC_IDENTITY_MAX);
	identity = kmalloc(len + 1, GFP_KERNEL);
	if (!identity)
		return -ENOMEM;
	tquic_hs_text(identity, len + 1, text, len);
	tquic_sess_lock(sess);
	kfree(sess->identity);
	sess->identity = identity;
	tquic_sess_unlock(sess);
	return 0;
}

/**
 * tquic_sess_hs_announce - our transport parameters
 * @sess: session
 * @buf: where to
 * @room: bytes at @buf
 *
 * A server's are complete once the client's are known: the version, for one.
 *
 * Context: process context.
 * Return: bytes, or -ENOSPC.
 */
int tquic_sess_hs_announce(struct tquic_sess *sess, u8 *buf, u32 room)
{
	struct tquic_wr wr = tquic_wr_init(buf, room);
	int err;

	tquic_sess_lock(sess);
	err = tquic_tparam_build(&wr, &sess->core->ours, sess->core->server);
	tquic_sess_unlock(sess);
	return err ? -ENOSPC : wr.ptr - buf;
}
EXPORT_SYMBOL_GPL(tquic_sess_hs_announce);

static u32 tquic_tls_take(struct tquic_conn *core, enum tquic_pkt_type type,
			  u8 *buf, u32 room)
{
	struct tquic_reasm *in = tquic_conn_crypto_in(core, type);
	const struct tquic_reasm_seg *seg;
	u32 len, got = 0;

	while (got < room && tquic_reasm_readable(in)) {
		seg = tquic_reasm_peek(in);
		if (!seg)
			break;
		len = min(seg->len, room - got);
		if (tquic_buf_read(seg->handle, seg->pos, buf + got, len))
			break;
		tquic_reasm_consume(in, len);
		got += len;
	}
	return got;
}

/**
 * tquic_sess_hs_read - handshake bytes of the peer
 * @sess: session
 * @type: answer: level, as the packet type that carries it
 * @buf: where to
 * @room: bytes at @buf
 *
 * Context: process context.
 * Return: bytes, all of one level; 0 when there are none.
 */
u32 tquic_sess_hs_read(struct tquic_sess *sess, enum tquic_pkt_type *type,
		       u8 *buf, u32 room)
{
	static const enum tquic_pkt_type types[] = {
		TQUIC_PKT_INITIAL, TQUIC_PKT_HANDSHAKE, TQUIC_PKT_1RTT,
	};
	unsigned int i;
	u32 got = 0;

	tquic_sess_lock(sess);
	for (i = 0; i < ARRAY_SIZE(types) && !got; i++) {
		*type = types[i];
		got = tquic_tls_take(sess->core, types[i], buf, room);
	}
	tquic_sess_unlock(sess);
	return got;
}
EXPORT_SYMBOL_GPL(tquic_sess_hs_read);
