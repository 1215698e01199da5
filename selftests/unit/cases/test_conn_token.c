// SPDX-License-Identifier: GPL-2.0
/* NEW_TOKEN: RFC 9000 sections 8.1.3 and 19.7. */
#include "lib_listen.h"
#include "tap.h"

static struct lp lp;

static const struct lp_config plain = {
	.window = 1 << 20, .max_path_id = U64_MAX,
};

static void start(void)
{
	ll_start(&lp, &plain, false);
	TQ_ASSERT(lp_handshake(&lp));
}

TQ_TEST(rfc9000_8_1_3_token_spares_the_next_connection_a_retry)
{
	struct tquic_token token = {
		.kind = TQUIC_TOKEN_NEW, .version = TQUIC_VERSION_1,
	};
	struct lp_config config = plain;
	u8 sealed[TQUIC_TOKEN_PLAIN_MAX], got[TQUIC_TOKEN_MAX];
	struct tquic_tuple tuple;
	u32 len;

	start();
	lp_tuple(&lp, 1, 0, &tuple);
	memcpy(token.addr, tuple.remote, sizeof(token.addr));
	len = ll_token(&token, sealed);
	TQ_EXPECT_EQ(tquic_conn_send_token(lp.end[1].conn, sealed, len,
					   GFP_KERNEL), 0);
	lp_run(&lp, 50 * LP_MS);
	TQ_EXPECT(lp.end[0].conn->events & TQUIC_CONN_E_TOKEN);
	TQ_EXPECT_EQ(tquic_conn_take_token(lp.end[0].conn, got), len);
	TQ_EXPECT_MEM_EQ(got, sealed, len);
	TQ_EXPECT_EQ(tquic_conn_take_token(lp.end[0].conn, got), 0);
	TQ_EXPECT(!(lp.end[0].conn->events & TQUIC_CONN_E_TOKEN));
	lp_stop(&lp);

	config.token = sealed;
	config.token_len = len;
	ll_start(&lp, &config, true);
	TQ_EXPECT(lp_handshake(&lp));
	TQ_EXPECT_EQ(ll.retries, 0);
	TQ_EXPECT(lp.end[1].conn->config.validated);
	lp_stop(&lp);

	/* one that is of no use does no harm */
	sealed[1]++;
	ll_start(&lp, &config, true);
	TQ_EXPECT(lp_handshake(&lp));
	TQ_EXPECT_EQ(ll.retries, 1);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_13_3_new_token_survives_loss)
{
	u8 token[TQUIC_CONN_TOKENS][20], got[TQUIC_TOKEN_MAX];
	unsigned int round, i, j;

	for (round = 0; round < 10; round++) {
		bool seen[TQUIC_CONN_TOKENS] = {};

		tq_note("round %u", round);
		start();
		lp.link[0].loss = 400;
		for (i = 0; i < TQUIC_CONN_TOKENS; i++) {
			memset(token[i], 'a' + i, sizeof(token[i]));
			TQ_EXPECT_EQ(tquic_conn_send_token(lp.end[1].conn,
							   token[i], 20,
							   GFP_KERNEL), 0);
		}
		TQ_EXPECT_EQ(tquic_conn_send_token(lp.end[1].conn, token[0],
						   1, GFP_KERNEL), -EAGAIN);
		lp_run(&lp, 10 * TQUIC_NS_PER_SEC);
		for (i = 0; i < TQUIC_CONN_TOKENS; i++) {
			TQ_EXPECT_EQ(tquic_conn_take_token(lp.end[0].conn,
							   got), 20);
			for (j = 0; j < TQUIC_CONN_TOKENS; j++)
				seen[j] |= !memcmp(token[j], got, 20);
		}
		for (j = 0; j < TQUIC_CONN_TOKENS; j++)
			TQ_EXPECT(seen[j]);
		/* once, and there is room for more */
		TQ_EXPECT_EQ(tquic_conn_take_token(lp.end[0].conn, got), 0);
		TQ_EXPECT_EQ(tquic_conn_send_token(lp.end[1].conn, token[0],
						   1, GFP_KERNEL), 0);
		lp_stop(&lp);
	}
}

