// SPDX-License-Identifier: GPL-2.0
/* Paths that move: connection IDs, migration, preferred address. */
#include "core/conn_priv.h"
#include "lib_pair.h"
#include "tap.h"

#define MS	TQUIC_NS_PER_MS
#define SEC	TQUIC_NS_PER_SEC

static struct lp lp;
static struct tquic_plan plan;

static const struct tquic_frame ping = { .type = TQUIC_FRAME_PING };

static struct tquic_path *path_of(unsigned int who)
{
	return tquic_conn_path(lp.end[who].conn, 0);
}

static void start_with(u64 max_path_id, bool preferred)
{
	const struct lp_config config = {
		.window = 8 << 20, .max_path_id = max_path_id,
		.preferred = preferred,
	};

	lp_inject_link = 0;
	lp_start(&lp, &config);
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 300 * MS);
}

static void start(void)
{
	start_with(3, false);
}

static bool next_plan(unsigned int who)
{
	u16 i;

	if (!tquic_conn_plan(lp.end[who].conn, lp_now(&lp, who), &plan,
			     GFP_KERNEL))
		return false;
	for (i = 0; i < plan.nsegs; i++)
		if (plan.segs[i].handle)
			lp_buf_ops.put(plan.segs[i].handle);
	return true;
}

/* the destination of the packet that was planned is a connection ID */
static bool plan_goes_by(const struct tquic_cid *cid)
{
	return !memcmp(plan.arena + plan.pkts[0].hdr + 1, cid->id, cid->len);
}

/* as if the server had received it; where, by which of its IDs, and what */
static enum tquic_drop inject(const struct tquic_tuple *tuple,
			      struct tquic_cid_local *via,
			      const struct tquic_frame *f)
{
	struct tquic_rx rx = {
		.type = TQUIC_PKT_1RTT,
		.pn = tquic_ackq_next(&path_of(1)->space.ackq),
		.via = via,
		.gen = lp.end[1].conn->keys.rx,
		.tuple = tuple,
	};

	return lp_inject_rx(&lp, 1, &rx, f, 1);
}

static struct tquic_cid_local *cid_of(unsigned int who, u64 seq)
{
	unsigned int i;

	for (i = 0; i < lp.end[who].ncids; i++)
		if (lp.end[who].cids[i] && !lp.end[who].cids[i]->path_id &&
		    lp.end[who].cids[i]->seq == seq)
			return lp.end[who].cids[i];
	return NULL;
}

static struct tquic_tuple tuple_of(unsigned int who, unsigned int link)
{
	struct tquic_tuple tuple;

	lp_tuple(&lp, who, link, &tuple);
	return tuple;
}

