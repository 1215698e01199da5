// SPDX-License-Identifier: GPL-2.0
/* Early data: RFC 9000 section 7.4.1, RFC 9001 sections 4.6, 4.9.3 and 5.6. */
#include "lib_listen.h"
#include "tap.h"

static struct lp lp;
static struct tquic_tparams memory;

static const struct lp_config plain = {
	.window = 1 << 20, .max_path_id = 3,
};

/* what the server announced the last time */
static void remember(u64 window, u64 streams)
{
	tquic_tparam_init(&memory);
	memory.initial_max_data = window;
	memory.initial_max_stream_data_bidi_local = window;
	memory.initial_max_stream_data_bidi_remote = window;
	memory.initial_max_stream_data_uni = window;
	memory.initial_max_streams_bidi = streams;
	memory.initial_max_streams_uni = streams;
	memory.present = BIT(TQUIC_TPARAM_INITIAL_MAX_DATA) |
		BIT(TQUIC_TPARAM_INITIAL_MAX_STREAM_DATA_BIDI_LOCAL) |
		BIT(TQUIC_TPARAM_INITIAL_MAX_STREAM_DATA_BIDI_REMOTE) |
		BIT(TQUIC_TPARAM_INITIAL_MAX_STREAM_DATA_UNI) |
		BIT(TQUIC_TPARAM_INITIAL_MAX_STREAMS_BIDI) |
		BIT(TQUIC_TPARAM_INITIAL_MAX_STREAMS_UNI);
}

/* up to where early data can be written */
static struct tquic_conn *start(const struct lp_config *config, bool retry,
				bool takes)
{
	ll_start(&lp, config, retry);
	lp.remembered = &memory;
	lp.takes = takes;
	lp_run(&lp, 0);
	TQ_ASSERT_EQ(lp.end[0].conn->early_data, TQUIC_EARLY_OFFERED);
	return lp.end[0].conn;
}

TQ_TEST(rfc9001_4_6_early_data_arrives_a_round_trip_earlier)
{
	struct tquic_conn *client;

	remember(100000, 10);
	client = start(&plain, false, true);
	lp_send(&lp, 0, 5000, true);
	/* one way and what the link needs for seven packets */
	lp_run(&lp, 18 * LP_MS);
	TQ_ASSERT(lp.end[1].conn);
	TQ_EXPECT_EQ(lp.end[1].received, 5000);
	TQ_EXPECT_EQ(lp.end[1].conn->state, TQUIC_CONN_HANDSHAKE);
	TQ_EXPECT(lp_handshake(&lp));
	TQ_EXPECT_EQ(client->early_data, TQUIC_EARLY_ACCEPTED);
	TQ_EXPECT_EQ(lp.end[1].ended, 1);
	TQ_EXPECT_EQ(lp.end[0].ended, 1);
	TQ_EXPECT(!(client->events & TQUIC_CONN_E_REJECTED));
	lp_stop(&lp);
}

TQ_TEST(rfc9000_13_2_6_early_data_is_acknowledged_in_1rtt)
{
	struct tquic_conn *client;
	struct tquic_space *space;

	remember(100000, 10);
	client = start(&plain, false, true);
	space = &tquic_conn_path(client, 0)->space;
	lp_send(&lp, 0, 5000, false);
	lp_run(&lp, 5 * LP_MS);
	TQ_EXPECT(space->loss.sent.outstanding > 3);
	TQ_EXPECT(lp_handshake(&lp));
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT_EQ(space->loss.sent.outstanding, 0);
	TQ_EXPECT_EQ(tquic_conn_path(client, 0)->in_flight, 0);
	/* not a packet of them was sent twice */
	TQ_EXPECT_EQ(tquic_conn_path(client, 0)->lost_packets, 0);
	lp_stop(&lp);
}

