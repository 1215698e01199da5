// SPDX-License-Identifier: GPL-2.0
/* Key updates and the limits of AEADs: RFC 9001 section 6. */
#include "lib_pair.h"
#include "tap.h"

static struct lp lp;

static struct tquic_conn *start(u64 max_path_id)
{
	struct lp_config config = {
		.window = 1 << 20, .max_path_id = max_path_id,
	};

	lp_inject_link = 0;
	lp_start(&lp, &config);
	TQ_ASSERT(lp_handshake(&lp));
	lp_send(&lp, 0, 1000, false);
	lp_run(&lp, 200 * LP_MS);
	return lp.end[1].conn;
}

/* 1-RTT packet for the server, with any number and generation */
static enum tquic_drop inject(u32 path_id, u64 pn, u32 gen,
			      const struct tquic_frame *f)
{
	struct tquic_rx rx = {
		.type = TQUIC_PKT_1RTT, .path_id = path_id, .pn = pn,
		.gen = gen,
	};

	return lp_inject_rx(&lp, 1, &rx, f, 1);
}

static u64 next_pn(u32 path_id)
{
	const struct tquic_path *path = tquic_conn_path(lp.end[1].conn,
							path_id);

	return tquic_ackq_next(&path->space.ackq);
}

static const struct tquic_frame ping = { .type = TQUIC_FRAME_PING };

TQ_TEST(rfc9001_6_keys_are_updated_again_and_again)
{
	struct tquic_conn *client, *server = start(3);
	unsigned int i, tries;

	client = lp.end[0].conn;
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_run(&lp, 100 * LP_MS);
	lp.link[0].loss = 20;
	lp.link[1].delay = 50 * LP_MS;
	for (i = 1; i <= 10; i++) {
		tq_note("update %u", i);
		lp_send(&lp, 0, 300000, true);
		lp_send(&lp, 1, 300000, true);
		lp_run(&lp, 30 * LP_MS);
		/* both sides take the initiative in turn */
		for (tries = 0; tquic_conn_key_update(lp.end[i & 1].conn,
						      lp.now); tries++) {
			TQ_ASSERT(tries < 100);
			lp_run(&lp, 50 * LP_MS);
		}
		lp_run(&lp, 4 * TQUIC_NS_PER_SEC);
		TQ_EXPECT_EQ(client->keys.tx, i);
		TQ_EXPECT_EQ(client->keys.rx, i);
		TQ_EXPECT_EQ(client->keys.oldest, i);
		TQ_EXPECT_EQ(server->keys.tx, i);
		TQ_EXPECT_EQ(server->keys.rx, i);
	}
	TQ_EXPECT_EQ(lp.end[1].received, 3001000);
	TQ_EXPECT_EQ(lp.end[0].received, 3000000);
	TQ_EXPECT(!lp.end[0].bad && !lp.end[1].bad);
	/* whatever was late was opened with the keys that it was sealed with */
	TQ_EXPECT_EQ(lp.end[0].forged + lp.end[1].forged, 0);
	TQ_EXPECT_EQ(lp.end[1].drops[TQUIC_DROP_PROTOCOL], 0);
	lp_stop(&lp);
}

TQ_TEST(rfc9001_6_both_update_at_once)
{
	struct tquic_conn *client, *server = start(U64_MAX);

	client = lp.end[0].conn;
	lp_send(&lp, 1, 1000, false);
	lp_run(&lp, 200 * LP_MS);
	TQ_EXPECT_EQ(tquic_conn_key_update(client, lp.now), 0);
	TQ_EXPECT_EQ(tquic_conn_key_update(server, lp.now), 0);
	lp_send(&lp, 0, 100000, true);
	lp_send(&lp, 1, 100000, true);
	lp_run(&lp, TQUIC_NS_PER_SEC);
	TQ_EXPECT_EQ(client->keys.tx, 1);
	TQ_EXPECT_EQ(server->keys.tx, 1);
	TQ_EXPECT_EQ(lp.end[0].received, 101000);
	TQ_EXPECT_EQ(lp.end[1].received, 101000);
	TQ_EXPECT_EQ(lp.end[0].forged + lp.end[1].forged, 0);
	lp_stop(&lp);
}

TQ_TEST(rfc9001_6_1_no_update_before_the_handshake_is_confirmed)
{
	struct lp_config config = { .window = 1000, .max_path_id = U64_MAX };
	struct tquic_conn *conn;

	lp_start(&lp, &config);
	conn = lp.end[0].conn;
	/* even if everything else were there */
	conn->keys.acked = true;
	TQ_EXPECT_EQ(tquic_conn_key_update(conn, lp.now), -EAGAIN);
	conn->confirmed = true;
	TQ_EXPECT_EQ(tquic_conn_key_update(conn, lp.now), 0);
	lp_stop(&lp);
}

