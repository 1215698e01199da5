// SPDX-License-Identifier: GPL-2.0
/* Addresses of paths: their proof, and what a change of them means. */
#include "core/conn_priv.h"
#include "lib_pair.h"
#include "tap.h"

#define MS	TQUIC_NS_PER_MS
#define SEC	TQUIC_NS_PER_SEC

static struct lp lp;
static struct tquic_plan plan;

static const struct lp_config multi = {
	.window = 8 << 20, .max_path_id = 3,
};

static struct tquic_path *path_of(unsigned int who, u32 id)
{
	return tquic_conn_path(lp.end[who].conn, id);
}

static void start(void)
{
	lp_inject_link = 0;
	lp_start(&lp, &multi);
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 300 * MS);
}

static enum tquic_drop inject(unsigned int who, u32 id, unsigned int link,
			      const struct tquic_frame *f)
{
	enum tquic_drop drop;

	lp_inject_link = link;
	drop = lp_inject(&lp, who, id, f, 1);
	lp_inject_link = 0;
	return drop;
}

static bool next_plan(unsigned int who)
{
	return tquic_conn_plan(lp.end[who].conn, lp_now(&lp, who), &plan,
			       GFP_KERNEL);
}

/* Where in the arena a frame of a type with eight bytes is, or NULL. */
static const u8 *find_frame(u8 type, const u8 *data)
{
	unsigned int i;

	for (i = 0; i + 9 <= plan.used; i++)
		if (plan.arena[i] == type &&
		    (!data || !memcmp(plan.arena + i + 1, data, 8)))
			return plan.arena + i;
	return NULL;
}

static const struct tquic_frame ping = { .type = TQUIC_FRAME_PING };
static const struct tquic_frame challenge = {
	.type = TQUIC_FRAME_PATH_CHALLENGE, .probe = "12345678",
};

TQ_TEST(rfc9000_8_2_1_challenges_are_unpredictable)
{
	u8 seen[TQUIC_PATH_TRIES][TQUIC_PATH_PROBE_LEN];
	unsigned int i, j, n = 0;
	struct tquic_path *path;

	start();
	lp.link[1].down = true;
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	path = path_of(0, 1);
	for (i = 0; i < 200 && n < TQUIC_PATH_TRIES; i++) {
		lp_run(&lp, 100 * MS);
		if (n && !memcmp(seen[n - 1], path->check.data, 8))
			continue;
		memcpy(seen[n++], path->check.data, 8);
	}
	TQ_EXPECT_EQ(n, TQUIC_PATH_TRIES);
	for (i = 0; i < n; i++)
		for (j = 0; j < i; j++)
			TQ_EXPECT(memcmp(seen[i], seen[j], 8));
	lp_stop(&lp);

	/* without random bytes there is none, and no spinning either */
	start();
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp.end[0].conn->entropy_left = 3;
	TQ_EXPECT(!next_plan(0));
	TQ_EXPECT(!path_of(0, 1)->check.open);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_8_2_1_challenges_are_expanded)
{
	start();
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	TQ_ASSERT(next_plan(0));
	TQ_EXPECT_EQ(plan.path_id, 1);
	TQ_EXPECT_EQ(plan.npkts, 1);
	TQ_EXPECT_EQ(plan.bytes, 1200);
	TQ_EXPECT(find_frame(TQUIC_FRAME_PATH_CHALLENGE,
			     path_of(0, 1)->check.data));
	TQ_EXPECT(path_of(0, 1)->check.full);
	lp_stop(&lp);
}

/* a new path of which little was heard: the server has to be brief */
static struct tquic_path *brief_challenge(void)
{
	struct tquic_path *path;

	start();
	TQ_EXPECT_EQ(inject(1, 1, 1, &ping), TQUIC_DROP_NONE);
	path = path_of(1, 1);
	TQ_ASSERT(path);
	path->rx_bytes = 200;
	TQ_ASSERT(next_plan(1));
	TQ_EXPECT_EQ(plan.path_id, 1);
	TQ_EXPECT(plan.bytes <= 600);
	TQ_EXPECT(find_frame(TQUIC_FRAME_PATH_CHALLENGE, path->check.data));
	return path;
}

