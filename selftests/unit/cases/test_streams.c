// SPDX-License-Identifier: GPL-2.0
#include "core/frame.h"
#include "core/streams.h"
#include "tap.h"

static int refs;

static void ref_get(void *handle)
{
	(void)handle;
	refs++;
}

static void ref_put(void *handle)
{
	(void)handle;
	refs--;
}

static const struct tquic_buf_ops ops = { .get = ref_get, .put = ref_put };

static const struct tquic_streams_credit ours = {
	.bidi_local = 100, .bidi_remote = 200, .uni = 300,
};

static const struct tquic_streams_credit theirs = {
	.bidi_local = 1000, .bidi_remote = 2000, .uni = 3000,
};

static void setup(struct tquic_streams *set, bool server)
{
	tquic_streams_init(set, &ops, server, &ours, 1 << 20);
	tquic_streams_grant(set, false, 10, 0);
	tquic_streams_grant(set, true, 4, 0);
	tquic_streams_peer(set, &theirs, 5, 3);
}

static int lookup(struct tquic_streams *set, u64 id, bool peer_sends,
		  struct tquic_stream **s, struct tquic_close *close)
{
	return tquic_streams_lookup(set, id, peer_sends, TQUIC_FRAME_STREAM, 0,
				    s, close, GFP_KERNEL);
}

static void done(struct tquic_streams *set)
{
	tquic_streams_free(set);
	TQ_EXPECT_EQ(refs, 0);
}

TQ_TEST(rfc9000_2_1_stream_ids)
{
	struct tquic_streams set;
	struct tquic_stream *s;

	setup(&set, false);
	TQ_EXPECT_EQ(tquic_streams_open(&set, false, 0, GFP_KERNEL)->id, 0);
	TQ_EXPECT_EQ(tquic_streams_open(&set, false, 0, GFP_KERNEL)->id, 4);
	s = tquic_streams_open(&set, true, 0, GFP_KERNEL);
	TQ_EXPECT_EQ(s->id, 2);
	TQ_EXPECT_EQ(s->send, TQUIC_STREAM_S_READY);
	TQ_EXPECT_EQ(s->recv, TQUIC_STREAM_R_NONE);
	TQ_EXPECT_EQ(s->tx.limit, 3000);
	TQ_EXPECT(tquic_streams_is_ours(&set, 2));
	TQ_EXPECT(!tquic_streams_is_ours(&set, 3));
	TQ_EXPECT_EQ(set.count, 3);
	done(&set);
	setup(&set, true);
	TQ_EXPECT_EQ(tquic_streams_open(&set, false, 0, GFP_KERNEL)->id, 1);
	TQ_EXPECT_EQ(tquic_streams_open(&set, true, 0, GFP_KERNEL)->id, 3);
	TQ_EXPECT(tquic_streams_is_ours(&set, 3));
	TQ_EXPECT(!tquic_streams_is_ours(&set, 2));
	done(&set);
}

/* RFC 9000 section 18.2: which parameter is whose credit */
TQ_TEST(rfc9000_18_2_initial_limits)
{
	struct tquic_streams set;
	struct tquic_close close;
	struct tquic_stream *s;

	setup(&set, false);
	s = tquic_streams_open(&set, false, 0, GFP_KERNEL);
	TQ_EXPECT_EQ(s->tx.limit, theirs.bidi_remote);
	TQ_EXPECT_EQ(s->rx.limit, ours.bidi_local);
	TQ_EXPECT_EQ(s->rx.window_max, 1 << 20);
	TQ_EXPECT_EQ(lookup(&set, 1, true, &s, &close), 0);
	TQ_EXPECT_EQ(s->tx.limit, theirs.bidi_local);
	TQ_EXPECT_EQ(s->rx.limit, ours.bidi_remote);
	TQ_EXPECT_EQ(lookup(&set, 3, true, &s, &close), 0);
	TQ_EXPECT_EQ(s->send, TQUIC_STREAM_S_NONE);
	TQ_EXPECT_EQ(s->rx.limit, ours.uni);
	done(&set);
}

