// SPDX-License-Identifier: GPL-2.0
/* Acknowledgments between two ends: which way, how often, how soon. */
#include "core/conn_priv.h"
#include "lib_pair.h"
#include "tap.h"

static const struct lp_config multi = {
	.window = 8 << 20, .max_path_id = 3,
};

static struct lp lp;

static struct tquic_path *path_of(unsigned int who, u32 id)
{
	return tquic_conn_path(lp.end[who].conn, id);
}

/* 20 ms and 200 ms there and back, both 10 Mb/s */
static void two_paths(const struct lp_config *config)
{
	lp_start(&lp, config);
	lp.link[1].delay = 100 * LP_MS;
	lp.link[1].queue = 500000;
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 200 * LP_MS);
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_run(&lp, 500 * LP_MS);
}

/* trap 1: each path measures its own round trip */
TQ_TEST(trap_01_acks_go_where_their_packets_came)
{
	two_paths(&multi);
	lp_send(&lp, 0, 8 << 20, true);
	lp_run(&lp, 2 * TQUIC_NS_PER_SEC);
	TQ_EXPECT_EQ(path_of(0, 0)->acks.via, 0);
	TQ_EXPECT_EQ(path_of(0, 1)->acks.via, 1);
	TQ_EXPECT(path_of(0, 0)->rtt.min >= 20 * LP_MS &&
		  path_of(0, 0)->rtt.min < 40 * LP_MS);
	TQ_EXPECT(path_of(0, 1)->rtt.min >= 200 * LP_MS);
	TQ_EXPECT(lp.link[1].carried[0] > 100000);
	lp_stop(&lp);
}

/* trap 1: and elsewhere when the way back is dead, so the path stays in use */
TQ_TEST(trap_01_acks_find_another_way)
{
	unsigned int dead;
	u64 before;

	for (dead = 0; dead < 2; dead++) {
		tq_note("way back of %u", dead);
		two_paths(&multi);
		lp_send(&lp, 0, 8 << 20, true);
		lp_run(&lp, 1000 * LP_MS);
		lp.link[dead].mute[1] = true;
		lp_run(&lp, 1000 * LP_MS);
		before = lp.link[dead].carried[0];
		TQ_EXPECT(path_of(1, dead)->acks.away);
		TQ_EXPECT_EQ(path_of(0, dead)->acks.via, !dead);
		lp_run(&lp, 1000 * LP_MS);
		TQ_EXPECT(lp.link[dead].carried[0] > before + 400000);
		/* it heals, and they come back */
		lp.link[dead].mute[1] = false;
		lp_run(&lp, 1500 * LP_MS);
		lp_send(&lp, 0, 3 << 20, true);
		lp_run(&lp, 3500 * LP_MS);
		TQ_EXPECT(!path_of(1, dead)->acks.away);
		TQ_EXPECT_EQ(path_of(0, dead)->acks.via, dead);
		TQ_EXPECT(!lp.end[1].bad);
		lp_run(&lp, 5 * TQUIC_NS_PER_SEC);
		TQ_EXPECT_EQ(lp.end[1].received, 11 << 20);
		lp_stop(&lp);
	}
}

/* multipath-21 section 5.3: no RTT of two half paths passes for one */
TQ_TEST(mp21_rtt_only_from_acks_of_the_same_path)
{
	const struct tquic_rtt *rtt;

	two_paths(&multi);
	lp.link[1].queue = 20000;
	lp_send(&lp, 0, 8 << 20, true);
	lp_run(&lp, 1000 * LP_MS);
	rtt = &path_of(0, 1)->rtt;
	lp.link[1].mute[1] = true;
	lp_run(&lp, 900 * LP_MS);
	TQ_EXPECT_EQ(path_of(0, 1)->acks.via, 0);
	TQ_EXPECT(!path_of(0, 1)->acks.cross);
	TQ_EXPECT(rtt->min >= 200 * LP_MS);
	TQ_EXPECT(rtt->smoothed >= 200 * LP_MS);
	/* until it is clear that they come that way for good */
	lp_run(&lp, 1500 * LP_MS);
	TQ_EXPECT(path_of(0, 1)->acks.cross);
	TQ_EXPECT(rtt->min >= 110 * LP_MS && rtt->min < 190 * LP_MS);
	lp_stop(&lp);
}

