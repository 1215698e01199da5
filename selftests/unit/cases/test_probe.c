// SPDX-License-Identifier: GPL-2.0
/* When paths are asked whether they work, and what is made of the answers. */
#include "core/conn_priv.h"
#include "lib_pair.h"
#include "tap.h"

#define MS	TQUIC_NS_PER_MS
#define SEC	TQUIC_NS_PER_SEC

static const struct tquic_probe_config nat = {
	.first = SEC, .keepalive = 25 * SEC,
};

TQ_TEST(probe_idle_path_is_asked_ever_more_rarely)
{
	static const u64 gaps[] = { 1, 2, 4, 8, 16, 25, 25, 25 };
	struct tquic_probe probe;
	unsigned int i;
	u64 now = 100 * SEC;

	tquic_probe_init(&probe, now);
	for (i = 0; i < ARRAY_SIZE(gaps); i++) {
		TQ_EXPECT_EQ(tquic_probe_at(&probe, &nat, now),
			     now + gaps[i] * SEC);
		now += gaps[i] * SEC;
		tquic_probe_sent(&probe, &nat, now);
	}
	/* not while there is traffic, and soon after it */
	TQ_EXPECT_EQ(tquic_probe_at(&probe, &nat, now + 7 * SEC),
		     now + 32 * SEC);
	tquic_probe_busy(&probe);
	TQ_EXPECT_EQ(tquic_probe_at(&probe, &nat, now + 7 * SEC),
		     now + 8 * SEC);
}

TQ_TEST(probe_idle_path_may_be_left_alone)
{
	static const struct tquic_probe_config none;
	struct tquic_probe probe;

	tquic_probe_init(&probe, SEC);
	TQ_EXPECT_EQ(tquic_probe_at(&probe, &none, SEC), TQUIC_TIME_NEVER);
	tquic_probe_sent(&probe, &none, 2 * SEC);
	TQ_EXPECT_EQ(tquic_probe_at(&probe, &none, SEC), TQUIC_TIME_NEVER);
	tquic_probe_lose(&probe, 3 * SEC);
	TQ_EXPECT_EQ(tquic_probe_at(&probe, &none, SEC), 3100 * MS);
}

TQ_TEST(probe_lost_path_is_asked_often_at_first)
{
	struct tquic_probe probe;
	u64 now = 50 * SEC, start = now, at, last = 0;
	unsigned int n = 0;

	tquic_probe_init(&probe, now);
	tquic_probe_lose(&probe, now);
	for (; now < start + 3600 * SEC; now = at, n++) {
		at = tquic_probe_at(&probe, &nat, now);
		if (now < start + 75 * SEC)
			TQ_EXPECT(at - now >= 100 * MS && at - now <= 200 * MS);
		else if (now < start + 600 * SEC)
			TQ_EXPECT_EQ(at - now, SEC);
		else
			TQ_EXPECT_EQ(at - now, 25 * SEC);
		TQ_EXPECT(at - now >= last);
		last = at - now;
		tquic_probe_sent(&probe, &nat, at);
	}
	/* a day of it costs a metered link less than half a megabyte */
	TQ_EXPECT(n < 400 + 525 + 125);
	/* being lost twice is being lost once */
	tquic_probe_lose(&probe, now);
	TQ_EXPECT_EQ(probe.lost_at, start);
	tquic_probe_find(&probe);
	TQ_EXPECT(!tquic_probe_is_lost(&probe));
	TQ_EXPECT_EQ(tquic_probe_at(&probe, &nat, now), now + SEC);
}

static struct lp lp;

static const struct lp_config multi = {
	.window = 8 << 20, .max_path_id = 3, .idle = 3600000,
	.probe = { .first = SEC, .keepalive = 25 * SEC },
	.failover = 3 * SEC,
};

static struct tquic_path *path_of(unsigned int who, u32 id)
{
	return tquic_conn_path(lp.end[who].conn, id);
}

