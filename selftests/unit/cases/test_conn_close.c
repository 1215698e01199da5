// SPDX-License-Identifier: GPL-2.0
/* How connections end: RFC 9000 section 10. */
#include "lib_pair.h"
#include "tap.h"

static struct lp lp;
static struct tquic_plan plan;

static const struct lp_config plain = {
	.window = 1 << 20, .max_path_id = 3,
};

static const struct tquic_frame ping = { .type = TQUIC_FRAME_PING };

static struct tquic_conn *start(const struct lp_config *config)
{
	lp_inject_link = 0;
	lp_start(&lp, config);
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 200 * LP_MS);
	return lp.end[1].conn;
}

TQ_TEST(rfc9000_10_1_sending_restarts_the_idle_timer)
{
	struct lp_config config = plain;
	struct tquic_conn *client;
	tquic_time_t at;

	config.idle = 5000;
	start(&config);
	client = lp.end[0].conn;
	lp_run(&lp, TQUIC_NS_PER_SEC);
	at = client->idle_at;
	lp.link[0].down = true;
	lp_send(&lp, 0, 100, false);
	lp_run(&lp, LP_MS);
	/* the first ack-eliciting packet since something was received */
	TQ_EXPECT(client->idle_at > at + 900 * LP_MS);
	at = client->idle_at;
	lp_run(&lp, TQUIC_NS_PER_SEC);
	TQ_EXPECT(tquic_conn_path(client, 0)->pto_count);
	/* but none of those that follow it unanswered */
	TQ_EXPECT_EQ(client->idle_at, at);
	lp_run(&lp, 5 * TQUIC_NS_PER_SEC);
	TQ_EXPECT_EQ(client->why, TQUIC_CONN_WHY_IDLE);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_10_1_idle_timeout_is_the_lower_one)
{
	struct tquic_tparams tp;
	struct tquic_conn *conn;
	struct tquic_wr wr;
	u8 buf[512];
	unsigned int i;

	/* ours is 30 s; 0 means none */
	static const u64 theirs[] = { 10000, 60000, 0 };
	static const u64 agreed[] = { 10, 30, 30 };

	for (i = 0; i < ARRAY_SIZE(theirs); i++) {
		lp_start(&lp, &plain);
		conn = lp.end[1].conn;
		tp = lp.end[0].conn->ours;
		tp.max_idle_timeout = theirs[i];
		wr = tquic_wr_init(buf, sizeof(buf));
		TQ_ASSERT_EQ(tquic_tparam_build(&wr, &tp, false), 0);
		TQ_EXPECT_EQ(tquic_conn_peer_tparams(conn, buf, wr.ptr - buf,
						     lp.now, GFP_KERNEL), 0);
		TQ_EXPECT_EQ(conn->idle, agreed[i] * TQUIC_NS_PER_SEC);
		lp_stop(&lp);
	}
}

TQ_TEST(rfc9000_10_1_idle_timeout_leaves_time_for_probes)
{
	struct lp_config config = plain;
	const struct tquic_path *path;
	struct tquic_conn *conn;

	config.idle = 1;
	lp_start(&lp, &config);
	conn = lp.end[0].conn;
	path = tquic_conn_path(conn, 0);
	TQ_EXPECT_EQ(conn->idle_at - lp.now, 3 * tquic_rtt_pto(&path->rtt, 0));
	lp_stop(&lp);
}