TQ_TEST(rfc9000_9_5_new_address_gets_a_new_connection_id)
{
	struct tquic_cid before;
	u64 seq;

	start();
	before = path_of(1)->dcid;
	seq = path_of(1)->dcid_seq;
	TQ_EXPECT_EQ(seq, 0);
	lp.link[0].rebind = 2000;
	lp_send(&lp, 0, 100000, false);
	lp_run(&lp, 15 * MS);
	TQ_EXPECT_EQ(path_of(1)->tuple.remote_port, 2000);
	TQ_EXPECT(memcmp(path_of(1)->dcid.id, before.id, before.len));
	/* the other may be needed again until it is clear that it is not */
	TQ_EXPECT(tquic_cid_peer_find(&lp.end[1].conn->cids, 0, seq));
	lp_run(&lp, 500 * MS);
	TQ_EXPECT(path_of(1)->validated);
	TQ_EXPECT(!tquic_cid_peer_find(&lp.end[1].conn->cids, 0, seq));
	TQ_EXPECT_EQ(lp.end[1].received, 100000);
	lp_run(&lp, SEC);
	TQ_EXPECT(!cid_of(0, 0));
	/* again and again: the client goes on to supply them */
	for (seq = 0; seq < 20; seq++) {
		before = path_of(1)->dcid;
		lp.link[0].rebind = 3000 + seq;
		lp_send(&lp, 0, 1000, false);
		lp_run(&lp, 500 * MS);
		TQ_EXPECT(memcmp(path_of(1)->dcid.id, before.id, before.len));
	}
	TQ_EXPECT_EQ(lp.end[1].received, 120000);
	TQ_EXPECT_EQ(lp.end[1].conn->state, TQUIC_CONN_ESTABLISHED);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_9_5_each_address_keeps_its_connection_id)
{
	struct tquic_tuple old, new;
	bool asked = false, sent = false;
	struct tquic_cid first;

	start();
	old = tuple_of(1, 0);
	new = tuple_of(1, 2);
	first = path_of(1)->dcid;
	lp.link[2].down = true;
	TQ_EXPECT_EQ(inject(&new, NULL, &ping), TQUIC_DROP_NONE);
	while (next_plan(1)) {
		TQ_EXPECT_EQ(plan_goes_by(&first),
			     tquic_tuple_eq(&plan.tuple, &old));
		asked |= tquic_tuple_eq(&plan.tuple, &old);
		sent |= tquic_tuple_eq(&plan.tuple, &new);
	}
	TQ_EXPECT(asked && sent);
	/* nobody is there: back, and back to the first one */
	lp_run(&lp, 10 * SEC);
	TQ_EXPECT(tquic_tuple_eq(&path_of(1)->tuple, &old));
	TQ_EXPECT_MEM_EQ(path_of(1)->dcid.id, first.id, first.len);
	TQ_EXPECT_EQ(path_of(1)->dcid_seq, 0);
	TQ_EXPECT(!path_of(1)->old_dcid.own);
	lp_stop(&lp);
}

/* two moves in a row, none of them validated */
TQ_TEST(rfc9000_9_5_address_in_between_gives_its_connection_id_back)
{
	struct tquic_tuple tuple;
	struct tquic_cid first;
	u64 second;

	start();
	first = path_of(1)->dcid;
	tuple = tuple_of(1, 2);
	TQ_EXPECT_EQ(inject(&tuple, NULL, &ping), TQUIC_DROP_NONE);
	second = path_of(1)->dcid_seq;
	TQ_EXPECT(second);
	lp_run(&lp, 10 * MS);
	lp.link[2].down = true;
	lp.link[3].down = true;
	tuple = tuple_of(1, 3);
	/* no spare one is there yet: the same may go on, it may be a NAT */
	TQ_EXPECT_EQ(inject(&tuple, cid_of(1, path_of(1)->via_seq), &ping),
		     TQUIC_DROP_NONE);
	TQ_EXPECT(tquic_tuple_eq(&path_of(1)->tuple, &tuple));
	lp_run(&lp, 10 * SEC);
	TQ_EXPECT_MEM_EQ(path_of(1)->dcid.id, first.id, first.len);
	TQ_EXPECT(!tquic_cid_peer_find(&lp.end[1].conn->cids, 0, second));
	TQ_EXPECT_EQ(lp.end[0].conn->state, TQUIC_CONN_ESTABLISHED);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_9_5_without_a_spare_one_no_move_is_followed)
{
	struct tquic_tuple old, new;
	struct tquic_conn *conn;

	start();
	conn = lp.end[1].conn;
	old = tuple_of(1, 0);
	new = tuple_of(1, 2);
	while (tquic_cid_peer_take(&conn->cids, 0))
		;
	TQ_ASSERT(cid_of(1, 1));
	TQ_EXPECT_EQ(path_of(1)->via_seq, 0);
	/* the client moves on purpose, since it changed its connection ID */
	TQ_EXPECT_EQ(inject(&new, cid_of(1, 1), &ping), TQUIC_DROP_NONE);
	TQ_EXPECT(tquic_tuple_eq(&path_of(1)->tuple, &old));
	TQ_EXPECT(path_of(1)->validated);
	TQ_EXPECT(conn->control & TQUIC_CONN_C_CIDS_BLOCKED);
	/* or a NAT has changed its mind */
	TQ_EXPECT_EQ(inject(&new, cid_of(1, 0), &ping), TQUIC_DROP_NONE);
	TQ_EXPECT(tquic_tuple_eq(&path_of(1)->tuple, &new));
	TQ_EXPECT_EQ(path_of(1)->dcid_seq, 0);
	lp_stop(&lp);
}