TQ_TEST(streams_opened_in_0rtt_get_the_new_limits)
{
	struct tquic_streams_credit more = {
		.bidi_local = 9000, .bidi_remote = 7000, .uni = 100,
	};
	struct tquic_streams set;
	struct tquic_stream *b, *u, *peer;
	struct tquic_close close;

	setup(&set, false);
	b = tquic_streams_open(&set, false, 0, GFP_KERNEL);
	u = tquic_streams_open(&set, true, 0, GFP_KERNEL);
	lookup(&set, 1, true, &peer, &close);
	b->tx.limit = 0;
	tquic_stream_write(b, &refs, 0, 10, GFP_KERNEL);
	tquic_streams_wake(&set, b);
	TQ_EXPECT(list_empty(&b->ready));
	tquic_streams_peer(&set, &more, 8, 3);
	TQ_EXPECT_EQ(b->tx.limit, 7000);
	TQ_EXPECT(!list_empty(&b->ready));
	TQ_EXPECT_EQ(u->tx.limit, 3000);
	TQ_EXPECT_EQ(peer->tx.limit, theirs.bidi_local);
	TQ_EXPECT_EQ(set.open[0].limit, 8);
	TQ_EXPECT_EQ(set.open[1].limit, 3);
	done(&set);
}

TQ_TEST(rfc9000_4_6_our_stream_limit)
{
	struct tquic_streams set;
	unsigned int i;

	setup(&set, false);
	for (i = 0; i < 5; i++)
		TQ_EXPECT(tquic_streams_open(&set, false, 0, GFP_KERNEL));
	TQ_EXPECT(!tquic_streams_open(&set, false, 0, GFP_KERNEL));
	TQ_EXPECT(tquic_flow_tx_tell(&set.open[0]));
	tquic_flow_tx_raise(&set.open[0], 6);
	TQ_EXPECT_EQ(tquic_streams_open(&set, false, 0, GFP_KERNEL)->id, 20);
	TQ_EXPECT(!tquic_streams_open(&set, false, 0, GFP_KERNEL));
	done(&set);
}

TQ_TEST(rfc9000_4_6_peer_stream_limit)
{
	struct tquic_streams set;
	struct tquic_close close;
	struct tquic_stream *s;

	setup(&set, false);
	TQ_EXPECT_EQ(lookup(&set, 9 * 4 + 1, true, &s, &close), 0);
	TQ_EXPECT(s);
	TQ_EXPECT_EQ(lookup(&set, 10 * 4 + 1, true, &s, &close), -EPROTO);
	TQ_EXPECT_EQ(close.code, TQUIC_STREAM_LIMIT_ERROR);
	TQ_EXPECT_EQ(lookup(&set, 3 * 4 + 3, true, &s, &close), 0);
	TQ_EXPECT_EQ(lookup(&set, 4 * 4 + 3, true, &s, &close), -EPROTO);
	TQ_EXPECT_EQ(close.code, TQUIC_STREAM_LIMIT_ERROR);
	TQ_EXPECT_EQ(lookup(&set, (1ULL << 62) - 3, true, &s, &close),
		     -EPROTO);
	/* the lower ones exist too and open when they are named */
	TQ_EXPECT_EQ(lookup(&set, 1, true, &s, &close), 0);
	TQ_EXPECT_EQ(s->id, 1);
	TQ_EXPECT_EQ(set.count, 3);
	done(&set);
}

TQ_TEST(rfc9000_19_frames_for_the_wrong_stream)
{
	static const struct {
		u64 id;
		bool peer_sends;
		int err;
	} cases[] = {
		{ 0, true, 0 }, { 0, false, 0 },	/* ours, open */
		{ 4, true, -EPROTO }, { 4, false, -EPROTO },	/* not open */
		{ 2, true, -EPROTO }, { 2, false, 0 },	/* send-only */
		{ 6, false, -EPROTO },			/* not open */
		{ 3, true, 0 }, { 3, false, -EPROTO },	/* receive-only */
		{ 1, true, 0 }, { 5, false, 0 },
	};
	struct tquic_streams set;
	struct tquic_close close;
	struct tquic_stream *s;
	unsigned int i;

	setup(&set, false);
	tquic_streams_open(&set, false, 0, GFP_KERNEL);
	tquic_streams_open(&set, true, 0, GFP_KERNEL);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		tq_note("case %u", i);
		TQ_EXPECT_EQ(lookup(&set, cases[i].id, cases[i].peer_sends, &s,
				    &close), cases[i].err);
		TQ_EXPECT_EQ(!!s, !cases[i].err);
		if (cases[i].err) {
			TQ_EXPECT_EQ(close.code, TQUIC_STREAM_STATE_ERROR);
			TQ_EXPECT_EQ(close.frame_type, TQUIC_FRAME_STREAM);
		}
	}
	done(&set);
}

