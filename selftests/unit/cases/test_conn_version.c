// SPDX-License-Identifier: GPL-2.0
/* Version Negotiation: RFC 9000 section 6, RFC 9368, RFC 9369. */
#include "lib_listen.h"
#include "tap.h"

#define V1	TQUIC_VERSION_1
#define V2	TQUIC_VERSION_2

static struct lp lp;

/* what client and server speak, best first; 0 ends a list */
static struct lp_config speak(u32 first, u32 c0, u32 c1, u32 s0, u32 s1)
{
	struct lp_config config = {
		.window = 1 << 20, .max_path_id = 3, .version = first,
		.versions = {
			{ .available = { c0, c1 }, .count = 1 + !!c1 },
			{ .available = { s0, s1 }, .count = 1 + !!s1 },
		},
	};

	return config;
}

static void spoken(u32 version)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct tquic_conn *conn = lp.end[i].conn;

		TQ_EXPECT_EQ(conn->version, version);
		TQ_EXPECT_EQ(conn->ours.versions.chosen,
			     i ? version : conn->first_version);
		TQ_EXPECT_EQ(lp.end[i].forged, 0);
		TQ_EXPECT_EQ(conn->state, TQUIC_CONN_ESTABLISHED);
	}
	lp_send(&lp, 0, 100000, true);
	lp_send(&lp, 1, 100000, true);
	/* what was measured while packets got lost is far from the truth */
	lp_run(&lp, 25 * TQUIC_NS_PER_SEC);
	TQ_EXPECT_EQ(lp.end[0].received, 100000);
	TQ_EXPECT_EQ(lp.end[1].received, 100000);
}

static void settles(struct lp_config config, bool retry, u32 version)
{
	unsigned int loss;

	/* lossless, then with any packet of the handshake missing */
	for (loss = 0; loss < 10; loss++) {
		tq_note("version %x, round %u", version, loss);
		ll_start(&lp, &config, retry);
		ll.life = 100 * TQUIC_NS_PER_SEC;
		lp.link[0].loss = loss ? 200 : 0;
		TQ_ASSERT(lp_handshake(&lp));
		TQ_EXPECT(loss || ll.vns == 0);
		lp.link[0].loss = 0;
		spoken(version);
		lp_stop(&lp);
	}
}

TQ_TEST(rfc9368_2_3_server_picks_from_what_the_client_offers)
{
	/* the server's taste decides */
	settles(speak(V1, V2, V1, V2, V1), false, V2);
	settles(speak(V1, V2, V1, V1, V2), false, V1);
	settles(speak(V2, V2, V1, V2, V1), false, V2);
	settles(speak(V2, V2, V1, V1, V2), false, V1);
}

TQ_TEST(rfc9368_2_3_what_one_side_does_not_offer_is_not_spoken)
{
	settles(speak(V1, V1, 0, V2, V1), false, V1);
	settles(speak(V1, V2, V1, V1, 0), false, V1);
	settles(speak(V2, V2, 0, V1, V2), false, V2);
}

TQ_TEST(rfc9369_4_1_retry_keeps_the_original_version)
{
	settles(speak(V1, V2, V1, V2, V1), true, V2);
	settles(speak(V2, V2, V1, V1, V2), true, V1);
	settles(speak(V2, V2, V1, V2, V1), true, V2);
}