/* without multipath, by a link that it has not used so far */
TQ_TEST(rfc9000_9_2_client_migrates)
{
	struct tquic_tuple tuple;
	struct tquic_cid first;
	u64 before;

	start_with(U64_MAX, false);
	tuple = tuple_of(0, 1);
	first = path_of(0)->dcid;
	lp_send(&lp, 0, 1 << 20, false);
	lp_send(&lp, 1, 1 << 20, false);
	lp_run(&lp, 100 * MS);
	TQ_EXPECT_EQ(tquic_conn_migrate(lp.end[0].conn, 0, &tuple, lp.now), 0);
	lp_run(&lp, 15 * MS);
	/* validated before it is used */
	TQ_EXPECT_EQ(path_of(0)->tuple.local[15], 10);
	lp_run(&lp, 300 * MS);
	TQ_EXPECT(tquic_tuple_eq(&path_of(0)->tuple, &tuple));
	TQ_EXPECT_EQ(path_of(1)->tuple.remote[15], 11);
	TQ_EXPECT(path_of(1)->validated);
	TQ_EXPECT(memcmp(path_of(0)->dcid.id, first.id, first.len));
	before = lp.link[0].carried[0] + lp.link[0].carried[1];
	lp_run(&lp, 5 * SEC);
	TQ_EXPECT_EQ(lp.end[0].received, 1 << 20);
	TQ_EXPECT_EQ(lp.end[1].received, 1 << 20);
	TQ_EXPECT(!lp.end[0].bad && !lp.end[1].bad);
	TQ_EXPECT(lp.link[0].carried[0] + lp.link[0].carried[1] <=
		  before + 5000);
	/* the one it left is retired, and replaced */
	TQ_EXPECT(!cid_of(1, 0));
	TQ_EXPECT_EQ(tquic_conn_migrate(lp.end[0].conn, 0, &tuple, lp.now),
		     -EALREADY);
	lp_stop(&lp);
}

TQ_TEST(conn_migrate_says_why_not)
{
	struct tquic_tuple tuple;
	struct tquic_conn *conn;

	start();
	conn = lp.end[0].conn;
	tuple = tuple_of(0, 1);
	TQ_EXPECT_EQ(tquic_conn_migrate(lp.end[1].conn, 0, &tuple, lp.now),
		     -EOPNOTSUPP);
	TQ_EXPECT_EQ(tquic_conn_migrate(conn, 5, &tuple, lp.now), -ENOENT);
	conn->confirmed = false;
	TQ_EXPECT_EQ(tquic_conn_migrate(conn, 0, &tuple, lp.now), -ENOTCONN);
	conn->confirmed = true;
	tquic_tparam_set(&conn->theirs, TQUIC_TPARAM_DISABLE_ACTIVE_MIGRATION);
	TQ_EXPECT_EQ(tquic_conn_migrate(conn, 0, &tuple, lp.now), -EPERM);
	conn->theirs.present &= ~BIT(TQUIC_TPARAM_DISABLE_ACTIVE_MIGRATION);
	while (tquic_cid_peer_take(&conn->cids, 0))
		;
	TQ_EXPECT_EQ(tquic_conn_migrate(conn, 0, &tuple, lp.now), -EAGAIN);
	TQ_EXPECT(conn->control & TQUIC_CONN_C_CIDS_BLOCKED);
	lp_stop(&lp);
}

static struct tquic_tuple preferred(unsigned int link)
{
	struct tquic_tuple tuple = tuple_of(0, link);