TQ_TEST(conn_handshake_timeout)
{
	struct lp_config config = plain;

	config.handshake_timeout = 2 * TQUIC_NS_PER_SEC;
	lp_start(&lp, &config);
	lp.link[0].down = true;
	lp_run(&lp, 1999 * LP_MS);
	TQ_EXPECT_EQ(lp.end[0].conn->state, TQUIC_CONN_HANDSHAKE);
	lp_run(&lp, 2 * LP_MS);
	TQ_EXPECT_EQ(lp.end[0].conn->state, TQUIC_CONN_CLOSED);
	TQ_EXPECT_EQ(lp.end[0].conn->why, TQUIC_CONN_WHY_HANDSHAKE);
	TQ_EXPECT_EQ(lp.end[1].conn->why, TQUIC_CONN_WHY_HANDSHAKE);
	lp_stop(&lp);

	/* it does not outlive the handshake */
	start(&config);
	lp_run(&lp, 5 * TQUIC_NS_PER_SEC);
	TQ_EXPECT_EQ(lp.end[0].conn->state, TQUIC_CONN_ESTABLISHED);
	TQ_EXPECT_EQ(lp.end[1].conn->state, TQUIC_CONN_ESTABLISHED);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_10_3_1_reset_ends_the_connection)
{
	u8 token[TQUIC_RESET_TOKEN_LEN], last;
	struct tquic_cid_local *cid = NULL;
	const struct tquic_cid *dcid;
	struct tquic_conn *server;
	unsigned int i;

	server = start(&plain);
	/* of an ID that is not in use: no reset */
	for (i = 0; i < lp.end[0].ncids; i++)
		if (lp.end[0].cids[i] && lp.end[0].cids[i]->path_id == 1)
			cid = lp.end[0].cids[i];
	TQ_ASSERT(cid);
	TQ_EXPECT(!tquic_conn_recv_reset(server, cid->token, lp.now));
	/* of the one that path 1 is used with */
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_run(&lp, 200 * LP_MS);
	dcid = &tquic_conn_path(server, 1)->dcid;
	for (i = 0; i < lp.end[0].ncids; i++)
		if (lp.end[0].cids[i] &&
		    !memcmp(lp.end[0].cids[i]->cid.id, dcid->id, dcid->len))
			cid = lp.end[0].cids[i];
	memcpy(token, cid->token, sizeof(token));
	/* every byte counts */
	for (i = 0; i < sizeof(token); i++) {
		last = token[i]++;
		TQ_EXPECT(!tquic_conn_recv_reset(server, token, lp.now));
		token[i] = last;
	}
	TQ_EXPECT_EQ(server->state, TQUIC_CONN_ESTABLISHED);
	lp_send(&lp, 1, 10000, true);
	TQ_EXPECT(tquic_conn_recv_reset(server, token, lp.now));
	/* all paths at once, and without a word */
	TQ_EXPECT_EQ(server->state, TQUIC_CONN_DRAINING);
	TQ_EXPECT_EQ(server->why, TQUIC_CONN_WHY_RESET);
	TQ_EXPECT(server->events & TQUIC_CONN_E_CLOSED);
	TQ_EXPECT(!tquic_conn_plan(server, lp.now, &plan, GFP_KERNEL));
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, &ping, 1), TQUIC_DROP_CLOSED);
	TQ_EXPECT(!tquic_conn_plan(server, lp.now, &plan, GFP_KERNEL));
	lp_run(&lp, 5 * TQUIC_NS_PER_SEC);
	TQ_EXPECT_EQ(server->state, TQUIC_CONN_CLOSED);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_10_2_2_closing_drains_when_the_peer_closes)
{
	struct tquic_frame frames[2] = {
		ping, { .type = TQUIC_FRAME_CONNECTION_CLOSE_APP },
	};
	struct tquic_conn *server = start(&plain);
	tquic_time_t end;

	tquic_conn_close(server, 7, true, "mine", lp.now);
	end = server->close_at;
	TQ_EXPECT(tquic_conn_plan(server, lp.now, &plan, GFP_KERNEL));
	lp.now += LP_MS;
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, frames, 2), TQUIC_DROP_CLOSED);
	TQ_EXPECT_EQ(server->state, TQUIC_CONN_DRAINING);
	TQ_EXPECT(!tquic_conn_plan(server, lp.now, &plan, GFP_KERNEL));
	/* it was still ours to begin with, and takes no longer */
	TQ_EXPECT_EQ(server->why, TQUIC_CONN_WHY_LOCAL);
	TQ_EXPECT_EQ(server->close_at, end);
	lp_stop(&lp);

	/* rubbish does not */
	server = start(&plain);
	tquic_conn_close(server, 7, true, "mine", lp.now);
	TQ_EXPECT(tquic_conn_plan(server, lp.now, &plan, GFP_KERNEL));
	frames[0] = (struct tquic_frame){ .type = TQUIC_FRAME_HANDSHAKE_DONE };
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, frames, 2), TQUIC_DROP_CLOSED);
	TQ_EXPECT_EQ(server->state, TQUIC_CONN_CLOSING);
	TQ_EXPECT(server->close_due);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_10_2_closing_lasts_three_probe_timeouts)
{
	struct tquic_conn *server = start(&plain);
	struct tquic_path *path;
	u64 pto;

	/* of the slowest path: multipath-21 section 3.4 */
	lp.link[1].delay = 400 * LP_MS;
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_run(&lp, 3 * TQUIC_NS_PER_SEC);
	path = tquic_conn_path(server, 1);
	pto = tquic_rtt_pto(&path->rtt, 25 * LP_MS);
	TQ_EXPECT(pto > 800 * LP_MS);
	tquic_conn_close(server, 0, true, NULL, lp.now);
	TQ_EXPECT(server->close_at - lp.now > 3 * pto * 95 / 100 &&
		  server->close_at - lp.now <= 3 * pto);
	TQ_EXPECT_EQ(tquic_conn_deadline(server, lp.now), server->close_at);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_10_2_1_answer_goes_where_the_packet_came_from)
{
	struct tquic_conn *server = start(&plain);

	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_run(&lp, 200 * LP_MS);
	tquic_conn_close(server, 7, true, NULL, lp.now);
	TQ_EXPECT(tquic_conn_plan(server, lp.now, &plan, GFP_KERNEL));
	lp_inject_link = 1;
	lp_inject(&lp, 1, 1, &ping, 1);
	TQ_EXPECT(tquic_conn_plan(server, lp.now, &plan, GFP_KERNEL));
	TQ_EXPECT_EQ(plan.path_id, 1);
	lp_inject_link = 0;
	lp_inject(&lp, 1, 0, &ping, 1);
	TQ_EXPECT(tquic_conn_plan(server, lp.now, &plan, GFP_KERNEL));
	TQ_EXPECT_EQ(plan.path_id, 0);
	lp_stop(&lp);
}

