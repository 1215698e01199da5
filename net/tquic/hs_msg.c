// SPDX-License-Identifier: GPL-2.0
/*
 * What the agent tells by the messages that it writes into the file.
 */
#include <linux/ctype.h>
#include <linux/string.h>
#include <linux/tquic_hs.h>

#include "sess.h"

#define TQUIC_HS_SUITE_FIRST	0x1301	/* RFC 8446 appendix B.4 */
#define TQUIC_HS_SUITE_SHA384	0x1302
#define TQUIC_HS_SUITE_LAST	0x1303

static const enum tquic_pkt_type tquic_hs_msg_types[] = {
	[TQUIC_HS_INITIAL] = TQUIC_PKT_INITIAL,
	[TQUIC_HS_EARLY] = TQUIC_PKT_0RTT,
	[TQUIC_HS_HANDSHAKE] = TQUIC_PKT_HANDSHAKE,
	[TQUIC_HS_APPLICATION] = TQUIC_PKT_1RTT,
};

/**
 * tquic_hs_text - take text over that a peer may have made up
 * @to: where to, terminated
 * @size: room there
 * @from: text, not terminated
 * @len: bytes
 *
 * What would play with a terminal becomes '?'.
 */
void tquic_hs_text(char *to, size_t size, const void *from, size_t len)
{
	const char *text = from;
	size_t i;

	len = min(len, size - 1);
	for (i = 0; i < len; i++)
		to[i] = iscntrl(text[i]) ? '?' : text[i];
	to[len] = 0;
}

static int tquic_hs_msg_crypto(struct tquic_sess *sess,
			       const struct tquic_hs_msg *msg, const void *data)
{
	/* RFC 9001 section 8.3: there is no EndOfEarlyData */
	if (msg->level == TQUIC_HS_EARLY || !msg->len)
		return -EINVAL;
	return tquic_sess_hs_crypto(sess, tquic_hs_msg_types[msg->level], data,
				    msg->len);
}

static int tquic_hs_msg_secret(struct tquic_sess *sess,
			       const struct tquic_hs_msg *msg, const void *data)
{
	const struct tquic_hs_secret *secret = data;

	if (msg->len != sizeof(*secret) || msg->level == TQUIC_HS_INITIAL ||
	    secret->dir > TQUIC_HS_TX ||
	    secret->suite < TQUIC_HS_SUITE_FIRST ||
	    secret->suite > TQUIC_HS_SUITE_LAST ||
	    secret->len != (secret->suite == TQUIC_HS_SUITE_SHA384 ? 48 : 32))
		return -EINVAL;
	return tquic_sess_hs_secret(sess, tquic_hs_msg_types[msg->level],
				    secret->dir == TQUIC_HS_TX, secret->suite,
				    secret->secret, secret->len);
}

static int tquic_hs_msg_early(struct tquic_sess *sess,
			      const struct tquic_hs_msg *msg, const void *data)
{
	const u8 *accepted = data;

	if (msg->len != 1 || *accepted > 1)
		return -EINVAL;
	tquic_sess_hs_early(sess, *accepted);
	return 0;
}

/* Ends the handshake, and is no error of whoever writes it. */
static int tquic_hs_msg_alert(struct tquic_hs *hs,
			      const struct tquic_hs_msg *msg, const void *data)
{
	char text[sizeof_field(struct tquic_sess, error)];
	const u8 *alert = data;

	if (!msg->len)
		return -EINVAL;
	tquic_hs_text(text, sizeof(text), alert + 1, msg->len - 1);
	tquic_hs_fail(hs, tquic_hs_errno(*alert), *alert, text);
	return 0;
}

static int tquic_hs_msg_alpn(struct tquic_sess *sess,
			     const struct tquic_hs_msg *msg, const void *data)
{
	if (!msg->len || msg->len >= sizeof(sess->alpn))
		return -EINVAL;
	tquic_sess_lock(sess);
	memset(sess->alpn, 0, sizeof(sess->alpn));
	memcpy(sess->alpn, data, msg->len);
	tquic_sess_unlock(sess);
	return 0;
}

static int tquic_hs_msg_identity(struct tquic_sess *sess,
				 const struct tquic_hs_msg *msg,
				 const void *data)
{
	return tquic_sess_hs_identity(sess, data, msg->len);
}

static int tquic_hs_msg_resumed(struct tquic_sess *sess,
				const struct tquic_hs_msg *msg)
{
	if (msg->len)
		return -EINVAL;
	set_bit(TQUIC_SESS_F_RESUMED, &sess->flags);
	return 0;
}

static int tquic_hs_msg_finished(struct tquic_hs *hs, struct tquic_sess *sess,
				 const struct tquic_hs_msg *msg)
{
	if (msg->len)
		return -EINVAL;
	tquic_hs_finish(hs);
	tquic_sess_hs_finished(sess);
	return 0;
}

/**
 * tquic_hs_msg_act - do what a message says
 * @hs: handshake
 * @sess: its session
 * @msg: head of the message
 * @data: what follows, @msg->len bytes, aligned as kmalloc() does
 *
 * Context: process, @hs->io held.
 * Return: 0, or -errno when the handshake cannot go on.
 */
int tquic_hs_msg_act(struct tquic_hs *hs, struct tquic_sess *sess,
		     const struct tquic_hs_msg *msg, const void *data)
{
	if (msg->flags || msg->level > TQUIC_HS_APPLICATION)
		return -EINVAL;
	if (test_bit(TQUIC_HS_F_FINISHED, &hs->flags) &&
	    msg->type != TQUIC_HS_CRYPTO)
		return -EINVAL;
	switch (msg->type) {
	case TQUIC_HS_CRYPTO:
		return tquic_hs_msg_crypto(sess, msg, data);
	case TQUIC_HS_SECRET:
		return tquic_hs_msg_secret(sess, msg, data);
	case TQUIC_HS_TPARAMS:
		return tquic_sess_hs_tparams(sess, data, msg->len);
	case TQUIC_HS_REMEMBERED:
		return tquic_sess_hs_remembered(sess, data, msg->len);
	case TQUIC_HS_EARLY_RESULT:
		return tquic_hs_msg_early(sess, msg, data);
	case TQUIC_HS_ALERT:
		return tquic_hs_msg_alert(hs, msg, data);
	case TQUIC_HS_ALPN:
		return tquic_hs_msg_alpn(sess, msg, data);
	case TQUIC_HS_IDENTITY:
		return tquic_hs_msg_identity(sess, msg, data);
	case TQUIC_HS_RESUMED:
		return tquic_hs_msg_resumed(sess, msg);
	case TQUIC_HS_FINISHED:
		return tquic_hs_msg_finished(hs, sess, msg);
	default:
		return -EINVAL;
	}
}