	TQ_EXPECT(tquic_conn_preferred(lp.end[0].conn, &tuple));
	TQ_EXPECT_EQ(tuple.remote[15], LP_PREFERRED);
	TQ_EXPECT_EQ(tuple.remote_port, 444);
	return tuple;
}

TQ_TEST(rfc9000_9_6_1_client_moves_to_the_preferred_address)
{
	struct tquic_cid_local *cid;
	struct tquic_tuple tuple;
	unsigned int how;

	for (how = 0; how < 2; how++) {
		start_with(how ? 3 : U64_MAX, true);
		cid = cid_of(1, 1);
		TQ_ASSERT(cid);
		tuple = preferred(0);
		lp_send(&lp, 0, 1 << 20, false);
		lp_send(&lp, 1, 1 << 20, false);
		lp_run(&lp, 100 * MS);
		TQ_EXPECT_EQ(tquic_conn_migrate(lp.end[0].conn, 0, &tuple,
						lp.now), 0);
		lp_run(&lp, 500 * MS);
		TQ_EXPECT(tquic_tuple_eq(&path_of(0)->tuple, &tuple));
		/* by the connection ID that came with it, and its token */
		TQ_EXPECT_MEM_EQ(path_of(0)->dcid.id, cid->cid.id,
				 cid->cid.len);
		TQ_EXPECT(tquic_cid_peer_is_reset(&lp.end[0].conn->cids,
						  cid->token));
		TQ_EXPECT_EQ(path_of(1)->tuple.local[15], LP_PREFERRED);
		TQ_EXPECT(path_of(1)->validated);
		lp_run(&lp, 4 * SEC);
		TQ_EXPECT_EQ(lp.end[0].received, 1 << 20);
		TQ_EXPECT_EQ(lp.end[1].received, 1 << 20);
		TQ_EXPECT(!lp.end[0].bad && !lp.end[1].bad);
		lp_stop(&lp);
	}
}

TQ_TEST(rfc9000_9_6_1_old_address_stays_when_the_preferred_one_fails)
{
	struct tquic_tuple tuple, old;
	struct tquic_conn *conn;

	start_with(3, true);
	conn = lp.end[0].conn;
	old = path_of(0)->tuple;
	tuple = preferred(0);
	lp.preferred_down = true;
	TQ_EXPECT_EQ(tquic_conn_migrate(conn, 0, &tuple, lp.now), 0);
	TQ_EXPECT(path_of(0)->aside.known);
	lp_send(&lp, 0, 100000, false);
	lp_run(&lp, 10 * SEC);
	TQ_EXPECT(!path_of(0)->aside.known);
	TQ_EXPECT(tquic_tuple_eq(&path_of(0)->tuple, &old));
	TQ_EXPECT_EQ(path_of(1)->tuple.local[15], 1);
	lp_send(&lp, 1, 100000, false);
	lp_run(&lp, SEC);
	TQ_EXPECT_EQ(lp.end[0].received, 100000);
	TQ_EXPECT_EQ(lp.end[1].received, 100000);
	lp_stop(&lp);

	/* without one there is nowhere to go */
	start();
	tuple = tuple_of(0, 0);
	TQ_EXPECT(!tquic_conn_preferred(lp.end[0].conn, &tuple));
	TQ_EXPECT(!tquic_conn_preferred(lp.end[1].conn, &tuple));
	lp_stop(&lp);
}

/* RFC 9000 section 9.1: nothing else in a packet */
static bool probes_only(void)
{
	const struct tquic_frame_ctx ctx = { .pkt = TQUIC_PKT_1RTT };
	const struct tquic_plan_pkt *pkt = &plan.pkts[0];
	const struct tquic_plan_seg *seg = &plan.segs[pkt->seg];
	struct tquic_close close;
	struct tquic_frame f;
	struct tquic_rd rd;

	if (plan.npkts != 1 || pkt->nsegs != 1 || seg->handle)
		return false;
	rd = tquic_rd_init(plan.arena + seg->pos, seg->len);
	while (tquic_rd_left(&rd))
		if (tquic_frame_decode(&rd, &f, &ctx, &close) ||
		    !(tquic_frame_attr(f.type)->flags &
		      TQUIC_FRAME_F_PROBING))
			return false;
	return true;
}