/* the peer may have any of the keys */
TQ_TEST(rfc9000_10_2_3_close_at_every_level)
{
	struct tquic_conn *conn;
	unsigned int who, i;

	for (who = 0; who < 2; who++) {
		lp_start(&lp, &plain);
		/* the server's flight is on its way */
		lp_run(&lp, 15 * LP_MS);
		conn = lp.end[who].conn;
		tquic_conn_keys(conn, TQUIC_PKT_HANDSHAKE);
		tquic_conn_keys(conn, TQUIC_PKT_1RTT);
		tquic_conn_close(conn, 5, true, "because", lp.now);
		TQ_ASSERT(tquic_conn_plan(conn, lp.now, &plan, GFP_KERNEL));
		TQ_ASSERT_EQ(plan.npkts, 3);
		TQ_EXPECT_EQ(plan.pkts[0].type, TQUIC_PKT_INITIAL);
		TQ_EXPECT_EQ(plan.pkts[1].type, TQUIC_PKT_HANDSHAKE);
		TQ_EXPECT_EQ(plan.pkts[2].type, TQUIC_PKT_1RTT);
		for (i = 0; i < 3; i++) {
			const u8 *p = plan.arena +
				      plan.segs[plan.pkts[i].seg].pos;

			TQ_EXPECT_EQ(plan.pkts[i].joined, !!i);
			TQ_EXPECT_EQ(p[0], i < 2 ?
				     TQUIC_FRAME_CONNECTION_CLOSE :
				     TQUIC_FRAME_CONNECTION_CLOSE_APP);
			TQ_EXPECT_EQ(p[1], i < 2 ? TQUIC_APPLICATION_ERROR : 5);
		}
		/* a client's Initial fills its datagram */
		TQ_EXPECT(who ? plan.bytes < 1200 : plan.bytes == 1200);
		lp_stop(&lp);
	}
}