/* without IMMEDIATE_ACK what comes again has to tell */
TQ_TEST(rfc9000_13_2_repeats_show_that_acks_are_not_heard)
{
	static const u8 bytes[40];
	struct tquic_frame f = {
		.type = TQUIC_FRAME_STREAM | TQUIC_FRAME_STREAM_LEN,
		.data = bytes, .len = 40, .stream = { .id = 4 },
	};
	struct tquic_path *path;
	struct tquic_conn *conn;

	two_paths(&multi);
	conn = lp.end[1].conn;
	path = path_of(1, 1);
	lp_inject_link = 1;
	conn->theirs.present &= ~BIT(TQUIC_TPARAM_MIN_ACK_DELAY);
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 1, &f, 1), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(path->space.ackq.repeats, 0);
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 1, &f, 1), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(path->space.ackq.repeats, 1);
	/* new bytes, or anything else new: it was only one */
	f.stream.offset = 30;
	f.type |= TQUIC_FRAME_STREAM_OFF;
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 1, &f, 1), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(path->space.ackq.repeats, 0);
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 1, &f, 1), TQUIC_DROP_NONE);
	TQ_EXPECT(!path->acks.away);
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 1, &f, 1), TQUIC_DROP_NONE);
	TQ_EXPECT(path->acks.away);
	TQ_EXPECT_EQ(tquic_conn_ack_path(conn, path)->id, 0);
	TQ_EXPECT(path->space.ackq.urgent);
	/* who can ask does, and sends copies for other reasons */
	path->acks.away = false;
	conn->theirs.present |= BIT(TQUIC_TPARAM_MIN_ACK_DELAY);
	lp_inject(&lp, 1, 1, &f, 1);
	lp_inject(&lp, 1, 1, &f, 1);
	lp_inject(&lp, 1, 1, &f, 1);
	TQ_EXPECT(!path->acks.away);
	f = (struct tquic_frame){ .type = TQUIC_FRAME_IMMEDIATE_ACK };
	lp_inject(&lp, 1, 1, &f, 1);
	TQ_EXPECT(path->acks.away);
	lp_inject_link = 0;
	lp_stop(&lp);
}

/* the PING that goes along is acknowledged: nothing was wrong */
TQ_TEST(conn_reply_false_alarm_passes)
{
	struct tquic_path *path;

	two_paths(&multi);
	path = path_of(1, 1);
	tquic_conn_reply_unheard(lp.end[1].conn, path, lp.now);
	TQ_EXPECT(path->acks.away);
	lp_run(&lp, 150 * LP_MS);
	TQ_EXPECT(path->acks.away);
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT(!path->acks.away);
	lp_stop(&lp);
}

/* a lone path has no other way: asked or not, it goes on there */
TQ_TEST(ack_frequency_5_immediate_ack_is_answered_at_once)
{
	struct tquic_frame f = { .type = TQUIC_FRAME_IMMEDIATE_ACK };
	u64 plans;

	lp_start(&lp, &multi);
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 200 * LP_MS);
	plans = lp.end[1].plans;
	lp_inject(&lp, 1, 0, &f, 1);
	TQ_EXPECT_EQ(tquic_ackq_deadline(&path_of(1, 0)->space.ackq), lp.now);
	TQ_EXPECT(!path_of(1, 0)->acks.away);
	lp_run(&lp, 1);
	TQ_EXPECT_EQ(lp.end[1].plans, plans + 1);
	TQ_EXPECT_EQ(path_of(1, 0)->space.ackq.pending, 0);
	lp_stop(&lp);
}

/* the sender asks for acknowledgments in time, and its timers know */
TQ_TEST(ack_frequency_4_the_shortest_round_trip_sets_the_delay)
{
	struct tquic_conn *tx;

	two_paths(&multi);
	lp_send(&lp, 0, 4 << 20, true);
	lp_run(&lp, 3 * TQUIC_NS_PER_SEC);
	tx = lp.end[0].conn;
	TQ_EXPECT(tx->ask.seq);
	TQ_EXPECT_EQ(lp.end[1].conn->ask.heard, tx->ask.seq);
	TQ_EXPECT_EQ(lp.end[1].conn->ask.limits.delay,
		     div_u64(tx->ask.asked, 1000) * 1000);
	TQ_EXPECT(tx->ask.asked >= 5 * LP_MS && tx->ask.asked < 25 * LP_MS);
	TQ_EXPECT_EQ(tx->ask.granted, tx->ask.asked);
	TQ_EXPECT_EQ(lp.end[1].conn->ask.limits.reorder, 3);
	TQ_EXPECT_EQ(lp.end[1].conn->ask.limits.tolerance, 32);
	lp_stop(&lp);
}