TQ_TEST(rfc9000_8_2_1_small_challenge_is_followed_by_a_full_one)
{
	struct tquic_frame f = { .type = TQUIC_FRAME_PATH_RESPONSE };
	struct tquic_path *path = brief_challenge();

	TQ_EXPECT(!path->check.full);
	memcpy(f.probe, path->check.data, 8);
	TQ_EXPECT_EQ(inject(1, 1, 1, &f), TQUIC_DROP_NONE);
	TQ_EXPECT(path->validated);
	TQ_ASSERT(next_plan(1));
	TQ_EXPECT_EQ(plan.path_id, 1);
	TQ_EXPECT_EQ(plan.pkts[0].size, 1200);
	TQ_EXPECT(find_frame(TQUIC_FRAME_PATH_CHALLENGE, path->check.data));
	TQ_EXPECT(memcmp(f.probe, path->check.data, 8));
	memcpy(f.probe, path->check.data, 8);
	TQ_EXPECT_EQ(inject(1, 1, 1, &f), TQUIC_DROP_NONE);
	TQ_EXPECT(!path->check.due && !path->check.open);
	lp_stop(&lp);
}

/* trap 14: padding waits for what the address is owed, and then happens */
TQ_TEST(trap_14_padding_waits_for_the_amplification_limit)
{
	struct tquic_path *path = brief_challenge();

	TQ_EXPECT(path->tx_bytes <= 3 * path->rx_bytes);
	/* not answered: asked again, but never more than is owed */
	lp.link[1].down = true;
	lp_run(&lp, 20 * SEC);
	path = path_of(1, 1);
	TQ_EXPECT(!path || path->tx_bytes <= 600);
	lp_stop(&lp);
}

/* once for each challenge, at once */
TQ_TEST(rfc9000_8_2_2_response_on_the_same_path)
{
	struct tquic_tuple tuple;

	start();
	TQ_EXPECT_EQ(inject(1, 0, 0, &challenge), TQUIC_DROP_NONE);
	TQ_ASSERT(next_plan(1));
	TQ_EXPECT_EQ(plan.path_id, 0);
	TQ_EXPECT(find_frame(TQUIC_FRAME_PATH_RESPONSE, challenge.probe));
	while (next_plan(1))
		TQ_EXPECT(!find_frame(TQUIC_FRAME_PATH_RESPONSE,
				      challenge.probe));
	/* from an address that is only being looked at: back to there */
	TQ_EXPECT_EQ(inject(1, 0, 2, &challenge), TQUIC_DROP_NONE);
	lp_tuple(&lp, 1, 2, &tuple);
	TQ_ASSERT(next_plan(1));
	TQ_EXPECT(find_frame(TQUIC_FRAME_PATH_RESPONSE, challenge.probe));
	TQ_EXPECT(tquic_tuple_eq(&plan.tuple, &tuple));
	TQ_EXPECT_EQ(plan.bytes, 1200);
	lp_tuple(&lp, 1, 0, &tuple);
	TQ_EXPECT(tquic_tuple_eq(&path_of(1, 0)->tuple, &tuple));
	while (next_plan(1))
		TQ_EXPECT(tquic_tuple_eq(&plan.tuple, &tuple));
	lp_stop(&lp);

	/* no other path will do */
	start();
	lp.link[1].mute[1] = true;
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_run(&lp, 900 * MS);
	TQ_EXPECT(path_of(1, 1) && !path_of(0, 1)->validated);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_8_2_2_response_by_another_path_counts)
{
	struct tquic_frame f = { .type = TQUIC_FRAME_PATH_RESPONSE };

	start();
	lp.link[1].down = true;
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_run(&lp, 50 * MS);
	memcpy(f.probe, path_of(0, 1)->check.data, 8);
	TQ_EXPECT_EQ(inject(0, 0, 0, &f), TQUIC_DROP_NONE);
	TQ_EXPECT(path_of(0, 1)->validated);
	TQ_EXPECT_EQ(path_of(0, 1)->state, TQUIC_PATH_ACTIVE);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_8_2_2_responses_are_expanded)
{
	start();
	TQ_EXPECT_EQ(inject(1, 0, 0, &challenge), TQUIC_DROP_NONE);
	TQ_ASSERT(next_plan(1));
	TQ_EXPECT(find_frame(TQUIC_FRAME_PATH_RESPONSE, challenge.probe));
	TQ_EXPECT_EQ(plan.pkts[0].size, 1200);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_8_2_4_validation_takes_probe_timeouts)
{
	struct tquic_path *path;
	u64 begun, pto;

	start();
	lp.link[1].down = true;
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	begun = lp.now;
	path = path_of(0, 1);
	pto = tquic_rtt_pto(&path->rtt, 0);
	while (path->state == TQUIC_PATH_OPENING)
		lp_run(&lp, 10 * MS);
	TQ_EXPECT(lp.now - begun >= 3 * pto);
	TQ_EXPECT(lp.now - begun <= 6 * pto);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_9_no_migration_before_confirmation)
{
	const struct tquic_conn *conn;
	struct tquic_tuple tuple;

	lp_start(&lp, &multi);
	lp_tuple(&lp, 0, 1, &tuple);
	TQ_EXPECT_EQ(tquic_conn_open_path(lp.end[0].conn, &tuple, lp.now,
					  GFP_KERNEL), -ENOTCONN);
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 100 * MS);
	conn = lp.end[1].conn;
	lp.end[1].conn->confirmed = false;
	TQ_EXPECT_EQ(inject(1, 0, 2, &ping), TQUIC_DROP_ADDRESS);
	lp_tuple(&lp, 1, 0, &tuple);
	TQ_EXPECT(tquic_tuple_eq(&tquic_conn_path(conn, 0)->tuple, &tuple));
	lp_stop(&lp);
}