static void two_paths(const struct lp_config *config)
{
	lp_start(&lp, config);
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 200 * MS);
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_run(&lp, 500 * MS);
}

/* trap 15: NAT entries expire, and a metered backup costs under 1 MB a day */
TQ_TEST(trap_15_idle_paths_are_kept_alive_cheaply)
{
	u64 bytes, packets, before;
	unsigned int i;

	two_paths(&multi);
	TQ_EXPECT_EQ(tquic_conn_set_backup(lp.end[0].conn, 1, true), 0);
	bytes = lp.link[1].carried[0] + lp.link[1].carried[1];
	packets = lp.end[0].plans + lp.end[1].plans;
	for (i = 0; i < 24 * 60; i++) {
		before = lp.link[1].carried[0];
		lp_run(&lp, 60 * SEC);
		/* something goes out at least twice in a minute */
		TQ_EXPECT(lp.link[1].carried[0] > before);
	}
	bytes = lp.link[1].carried[0] + lp.link[1].carried[1] - bytes;
	/* those of the other link are among them */
	packets = (lp.end[0].plans + lp.end[1].plans - packets) / 2;
	TQ_EXPECT(bytes + 42 * packets < 1000000);
	TQ_EXPECT_EQ(lp.end[0].conn->state, TQUIC_CONN_ESTABLISHED);
	lp_stop(&lp);
}

TQ_TEST(probe_idle_death_is_noticed)
{
	struct tquic_path *path;
	unsigned int i;

	two_paths(&multi);
	path = path_of(0, 1);
	lp_run(&lp, 600 * SEC);
	lp.link[1].down = true;
	/* a keep-alive, its probe timeout, and the declaration */
	for (i = 0; i < 260 && !tquic_probe_is_lost(&path->probe); i++)
		lp_run(&lp, 100 * MS);
	TQ_EXPECT(i > 10 && i < 260);
	TQ_EXPECT(!tquic_path_usable(path));
	TQ_EXPECT(!path->failed);
	lp.end[0].conn->events &= ~TQUIC_CONN_E_PATHS;
	lp_run(&lp, 3 * SEC);
	TQ_EXPECT(path->failed);
	TQ_EXPECT(lp.end[0].conn->events & TQUIC_CONN_E_PATHS);
	/* kept for its return */
	TQ_EXPECT_EQ(path->state, TQUIC_PATH_ACTIVE);
	lp.end[0].conn->events &= ~TQUIC_CONN_E_PATHS;
	lp.link[1].down = false;
	lp_run(&lp, 230 * MS);
	TQ_EXPECT(tquic_path_usable(path) && !path->failed);
	TQ_EXPECT(lp.end[0].conn->events & TQUIC_CONN_E_PATHS);
	lp_stop(&lp);
}

/* after up to a minute: noticed in 200 ms and a round trip, and used again */
TQ_TEST(probe_return_of_a_lost_path_is_noticed)
{
	static const u64 away[] = { 1, 5, 20, 60 };
	struct tquic_path *path;
	unsigned int i;
	u64 before;

	for (i = 0; i < ARRAY_SIZE(away); i++) {
		tq_note("%llu s", (unsigned long long)away[i]);
		two_paths(&multi);
		path = path_of(0, 1);
		lp_send(&lp, 0, 200 << 20, true);
		lp_run(&lp, 1 * SEC);
		lp.link[1].down = true;
		lp_run(&lp, 300 * MS);
		TQ_EXPECT(!tquic_path_usable(path));
		lp_run(&lp, away[i] * SEC);
		TQ_EXPECT(!tquic_path_usable(path));
		lp.link[1].down = false;
		lp_run(&lp, 225 * MS);
		TQ_EXPECT(tquic_path_usable(path));
		before = lp.link[1].carried[0];
		lp_run(&lp, SEC);
		TQ_EXPECT(lp.link[1].carried[0] > before + 800000);
		lp_stop(&lp);
	}
}