TQ_TEST(ack_frequency_4_requests_survive_loss)
{
	unsigned int i;

	for (i = 0; i < 10; i++) {
		tq_note("round %u", i);
		lp_start(&lp, &multi);
		lp.link[0].loss = 250;
		TQ_ASSERT(lp_handshake(&lp));
		lp_send(&lp, 0, 100000, true);
		lp_run(&lp, 20 * TQUIC_NS_PER_SEC);
		TQ_EXPECT(lp.end[0].conn->ask.seq);
		TQ_EXPECT(!lp.end[0].conn->ask.due);
		TQ_EXPECT_EQ(lp.end[1].conn->ask.heard,
			     lp.end[0].conn->ask.seq);
		lp_stop(&lp);
	}
}

TQ_TEST(ack_frequency_4_requests_are_obeyed_in_order)
{
	struct tquic_frame f = {
		.type = TQUIC_FRAME_ACK_FREQUENCY,
		.ack_frequency = {
			.seq = 10, .threshold = 4, .max_delay = 2000,
			.reorder = 7,
		},
	};
	struct tquic_ackq *q;

	lp_start(&lp, &multi);
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 200 * LP_MS);
	q = &path_of(1, 0)->space.ackq;
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, &f, 1), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(lp.end[1].conn->ask.limits.tolerance, 5);
	TQ_EXPECT_EQ(q->delay, 2 * LP_MS);
	TQ_EXPECT_EQ(q->reorder, 7);
	/* an older one, and the same again */
	f.ack_frequency.threshold = 0;
	f.ack_frequency.seq = 9;
	lp_inject(&lp, 1, 0, &f, 1);
	TQ_EXPECT_EQ(lp.end[1].conn->ask.limits.tolerance, 5);
	f.ack_frequency.seq = 10;
	lp_inject(&lp, 1, 0, &f, 1);
	TQ_EXPECT_EQ(lp.end[1].conn->ask.limits.tolerance, 5);
	/* zero: every packet; beyond any bound: ours */
	f.ack_frequency.seq = 11;
	lp_inject(&lp, 1, 0, &f, 1);
	TQ_EXPECT_EQ(lp.end[1].conn->ask.limits.tolerance, 1);
	TQ_EXPECT_EQ(q->tolerance, 1);
	f.ack_frequency.seq = 12;
	f.ack_frequency.threshold = (1ULL << 62) - 1;
	f.ack_frequency.reorder = (1ULL << 62) - 1;
	f.ack_frequency.max_delay = (1ULL << 62) - 1;
	lp_inject(&lp, 1, 0, &f, 1);
	TQ_EXPECT_EQ(lp.end[1].conn->ask.limits.tolerance, 32);
	TQ_EXPECT_EQ(lp.end[1].conn->ask.limits.delay, 25 * LP_MS);
	TQ_EXPECT_EQ(q->reorder, U32_MAX);
	/* less than was said to be possible */
	f.ack_frequency.seq = 13;
	f.ack_frequency.max_delay = 999;
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, &f, 1), TQUIC_DROP_PROTOCOL);
	TQ_EXPECT_EQ(lp.end[1].conn->close.code, TQUIC_PROTOCOL_VIOLATION);
	lp_stop(&lp);
}