TQ_TEST(rfc9001_6_1_no_update_before_the_last_one_is_acknowledged)
{
	struct tquic_conn *conn;

	start(U64_MAX);
	conn = lp.end[0].conn;
	TQ_EXPECT_EQ(tquic_conn_key_update(conn, lp.now), 0);
	/* years later, if nothing is acknowledged */
	TQ_EXPECT_EQ(tquic_conn_key_update(conn, lp.now * 1000000), -EAGAIN);
	lp_stop(&lp);
}

TQ_TEST(rfc9001_6_5_updates_are_three_probe_timeouts_apart)
{
	struct tquic_conn *conn;
	tquic_time_t at;

	start(3);
	conn = lp.end[0].conn;
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	/* the slowest path counts, used or not */
	lp.link[1].delay = 300 * LP_MS;
	lp_run(&lp, TQUIC_NS_PER_SEC);
	at = lp.now;
	TQ_EXPECT_EQ(tquic_conn_key_update(conn, lp.now), 0);
	lp_send(&lp, 0, 1000, false);
	while (tquic_conn_key_update(conn, lp.now))
		lp_run(&lp, 10 * LP_MS);
	TQ_EXPECT(lp.now - at >= 3 * 600 * LP_MS);
	lp_stop(&lp);
}

TQ_TEST(rfc9001_6_5_old_keys_are_kept_for_late_packets)
{
	struct tquic_conn *server = start(U64_MAX);
	u64 pn = next_pn(0);

	TQ_EXPECT_EQ(inject(0, pn + 10, 1, &ping), TQUIC_DROP_NONE);
	TQ_EXPECT(server->events & TQUIC_CONN_E_PHASE);
	/* number and phase say which keys to take */
	TQ_EXPECT_EQ(tquic_conn_rx_gen(server, 0, pn + 9, false), 0);
	TQ_EXPECT_EQ(tquic_conn_rx_gen(server, 0, pn + 11, false), 2);
	TQ_EXPECT_EQ(tquic_conn_rx_gen(server, 0, pn + 11, true), 1);
	TQ_EXPECT_EQ(inject(0, pn + 9, 0, &ping), TQUIC_DROP_NONE);
	lp.now = server->keys.forget_at;
	tquic_conn_timeout(server, lp.now, GFP_KERNEL);
	TQ_EXPECT_EQ(server->keys.oldest, 1);
	TQ_EXPECT_EQ(inject(0, pn + 8, 0, &ping), TQUIC_DROP_KEYS);
	TQ_EXPECT_EQ(tquic_conn_rx_gen(server, 0, pn + 8, false), 2);
	/* nobody has keys beyond the next */
	TQ_EXPECT_EQ(inject(0, pn + 12, 3, &ping), TQUIC_DROP_KEYS);
	lp_stop(&lp);
}

static void refuses(enum tquic_drop drop)
{
	const struct tquic_conn *conn = lp.end[1].conn;

	TQ_EXPECT_EQ(drop, TQUIC_DROP_PROTOCOL);
	TQ_EXPECT_EQ(conn->state, TQUIC_CONN_CLOSING);
	TQ_EXPECT_EQ(conn->close.code, TQUIC_KEY_UPDATE_ERROR);
	lp_stop(&lp);
}