/* what the peer sends there shows that the path may work again */
TQ_TEST(probe_follows_a_sign_of_life)
{
	struct tquic_frame ping = { .type = TQUIC_FRAME_PING };
	struct tquic_path *path;

	two_paths(&multi);
	path = path_of(0, 1);
	tquic_conn_suspect(lp.end[0].conn, path, lp.now);
	path->suspect = true;
	lp.now += 10 * MS;
	lp_inject_link = 1;
	TQ_EXPECT_EQ(lp_inject(&lp, 0, 1, &ping, 1), TQUIC_DROP_NONE);
	TQ_EXPECT(!(path->pending & TQUIC_PATH_P_PROBE));
	lp.now += 15 * MS;
	TQ_EXPECT_EQ(lp_inject(&lp, 0, 1, &ping, 1), TQUIC_DROP_NONE);
	TQ_EXPECT(path->pending & TQUIC_PATH_P_PROBE);
	TQ_EXPECT_EQ(path->probe.sent, lp.now);
	lp_inject_link = 0;
	lp_stop(&lp);
}

TQ_TEST(conn_path_down_and_up)
{
	struct tquic_conn *conn;
	struct tquic_path *path;
	u64 there, before;

	two_paths(&multi);
	conn = lp.end[0].conn;
	path = path_of(0, 1);
	lp_send(&lp, 0, 40 << 20, true);
	lp_run(&lp, 2 * SEC);
	TQ_EXPECT(path->in_flight);
	/* the link is dead, and we are told */
	lp.link[1].down = true;
	TQ_EXPECT_EQ(tquic_conn_path_down(conn, 1, lp.now), 0);
	TQ_EXPECT_EQ(tquic_conn_path_down(conn, 1, lp.now), 0);
	TQ_EXPECT(!tquic_path_usable(path));
	TQ_EXPECT(!tquic_conn_eligible(conn, path));
	there = path->sent_bytes;
	before = lp.end[1].received;
	/* the stream goes on as soon as the other path has carried the hole */
	lp_run(&lp, 250 * MS);
	TQ_EXPECT(lp.end[1].received > before + 100000);
	lp_run(&lp, 20 * SEC);
	TQ_EXPECT_EQ(path->sent_bytes, there);
	TQ_EXPECT(path->failed);
	lp.link[1].down = false;
	TQ_EXPECT_EQ(tquic_conn_path_up(conn, 1, lp.now), 0);
	TQ_EXPECT(path->pending & TQUIC_PATH_P_PROBE);
	lp_run(&lp, 25 * MS);
	TQ_EXPECT(tquic_path_usable(path) && !path->failed);
	lp_run(&lp, 20 * SEC);
	TQ_EXPECT_EQ(lp.end[1].received, 40 << 20);
	TQ_EXPECT(!lp.end[1].bad);
	/* news of a path that was good: asked, and still used meanwhile */
	there = path->sent_bytes;
	TQ_EXPECT_EQ(tquic_conn_path_up(conn, 1, lp.now), 0);
	TQ_EXPECT(tquic_path_usable(path));
	lp_run(&lp, 1);
	TQ_EXPECT(path->sent_bytes > there);
	lp_stop(&lp);
}

TQ_TEST(conn_path_down_of_what_is_not_there)
{
	struct tquic_conn *conn;

	lp_start(&lp, &multi);
	conn = lp.end[0].conn;
	TQ_EXPECT_EQ(tquic_conn_path_down(conn, 0, lp.now), -ENOTCONN);
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 200 * MS);
	TQ_EXPECT_EQ(tquic_conn_path_down(conn, 7, lp.now), -ENOENT);
	TQ_EXPECT_EQ(tquic_conn_path_up(conn, 7, lp.now), -ENOENT);
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_run(&lp, 200 * MS);
	tquic_conn_abandon_path(conn, 1, 0, lp.now, GFP_KERNEL);
	TQ_EXPECT_EQ(tquic_conn_path_up(conn, 1, lp.now), -ENOENT);
	lp_stop(&lp);
}