TQ_TEST(rfc9000_9_disabled_migration_is_obeyed)
{
	struct tquic_tuple tuple;
	struct tquic_conn *conn;

	start();
	conn = lp.end[0].conn;
	tquic_tparam_set(&conn->theirs, TQUIC_TPARAM_DISABLE_ACTIVE_MIGRATION);
	TQ_EXPECT_EQ(lp_open(&lp, 1), -EPERM);
	/* another address of the server's may be talked to from anywhere */
	lp_tuple(&lp, 0, 1, &tuple);
	tuple.remote[15] = 77;
	TQ_EXPECT_EQ(tquic_conn_open_path(conn, &tuple, lp.now, GFP_KERNEL), 1);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_9_3_2_no_address_left_ends_in_silence)
{
	struct tquic_conn *conn;
	struct tquic_path *path;
	unsigned int i;

	start();
	conn = lp.end[1].conn;
	path = path_of(1, 0);
	path->validated = false;
	path->claimed = true;
	path->rx_bytes = 5000;
	tquic_path_check_start(path, lp.now);
	lp.link[0].down = true;
	for (i = 0; i < 100 && conn->state == TQUIC_CONN_ESTABLISHED; i++)
		lp_run(&lp, 100 * MS);
	TQ_EXPECT_EQ(conn->state, TQUIC_CONN_CLOSED);
	TQ_EXPECT_EQ(conn->why, TQUIC_CONN_WHY_PATH);
	TQ_EXPECT(!conn->close_due);
	TQ_EXPECT(!next_plan(1));
	lp_stop(&lp);
}

TQ_TEST(rfc9000_9_3_3_old_address_is_checked)
{
	struct tquic_tuple old, new;
	bool asked = false;

	start();
	lp_tuple(&lp, 1, 0, &old);
	lp_tuple(&lp, 1, 2, &new);
	TQ_EXPECT_EQ(inject(1, 0, 2, &ping), TQUIC_DROP_NONE);
	TQ_EXPECT(tquic_tuple_eq(&path_of(1, 0)->tuple, &new));
	while (next_plan(1)) {
		if (!tquic_tuple_eq(&plan.tuple, &old))
			continue;
		TQ_EXPECT(!asked);
		asked = true;
		TQ_EXPECT_EQ(plan.bytes, 1200);
		TQ_EXPECT(find_frame(TQUIC_FRAME_PATH_CHALLENGE, NULL));
	}
	TQ_EXPECT(asked);
	lp_stop(&lp);

	/* who still lives there answers, and has his path back soon */
	start();
	lp.link[2].down = true;
	lp_send(&lp, 0, 100, false);
	lp_run(&lp, 100 * MS);
	TQ_EXPECT_EQ(inject(1, 0, 2, &ping), TQUIC_DROP_NONE);
	lp_send(&lp, 0, 2000, false);
	lp_run(&lp, 300 * MS);
	TQ_EXPECT(tquic_tuple_eq(&path_of(1, 0)->tuple, &old));
	lp_stop(&lp);
}