static void close_both(struct tquic_stream *s)
{
	s->send = TQUIC_STREAM_S_DATA_RECVD;
	s->recv = TQUIC_STREAM_R_DATA_READ;
}

TQ_TEST(rfc9000_3_4_closed_stream_makes_room_once)
{
	struct tquic_streams set;
	struct tquic_close close;
	struct tquic_stream *s;
	unsigned int i;

	setup(&set, false);
	for (i = 0; i < 5; i++) {
		TQ_EXPECT_EQ(tquic_flow_rx_due(&set.grant[0]), i > 1);
		TQ_ASSERT_EQ(lookup(&set, 4 * i + 1, true, &s, &close), 0);
		tquic_streams_settle(&set, s, 0, GFP_KERNEL);
		close_both(s);
		tquic_streams_settle(&set, s, 0, GFP_KERNEL);
		s->released = true;
		s->refs = 1;
		tquic_streams_settle(&set, s, 0, GFP_KERNEL);
		TQ_EXPECT(tquic_streams_find(&set, 4 * i + 1));
		s->refs = 0;
		tquic_streams_settle(&set, s, 0, GFP_KERNEL);
		TQ_EXPECT(!tquic_streams_find(&set, 4 * i + 1));
		/* a late frame for it is old news, not a new stream */
		TQ_EXPECT_EQ(lookup(&set, 4 * i + 1, true, &s, &close), 0);
		TQ_EXPECT(!s);
	}
	TQ_EXPECT(tquic_flow_rx_due(&set.grant[0]));
	TQ_EXPECT_EQ(tquic_flow_rx_grant(&set.grant[0]), 15);
	TQ_EXPECT_EQ(set.gone[0].count, 1);
	/* ours: no credit of the peer's comes of it */
	s = tquic_streams_open(&set, false, 0, GFP_KERNEL);
	close_both(s);
	s->released = true;
	tquic_streams_settle(&set, s, 0, GFP_KERNEL);
	TQ_EXPECT_EQ(lookup(&set, 0, true, &s, &close), 0);
	TQ_EXPECT(!s);
	TQ_EXPECT_EQ(set.grant[0].consumed, 5);
	TQ_EXPECT_EQ(set.count, 0);
	done(&set);
}

static struct tquic_stream *ready(struct tquic_streams *set, u32 bytes,
				  enum tquic_stream_class class)
{
	struct tquic_stream *s = tquic_streams_open(set, false, 0, GFP_KERNEL);

	TQ_ASSERT(s);
	s->class = class;
	if (bytes)
		tquic_stream_write(s, &refs, 0, bytes, GFP_KERNEL);
	tquic_streams_wake(set, s);
	return s;
}

static struct tquic_stream *next(struct tquic_streams *set, u64 room, u64 skip,
				 u32 max, struct tquic_stream_piece *p)
{
	struct tquic_streams_ask ask = {
		.room = room,
		.skip = skip,
		.max = max,
		.last = TQUIC_STREAM_BACKGROUND,
	};

	return tquic_streams_next(set, &ask, p);
}

static struct tquic_stream *send_next(struct tquic_streams *set, u64 room,
				      u32 max, struct tquic_stream_piece *p)
{
	struct tquic_stream *s = next(set, room, 0, max, p);
	u64 fresh;

	if (!s)
		return NULL;
	TQ_EXPECT_EQ(tquic_stream_take(s, p, &fresh, GFP_KERNEL), 0);
	tquic_streams_charge(set, s, p->data.len);
	return s;
}

static void many(struct tquic_streams *set)
{
	setup(set, false);
	set->theirs.bidi_remote = 1ULL << 40;
	tquic_flow_tx_raise(&set->open[0], 1000);
}

TQ_TEST(streams_of_a_class_share_alike)
{
	struct tquic_stream_piece p;
	struct tquic_stream *s[8];
	struct tquic_streams set;
	unsigned int i;

	many(&set);
	for (i = 0; i < 8; i++)
		s[i] = ready(&set, 1 << 20, TQUIC_STREAM_BULK);
	for (i = 0; i < 4000; i++)
		TQ_ASSERT(send_next(&set, 1 << 30, 1000 + 100 * (i % 5), &p));
	for (i = 0; i < 8; i++) {
		TQ_EXPECT(s[i]->tx.used > 4000 * 1200 / 8 * 97 / 100);
		TQ_EXPECT(s[i]->tx.used < 4000 * 1200 / 8 * 103 / 100);
	}
	done(&set);
}