/* the link goes while the address is being proven, and comes back later */
TQ_TEST(conn_path_down_before_it_was_validated)
{
	struct tquic_path *path;

	lp_start(&lp, &multi);
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 200 * MS);
	lp.link[1].down = true;
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_run(&lp, 100 * MS);
	TQ_EXPECT_EQ(tquic_conn_path_down(lp.end[0].conn, 1, lp.now), 0);
	lp_run(&lp, 60 * SEC);
	path = path_of(0, 1);
	TQ_ASSERT(path && path->state == TQUIC_PATH_OPENING);
	lp.link[1].down = false;
	TQ_EXPECT_EQ(tquic_conn_path_up(lp.end[0].conn, 1, lp.now), 0);
	lp_run(&lp, 100 * MS);
	TQ_EXPECT(tquic_path_usable(path));
	lp_stop(&lp);
}

/* RFC 9002 section 6.2.1: alone, the back-off doubles */
TQ_TEST(rfc9002_6_2_1_lone_path_backs_off)
{
	const struct lp_config config = {
		.window = 8 << 20, .max_path_id = U64_MAX, .idle = 3600000,
		.probe = { .first = SEC, .keepalive = 25 * SEC },
	};
	u64 before;

	lp_start(&lp, &config);
	TQ_ASSERT(lp_handshake(&lp));
	lp_send(&lp, 0, 200000, true);
	lp_run(&lp, 50 * MS);
	lp.link[0].down = true;
	lp_run(&lp, 10 * SEC);
	before = lp.end[0].plans;
	lp_run(&lp, 10 * SEC);
	TQ_EXPECT(lp.end[0].plans - before <= 4);
	lp.link[0].down = false;
	TQ_EXPECT_EQ(tquic_conn_path_up(lp.end[0].conn, 0, lp.now), 0);
	lp_run(&lp, 2 * SEC);
	TQ_EXPECT_EQ(lp.end[1].received, 200000);
	lp_stop(&lp);
}

/* trap 4: a dead path with a short RTT attracts nothing */
TQ_TEST(trap_04_dead_path_does_not_look_good)
{
	struct tquic_path *path;
	u64 before, received;

	two_paths(&multi);
	lp.link[0].delay = 50 * MS;
	lp_send(&lp, 0, 40 << 20, true);
	lp_run(&lp, 2 * SEC);
	path = path_of(0, 1);
	TQ_EXPECT(path->rtt.smoothed < path_of(0, 0)->rtt.smoothed);
	lp.link[1].down = true;
	lp_run(&lp, 400 * MS);
	before = path->sent_bytes;
	received = lp.end[1].received;
	lp_run(&lp, 10 * SEC);
	/* probes only, in spite of all that waits */
	TQ_EXPECT(path->sent_bytes - before < 10000);
	TQ_EXPECT(lp.end[1].received > received + 10 * 1250000 * 9 / 10);
	lp_stop(&lp);
}

/* a stall in which nothing is lost: found again, and no window is cut */
TQ_TEST(probe_freeze_costs_no_window)
{
	struct tquic_path *path;
	u64 cwnd, lost;

	two_paths(&multi);
	lp_send(&lp, 0, 40 << 20, true);
	lp_run(&lp, 3 * SEC);
	path = path_of(0, 1);
	cwnd = path->cc->cwnd;
	lost = path->lost_packets;
	lp.link[1].frozen = lp.now + 400 * MS;
	lp_run(&lp, 399 * MS);
	TQ_EXPECT(!tquic_path_usable(path));
	lp_run(&lp, 500 * MS);
	TQ_EXPECT(tquic_path_usable(path));
	TQ_EXPECT(path->cc->cwnd >= cwnd * 9 / 10);
	TQ_EXPECT_EQ(path->lost_packets, lost);
	lp_stop(&lp);
}