TQ_TEST(rfc9001_4_6_early_data_survives_loss_and_retry)
{
	unsigned int i;

	for (i = 0; i < 40; i++) {
		tq_note("round %u", i);
		remember(100000, 10);
		start(&plain, i & 1, !(i & 2));
		ll.life = 100 * TQUIC_NS_PER_SEC;
		lp.link[0].loss = 200;
		lp_send(&lp, 0, 20000, true);
		TQ_ASSERT(lp_handshake(&lp));
		lp.link[0].loss = 0;
		lp_run(&lp, 30 * TQUIC_NS_PER_SEC);
		TQ_EXPECT_EQ(lp.end[1].received, 20000);
		TQ_EXPECT_EQ(lp.end[1].ended, 1);
		TQ_EXPECT(!lp.end[1].bad);
		TQ_EXPECT_EQ(lp.end[0].forged + lp.end[1].forged, 0);
		lp_stop(&lp);
	}
}

TQ_TEST(rfc9000_17_2_3_early_data_takes_new_numbers)
{
	struct tquic_conn *client;
	struct tquic_space *space;
	u64 sent;

	remember(100000, 10);
	client = start(&plain, true, true);
	space = &tquic_conn_path(client, 0)->space;
	lp_send(&lp, 0, 3000, true);
	lp_run(&lp, 15 * LP_MS);
	sent = space->loss.sent.next;
	TQ_EXPECT(sent >= 3);
	/* the server dropped them: they go out again, behind the Retry */
	lp_run(&lp, 15 * LP_MS);
	TQ_ASSERT(client->retried);
	TQ_EXPECT_EQ(space->loss.sent.next, 2 * sent);
	TQ_EXPECT_EQ(space->loss.sent.outstanding, sent);
	lp_run(&lp, 10 * LP_MS);
	TQ_EXPECT_EQ(lp.end[1].received, 3000);
	TQ_EXPECT(lp_handshake(&lp));
	lp_stop(&lp);
}

TQ_TEST(rfc9000_7_4_1_early_data_within_remembered_limits)
{
	struct tquic_conn *client;
	struct tquic_stream *s;

	/* the server allows a megabyte now, which nobody knows yet */
	remember(3000, 2);
	client = start(&plain, false, true);
	s = lp_send(&lp, 0, 2000, false);
	lp_send(&lp, 0, 2000, false);
	TQ_EXPECT(!tquic_conn_open(client, false, lp.now, GFP_KERNEL));
	lp_run(&lp, 18 * LP_MS);
	TQ_EXPECT_EQ(client->tx.used, 3000);
	TQ_EXPECT_EQ(lp.end[1].received, 3000);
	TQ_EXPECT(lp_handshake(&lp));
	lp_more(&lp, 0, s, 10000, false);
	lp_run(&lp, 200 * LP_MS);
	TQ_EXPECT_EQ(lp.end[1].received, 14000);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_7_4_1_new_values_replace_remembered_ones)
{
	struct tquic_conn *client;

	remember(3000, 2);
	/* what is not remembered, whatever was stored */
	memory.ack_delay_exponent = 7;
	memory.max_ack_delay = 99;
	memory.initial_max_path_id = 2;
	memory.present |= BIT(TQUIC_TPARAM_ACK_DELAY_EXPONENT) |
			  BIT(TQUIC_TPARAM_MAX_ACK_DELAY) |
			  BIT(TQUIC_TPARAM_INITIAL_MAX_PATH_ID);
	client = start(&plain, false, true);
	TQ_EXPECT_EQ(client->theirs.ack_delay_exponent, 3);
	TQ_EXPECT_EQ(client->theirs.max_ack_delay, 25);
	TQ_EXPECT(!client->multipath);
	TQ_EXPECT_EQ(client->tx.limit, 3000);
	TQ_EXPECT(lp_handshake(&lp));
	TQ_EXPECT_EQ(client->tx.limit, 1 << 20);
	TQ_EXPECT_EQ(client->streams.open[0].limit, 100);
	TQ_EXPECT_EQ(client->theirs.initial_max_path_id, 3);
	TQ_EXPECT(client->multipath);
	lp_stop(&lp);
}