TQ_TEST(streams_by_class)
{
	struct tquic_stream *rt, *ia, *bulk, *bg;
	struct tquic_stream_piece p;
	struct tquic_streams set;
	unsigned int i;
	u64 share;

	many(&set);
	bg = ready(&set, 1 << 24, TQUIC_STREAM_BACKGROUND);
	bulk = ready(&set, 1 << 24, TQUIC_STREAM_BULK);
	ia = ready(&set, 3000, TQUIC_STREAM_INTERACTIVE);
	rt = ready(&set, 2000, TQUIC_STREAM_REALTIME);
	for (i = 0; i < 2; i++)
		TQ_EXPECT(send_next(&set, 1 << 30, 1000, &p) == rt);
	for (i = 0; i < 3; i++)
		TQ_EXPECT(send_next(&set, 1 << 30, 1000, &p) == ia);
	for (i = 0; i < 10000; i++)
		TQ_EXPECT(send_next(&set, 1 << 30, 1000, &p));
	share = bulk->tx.used / bg->tx.used;
	TQ_EXPECT(share >= 14 && share <= 18);
	/* a class that changes while it waits changes its place */
	tquic_streams_set_class(&set, bg, TQUIC_STREAM_REALTIME);
	TQ_EXPECT(send_next(&set, 1 << 30, 1000, &p) == bg);
	TQ_EXPECT_EQ(bg->class, TQUIC_STREAM_REALTIME);
	done(&set);
}

TQ_TEST(streams_repair_goes_first)
{
	struct tquic_stream *a, *b;
	struct tquic_stream_piece p;
	struct tquic_streams set;

	many(&set);
	a = ready(&set, 1 << 20, TQUIC_STREAM_BULK);
	b = ready(&set, 1 << 20, TQUIC_STREAM_BULK);
	TQ_EXPECT(send_next(&set, 1 << 30, 1000, &p) == a);
	TQ_EXPECT(send_next(&set, 1 << 30, 1000, &p) == b);
	tquic_stream_lost(b, 0, 1000, false, GFP_KERNEL);
	tquic_streams_hurry(&set, b);
	TQ_EXPECT(send_next(&set, 1 << 30, 1000, &p) == b);
	TQ_EXPECT(!p.data.ahead);
	done(&set);
}

/* what a slow path carries lies behind the share of each stream in the skip */
TQ_TEST(streams_behind_what_others_carry)
{
	struct tquic_stream_piece p;
	struct tquic_streams_sum sum;
	struct tquic_stream *s[4];
	struct tquic_streams set;
	unsigned int i;

	many(&set);
	for (i = 0; i < 4; i++)
		s[i] = ready(&set, i ? 100000 : 1000, TQUIC_STREAM_BULK);
	tquic_streams_sum(&set, &sum);
	TQ_EXPECT_EQ(sum.due, 0);
	TQ_EXPECT_EQ(sum.fresh, 301000);
	TQ_EXPECT_EQ(sum.open, 4ULL << 40);
	/* the first has fewer bytes than its share */
	TQ_EXPECT(next(&set, 1 << 30, 40000, 500, &p) == s[1]);
	TQ_EXPECT_EQ(p.data.off, 10000);
	TQ_EXPECT(p.data.ahead);
	TQ_EXPECT(!next(&set, 1 << 30, 500000, 500, &p));
	/* nor can it be skipped to where the connection has no credit */
	TQ_EXPECT(!next(&set, 5000, 40000, 500, &p));
	done(&set);
}

TQ_TEST(streams_skip_counts_what_the_others_have)
{
	struct tquic_stream *rt, *web, *bulk, *bg;
	struct tquic_streams_sum sum;
	struct tquic_stream_piece p;
	struct tquic_streams set;

	many(&set);
	rt = ready(&set, 1000, TQUIC_STREAM_REALTIME);
	web = ready(&set, 2000, TQUIC_STREAM_BULK);
	bulk = ready(&set, 100000, TQUIC_STREAM_BULK);
	bg = ready(&set, 100000, TQUIC_STREAM_BACKGROUND);
	/* 1000 of real time, 2000 of the web, the rest is the bulk's */
	TQ_EXPECT(next(&set, 1 << 30, 50000, 500, &p) == bulk);
	TQ_EXPECT_EQ(p.data.off, 47000);
	TQ_EXPECT(next(&set, 1 << 30, 110000, 500, &p) == bg);
	TQ_EXPECT_EQ(p.data.off, 7000);
	TQ_EXPECT_EQ(tquic_streams_urgent(&set), TQUIC_STREAM_REALTIME);
	tquic_streams_idle(&set, rt);
	tquic_streams_idle(&set, web);
	tquic_streams_sum(&set, &sum);
	TQ_EXPECT_EQ(sum.fresh, 200000);
	TQ_EXPECT_EQ(tquic_streams_urgent(&set), TQUIC_STREAM_BULK);
	TQ_EXPECT(next(&set, 1 << 30, 50000, 500, &p) == bulk);
	TQ_EXPECT_EQ(p.data.off, 50000);
	done(&set);
}