/* of 250 Mb/s down hardly a few per cent of 10 Mb/s up, in one go */
TQ_TEST(ackfreq_download_leaves_the_uplink_alone)
{
	static const struct {
		u64 down, up, delay;
	} cases[] = {
		{ 31250000, 1250000, 10 * LP_MS },
		{ 7500000, 500000, 10 * LP_MS },
		{ 7500000, 500000, 25 * LP_MS },
	};
	u64 before, bytes, wire;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		tq_note("case %u", i);
		lp_start(&lp, &multi);
		lp.link[0].delay = cases[i].delay;
		lp.link[0].rate = cases[i].down;
		lp.link[0].queue = cases[i].down / 20;
		TQ_ASSERT(lp_handshake(&lp));
		lp_run(&lp, 100 * LP_MS);
		lp_send(&lp, 1, cases[i].down * 2, true);
		lp_run(&lp, 1000 * LP_MS);
		before = lp.link[0].carried[0];
		bytes = lp.link[0].carried[1];
		lp_run(&lp, 800 * LP_MS);
		wire = lp.link[0].carried[0] - before;
		bytes = lp.link[0].carried[1] - bytes;
		TQ_EXPECT(bytes > cases[i].down * 8 / 10 * 85 / 100);
		/* 42 bytes of headers for each of about 45 */
		TQ_EXPECT(wire * 2 < cases[i].up * 8 / 10 * 8 / 100);
		lp_stop(&lp);
	}
}

/* the other way back answers first after an outage: no RTT of this path */
TQ_TEST(conn_reply_an_outage_settles_nothing)
{
	struct tquic_path *path;

	two_paths(&multi);
	path = path_of(0, 1);
	lp.end[0].conn->config.failover_timeout = 2 * TQUIC_NS_PER_SEC;
	lp_send(&lp, 0, 8 << 20, true);
	lp_run(&lp, 1000 * LP_MS);
	lp.link[1].mute[0] = true;
	lp.link[1].mute[1] = true;
	lp_run(&lp, 10 * TQUIC_NS_PER_SEC);
	TQ_EXPECT(path->failed);
	tquic_conn_reply_unheard(lp.end[1].conn, path_of(1, 1), lp.now);
	tquic_rtt_restart(&path->rtt);
	lp.link[1].mute[0] = false;
	lp.link[1].mute[1] = false;
	lp_send(&lp, 0, 8 << 20, true);
	lp_run(&lp, 4 * TQUIC_NS_PER_SEC);
	TQ_EXPECT(!path->failed);
	TQ_EXPECT(!path->acks.cross);
	TQ_EXPECT(path->rtt.min >= 200 * LP_MS);
	lp_stop(&lp);
}

/* who only receives learns which of its acknowledgments arrived, too */
TQ_TEST(rfc9000_13_2_4_ranges_are_told_no_longer_than_needed)
{
	unsigned int i, most = 0;

	lp_start(&lp, &multi);
	lp.link[0].rate = 12500000;
	lp.link[0].queue = 16 << 20;
	TQ_ASSERT(lp_handshake(&lp));
	lp_send(&lp, 0, 64 << 20, true);
	for (i = 0; i < 70; i++) {
		lp_run(&lp, 100 * LP_MS);
		most = max_t(unsigned int, most,
			     path_of(1, 0)->space.ackq.frame_ranges);
	}
	TQ_EXPECT_EQ(lp.end[1].received, 64 << 20);
	/* numbers were left out, none was lost */
	TQ_EXPECT_EQ(path_of(0, 0)->lost_packets, 0);
	TQ_EXPECT(path_of(1, 0)->space.ackq.seen.count > 30);
	TQ_EXPECT(most < 3 * TQUIC_ACKQ_PING_RANGES);
	lp_stop(&lp);
}

/* what was on its way when the link went down goes out again elsewhere */
TQ_TEST(conn_path_down_acknowledges_elsewhere)
{
	u64 serial;

	two_paths(&multi);
	lp_send(&lp, 0, 8 << 20, true);
	lp_run(&lp, 1000 * LP_MS);
	serial = path_of(1, 1)->space.ackq.serial;
	TQ_EXPECT_EQ(path_of(0, 1)->acks.via, 1);
	lp.link[1].mute[0] = true;
	lp.link[1].mute[1] = true;
	TQ_EXPECT_EQ(tquic_conn_path_down(lp.end[1].conn, 1, lp.now), 0);
	TQ_EXPECT(path_of(1, 1)->space.ackq.pending);
	TQ_EXPECT(path_of(1, 1)->space.ackq.urgent);
	lp_run(&lp, 15 * LP_MS);
	TQ_EXPECT(path_of(1, 1)->space.ackq.serial > serial);
	TQ_EXPECT_EQ(path_of(0, 1)->acks.via, 0);
	lp_stop(&lp);
}