TQ_TEST(rfc9001_4_6_2_rejected_early_data_goes_again)
{
	struct tquic_conn *client;
	struct tquic_stream *t, *r;

	remember(100000, 10);
	client = start(&plain, false, false);
	lp_send(&lp, 0, 7000, true);
	t = lp_send(&lp, 0, 3000, false);
	/* a stream that was given up before anybody heard of it */
	r = lp_send(&lp, 0, 1000, false);
	tquic_conn_reset(client, r, 9);
	lp_run(&lp, 5 * LP_MS);
	TQ_EXPECT_EQ(client->tx.used, 10000);
	TQ_EXPECT(lp_handshake(&lp));
	TQ_EXPECT_EQ(client->early_data, TQUIC_EARLY_REJECTED);
	TQ_EXPECT(client->events & TQUIC_CONN_E_REJECTED);
	lp_more(&lp, 0, t, 500, true);
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT_EQ(lp.end[1].received, 10500);
	TQ_EXPECT(!lp.end[1].bad);
	TQ_EXPECT_EQ(lp.end[1].ended, 2);
	/* counted once */
	TQ_EXPECT_EQ(client->tx.used, 10500);
	TQ_EXPECT_EQ(r->send, TQUIC_STREAM_S_RESET_RECVD);
	lp_stop(&lp);
}

TQ_TEST(rfc9001_4_6_2_rejected_early_data_is_not_processed)
{
	static const struct tquic_frame ping = { .type = TQUIC_FRAME_PING };
	struct tquic_rx rx = { .type = TQUIC_PKT_0RTT };

	remember(100000, 10);
	start(&plain, false, false);
	lp_send(&lp, 0, 2000, true);
	lp_run(&lp, 15 * LP_MS);
	TQ_ASSERT(lp.end[1].conn);
	TQ_EXPECT_EQ(lp.end[1].received, 0);
	/* even if it could be opened */
	rx.scid = &lp.end[0].conn_scid;
	TQ_EXPECT_EQ(lp_inject_rx(&lp, 1, &rx, &ping, 1), TQUIC_DROP_KEYS);
	TQ_EXPECT(lp.end[1].conn->dropped_keys & BIT(TQUIC_PKT_0RTT));
	lp_stop(&lp);

	/* nor before TLS has decided */
	lp_start(&lp, &plain);
	rx = (struct tquic_rx){ .type = TQUIC_PKT_0RTT };
	TQ_EXPECT_EQ(lp_inject_rx(&lp, 1, &rx, &ping, 1), TQUIC_DROP_KEYS);
	lp_stop(&lp);
}

TQ_TEST(rfc9001_4_6_2_acknowledgment_of_rejected_data_closes)
{
	struct tquic_frame ack = { .type = TQUIC_FRAME_ACK };
	struct tquic_conn *client;

	remember(100000, 10);
	client = start(&plain, false, false);
	lp_send(&lp, 0, 5000, true);
	lp_run(&lp, 5 * LP_MS);
	ack.ack.largest = tquic_conn_path(client, 0)->space.loss.sent.next - 1;
	while (!client->tls_done)
		lp_run(&lp, LP_MS);
	lp.link[0].down = true;
	TQ_EXPECT_EQ(lp_inject(&lp, 0, 0, &ack, 1), TQUIC_DROP_PROTOCOL);
	TQ_EXPECT_EQ(client->close.code, TQUIC_PROTOCOL_VIOLATION);
	lp_stop(&lp);
}