TQ_TEST(rfc9001_6_4_old_keys_for_a_higher_number_close)
{
	u64 pn;

	start(U64_MAX);
	pn = next_pn(0);
	TQ_EXPECT_EQ(inject(0, pn + 10, 1, &ping), TQUIC_DROP_NONE);
	refuses(inject(0, pn + 11, 0, &ping));

	/* the same, found out the other way round */
	start(U64_MAX);
	pn = next_pn(0);
	TQ_EXPECT_EQ(inject(0, pn + 11, 0, &ping), TQUIC_DROP_NONE);
	refuses(inject(0, pn + 10, 1, &ping));

	/* and when the first packet with new keys was not the lowest */
	start(U64_MAX);
	pn = next_pn(0);
	TQ_EXPECT_EQ(inject(0, pn + 20, 1, &ping), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(inject(0, pn + 19, 0, &ping), TQUIC_DROP_NONE);
	refuses(inject(0, pn + 18, 1, &ping));
}

/* numbers of one path say nothing about those of another */
TQ_TEST(mp21_2_4_key_updates_are_judged_path_by_path)
{
	struct tquic_conn *server = start(3);
	u64 pn = next_pn(0), other;

	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_run(&lp, 200 * LP_MS);
	other = next_pn(1);
	pn = max(pn, other);
	TQ_EXPECT_EQ(inject(1, other, 1, &ping), TQUIC_DROP_NONE);
	/* higher numbers with older keys, but on the other path */
	TQ_EXPECT_EQ(tquic_conn_rx_gen(server, 0, pn + 50, false), 0);
	TQ_EXPECT_EQ(inject(0, pn + 50, 0, &ping), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(inject(0, pn + 51, 1, &ping), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(server->state, TQUIC_CONN_ESTABLISHED);
	refuses(inject(1, other + 1, 0, &ping));
}

TQ_TEST(rfc9001_6_2_second_update_without_an_answer_closes)
{
	struct tquic_conn *server = start(U64_MAX);
	u64 pn = next_pn(0);

	TQ_EXPECT_EQ(inject(0, pn, 1, &ping), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(server->keys.tx, 1);
	refuses(inject(0, pn + 1, 2, &ping));

	/* after the acknowledgment it is fine */
	server = start(U64_MAX);
	pn = next_pn(0);
	TQ_EXPECT_EQ(inject(0, pn, 1, &ping), TQUIC_DROP_NONE);
	lp.end[0].conn->keys.tx = 1;
	lp.end[0].conn->keys.rx = 1;
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT(server->keys.answered);
	TQ_EXPECT_EQ(inject(0, pn + 40, 2, &ping), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(server->keys.tx, 2);
	lp_stop(&lp);
}

TQ_TEST(rfc9001_6_2_acknowledgment_with_old_keys_closes)
{
	struct tquic_conn *server = start(U64_MAX);
	struct tquic_frame ack = { .type = TQUIC_FRAME_ACK };
	struct tquic_path *path = tquic_conn_path(server, 0);
	u64 pn = next_pn(0);

	lp_send(&lp, 1, 1000, false);
	lp_run(&lp, 100 * LP_MS);
	ack.ack.largest = path->space.loss.sent.next - 1;
	TQ_EXPECT_EQ(tquic_conn_key_update(server, lp.now), 0);
	/* of packets sealed with the old ones: late, but not wrong */
	TQ_EXPECT_EQ(inject(0, pn + 10, 0, &ack), TQUIC_DROP_NONE);
	lp.link[0].down = true;
	lp_send(&lp, 1, 1000, false);
	lp_run(&lp, 10 * LP_MS);
	ack.ack.largest = path->space.loss.sent.next - 1;
	refuses(inject(0, pn + 11, 0, &ack));
}

TQ_TEST(rfc9001_6_6_keys_are_updated_before_they_are_worn_out)
{
	struct tquic_conn *client;

	start(3);
	client = lp.end[0].conn;
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_run(&lp, 200 * LP_MS);
	tquic_conn_aead_limits(client, 2000, 1000);
	lp_send(&lp, 0, 8 << 20, true);
	lp_run(&lp, 10 * TQUIC_NS_PER_SEC);
	TQ_EXPECT_EQ(lp.end[1].received, (8 << 20) + 1000);
	/* the packets of both paths are counted together */
	TQ_EXPECT(lp.link[1].carried[0] > 1 << 20);
	TQ_EXPECT(client->keys.tx >= 4);
	TQ_EXPECT_EQ(client->state, TQUIC_CONN_ESTABLISHED);
	lp_stop(&lp);
}

TQ_TEST(rfc9001_6_6_worn_out_keys_close_the_connection)
{
	static struct tquic_plan plan;
	struct tquic_conn *client;
	unsigned int i;

	start(U64_MAX);
	client = lp.end[0].conn;
	tquic_conn_aead_limits(client, 1000, 1000);
	/* no update, because the server never answers the first */
	client->keys.acked = false;
	client->keys.tx = 1;
	lp_send(&lp, 0, 8 << 20, true);
	for (i = 0; i < 2000 && client->state == TQUIC_CONN_ESTABLISHED; i++) {
		if (tquic_conn_plan(client, lp.now, &plan, GFP_KERNEL))
			while (plan.nsegs)
				if (plan.segs[--plan.nsegs].handle)
					lp_buf_ops.put(plan.segs[plan.nsegs]
						       .handle);
		tquic_conn_path(client, 0)->in_flight = 0;
		lp.now += LP_MS;
	}
	TQ_EXPECT_EQ(client->close.code, TQUIC_AEAD_LIMIT_REACHED);
	TQ_EXPECT(client->keys.sealed <= 1000);
	TQ_EXPECT(client->keys.sealed > 600);
	/* nothing at all is sealed beyond the limit */
	client->keys.sealed = 1000;
	client->close_due = true;
	TQ_EXPECT(!tquic_conn_plan(client, lp.now, &plan, GFP_KERNEL));
	lp_stop(&lp);
}

TQ_TEST(rfc9001_6_6_forged_packets_are_counted)
{
	struct tquic_conn *server = start(U64_MAX);
	struct tquic_tuple tuple;
	struct tquic_rx rx = { .now = lp.now, .tuple = &tuple };
	unsigned int i;

	lp_tuple(&lp, 1, 0, &tuple);
	tquic_conn_aead_limits(server, 1000, 10);
	for (i = 0; i < 20; i++)
		tquic_conn_unopened(server, &rx, false);
	TQ_EXPECT_EQ(server->keys.unopened, 0);
	for (i = 0; i < 10; i++)
		tquic_conn_unopened(server, &rx, true);
	TQ_EXPECT_EQ(server->state, TQUIC_CONN_ESTABLISHED);
	tquic_conn_unopened(server, &rx, true);
	TQ_EXPECT_EQ(server->state, TQUIC_CONN_CLOSING);
	TQ_EXPECT_EQ(server->close.code, TQUIC_AEAD_LIMIT_REACHED);
	lp_stop(&lp);
}

TQ_TEST(rfc9001_5_7_no_1rtt_packet_before_the_handshake_is_complete)
{
	struct lp_config config = { .window = 1000, .max_path_id = U64_MAX };
	struct tquic_rx rx = { .type = TQUIC_PKT_1RTT };

	lp_inject_link = 0;
	lp_start(&lp, &config);
	TQ_EXPECT_EQ(lp_inject_rx(&lp, 1, &rx, &ping, 1), TQUIC_DROP_KEYS);
	rx = (struct tquic_rx){ .type = TQUIC_PKT_1RTT };
	TQ_EXPECT_EQ(lp_inject_rx(&lp, 0, &rx, &ping, 1), TQUIC_DROP_KEYS);
	lp_stop(&lp);
}

/* RFC 9000 section 8.1: what cannot be opened counts, too */
TQ_TEST(rfc9000_8_1_every_byte_received_counts)
{
	struct lp_config config = { .window = 1000, .max_path_id = U64_MAX };
	struct tquic_tuple tuple;
	struct tquic_rx rx = { .tuple = &tuple, .dgram_len = 1234 };
	struct tquic_path *path;

	lp_start(&lp, &config);
	path = tquic_conn_path(lp.end[1].conn, 0);
	lp_tuple(&lp, 1, 0, &tuple);
	tquic_conn_unopened(lp.end[1].conn, &rx, false);
	TQ_EXPECT_EQ(tquic_path_allowance(path), 3 * 1234);
	tquic_conn_unopened(lp.end[1].conn, &rx, true);
	TQ_EXPECT_EQ(tquic_path_allowance(path), 6 * 1234);
	/* from elsewhere it is nobody's */
	tuple.remote_port++;
	tquic_conn_unopened(lp.end[1].conn, &rx, true);
	TQ_EXPECT_EQ(tquic_path_allowance(path), 6 * 1234);
	lp_stop(&lp);
}

/* HANDSHAKE_DONE may be lost: an acknowledgment says the same */
TQ_TEST(rfc9001_4_1_2_acknowledgment_confirms_the_handshake)
{
	struct tquic_frame ack = { .type = TQUIC_FRAME_ACK };
	struct lp_config config = { .window = 1000, .max_path_id = U64_MAX };
	struct tquic_conn *client;
	struct tquic_rx rx = { .type = TQUIC_PKT_1RTT };

	lp_inject_link = 0;
	lp_start(&lp, &config);
	client = lp.end[0].conn;
	while (client->state == TQUIC_CONN_HANDSHAKE)
		lp_run(&lp, LP_MS);
	TQ_ASSERT(!client->confirmed);
	lp_send(&lp, 0, 100, false);
	lp_run(&lp, LP_MS);
	ack.ack.largest = tquic_conn_path(client, 0)->space.loss.sent.next - 1;
	TQ_EXPECT_EQ(lp_inject_rx(&lp, 0, &rx, &ack, 1), TQUIC_DROP_NONE);
	TQ_EXPECT(client->confirmed);
	TQ_EXPECT(client->events & TQUIC_CONN_E_CONFIRMED);
	lp_stop(&lp);
}