/* RFC 9000 section 8.1: not even for a goodbye */
TQ_TEST(rfc9000_10_2_1_goodbye_respects_amplification)
{
	struct tquic_conn *server;

	lp_start(&lp, &plain);
	server = lp.end[1].conn;
	tquic_conn_close(server, 5, true, NULL, lp.now);
	TQ_EXPECT(!tquic_conn_plan(server, lp.now, &plan, GFP_KERNEL));
	lp_stop(&lp);
}

TQ_TEST(rfc9000_19_19_reason_is_kept_for_the_user)
{
	static const u8 words[200] = "go away, please";
	struct tquic_frame f = {
		.type = TQUIC_FRAME_CONNECTION_CLOSE_APP,
		.data = words, .len = 15, .close = { .code = 77 },
	};
	struct tquic_conn *server = start(&plain);

	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, &f, 1), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(server->remote_reason_len, 15);
	TQ_EXPECT_MEM_EQ(server->remote_reason, words, 15);
	TQ_EXPECT_EQ(server->remote_close.code, 77);
	lp_stop(&lp);

	/* as much of it as fits */
	server = start(&plain);
	f.len = sizeof(words);
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, &f, 1), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(server->remote_reason_len, TQUIC_CONN_REASON);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_12_3_numbers_run_out)
{
	struct tquic_conn *client;
	struct tquic_sent *sent;

	start(&plain);
	client = lp.end[0].conn;
	sent = &tquic_conn_path(client, 0)->space.loss.sent;
	TQ_ASSERT_EQ(sent->outstanding, 0);
	tquic_sent_free(sent);
	sent->base = TQUIC_PN_MAX + 1 - TQUIC_SENT_CHUNK;
	sent->next = TQUIC_PN_MAX - 1;
	tquic_conn_path(client, 0)->space.loss.largest_acked = sent->next - 1;
	lp_send(&lp, 0, 100, false);
	TQ_EXPECT(tquic_conn_plan(client, lp.now, &plan, GFP_KERNEL));
	TQ_EXPECT_EQ(plan.pkts[0].pn, TQUIC_PN_MAX - 1);
	while (plan.nsegs)
		if (plan.segs[--plan.nsegs].handle)
			lp_buf_ops.put(plan.segs[plan.nsegs].handle);
	lp_send(&lp, 0, 100, false);
	TQ_EXPECT(!tquic_conn_plan(client, lp.now, &plan, GFP_KERNEL));
	/* no goodbye either */
	TQ_EXPECT_EQ(client->state, TQUIC_CONN_CLOSED);
	TQ_EXPECT_EQ(client->why, TQUIC_CONN_WHY_NUMBERS);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_21_4_skipped_number_acknowledged_closes)
{
	struct tquic_frame ack = { .type = TQUIC_FRAME_PATH_ACK };
	struct tquic_conn *client;
	struct tquic_space *space;
	u64 pn, skipped = 0;

	start(&plain);
	client = lp.end[0].conn;
	space = &tquic_conn_path(client, 0)->space;
	lp_send(&lp, 0, 3 << 20, true);
	/* honest peers do not notice */
	lp_run(&lp, 6 * TQUIC_NS_PER_SEC);
	TQ_EXPECT_EQ(lp.end[1].received, 3 << 20);
	TQ_EXPECT(space->loss.sent.next > 2600);
	lp_send(&lp, 0, 8 << 20, true);
	for (pn = 0; !skipped && lp.now < 60 * TQUIC_NS_PER_SEC;) {
		lp_run(&lp, LP_MS);
		for (pn = tquic_sent_next_outstanding(&space->loss.sent, 0);
		     pn != TQUIC_SENT_NONE;
		     pn = tquic_sent_next_outstanding(&space->loss.sent,
						      pn + 1))
			if (tquic_sent_get(&space->loss.sent, pn)->flags &
			    TQUIC_SENT_SKIPPED)
				skipped = pn;
	}
	TQ_ASSERT(skipped);
	ack.ack.largest = skipped;
	TQ_EXPECT_EQ(lp_inject(&lp, 0, 0, &ack, 1), TQUIC_DROP_PROTOCOL);
	TQ_EXPECT_EQ(client->close.code, TQUIC_PROTOCOL_VIOLATION);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_17_4_spin_bit)
{
	unsigned int i, spinning = 0, set = 0, turns = 0;
	struct lp_config config = plain;
	struct tquic_path *path;
	bool last;

	/* not what nobody asked for */
	start(&config);
	TQ_EXPECT(!tquic_conn_path(lp.end[0].conn, 0)->spins);
	lp_stop(&lp);

	config.spin = true;
	for (i = 0; i < 200; i++) {
		lp_start(&lp, &config);
		path = tquic_conn_path(lp.end[0].conn, 0);
		spinning += path->spins;
		/* a bit that says nothing is not always the same */
		set += !path->spins && path->spin;
		lp_stop(&lp);
	}
	/* off on one of sixteen, at random */
	TQ_EXPECT(spinning > 170 && spinning < 199);
	TQ_EXPECT(set && set < 200 - spinning);

	do {
		if (lp.end[0].conn)
			lp_stop(&lp);
		start(&config);
		path = tquic_conn_path(lp.end[0].conn, 0);
	} while (!path->spins ||
		 !tquic_conn_path(lp.end[1].conn, 0)->spins);
	lp.link[0].delay = 50 * LP_MS;
	lp_send(&lp, 0, 3 << 20, true);
	lp_run(&lp, 500 * LP_MS);
	last = path->spin;
	for (i = 0; i < 1000; i++) {
		lp_run(&lp, LP_MS);
		turns += path->spin != last;
		last = path->spin;
	}
	/* once a round trip, which is 100 ms and what waits in the queue */
	TQ_EXPECT(turns >= 6 && turns <= 10);
	lp_stop(&lp);
}

