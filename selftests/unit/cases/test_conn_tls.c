// SPDX-License-Identifier: GPL-2.0
/* The handshake's levels, IDs and tokens: RFC 9001 section 4, RFC 9000 7.2. */
#include "lib_listen.h"
#include "tap.h"

static struct lp lp;

static const struct lp_config plain = {
	.window = 1 << 20, .max_path_id = U64_MAX,
};

static const u8 bytes[100];

static enum tquic_drop inject_crypto(unsigned int to, enum tquic_pkt_type type,
				     u64 pn, u64 off, u32 len)
{
	struct tquic_frame f = {
		.type = TQUIC_FRAME_CRYPTO, .data = bytes, .len = len,
		.crypto = { .offset = off },
	};
	struct tquic_rx rx = { .type = type, .pn = pn };

	rx.scid = &lp.end[!to].conn_scid;
	return lp_inject_rx(&lp, to, &rx, &f, 1);
}

TQ_TEST(rfc9001_4_1_3_old_level_does_not_grow)
{
	struct tquic_conn *server;

	lp_start(&lp, &plain);
	server = lp.end[1].conn;
	TQ_EXPECT_EQ(inject_crypto(1, TQUIC_PKT_INITIAL, 0, 0, 5),
		     TQUIC_DROP_NONE);
	tquic_reasm_consume(tquic_conn_crypto_in(server, TQUIC_PKT_INITIAL),
			    5);
	TQ_EXPECT_EQ(tquic_conn_read_level(server, TQUIC_PKT_HANDSHAKE,
					   lp.now), 0);
	/* what was there before may come again */
	TQ_EXPECT_EQ(inject_crypto(1, TQUIC_PKT_INITIAL, 1, 0, 5),
		     TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(inject_crypto(1, TQUIC_PKT_INITIAL, 2, 1, 5),
		     TQUIC_DROP_PROTOCOL);
	TQ_EXPECT_EQ(server->close.code, TQUIC_PROTOCOL_VIOLATION);
	lp_stop(&lp);
}

TQ_TEST(rfc9001_4_1_3_unread_bytes_at_a_new_level)
{
	unsigned int ahead;

	/* in order, but not read; and behind a gap */
	for (ahead = 0; ahead < 2; ahead++) {
		struct tquic_conn *server;

		lp_start(&lp, &plain);
		server = lp.end[1].conn;
		TQ_EXPECT_EQ(inject_crypto(1, TQUIC_PKT_INITIAL, 0, ahead, 2),
			     TQUIC_DROP_NONE);
		TQ_EXPECT_EQ(tquic_conn_read_level(server, TQUIC_PKT_INITIAL,
						   lp.now), 0);
		TQ_EXPECT_EQ(tquic_conn_read_level(server, TQUIC_PKT_HANDSHAKE,
						   lp.now), -EPROTO);
		TQ_EXPECT_EQ(server->close.code, TQUIC_PROTOCOL_VIOLATION);
		lp_stop(&lp);
	}
	/* of levels above, bytes may wait */
	lp_start(&lp, &plain);
	TQ_EXPECT_EQ(inject_crypto(1, TQUIC_PKT_HANDSHAKE, 0, 0, 2),
		     TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(tquic_conn_read_level(lp.end[1].conn, TQUIC_PKT_HANDSHAKE,
					   lp.now), 0);
	TQ_EXPECT_EQ(tquic_conn_read_level(lp.end[1].conn, TQUIC_PKT_1RTT,
					   lp.now), -EPROTO);
	lp_stop(&lp);
}

TQ_TEST(rfc9001_8_2_transport_parameters_are_there)
{
	lp_start(&lp, &plain);
	tquic_conn_tls_done(lp.end[1].conn, lp.now);
	TQ_EXPECT_EQ(lp.end[1].conn->state, TQUIC_CONN_CLOSING);
	/* missing_extension */
	TQ_EXPECT_EQ(lp.end[1].conn->close.code, 0x16d);
	lp_stop(&lp);
}

/* what a datagram on the wire has, packet by packet */
static unsigned int seen[2][TQUIC_PKT_OTHER + 1];
static unsigned int bare;
static bool done_dropped;

static void look(struct lp *l, unsigned int from, u8 *data, u32 len)
{
	struct tquic_conn *conn = l->end[from].conn;
	struct tquic_pkt_walk walk;
	enum tquic_drop drop;
	struct tquic_pkt pkt;

	tquic_pkt_walk_init(&walk, data, len, 8, false);
	while (tquic_pkt_next(&walk, &pkt, &drop) && !drop) {
		seen[from][pkt.type]++;
		if (!from && pkt.type == TQUIC_PKT_INITIAL &&
		    !tquic_inv_cid_eq(pkt.token, pkt.token_len, conn->token,
				      conn->token_len))
			bare++;
		/* no packet of a level whose keys were dropped before */
		if ((pkt.type == TQUIC_PKT_INITIAL && done_dropped) ||
		    (pkt.type == TQUIC_PKT_HANDSHAKE && conn->confirmed))
			bare++;
	}
	done_dropped = !from && conn->dropped_keys & BIT(TQUIC_PKT_INITIAL);
}

static void watch(void)
{
	memset(seen, 0, sizeof(seen));
	bare = 0;
	done_dropped = false;
	lp.mangle = look;
}

TQ_TEST(rfc9000_8_1_2_token_in_every_initial)
{
	ll_start(&lp, &plain, true);
	lp_run(&lp, 25 * LP_MS);
	TQ_ASSERT(lp.end[0].conn->retried && lp.end[0].conn->token_len);
	watch();
	/* the answer gets lost: Initial packets go out again and again */
	lp.link[0].mute[1] = true;
	lp_run(&lp, 5 * TQUIC_NS_PER_SEC);
	TQ_EXPECT(seen[0][TQUIC_PKT_INITIAL] > 5);
	TQ_EXPECT_EQ(bare, 0);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_8_1_3_remembered_token_in_every_initial)
{
	struct lp_config config = plain;

	config.token = bytes;
	config.token_len = 77;
	ll_start(&lp, &config, false);
	watch();
	lp.link[0].down = true;
	TQ_EXPECT_EQ(lp.end[0].conn->token_len, 77);
	lp_run(&lp, 10 * TQUIC_NS_PER_SEC);
	TQ_EXPECT(seen[0][TQUIC_PKT_INITIAL] > 3);
	TQ_EXPECT_EQ(bare, 0);
	lp_stop(&lp);
}

TQ_TEST(rfc9001_4_9_1_initial_keys_are_dropped)
{
	struct tquic_conn *client, *server;

	lp_start(&lp, &plain);
	client = lp.end[0].conn;
	server = lp.end[1].conn;
	watch();
	while (!client->tls_done)
		lp_run(&lp, LP_MS);
	/* the client has sent its first Handshake packet */
	TQ_EXPECT(seen[0][TQUIC_PKT_HANDSHAKE]);
	TQ_EXPECT(client->dropped_keys & BIT(TQUIC_PKT_INITIAL));
	TQ_EXPECT(!client->early[0].live);
	TQ_EXPECT(client->events & TQUIC_CONN_E_KEYS);
	TQ_EXPECT_EQ(tquic_conn_crypto_write(client, TQUIC_PKT_INITIAL, NULL,
					     0, 1, GFP_KERNEL), -EPIPE);
	/* the server has not seen it */
	TQ_EXPECT(!(server->dropped_keys & BIT(TQUIC_PKT_INITIAL)));
	lp_run(&lp, 12 * LP_MS);
	TQ_EXPECT(server->dropped_keys & BIT(TQUIC_PKT_INITIAL));
	TQ_EXPECT(lp_handshake(&lp));
	TQ_EXPECT_EQ(bare, 0);
	lp_stop(&lp);
}

TQ_TEST(rfc9001_4_9_2_handshake_keys_are_dropped)
{
	struct tquic_conn *client, *server;

	lp_start(&lp, &plain);
	client = lp.end[0].conn;
	server = lp.end[1].conn;
	watch();
	while (!server->confirmed) {
		TQ_EXPECT(!(server->dropped_keys & BIT(TQUIC_PKT_HANDSHAKE)));
		lp_run(&lp, LP_MS);
	}
	TQ_EXPECT(server->dropped_keys & BIT(TQUIC_PKT_HANDSHAKE));
	TQ_EXPECT(!server->early[1].live);
	TQ_EXPECT(!client->confirmed);
	TQ_EXPECT(!(client->dropped_keys & BIT(TQUIC_PKT_HANDSHAKE)));
	TQ_EXPECT(lp_handshake(&lp));
	TQ_EXPECT(client->dropped_keys & BIT(TQUIC_PKT_HANDSHAKE));
	TQ_EXPECT_EQ(bare, 0);
	lp_stop(&lp);
}

TQ_TEST(rfc9001_4_1_2_server_says_when_it_is_done)
{
	static struct tquic_plan plan;
	struct tquic_conn *server;
	unsigned int i;
	bool said = false;

	lp_start(&lp, &plain);
	server = lp.end[1].conn;
	lp_run(&lp, 15 * LP_MS);
	TQ_ASSERT(server->have_theirs && !server->confirmed);
	TQ_EXPECT(!(server->control & TQUIC_CONN_C_DONE));
	/* as a Handshake packet of the client would have it */
	tquic_conn_path(server, 0)->validated = true;
	tquic_conn_tls_done(server, lp.now);
	TQ_EXPECT(server->confirmed);
	/* at once */
	TQ_ASSERT(tquic_conn_plan(server, lp.now, &plan, GFP_KERNEL));
	for (i = 0; i < plan.used; i++)
		said |= plan.arena[i] == TQUIC_FRAME_HANDSHAKE_DONE;
	TQ_EXPECT(said);
	TQ_EXPECT(!(server->control & TQUIC_CONN_C_DONE));
	lp_stop(&lp);

	/* and again, should it get lost */
	lp_start(&lp, &plain);
	while (!lp.end[0].conn->tls_done)
		lp_run(&lp, LP_MS);
	lp.link[0].mute[1] = true;
	lp_run(&lp, 30 * LP_MS);
	TQ_EXPECT(lp.end[1].conn->confirmed);
	TQ_EXPECT(!lp.end[0].conn->confirmed);
	lp.link[0].mute[1] = false;
	lp_run(&lp, 2 * TQUIC_NS_PER_SEC);
	TQ_EXPECT(lp.end[0].conn->confirmed);
	lp_stop(&lp);
}

/* lost handshake bytes go out again at their own level, and no other */
TQ_TEST(rfc9001_4_9_crypto_stays_at_its_level)
{
	struct tquic_conn *server;
	u64 end;

	lp_start(&lp, &plain);
	server = lp.end[1].conn;
	lp_run(&lp, 15 * LP_MS);
	/* the whole flight gets lost, keys for 1-RTT are there */
	TQ_ASSERT(server->tx_keys & BIT(TQUIC_PKT_1RTT));
	end = server->crypto[1].tx.end;
	tquic_path_credit(tquic_conn_path(server, 0), 100000);
	lp.link[0].mute[0] = true;
	watch();
	lp_run(&lp, 3 * TQUIC_NS_PER_SEC);
	TQ_EXPECT(seen[1][TQUIC_PKT_INITIAL]);
	TQ_EXPECT(seen[1][TQUIC_PKT_HANDSHAKE]);
	TQ_EXPECT_EQ(seen[1][TQUIC_PKT_1RTT], 0);
	TQ_EXPECT_EQ(server->crypto[1].tx.end, end);
	TQ_EXPECT_EQ(server->crypto[2].tx.end, 0);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_7_2_first_destination_of_eight_bytes)
{
	struct tquic_cid odcid = { .len = 7 };

	lp = (struct lp){ .now = 1 };
	TQ_EXPECT(!lp_make(&lp, &plain, 0, &odcid));
	odcid.len = 8;
	TQ_EXPECT(lp_make(&lp, &plain, 0, &odcid));
	/* what a server takes is for whoever made the Initial to answer for */
	odcid.len = 0;
	TQ_EXPECT(lp_make(&lp, &plain, 1, &odcid));
	lp_stop(&lp);
}

TQ_TEST(rfc9000_7_2_destination_changes_once)
{
	static const struct tquic_frame ping = { .type = TQUIC_FRAME_PING };
	struct tquic_cid other = { .len = 8, .id = { 9 } };
	struct tquic_rx rx = { .type = TQUIC_PKT_INITIAL };
	struct tquic_conn *client;
	struct tquic_path *path;

	lp_start(&lp, &plain);
	client = lp.end[0].conn;
	path = tquic_conn_path(client, 0);
	TQ_EXPECT_MEM_EQ(path->dcid.id, client->odcid.id, 8);
	/* a Handshake packet cannot be the first */
	rx.scid = &lp.end[1].conn_scid;
	rx.type = TQUIC_PKT_HANDSHAKE;
	TQ_EXPECT_EQ(lp_inject_rx(&lp, 0, &rx, &ping, 1), TQUIC_DROP_KEYS);
	rx.type = TQUIC_PKT_INITIAL;
	TQ_EXPECT_EQ(lp_inject_rx(&lp, 0, &rx, &ping, 1), TQUIC_DROP_NONE);
	TQ_EXPECT_MEM_EQ(path->dcid.id, rx.scid->id, 8);
	rx.pn++;
	rx.scid = &other;
	TQ_EXPECT_EQ(lp_inject_rx(&lp, 0, &rx, &ping, 1), TQUIC_DROP_SCID);
	TQ_EXPECT_MEM_EQ(path->dcid.id, lp.end[1].conn_scid.id, 8);
	/* nor does a client change its mind */
	TQ_EXPECT_EQ(lp_inject_rx(&lp, 1, &rx, &ping, 1), TQUIC_DROP_SCID);
	lp_stop(&lp);
}
