// SPDX-License-Identifier: GPL-2.0
/*
 * A handshake in the shape of TLS 1.3: the same levels, the same order of
 * secrets and transport parameters, and nothing secret about it.
 *
 *   client                          server
 *   Initial: parameters     -->
 *                           <--     Initial: 64 bytes
 *                           <--     Handshake: parameters
 *   Handshake: 32 bytes     -->
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/slab.h>

#include "test.h"

#define ST_MSG_MAX	2048
#define ST_HELLO	64
#define ST_FINISHED	32
#define ST_SUITE	TQUIC_AES_128_GCM_SHA256

static int st_secret(struct st_end *end, enum tquic_pkt_type type, bool tx)
{
	u8 secret[32];

	memset(secret, type * 2 + (end->server == tx), sizeof(secret));
	return tquic_sess_hs_secret(end->sess, type, tx, ST_SUITE, secret,
				    sizeof(secret));
}

static int st_secrets(struct st_end *end, enum tquic_pkt_type type)
{
	return st_secret(end, type, true) ?: st_secret(end, type, false);
}

/* Transport parameters, their length in front. */
static int st_announce(struct st_end *end, enum tquic_pkt_type type)
{
	u8 *msg = kzalloc(ST_MSG_MAX, GFP_KERNEL);
	int len, err = -ENOMEM;

	if (!msg)
		return err;
	len = tquic_sess_hs_announce(end->sess, msg + 2, ST_MSG_MAX - 2);
	if (len > 0) {
		put_unaligned_be16(len, msg);
		err = tquic_sess_hs_crypto(end->sess, type, msg, len + 2);
	}
	kfree(msg);
	return err;
}

static int st_fill(struct st_end *end, enum tquic_pkt_type type, u32 len)
{
	u8 msg[ST_HELLO] = {};

	return tquic_sess_hs_crypto(end->sess, type, msg, len);
}

static int st_server_hello(struct st_end *end)
{
	int err;

	tquic_sess_hs_cork(end->sess, true);
	err = st_fill(end, TQUIC_PKT_INITIAL, ST_HELLO) ?:
	      st_secrets(end, TQUIC_PKT_HANDSHAKE) ?:
	      st_announce(end, TQUIC_PKT_HANDSHAKE) ?:
	      st_secrets(end, TQUIC_PKT_1RTT);
	tquic_sess_hs_cork(end->sess, false);
	return err;
}

static int st_client_finish(struct st_end *end)
{
	int err;

	err = st_fill(end, TQUIC_PKT_HANDSHAKE, ST_FINISHED) ?:
	      st_secrets(end, TQUIC_PKT_1RTT);
	if (!err)
		tquic_sess_hs_finished(end->sess);
	return err;
}

/* A message has come: what follows from it. */
static int st_act(struct st_end *end, enum tquic_pkt_type type, const u8 *msg,
		  u32 len)
{
	int err;

	if (end->server && type == TQUIC_PKT_INITIAL) {
		err = tquic_sess_hs_tparams(end->sess, msg + 2, len - 2);
		return err ?: st_server_hello(end);
	}
	if (end->server && type == TQUIC_PKT_HANDSHAKE) {
		end->done = true;
		tquic_sess_hs_finished(end->sess);
		return 0;
	}
	if (type == TQUIC_PKT_INITIAL)
		return st_secrets(end, TQUIC_PKT_HANDSHAKE);
	err = tquic_sess_hs_tparams(end->sess, msg + 2, len - 2);
	if (!err)
		err = st_client_finish(end);
	end->done = !err;
	return err;
}

/**
 * st_fake_turn - go on with a handshake
 * @end: one end
 */
void st_fake_turn(struct st_end *end)
{
	enum tquic_pkt_type type;
	u32 len;
	u8 *msg;
	int err;

	if (end->done || end->failed)
		return;
	if (!end->server && !end->level++) {
		end->failed = st_announce(end, TQUIC_PKT_INITIAL);
		return;
	}
	msg = kmalloc(ST_MSG_MAX, GFP_KERNEL);
	if (!msg)
		return;
	/* each message fits in a datagram, so it comes as a whole */
	len = tquic_sess_hs_read(end->sess, &type, msg, ST_MSG_MAX);
	if (len) {
		err = st_act(end, type, msg, len);
		if (err) {
			pr_err("handshake of the %s: %d\n", end->server ?
			       "server" : "client", err);
			end->failed = true;
			tquic_sess_hs_end(end->sess, err, 80, "test");
		}
	}
	kfree(msg);
}