/* a hole that was left is filled before anything new */
TQ_TEST(streams_fill_what_was_left_out)
{
	struct tquic_streams_sum sum;
	struct tquic_stream_piece p;
	struct tquic_streams set;
	struct tquic_stream *s;
	u64 fresh;

	many(&set);
	s = ready(&set, 100000, TQUIC_STREAM_BULK);
	TQ_EXPECT(next(&set, 1 << 30, 3000, 1000, &p) == s);
	TQ_EXPECT_EQ(tquic_stream_take(s, &p, &fresh, GFP_KERNEL), 0);
	TQ_EXPECT_EQ(fresh, 4000);
	tquic_streams_charge(&set, s, 1000);
	tquic_streams_sum(&set, &sum);
	TQ_EXPECT_EQ(sum.due, 3000);
	TQ_EXPECT_EQ(sum.fresh, 96000);
	/* which needs no credit */
	TQ_EXPECT(send_next(&set, 0, 5000, &p) == s);
	TQ_EXPECT_EQ(p.data.off, 0);
	TQ_EXPECT_EQ(p.data.len, 3000);
	TQ_EXPECT(!send_next(&set, 0, 5000, &p));
	TQ_EXPECT(tquic_streams_starved(&set));
	tquic_streams_feed(&set);
	TQ_EXPECT(send_next(&set, 1 << 30, 5000, &p) == s);
	TQ_EXPECT_EQ(p.data.off, 4000);
	done(&set);
}

TQ_TEST(streams_without_data_leave_the_list)
{
	struct tquic_stream_piece p;
	struct tquic_streams set;
	struct tquic_stream *s;

	many(&set);
	s = ready(&set, 0, TQUIC_STREAM_BULK);
	TQ_EXPECT(list_empty(&s->ready));
	tquic_stream_write(s, &refs, 0, 100, GFP_KERNEL);
	tquic_streams_wake(&set, s);
	tquic_streams_wake(&set, s);
	TQ_EXPECT(send_next(&set, 1 << 30, 1000, &p) == s);
	TQ_EXPECT(!send_next(&set, 1 << 30, 1000, &p));
	TQ_EXPECT(list_empty(&s->ready));
	TQ_EXPECT(list_empty(&s->control));
	done(&set);
}

TQ_TEST(rfc9000_4_1_stream_blocked_is_told_once)
{
	struct tquic_stream_piece p;
	struct tquic_streams set;
	struct tquic_stream *s;

	many(&set);
	set.theirs.bidi_remote = 50;
	s = ready(&set, 100, TQUIC_STREAM_BULK);
	TQ_EXPECT(send_next(&set, 1 << 30, 1000, &p) == s);
	TQ_EXPECT_EQ(p.data.len, 50);
	TQ_EXPECT_EQ(s->pending, 0);
	TQ_EXPECT(!send_next(&set, 1 << 30, 1000, &p));
	TQ_EXPECT_EQ(s->pending, TQUIC_STREAM_P_BLOCKED);
	TQ_EXPECT(!list_empty(&s->control));
	s->pending = 0;
	list_del_init(&s->control);
	tquic_streams_wake(&set, s);
	TQ_EXPECT(!send_next(&set, 1 << 30, 1000, &p));
	TQ_EXPECT_EQ(s->pending, 0);
	tquic_flow_tx_raise(&s->tx, 100);
	tquic_streams_wake(&set, s);
	TQ_EXPECT(send_next(&set, 1 << 30, 1000, &p) == s);
	TQ_EXPECT(!send_next(&set, 1 << 30, 1000, &p));
	TQ_EXPECT_EQ(s->pending, 0);
	done(&set);
}