TQ_TEST(rfc9000_21_5_3_only_probes_go_to_an_address_before_validation)
{
	unsigned int there = 0, others = 0;
	struct tquic_tuple tuple;

	start_with(3, true);
	tuple = preferred(0);
	lp_send(&lp, 0, 100000, true);
	TQ_EXPECT_EQ(tquic_conn_migrate(lp.end[0].conn, 0, &tuple, lp.now), 0);
	while (next_plan(0)) {
		if (!tquic_tuple_eq(&plan.tuple, &tuple)) {
			others++;
			continue;
		}
		there++;
		TQ_EXPECT(probes_only());
		TQ_EXPECT_EQ(plan.bytes, 1200);
	}
	TQ_EXPECT_EQ(there, 1);
	TQ_EXPECT(others);
	lp_stop(&lp);
}

/* the server has two addresses, and uses the second only once it may */
TQ_TEST(rfc9000_9_6_2_server_waits_for_client_and_validation)
{
	const struct tquic_frame challenge = {
		.type = TQUIC_FRAME_PATH_CHALLENGE, .probe = "12345678",
	};
	struct tquic_frame response = { .type = TQUIC_FRAME_PATH_RESPONSE };
	struct tquic_tuple old, new;
	unsigned int order, there;

	for (order = 0; order < 2; order++) {
		tq_note("order %u", order);
		start_with(3, true);
		old = tuple_of(1, 0);
		new = old;
		new.local[15] = LP_PREFERRED;
		new.local_port = 444;
		/* a probe: answered and asked back from there, and only that */
		TQ_EXPECT_EQ(inject(&new, cid_of(1, 1), &challenge),
			     TQUIC_DROP_NONE);
		lp_send(&lp, 1, 5000, false);
		for (there = 0; next_plan(1);) {
			if (tquic_tuple_eq(&plan.tuple, &old))
				continue;
			there++;
			TQ_EXPECT(tquic_tuple_eq(&plan.tuple, &new));
			TQ_EXPECT(probes_only());
			TQ_EXPECT_EQ(plan.bytes, 1200);
		}
		TQ_EXPECT_EQ(there, 1);
		TQ_ASSERT(path_of(1)->aside.check.open);
		memcpy(response.probe, path_of(1)->aside.check.data, 8);
		/* either of the two conditions alone is not enough */
		TQ_EXPECT_EQ(inject(&new, cid_of(1, 1),
				    order ? &response : &ping),
			     TQUIC_DROP_NONE);
		TQ_EXPECT(tquic_tuple_eq(&path_of(1)->tuple, &old));
		TQ_EXPECT_EQ(inject(&new, cid_of(1, 1),
				    order ? &ping : &response),
			     TQUIC_DROP_NONE);
		TQ_EXPECT(tquic_tuple_eq(&path_of(1)->tuple, &new));
		TQ_EXPECT(path_of(1)->validated);
		lp_send(&lp, 1, 5000, false);
		while (next_plan(1))
			TQ_EXPECT(tquic_tuple_eq(&plan.tuple, &new));
		lp_stop(&lp);
	}
}

