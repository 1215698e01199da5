// SPDX-License-Identifier: GPL-2.0
/*
 * Tokens that travel: the one that a client puts into its Initial packets, and
 * those of NEW_TOKEN frames (RFC 9000 sections 8.1.3 and 19.7).
 */
#include "conn_build.h"

/**
 * tquic_conn_set_token - what the Initial packets of a client carry
 * @conn: connection
 * @token: token; copied
 * @len: bytes of it; a token too long to be carried is left out
 * @gfp: allocation flags
 *
 * Return: 0 or -ENOMEM, with the old one kept.
 */
int tquic_conn_set_token(struct tquic_conn *conn, const u8 *token, u32 len,
			 gfp_t gfp)
{
	u8 *copy = NULL;

	if (len > TQUIC_TOKEN_MAX)
		len = 0;
	if (len) {
		copy = kmemdup(token, len, gfp);
		if (!copy)
			return -ENOMEM;
	}
	kfree(conn->token);
	conn->token = copy;
	conn->token_len = len;
	return 0;
}

void tquic_conn_free_tokens(struct tquic_conn *conn)
{
	unsigned int i;

	kfree(conn->token);
	conn->token = NULL;
	for (i = 0; i < TQUIC_CONN_TOKENS; i++) {
		kfree(conn->tokens[i]);
		conn->tokens[i] = NULL;
	}
}

static struct tquic_conn_token *tquic_conn_store(struct tquic_conn *conn,
						 const u8 *token, u32 len,
						 gfp_t gfp)
{
	struct tquic_conn_token *t = kmalloc(struct_size(t, data, len), gfp);

	if (!t)
		return NULL;
	t->serial = conn->token_serial++;
	t->waits = conn->server;
	t->len = len;
	memcpy(t->data, token, len);
	return t;
}

static struct tquic_conn_token **tquic_conn_token_slot(struct tquic_conn *conn)
{
	unsigned int i;

	for (i = 0; i < TQUIC_CONN_TOKENS; i++)
		if (!conn->tokens[i])
			return &conn->tokens[i];
	return NULL;
}

/**
 * tquic_conn_send_token - give the client a token for its next connection
 * @conn: connection of a server
 * @token: token; copied, and sent until it has arrived
 * @len: bytes of it, at most TQUIC_TOKEN_MAX
 * @gfp: allocation flags
 *
 * Return: 0; -EINVAL; -ENOTCONN before the handshake is confirmed; -EAGAIN
 * while TQUIC_CONN_TOKENS have not arrived; -ENOMEM.
 */
int tquic_conn_send_token(struct tquic_conn *conn, const u8 *token, u32 len,
			  gfp_t gfp)
{
	struct tquic_conn_token **slot = tquic_conn_token_slot(conn);

	if (!conn->server || !len || len > TQUIC_TOKEN_MAX)
		return -EINVAL;
	if (!conn->confirmed || conn->state != TQUIC_CONN_ESTABLISHED)
		return -ENOTCONN;
	if (!slot)
		return -EAGAIN;
	*slot = tquic_conn_store(conn, token, len, gfp);
	if (!*slot)
		return -ENOMEM;
	conn->control |= TQUIC_CONN_C_TOKEN;
	return 0;
}

static struct tquic_conn_token **tquic_conn_token_find(struct tquic_conn *conn,
						       u64 serial)
{
	unsigned int i;

	for (i = 0; i < TQUIC_CONN_TOKENS; i++)
		if (conn->tokens[i] && conn->tokens[i]->serial == serial)
			return &conn->tokens[i];
	return NULL;
}

/* A packet with a NEW_TOKEN frame was acknowledged. */
void tquic_conn_token_acked(struct tquic_conn *conn, u64 serial)
{
	struct tquic_conn_token **slot = tquic_conn_token_find(conn, serial);

	if (!slot)
		return;
	kfree(*slot);
	*slot = NULL;
}

/* It was lost. */
void tquic_conn_token_lost(struct tquic_conn *conn, u64 serial)
{
	struct tquic_conn_token **slot = tquic_conn_token_find(conn, serial);

	if (!slot)
		return;
	(*slot)->waits = true;
	conn->control |= TQUIC_CONN_C_TOKEN;
}

/* NEW_TOKEN frames that are due; TQUIC_CONN_C_TOKEN stays while some are. */
void tquic_ctl_tokens(struct tquic_build *b)
{
	struct tquic_frame f = { .type = TQUIC_FRAME_NEW_TOKEN };
	struct tquic_sent_rec rec = {
		.kind = TQUIC_SENT_CTL, .arg = TQUIC_CTL_TOKEN,
	};
	struct tquic_conn_token *t;
	unsigned int i;

	for (i = 0; i < TQUIC_CONN_TOKENS; i++) {
		t = b->conn->tokens[i];
		if (!t || !t->waits)
			continue;
		f.data = t->data;
		f.len = t->len;
		rec.off = t->serial;
		if (!tquic_build_frame(b, &f, &rec))
			return;
		t->waits = false;
	}
	b->conn->control &= ~TQUIC_CONN_C_TOKEN;
}

/**
 * tquic_conn_in_token - a NEW_TOKEN frame was received by a client
 * @conn: connection
 * @f: frame
 * @gfp: allocation flags
 *
 * What the application does not fetch is not kept beyond TQUIC_CONN_TOKENS.
 *
 * Return: 0 or -ENOMEM.
 */
int tquic_conn_in_token(struct tquic_conn *conn, const struct tquic_frame *f,
			gfp_t gfp)
{
	struct tquic_conn_token **slot = tquic_conn_token_slot(conn);
	const struct tquic_conn_token *t;
	unsigned int i;

	/* one that was sent twice: RFC 9000 section 19.7 */
	for (i = 0; i < TQUIC_CONN_TOKENS; i++) {
		t = conn->tokens[i];
		if (t && t->len == f->len && !memcmp(t->data, f->data, f->len))
			return 0;
	}
	if (!slot || f->len > TQUIC_TOKEN_MAX)
		return 0;
	*slot = tquic_conn_store(conn, f->data, f->len, gfp);
	if (!*slot)
		return -ENOMEM;
	conn->events |= TQUIC_CONN_E_TOKEN;
	return 0;
}

/**
 * tquic_conn_take_token - fetch a token for a later connection
 * @conn: connection of a client
 * @buf: where to; TQUIC_TOKEN_MAX bytes
 *
 * To be stored with the server's name and @conn->version, and used once.
 *
 * Return: bytes of it, 0 when there is none.
 */
u32 tquic_conn_take_token(struct tquic_conn *conn, u8 *buf)
{
	struct tquic_conn_token *t;
	unsigned int i;
	u32 len;

	for (i = 0; i < TQUIC_CONN_TOKENS && !conn->server; i++) {
		t = conn->tokens[i];
		if (!t)
			continue;
		len = t->len;
		memcpy(buf, t->data, len);
		kfree(t);
		conn->tokens[i] = NULL;
		return len;
	}
	conn->events &= ~TQUIC_CONN_E_TOKEN;
	return 0;
}