TQ_TEST(rfc9000_4_1_connection_credit_starves_all_but_repairs)
{
	struct tquic_stream *a, *b;
	struct tquic_stream_piece p;
	struct tquic_streams set;

	many(&set);
	a = ready(&set, 1000, TQUIC_STREAM_BULK);
	b = ready(&set, 1000, TQUIC_STREAM_REALTIME);
	TQ_EXPECT(send_next(&set, 100, 1000, &p) == b);
	TQ_EXPECT_EQ(p.data.len, 100);
	TQ_EXPECT(!send_next(&set, 0, 1000, &p));
	TQ_EXPECT(list_empty(&set.turn[TQUIC_STREAM_BULK].ready));
	TQ_EXPECT(tquic_streams_starved(&set));
	TQ_EXPECT_EQ(a->pending | b->pending, 0);
	/* a repair needs no credit */
	tquic_stream_lost(b, 0, 100, false, GFP_KERNEL);
	tquic_streams_hurry(&set, b);
	TQ_EXPECT(send_next(&set, 0, 1000, &p) == b);
	TQ_EXPECT(!send_next(&set, 0, 1000, &p));
	tquic_streams_feed(&set);
	TQ_EXPECT(!tquic_streams_starved(&set));
	TQ_EXPECT(send_next(&set, 5000, 1000, &p) == b);
	TQ_EXPECT_EQ(p.data.off, 100);
	TQ_EXPECT(send_next(&set, 5000, 1000, &p) == a);
	done(&set);
}

TQ_TEST(streams_news_are_told_once)
{
	struct tquic_streams set;
	struct tquic_close close;
	struct tquic_stream *s;

	setup(&set, false);
	lookup(&set, 1, true, &s, &close);
	TQ_EXPECT_EQ(s->news, TQUIC_STREAM_N_NEW);
	TQ_EXPECT(list_is_singular(&set.event));
	tquic_streams_tell(&set, s, TQUIC_STREAM_N_READABLE);
	tquic_streams_tell(&set, s, TQUIC_STREAM_N_READABLE);
	TQ_EXPECT_EQ(s->news, TQUIC_STREAM_N_NEW | TQUIC_STREAM_N_READABLE);
	TQ_EXPECT(list_is_singular(&set.event));
	/* control frames wait in their list once, too */
	s->pending = TQUIC_STREAM_P_STOP;
	tquic_streams_wake(&set, s);
	tquic_streams_wake(&set, s);
	TQ_EXPECT(list_is_singular(&set.control));
	done(&set);
}

/* many streams, opened and closed in any order by the peer */
TQ_TEST(streams_random_lives)
{
	struct tquic_stream *s, *open[64] = { NULL };
	struct tquic_streams set;
	struct tquic_close close;
	unsigned int i, n = 0;
	u64 id, opened = 0;

	setup(&set, true);
	for (n = 0; n < 20000; n++) {
		i = tq_rand_below(64);
		if (open[i]) {
			close_both(open[i]);
			open[i]->released = true;
			tquic_streams_settle(&set, open[i], 0, GFP_KERNEL);
			open[i] = NULL;
			if (tquic_flow_rx_due(&set.grant[0]))
				tquic_flow_rx_grant(&set.grant[0]);
			continue;
		}
		id = opened << 2;
		if (set.grant[0].limit <= opened)
			continue;
		TQ_ASSERT_EQ(lookup(&set, id, true, &s, &close), 0);
		TQ_ASSERT(s);
		open[i] = s;
		opened++;
		TQ_EXPECT(set.count <= 10);
		TQ_EXPECT(set.gone[0].count <= 11);
	}
	TQ_EXPECT(opened > 1000);
	done(&set);
}

TQ_OOM_TEST(streams_oom)
{
	struct tquic_streams set;
	struct tquic_close close;
	struct tquic_stream *s;
	int err = 0;

	setup(&set, false);
	s = tquic_streams_open(&set, false, 0, GFP_KERNEL);
	if (!s) {
		TQ_EXPECT_EQ(set.open[0].used, 0);
		err = -ENOMEM;
	}
	if (!err)
		err = lookup(&set, 5, true, &s, &close);
	if (!err) {
		close_both(s);
		s->released = true;
		tquic_streams_settle(&set, s, 0, GFP_KERNEL);
		/* without memory to remember its end it stays */
		err = tquic_streams_find(&set, 5) ? -ENOMEM : 0;
		TQ_EXPECT_EQ(set.grant[0].consumed, err ? 0 : 1);
	}
	done(&set);
	return err;
}