TQ_TEST(rfc9000_9_6_2_unproven_address_of_the_server_is_given_up)
{
	struct tquic_tuple old, new;

	start_with(3, true);
	old = tuple_of(1, 0);
	new = old;
	new.local[15] = LP_PREFERRED;
	new.local_port = 444;
	/* and the client does not hear of the made-up packet */
	lp.preferred_down = true;
	lp.link[0].down = true;
	TQ_EXPECT_EQ(inject(&new, cid_of(1, 1), &ping), TQUIC_DROP_NONE);
	lp_run(&lp, MS);
	TQ_EXPECT(path_of(1)->aside.check.open);
	/* three times of what came from there, at most */
	TQ_EXPECT(path_of(1)->aside.room <= 3600);
	lp_run(&lp, 10 * SEC);
	TQ_EXPECT(!path_of(1)->aside.known);
	TQ_EXPECT(tquic_tuple_eq(&path_of(1)->tuple, &old));
	lp_stop(&lp);
}

TQ_TEST(rfc9000_9_6_3_new_client_address_and_preferred_one_at_once)
{
	struct tquic_tuple tuple;

	start_with(3, true);
	tuple = preferred(1);
	lp_send(&lp, 0, 1 << 20, false);
	TQ_EXPECT_EQ(tquic_conn_migrate(lp.end[0].conn, 0, &tuple, lp.now), 0);
	lp_run(&lp, 5 * SEC);
	TQ_EXPECT(tquic_tuple_eq(&path_of(0)->tuple, &tuple));
	TQ_EXPECT_EQ(path_of(1)->tuple.local[15], LP_PREFERRED);
	TQ_EXPECT_EQ(path_of(1)->tuple.remote[15], 11);
	TQ_EXPECT(path_of(1)->validated);
	TQ_EXPECT_EQ(lp.end[1].received, 1 << 20);
	lp_stop(&lp);

	/* it does not work: the address of the handshake from the new one */
	start_with(3, true);
	lp.preferred_down = true;
	tuple = preferred(1);
	TQ_EXPECT_EQ(tquic_conn_migrate(lp.end[0].conn, 0, &tuple, lp.now), 0);
	lp_run(&lp, 10 * SEC);
	TQ_EXPECT_EQ(path_of(0)->tuple.local[15], 10);
	tuple = tuple_of(0, 1);
	TQ_EXPECT_EQ(tquic_conn_migrate(lp.end[0].conn, 0, &tuple, lp.now), 0);
	lp_run(&lp, SEC);
	TQ_EXPECT(tquic_tuple_eq(&path_of(0)->tuple, &tuple));
	TQ_EXPECT_EQ(path_of(1)->tuple.remote[15], 11);
	lp_stop(&lp);
}

/* what was on its way when the client moved comes from the old address */
TQ_TEST(rfc9000_9_6_2_packets_of_the_old_address_are_taken)
{
	struct tquic_tuple tuple;
	struct tquic_rx rx = { .type = TQUIC_PKT_1RTT };

	start_with(3, true);
	tuple = preferred(0);
	rx.pn = tquic_ackq_next(&path_of(0)->space.ackq) + 100;
	TQ_EXPECT_EQ(tquic_conn_migrate(lp.end[0].conn, 0, &tuple, lp.now), 0);
	lp_run(&lp, SEC);
	TQ_EXPECT(tquic_tuple_eq(&path_of(0)->tuple, &tuple));
	TQ_EXPECT_EQ(lp_inject_rx(&lp, 0, &rx, &ping, 1), TQUIC_DROP_NONE);
	TQ_EXPECT(tquic_tuple_eq(&path_of(0)->tuple, &tuple));
	lp_inject_link = 2;
	rx.pn++;
	TQ_EXPECT_EQ(lp_inject_rx(&lp, 0, &rx, &ping, 1), TQUIC_DROP_ADDRESS);
	lp_inject_link = 0;
	lp_stop(&lp);
}

TQ_OOM_TEST(conn_oom_preferred_address)
{
	const struct lp_config config = {
		.window = 1 << 20, .max_path_id = 3, .preferred = true,
		.listen = true,
	};
	struct tquic_cid odcid = { .len = 8 };
	struct tquic_conn *conn;

	lp = (struct lp){ .now = SEC };
	conn = lp_make(&lp, &config, 1, &odcid);
	lp_stop(&lp);
	return conn ? 0 : -ENOMEM;
}