TQ_TEST(rfc9000_19_7_only_servers_send_tokens)
{
	static const u8 token[TQUIC_TOKEN_MAX + 1] = { 1 };
	struct tquic_frame f = {
		.type = TQUIC_FRAME_NEW_TOKEN, .data = token, .len = 1,
	};

	start();
	TQ_EXPECT_EQ(tquic_conn_send_token(lp.end[0].conn, token, 1,
					   GFP_KERNEL), -EINVAL);
	TQ_EXPECT_EQ(tquic_conn_send_token(lp.end[1].conn, token, 0,
					   GFP_KERNEL), -EINVAL);
	TQ_EXPECT_EQ(tquic_conn_send_token(lp.end[1].conn, token,
					   sizeof(token), GFP_KERNEL), -EINVAL);
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, &f, 1), TQUIC_DROP_PROTOCOL);
	TQ_EXPECT_EQ(lp.end[1].conn->close.code, TQUIC_PROTOCOL_VIOLATION);
	TQ_EXPECT_EQ(tquic_conn_send_token(lp.end[1].conn, token, 1,
					   GFP_KERNEL), -ENOTCONN);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_19_7_tokens_nobody_takes_are_bounded)
{
	u8 token[TQUIC_TOKEN_MAX + 1] = {}, got[TQUIC_TOKEN_MAX];
	struct tquic_frame f = {
		.type = TQUIC_FRAME_NEW_TOKEN, .data = token, .len = 8,
	};
	unsigned int i;

	start();
	/* the same again is the same */
	for (i = 0; i < 3; i++)
		TQ_EXPECT_EQ(lp_inject(&lp, 0, 0, &f, 1), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(tquic_conn_take_token(lp.end[0].conn, got), 8);
	TQ_EXPECT_EQ(tquic_conn_take_token(lp.end[0].conn, got), 0);
	for (i = 0; i < 100; i++) {
		token[0] = i;
		TQ_EXPECT_EQ(lp_inject(&lp, 0, 0, &f, 1), TQUIC_DROP_NONE);
	}
	for (i = 0; tquic_conn_take_token(lp.end[0].conn, got); i++)
		TQ_EXPECT_EQ(got[0], i);
	TQ_EXPECT_EQ(i, TQUIC_CONN_TOKENS);
	/* one that is too long to be brought back */
	f.len = sizeof(token);
	TQ_EXPECT_EQ(lp_inject(&lp, 0, 0, &f, 1), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(tquic_conn_take_token(lp.end[0].conn, got), 0);
	lp_stop(&lp);
}

/* a token that is too long for a packet is not sent, but does not stop us */
TQ_TEST(conn_token_too_long_is_left_out)
{
	static const u8 token[TQUIC_TOKEN_MAX + 1] = { 1 };
	struct lp_config config = plain;

	config.token = token;
	config.token_len = sizeof(token);
	ll_start(&lp, &config, false);
	TQ_EXPECT_EQ(lp.end[0].conn->token_len, 0);
	TQ_EXPECT(lp_handshake(&lp));
	lp_stop(&lp);
}

TQ_OOM_TEST(conn_token_without_memory)
{
	struct tquic_cid odcid = { .len = 8 };
	static const u8 token[8] = { 1 };
	struct tquic_frame f = {
		.type = TQUIC_FRAME_NEW_TOKEN, .data = token, .len = 8,
	};
	struct tquic_conn *client, *server = NULL;
	int err = -ENOMEM;

	lp = (struct lp){ .now = 1 };
	client = lp_make(&lp, &plain, 0, &odcid);
	if (client)
		server = lp_make(&lp, &plain, 1, &odcid);
	if (server) {
		client->state = TQUIC_CONN_ESTABLISHED;
		client->tls_done = true;
		server->state = TQUIC_CONN_ESTABLISHED;
		server->confirmed = true;
		err = tquic_conn_send_token(server, token, 8, GFP_KERNEL);
		if (lp_inject(&lp, 0, 0, &f, 1))
			err = -ENOMEM;
	}
	lp_stop(&lp);
	return err;
}