TQ_TEST(rfc9000_6_2_client_tries_what_the_server_lists)
{
	struct lp_config config = speak(V2, V2, V1, V1, 0);

	ll_start(&lp, &config, false);
	TQ_ASSERT(lp_handshake(&lp));
	TQ_EXPECT_EQ(ll.vns, 1);
	spoken(V1);
	TQ_EXPECT(lp.end[0].conn->config.vn_reacted);
	lp_stop(&lp);

	config = speak(V1, V2, V1, V2, 0);
	ll_start(&lp, &config, true);
	TQ_ASSERT(lp_handshake(&lp));
	TQ_EXPECT_EQ(ll.vns, 1);
	TQ_EXPECT_EQ(ll.retries, 1);
	spoken(V2);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_6_2_nothing_in_common_ends_the_attempt)
{
	struct lp_config config = speak(V1, V1, 0, V2, 0);

	ll_start(&lp, &config, false);
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT_EQ(lp.end[0].conn->state, TQUIC_CONN_CLOSED);
	TQ_EXPECT_EQ(lp.end[0].conn->why, TQUIC_CONN_WHY_VERSION);
	TQ_EXPECT_EQ(lp.end[0].conn->vn_version, 0);
	TQ_EXPECT(lp.end[0].conn->events & TQUIC_CONN_E_CLOSED);
	lp_stop(&lp);
}

/* a Version Negotiation packet as the server might have sent it */
static struct tquic_pkt vn_of(u8 *buf, size_t size, const u32 *versions,
			      unsigned int count)
{
	const struct tquic_conn *conn = lp.end[0].conn;
	struct tquic_wr wr = tquic_wr_init(buf, size);
	struct tquic_pkt pkt = {
		.type = TQUIC_PKT_INITIAL, .version = conn->first_version,
		.dcid = conn->odcid.id, .dcid_len = conn->odcid.len,
		.scid = conn->ours.initial_scid.id,
		.scid_len = conn->ours.initial_scid.len,
	};

	TQ_ASSERT(tquic_vn_build(&wr, &pkt, versions, count, 0));
	TQ_ASSERT_EQ(tquic_pkt_parse(buf, wr.ptr - buf, 8, false, &pkt),
		     TQUIC_DROP_NONE);
	TQ_ASSERT_EQ(pkt.type, TQUIC_PKT_VN);
	return pkt;
}