TQ_TEST(rfc9000_9_4_old_packets_do_not_count)
{
	struct tquic_frame ack = { .type = TQUIC_FRAME_PATH_ACK };
	struct tquic_path *path;

	start();
	path = path_of(1, 0);
	lp_send(&lp, 1, 1 << 20, true);
	lp_run(&lp, 500 * MS);
	TQ_EXPECT(path->in_flight > 20000);
	ack.ack.largest = path->space.loss.sent.next - 1;
	TQ_EXPECT_EQ(inject(1, 0, 2, &ping), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(path->in_flight, 0);
	TQ_EXPECT(!tquic_rtt_valid(&path->rtt));
	TQ_EXPECT_EQ(inject(1, 0, 2, &ack), TQUIC_DROP_NONE);
	TQ_EXPECT(!tquic_rtt_valid(&path->rtt));
	TQ_EXPECT_EQ(path->in_flight, 0);
	TQ_EXPECT_EQ(path->cc->cwnd, tquic_cc_initial_window(path->mds));
	lp_stop(&lp);
}

TQ_TEST(rfc9000_9_4_window_begins_anew)
{
	struct tquic_path *path;
	u64 cwnd, srtt;

	start();
	path = path_of(1, 0);
	lp_send(&lp, 1, 4 << 20, true);
	lp_run(&lp, 500 * MS);
	cwnd = path->cc->cwnd;
	srtt = path->rtt.smoothed;
	TQ_EXPECT(cwnd > 2 * tquic_cc_initial_window(path->mds));
	/* only the port changed: a NAT forgot */
	lp.link[0].rebind = 2000;
	TQ_EXPECT_EQ(inject(1, 0, 0, &ping), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(path->tuple.remote_port, 2000);
	TQ_EXPECT_EQ(path->cc->cwnd, cwnd);
	TQ_EXPECT_EQ(path->rtt.smoothed, srtt);
	/* another host: nothing is known of the way there */
	TQ_EXPECT_EQ(inject(1, 0, 2, &ping), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(path->cc->cwnd, tquic_cc_initial_window(path->mds));
	TQ_EXPECT_EQ(path->cc->ssthresh, U64_MAX);
	TQ_EXPECT_EQ(path->rtt.smoothed, 333 * MS);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_9_5_addresses_do_not_share_connection_ids)
{
	unsigned int who, i, j;

	start();
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	TQ_ASSERT_EQ(lp_open(&lp, 2), 2);
	lp_run(&lp, 300 * MS);
	for (who = 0; who < 2; who++)
		for (i = 0; i < 3; i++)
			for (j = 0; j < i; j++)
				TQ_EXPECT(memcmp(path_of(who, i)->dcid.id,
						 path_of(who, j)->dcid.id, 8));
	lp_stop(&lp);
}

/* trap 9: what happens to one path is nothing to the others */
TQ_TEST(trap_09_rebinding_of_one_path_leaves_others_alone)
{
	struct tquic_path *busy, *idle;
	u64 cwnd, srtt;

	start();
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	TQ_ASSERT_EQ(lp_open(&lp, 2), 2);
	lp_run(&lp, 300 * MS);
	tquic_conn_set_backup(lp.end[0].conn, 1, true);
	lp_send(&lp, 1, 1 << 20, true);
	lp_run(&lp, 400 * MS);
	busy = path_of(1, 0);
	idle = path_of(1, 1);
	cwnd = busy->cc->cwnd;
	srtt = busy->rtt.smoothed;
	lp.link[1].rebind = 3000;
	TQ_EXPECT_EQ(inject(1, 1, 1, &ping), TQUIC_DROP_NONE);
	TQ_EXPECT(!idle->validated && idle->check.due);
	TQ_EXPECT(busy->validated && path_of(1, 2)->validated);
	TQ_EXPECT(!busy->check.due && !path_of(1, 2)->check.due);
	TQ_EXPECT_EQ(busy->cc->cwnd, cwnd);
	TQ_EXPECT_EQ(busy->rtt.smoothed, srtt);
	TQ_EXPECT_EQ(idle->id, 1);
	lp_stop(&lp);
}