TQ_TEST(rfc9287_3_1_quic_bit_is_greased)
{
	unsigned int i, clear, bits;
	struct lp_config config = plain;

	for (bits = 0; bits < 3; bits++) {
		config.grease = bits != 2;
		clear = 0;
		start(&config);
		/* it has to be offered, and wanted */
		if (bits)
			tquic_tparam_set(&lp.end[0].conn->theirs,
					 TQUIC_TPARAM_GREASE_QUIC_BIT);
		for (i = 0; i < 100; i++) {
			lp.now += LP_MS;
			tquic_conn_path(lp.end[0].conn, 0)->pending |=
				TQUIC_PATH_P_PING;
			TQ_ASSERT(tquic_conn_plan(lp.end[0].conn, lp.now,
						  &plan, GFP_KERNEL));
			clear += !(plan.arena[plan.pkts[0].hdr] &
				   TQUIC_PKT_FIXED);
			tquic_conn_path(lp.end[0].conn, 0)->in_flight = 0;
		}
		if (bits == 1)
			TQ_EXPECT(clear > 20 && clear < 80);
		else
			TQ_EXPECT_EQ(clear, 0);
		tquic_conn_path(lp.end[0].conn, 0)->in_flight =
			tquic_conn_path(lp.end[0].conn, 0)->space.loss
				.in_flight;
		lp_stop(&lp);
	}
}

TQ_TEST(rfc9000_18_2_datagrams_no_larger_than_the_peer_takes)
{
	struct tquic_tparams tp;
	struct tquic_conn *conn;
	struct tquic_wr wr;
	u8 buf[512];

	lp_start(&lp, &plain);
	conn = lp.end[1].conn;
	conn->config.mds = 1400;
	tquic_conn_path(conn, 0)->mds = 1400;
	tp = lp.end[0].conn->ours;
	tp.max_udp_payload_size = 1300;
	tquic_tparam_set(&tp, TQUIC_TPARAM_MAX_UDP_PAYLOAD_SIZE);
	wr = tquic_wr_init(buf, sizeof(buf));
	TQ_ASSERT_EQ(tquic_tparam_build(&wr, &tp, false), 0);
	TQ_EXPECT_EQ(tquic_conn_peer_tparams(conn, buf, wr.ptr - buf, lp.now,
					     GFP_KERNEL), 0);
	TQ_EXPECT_EQ(tquic_conn_path(conn, 0)->mds, 1300);
	lp_stop(&lp);
}