TQ_TEST(rfc9000_6_2_version_negotiation_is_checked)
{
	static const u32 other[] = { 0x1a2a3a4a, V2 }, same[] = { V2, V1 };
	struct lp_config config = speak(V1, V2, V1, V2, V1);
	struct tquic_cid id = { .len = 8 };
	struct tquic_conn *conn;
	struct tquic_pkt pkt;
	u8 buf[64];

	lp_start(&lp, &config);
	conn = lp.end[0].conn;
	/* the version that was tried is in the list */
	pkt = vn_of(buf, sizeof(buf), same, 2);
	TQ_EXPECT_EQ(tquic_conn_recv_vn(conn, &pkt), TQUIC_DROP_VN_TRIED);
	/* connection IDs that do not fit */
	pkt = vn_of(buf, sizeof(buf), other, 2);
	pkt.dcid = id.id;
	TQ_EXPECT_EQ(tquic_conn_recv_vn(conn, &pkt), TQUIC_DROP_DCID);
	pkt = vn_of(buf, sizeof(buf), other, 2);
	pkt.scid = id.id;
	TQ_EXPECT_EQ(tquic_conn_recv_vn(conn, &pkt), TQUIC_DROP_DCID);
	/* a server never reacts */
	TQ_EXPECT_EQ(tquic_conn_recv_vn(lp.end[1].conn, &pkt),
		     TQUIC_DROP_ROLE);
	TQ_EXPECT_EQ(conn->state, TQUIC_CONN_HANDSHAKE);
	/* nor does a client that has heard of the server */
	pkt = vn_of(buf, sizeof(buf), other, 2);
	conn->retried = true;
	TQ_EXPECT_EQ(tquic_conn_recv_vn(conn, &pkt), TQUIC_DROP_VN_LATE);
	conn->retried = false;
	conn->heard = true;
	TQ_EXPECT_EQ(tquic_conn_recv_vn(conn, &pkt), TQUIC_DROP_VN_LATE);
	conn->heard = false;
	/* or the second time */
	conn->config.vn_reacted = true;
	TQ_EXPECT_EQ(tquic_conn_recv_vn(conn, &pkt), TQUIC_DROP_VN_LATE);
	conn->config.vn_reacted = false;
	TQ_EXPECT_EQ(tquic_conn_recv_vn(conn, &pkt), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(conn->vn_version, V2);
	TQ_EXPECT_EQ(tquic_conn_recv_vn(conn, &pkt), TQUIC_DROP_VN_LATE);
	lp_stop(&lp);
}

static void look_on(struct lp *l, unsigned int from, u8 *data, u32 len)
{
}

/* an attacker makes the client speak version 1 where both could speak 2 */
TQ_TEST(rfc9368_4_downgrade_is_noticed)
{
	struct lp_config config = speak(V1, V2, V1, V2, V1);

	config.vn_reacted = true;
	/* so that the server does not upgrade by itself */
	config.versions[1] = (struct tquic_tparam_versions){
		.available = { V1, V2 }, .count = 2,
	};
	ll_start(&lp, &config, false);
	lp.mangle = look_on;
	lp_run(&lp, 200 * LP_MS);
	TQ_EXPECT_EQ(lp.end[0].conn->why, TQUIC_CONN_WHY_LOCAL);
	TQ_EXPECT_EQ(lp.end[0].conn->close.code,
		     TQUIC_VERSION_NEGOTIATION_ERROR);
	lp_stop(&lp);
}

static void other_choice(struct tquic_tparams *tp)
{
	tp->versions.chosen ^= V1 ^ V2;
}

/* RFC 9368 section 4: what the headers say is not what was chosen */
TQ_TEST(rfc9368_4_chosen_version_is_authenticated)
{
	struct lp_config config = speak(V1, V2, V1, V1, 0);
	struct tquic_tparams tp;
	struct tquic_wr wr;
	u8 buf[512];

	lp_start(&lp, &config);
	lp.end[0].conn->peer_scid = lp.end[1].conn_scid;
	tp = lp.end[1].conn->ours;
	other_choice(&tp);
	wr = tquic_wr_init(buf, sizeof(buf));
	TQ_ASSERT_EQ(tquic_tparam_build(&wr, &tp, true), 0);
	TQ_EXPECT_EQ(tquic_conn_peer_tparams(lp.end[0].conn, buf, wr.ptr - buf,
					     lp.now, GFP_KERNEL), -EPROTO);
	TQ_EXPECT_EQ(lp.end[0].conn->close.code,
		     TQUIC_VERSION_NEGOTIATION_ERROR);
	/* and the other way round */
	lp.end[1].conn->peer_scid = lp.end[0].conn_scid;
	tp = lp.end[0].conn->ours;
	other_choice(&tp);
	wr = tquic_wr_init(buf, sizeof(buf));
	TQ_ASSERT_EQ(tquic_tparam_build(&wr, &tp, false), 0);
	TQ_EXPECT_EQ(tquic_conn_peer_tparams(lp.end[1].conn, buf, wr.ptr - buf,
					     lp.now, GFP_KERNEL), -EPROTO);
	TQ_EXPECT_EQ(lp.end[1].conn->close.code,
		     TQUIC_VERSION_NEGOTIATION_ERROR);
	lp_stop(&lp);
}

/* RFC 9369 section 4.1 */
TQ_TEST(rfc9369_4_1_packets_of_other_versions_are_dropped)
{
	static const struct tquic_frame ping = { .type = TQUIC_FRAME_PING };
	struct lp_config config = speak(V1, V2, V1, V2, V1);
	struct tquic_conn *server, *client;
	struct tquic_tuple tuple;
	u8 payload[1] = { ping.type };
	struct tquic_rx rx = {
		.tuple = &tuple, .payload = payload, .len = 1,
	};

	ll_start(&lp, &config, false);
	client = lp.end[0].conn;
	lp_run(&lp, 15 * LP_MS);
	server = lp.end[1].conn;
	TQ_ASSERT(server && !server->confirmed);
	TQ_EXPECT(server->events & TQUIC_CONN_E_INITIAL);
	lp_tuple(&lp, 1, 0, &tuple);
	rx.now = lp.now;
	rx.scid = &lp.end[0].conn_scid;
	/* the client may not know yet */
	rx.type = TQUIC_PKT_INITIAL;
	rx.pn = 100;
	rx.version = V1;
	TQ_EXPECT_EQ(tquic_conn_recv(server, &rx, GFP_KERNEL),
		     TQUIC_DROP_NONE);
	rx.pn++;
	rx.version = V2;
	TQ_EXPECT_EQ(tquic_conn_recv(server, &rx, GFP_KERNEL),
		     TQUIC_DROP_NONE);
	/* but with handshake keys it does, and 0-RTT was before that */
	rx.type = TQUIC_PKT_HANDSHAKE;
	rx.version = V1;
	TQ_EXPECT_EQ(tquic_conn_recv(server, &rx, GFP_KERNEL),
		     TQUIC_DROP_VERSION);
	rx.type = TQUIC_PKT_0RTT;
	rx.version = V2;
	TQ_EXPECT_EQ(tquic_conn_recv(server, &rx, GFP_KERNEL),
		     TQUIC_DROP_VERSION);
	/* once the client knows, it hears nothing else */
	lp_run(&lp, 10 * LP_MS);
	TQ_EXPECT_EQ(client->version, V2);
	TQ_EXPECT(client->events & TQUIC_CONN_E_INITIAL);
	lp_tuple(&lp, 0, 0, &tuple);
	rx.scid = &lp.end[1].conn_scid;
	rx.type = TQUIC_PKT_INITIAL;
	rx.version = V1;
	TQ_EXPECT_EQ(tquic_conn_recv(client, &rx, GFP_KERNEL),
		     TQUIC_DROP_VERSION);
	lp_stop(&lp);
}

/* a CRYPTO frame in the original version settles it, others do not */
TQ_TEST(rfc9369_4_1_crypto_tells_the_version)
{
	static const u8 byte[1];
	struct tquic_frame ping = { .type = TQUIC_FRAME_PING };
	struct tquic_frame crypto = {
		.type = TQUIC_FRAME_CRYPTO, .data = byte, .len = 1,
	};
	struct lp_config config = speak(V1, V2, V1, V2, V1);
	struct tquic_rx rx = { .type = TQUIC_PKT_INITIAL };
	struct tquic_conn *client;

	lp_start(&lp, &config);
	client = lp.end[0].conn;
	rx.scid = &lp.end[1].conn_scid;
	TQ_EXPECT_EQ(lp_inject_rx(&lp, 0, &rx, &ping, 1), TQUIC_DROP_NONE);
	TQ_EXPECT(!client->version_known);
	rx.pn = 1;
	TQ_EXPECT_EQ(lp_inject_rx(&lp, 0, &rx, &crypto, 1), TQUIC_DROP_NONE);
	TQ_EXPECT(client->version_known);
	TQ_EXPECT_EQ(client->version, V1);
	lp_stop(&lp);
}

/* a version that nobody offered is no way to switch */
TQ_TEST(rfc9368_2_3_version_not_offered_is_dropped)
{
	static const struct tquic_frame ping = { .type = TQUIC_FRAME_PING };
	struct lp_config config = speak(V1, V1, 0, V1, 0);
	u8 payload[1] = { ping.type };
	struct tquic_tuple tuple;
	struct tquic_rx rx = {
		.type = TQUIC_PKT_INITIAL, .version = V2, .tuple = &tuple,
		.payload = payload, .len = 1,
	};

	lp_start(&lp, &config);
	lp_tuple(&lp, 0, 0, &tuple);
	rx.now = lp.now;
	rx.scid = &lp.end[1].conn_scid;
	TQ_EXPECT_EQ(tquic_conn_recv(lp.end[0].conn, &rx, GFP_KERNEL),
		     TQUIC_DROP_VERSION);
	TQ_EXPECT_EQ(lp.end[0].conn->version, V1);
	lp_stop(&lp);
}