/* more streams than the server allows now: they wait for their turn */
TQ_TEST(rfc9001_4_6_2_rejected_streams_respect_new_limits)
{
	struct tquic_frame more = {
		.type = TQUIC_FRAME_MAX_STREAMS_BIDI, .max_streams = { 4 },
	};
	struct tquic_frame data = {
		.type = TQUIC_FRAME_MAX_DATA, .max_data = { 20000 },
	};
	struct tquic_conn *client, *server;
	struct tquic_stream *s[5];
	unsigned int i;

	remember(100000, 10);
	client = start(&plain, false, false);
	for (i = 0; i < 5; i++)
		s[i] = lp_send(&lp, 0, 2000, false);
	lp_run(&lp, 15 * LP_MS);
	server = lp.end[1].conn;
	TQ_ASSERT(server);
	while (!client->tls_done)
		lp_run(&lp, LP_MS);
	lp_stop(&lp);

	/* the same with a server that has become stingy */
	ll_start(&lp, &plain, false);
	lp.remembered = &memory;
	client = lp.end[0].conn;
	lp_run(&lp, 0);
	for (i = 0; i < 5; i++)
		s[i] = lp_send(&lp, 0, 2000, false);
	lp_run(&lp, LP_MS);
	tquic_conn_early_result(client, false);
	TQ_EXPECT_EQ(client->tx.limit, 0);
	tquic_streams_peer(&client->streams,
			   &(struct tquic_streams_credit){
				.bidi_remote = 1000 }, 2, 0);
	tquic_flow_tx_raise(&client->tx, 5000);
	client->tx_keys |= BIT(TQUIC_PKT_1RTT);
	lp.link[0].down = true;
	lp_run(&lp, LP_MS);
	TQ_EXPECT_EQ(s[0]->tx.used, 1000);
	TQ_EXPECT_EQ(s[1]->tx.used, 1000);
	TQ_EXPECT_EQ(s[2]->tx.used, 0);
	TQ_EXPECT_EQ(client->tx.used, 2000);
	/* no more can be opened, and the IDs are not used twice */
	TQ_EXPECT(!tquic_conn_open(client, false, lp.now, GFP_KERNEL));
	TQ_EXPECT_EQ(tquic_flow_tx_room(&client->streams.open[0]), 0);
	/* not even a frame about them goes out */
	tquic_conn_reset(client, s[3], 1);
	lp_run(&lp, LP_MS);
	TQ_EXPECT(s[3]->pending & TQUIC_STREAM_P_RESET);
	client->tls_done = true;
	client->state = TQUIC_CONN_ESTABLISHED;
	client->heard = true;
	TQ_EXPECT_EQ(lp_inject(&lp, 0, 0, &data, 1), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(lp_inject(&lp, 0, 0, &more, 1), TQUIC_DROP_NONE);
	lp_run(&lp, LP_MS);
	TQ_EXPECT_EQ(s[2]->tx.used, 1000);
	TQ_EXPECT(!(s[3]->pending & TQUIC_STREAM_P_RESET));
	TQ_EXPECT_EQ(s[4]->tx.used, 0);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_7_4_1_server_does_not_take_back_what_it_gave)
{
	struct tquic_tparams less;
	struct tquic_conn *client;

	/* it would not accept */
	remember(2 << 20, 10);
	client = start(&plain, false, true);
	lp_send(&lp, 0, 1000, true);
	TQ_EXPECT(lp_handshake(&lp));
	TQ_EXPECT_EQ(client->early_data, TQUIC_EARLY_REJECTED);
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT_EQ(lp.end[1].received, 1000);
	less = lp.end[1].conn->ours;
	TQ_EXPECT(tquic_conn_early_fits(lp.end[1].conn, &less));
	less.initial_max_streams_uni++;
	TQ_EXPECT(!tquic_conn_early_fits(lp.end[1].conn, &less));
	lp_stop(&lp);
}

static void look_on(struct lp *l, unsigned int from, u8 *data, u32 len)
{
}

static void less_data(struct tquic_tparams *tp)
{
	tp->initial_max_data = 99999;
}

TQ_TEST(rfc9000_7_4_1_lowered_limits_close)
{
	struct tquic_conn *client;

	remember(100000, 10);
	client = start(&plain, false, true);
	/* a server that accepts all the same */
	ll.spoil = less_data;
	lp.mangle = look_on;
	lp_run(&lp, 10 * LP_MS);
	remember(99999, 10);
	lp_run(&lp, 40 * LP_MS);
	TQ_EXPECT_EQ(client->why, TQUIC_CONN_WHY_LOCAL);
	TQ_EXPECT_EQ(client->close.code, TQUIC_PROTOCOL_VIOLATION);
	lp_stop(&lp);
}

TQ_TEST(rfc9001_4_9_3_early_keys_are_dropped)
{
	static const struct tquic_frame ping = { .type = TQUIC_FRAME_PING };
	struct tquic_rx rx = { .type = TQUIC_PKT_0RTT, .pn = 1000 };
	struct tquic_conn *client, *server;
	u64 left;

	remember(100000, 10);
	client = start(&plain, false, true);
	lp_send(&lp, 0, 1000, true);
	while (!client->tls_done)
		lp_run(&lp, LP_MS);
	/* the client needs them no more, having 1-RTT keys */
	TQ_EXPECT(client->dropped_keys & BIT(TQUIC_PKT_0RTT));
	TQ_EXPECT(!(client->tx_keys & BIT(TQUIC_PKT_0RTT)));
	server = lp.end[1].conn;
	TQ_EXPECT_EQ(server->early_until, TQUIC_TIME_NEVER);
	while (server->early_until == TQUIC_TIME_NEVER)
		lp_run(&lp, LP_MS);
	/* late packets are still taken, for three probe timeouts */
	left = server->early_until - lp.now;
	TQ_EXPECT(left > 3 * 20 * LP_MS && left < 3 * 333 * LP_MS);
	rx.scid = &lp.end[0].conn_scid;
	TQ_EXPECT_EQ(lp_inject_rx(&lp, 1, &rx, &ping, 1), TQUIC_DROP_NONE);
	lp_run(&lp, left);
	TQ_EXPECT(server->dropped_keys & BIT(TQUIC_PKT_0RTT));
	TQ_EXPECT_EQ(server->early_until, TQUIC_TIME_NEVER);
	rx.pn++;
	TQ_EXPECT_EQ(lp_inject_rx(&lp, 1, &rx, &ping, 1), TQUIC_DROP_KEYS);
	lp_stop(&lp);
}

TQ_TEST(rfc9001_5_6_no_early_data_with_1rtt_keys)
{
	static struct tquic_plan plan;
	struct tquic_conn *client;
	unsigned int i;

	remember(100000, 10);
	client = start(&plain, false, true);
	lp_send(&lp, 0, 20000, true);
	TQ_ASSERT(tquic_conn_plan(client, lp.now, &plan, GFP_KERNEL));
	TQ_EXPECT_EQ(plan.pkts[0].type, TQUIC_PKT_0RTT);
	while (plan.nsegs)
		if (plan.segs[--plan.nsegs].handle)
			lp_buf_ops.put(plan.segs[plan.nsegs].handle);
	/* what could not be sent is sent again */
	for (i = 0; i < plan.npkts; i++)
		tquic_conn_failed(client, 0, plan.pkts[i].type,
				  plan.pkts[i].pn);
	TQ_EXPECT_EQ(tquic_conn_path(client, 0)->in_flight, 1200);
	tquic_conn_early_result(client, true);
	tquic_conn_keys(client, TQUIC_PKT_1RTT);
	lp.now += 100 * LP_MS;
	TQ_ASSERT(tquic_conn_plan(client, lp.now, &plan, GFP_KERNEL));
	TQ_EXPECT_EQ(plan.pkts[0].type, TQUIC_PKT_1RTT);
	while (plan.nsegs)
		if (plan.segs[--plan.nsegs].handle)
			lp_buf_ops.put(plan.segs[plan.nsegs].handle);
	lp_stop(&lp);
}

TQ_TEST(rfc9001_5_6_only_clients_send_early_data)
{
	static const struct tquic_frame ping = { .type = TQUIC_FRAME_PING };
	struct tquic_rx rx = { .type = TQUIC_PKT_0RTT };
	struct tquic_conn *client;

	remember(100000, 10);
	client = start(&plain, false, true);
	lp_send(&lp, 0, 1000, true);
	lp_run(&lp, 15 * LP_MS);
	TQ_EXPECT_EQ(tquic_conn_early_start(lp.end[1].conn, &memory), -EINVAL);
	TQ_EXPECT(!(lp.end[1].conn->tx_keys & BIT(TQUIC_PKT_0RTT)));
	rx.scid = &lp.end[1].conn_scid;
	client->heard = true;
	client->peer_scid = lp.end[1].conn_scid;
	TQ_EXPECT_EQ(lp_inject_rx(&lp, 0, &rx, &ping, 1), TQUIC_DROP_ROLE);
	/* and only at the beginning */
	TQ_EXPECT_EQ(tquic_conn_early_start(client, &memory), -EINVAL);
	lp_stop(&lp);
}

/* RFC 9000 section 12.5 */
TQ_TEST(rfc9000_12_5_frames_of_early_packets)
{
	static const struct tquic_frame ack = { .type = TQUIC_FRAME_ACK };
	struct tquic_rx rx = { .type = TQUIC_PKT_0RTT, .pn = 5 };
	struct tquic_conn *client;
	struct tquic_path *path;

	remember(100000, 10);
	client = start(&plain, false, true);
	path = tquic_conn_path(client, 0);
	/* what must not be in one waits */
	path->pending |= TQUIC_PATH_P_RESPONSE;
	client->control |= TQUIC_CONN_C_DONE;
	lp_send(&lp, 0, 1000, true);
	lp_run(&lp, 5 * LP_MS);
	TQ_EXPECT(path->pending & TQUIC_PATH_P_RESPONSE);
	TQ_EXPECT(client->control & TQUIC_CONN_C_DONE);
	client->control = 0;
	path->pending = 0;
	lp_run(&lp, 10 * LP_MS);
	rx.scid = &lp.end[0].conn_scid;
	TQ_EXPECT_EQ(lp_inject_rx(&lp, 1, &rx, &ack, 1),
		     TQUIC_DROP_PROTOCOL);
	TQ_EXPECT_EQ(lp.end[1].conn->close.code, TQUIC_PROTOCOL_VIOLATION);
	lp_stop(&lp);
}

/* RFC 9369 section 4.1: early packets keep the version they began with */
TQ_TEST(rfc9369_4_1_early_data_in_the_original_version)
{
	struct lp_config config = plain;

	config.versions[0] = (struct tquic_tparam_versions){
		.available = { TQUIC_VERSION_2, TQUIC_VERSION_1 }, .count = 2,
	};
	config.versions[1] = config.versions[0];
	remember(100000, 10);
	start(&config, false, true);
	lp_send(&lp, 0, 5000, true);
	TQ_EXPECT(lp_handshake(&lp));
	TQ_EXPECT_EQ(lp.end[1].conn->version, TQUIC_VERSION_2);
	TQ_EXPECT_EQ(lp.end[0].conn->early_data, TQUIC_EARLY_ACCEPTED);
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT_EQ(lp.end[1].received, 5000);
	TQ_EXPECT_EQ(lp.end[1].forged, 0);
	lp_stop(&lp);
}

/* nobody asked what became of it: then nothing became of it */
TQ_TEST(rfc9001_4_6_2_no_answer_is_a_rejection)
{
	struct tquic_conn *client;

	remember(100000, 10);
	client = start(&plain, false, true);
	lp_send(&lp, 0, 1000, true);
	lp_run(&lp, LP_MS);
	tquic_conn_keys(client, TQUIC_PKT_1RTT);
	TQ_EXPECT_EQ(client->early_data, TQUIC_EARLY_REJECTED);
	/* and it cannot be taken back */
	tquic_conn_early_result(client, true);
	TQ_EXPECT_EQ(client->early_data, TQUIC_EARLY_REJECTED);
	lp_stop(&lp);
}
