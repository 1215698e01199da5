// SPDX-License-Identifier: GPL-2.0
/*
 * Rules that show in what an endpoint puts on the wire, and when.
 */
#include "core/conn_priv.h"
#include "lib_pair.h"
#include "shim.h"
#include "tap.h"

static struct lp lp;

static const struct lp_config plain = {
	.window = 1 << 20, .max_path_id = U64_MAX,
};

/* what was seen of an end's datagrams since the last look */
static struct {
	unsigned int dgrams;
	unsigned int pkts[6];
	unsigned int acks[6];
	u32 smallest_initial;
	bool excess;
	u64 largest_ack[6];
} seen[2];

static void look_at_frames(struct lp *pair, unsigned int from,
			   const struct tquic_pkt *pkt)
{
	const struct tquic_frame_ctx ctx = {
		.pkt = pkt->type, .server = !from, .max_datagram = 65535,
	};
	u32 hdr = pkt->pn_off + (pkt->ptr[0] & 3) + 1;
	struct tquic_close close;
	struct tquic_frame f;
	struct tquic_rd rd;

	rd = tquic_rd_init(pkt->ptr + hdr, pkt->len - hdr - TQUIC_PKT_TAG_LEN);
	while (tquic_rd_left(&rd) && !tquic_frame_decode(&rd, &f, &ctx, &close))
		if (f.type == TQUIC_FRAME_ACK ||
		    f.type == TQUIC_FRAME_ACK_ECN) {
			seen[from].acks[pkt->type]++;
			seen[from].largest_ack[pkt->type] = f.ack.largest;
		}
}

static void look(struct lp *pair, unsigned int from, u8 *data, u32 len)
{
	const struct tquic_conn *conn = pair->end[from].conn;
	const struct tquic_path *path = tquic_conn_first_path(conn);
	struct tquic_pkt_walk walk;
	enum tquic_drop drop;
	struct tquic_pkt pkt;

	seen[from].dgrams++;
	if (path->in_flight > path->cc->cwnd)
		seen[from].excess = true;
	tquic_pkt_walk_init(&walk, data, len, 8, false);
	while (tquic_pkt_next(&walk, &pkt, &drop) && !drop) {
		seen[from].pkts[pkt.type]++;
		if (pkt.type == TQUIC_PKT_INITIAL &&
		    len < seen[from].smallest_initial)
			seen[from].smallest_initial = len;
		look_at_frames(pair, from, &pkt);
	}
}

static void look_anew(void)
{
	memset(seen, 0, sizeof(seen));
	seen[0].smallest_initial = U32_MAX;
	seen[1].smallest_initial = U32_MAX;
}

static void start(const struct lp_config *config)
{
	lp_inject_link = 0;
	look_anew();
	lp_start(&lp, config);
	lp.mangle = look;
}

static struct tquic_path *path_of(unsigned int end)
{
	return tquic_conn_first_path(lp.end[end].conn);
}

/* Handshake bytes that no TLS would say: the other side must not listen. */
static void say(unsigned int end, enum tquic_pkt_type type, char what, u32 len)
{
	void *buf = lp_buf_new(len);
	u8 *p = lp_buf_data(buf);

	memset(p, 0, len);
	p[0] = what;
	put_unaligned_be16(len, p + 1);
	TQ_EXPECT_EQ(tquic_conn_crypto_write(lp.end[end].conn, type, buf, 0,
					     len, GFP_KERNEL), 0);
	lp_buf_ops.put(buf);
}

static void deafen(unsigned int end)
{
	lp.end[end].tls = UINT_MAX;
}

TQ_TEST(rfc9000_8_1_three_times_what_was_received)
{
	const struct tquic_path *path;

	start(&plain);
	lp_run(&lp, 11 * LP_MS);
	path = path_of(1);
	TQ_ASSERT(!path->validated && path->rx_bytes);
	say(1, TQUIC_PKT_HANDSHAKE, 0, 20000);
	lp.link[0].down = true;
	lp_run(&lp, 10 * TQUIC_NS_PER_SEC);
	TQ_EXPECT(path->tx_bytes > 2 * path->rx_bytes);
	TQ_EXPECT(path->tx_bytes <= 3 * path->rx_bytes);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_14_1_initial_datagrams_are_filled)
{
	start(&plain);
	TQ_ASSERT(lp_handshake(&lp));
	TQ_EXPECT(seen[0].pkts[TQUIC_PKT_INITIAL]);
	TQ_EXPECT(seen[0].smallest_initial >= 1200);
	TQ_EXPECT(seen[1].pkts[TQUIC_PKT_INITIAL]);
	TQ_EXPECT(seen[1].smallest_initial >= 1200);
	lp_stop(&lp);
}

/* RFC 9002 section 6.2.2.1: all is acknowledged, and yet a probe goes out */
TQ_TEST(rfc9000_8_1_client_probes_a_silent_server)
{
	start(&plain);
	deafen(1);
	lp_run(&lp, 25 * LP_MS);
	TQ_ASSERT_EQ(lp.end[0].conn->early[0].loss.eliciting, 0);
	look_anew();
	lp_run(&lp, 3 * TQUIC_NS_PER_SEC);
	TQ_EXPECT(seen[0].pkts[TQUIC_PKT_INITIAL] >= 2);
	TQ_EXPECT(seen[0].smallest_initial >= 1200);
	TQ_EXPECT_EQ(seen[0].pkts[TQUIC_PKT_HANDSHAKE], 0);
	/* with Handshake keys it is a Handshake packet */
	say(1, TQUIC_PKT_INITIAL, 'S', 3);
	lp_run(&lp, 100 * LP_MS);
	TQ_ASSERT(lp.end[0].conn->tx_keys & BIT(TQUIC_PKT_HANDSHAKE));
	look_anew();
	lp_run(&lp, 3 * TQUIC_NS_PER_SEC);
	TQ_EXPECT(seen[0].pkts[TQUIC_PKT_HANDSHAKE]);
	lp_stop(&lp);
}

/* An acknowledgment of an Initial packet is not yet an answer */
TQ_TEST(rfc9002_6_2_1_initial_acks_do_not_reset_the_backoff)
{
	start(&plain);
	deafen(1);
	look_anew();
	lp_run(&lp, 5 * TQUIC_NS_PER_SEC);
	/* three round trips of 20 ms, doubled each time */
	TQ_EXPECT(seen[0].pkts[TQUIC_PKT_INITIAL] >= 4);
	TQ_EXPECT(seen[0].pkts[TQUIC_PKT_INITIAL] <= 10);
	/* what it counts for is over with these keys */
	say(1, TQUIC_PKT_INITIAL, 'S', 3);
	lp_run(&lp, 5 * TQUIC_NS_PER_SEC);
	TQ_EXPECT(lp.end[0].conn->tx_keys & BIT(TQUIC_PKT_HANDSHAKE));
	lp_stop(&lp);
}

TQ_TEST(rfc9000_13_2_6_acks_in_their_own_space)
{
	static const enum tquic_pkt_type types[] = {
		TQUIC_PKT_INITIAL, TQUIC_PKT_HANDSHAKE, TQUIC_PKT_1RTT,
	};
	unsigned int i;

	start(&plain);
	lp_run(&lp, LP_MS);
	deafen(0);
	/* more Initial packets than others, so that numbers differ */
	lp.link[0].down = true;
	lp_run(&lp, 2 * TQUIC_NS_PER_SEC);
	lp.link[0].down = false;
	TQ_EXPECT(lp.end[0].conn->early[0].loss.sent.next >= 2);
	lp.end[0].tls = 1;
	TQ_ASSERT(lp_handshake(&lp));
	lp_send(&lp, 0, 100000, true);
	lp_run(&lp, TQUIC_NS_PER_SEC);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		tq_note("type %u", types[i]);
		TQ_EXPECT(seen[1].acks[types[i]] ||
			  types[i] == TQUIC_PKT_HANDSHAKE);
		TQ_EXPECT(seen[0].acks[types[i]]);
	}
	/* the client sent one Handshake packet or two, but many others */
	TQ_EXPECT(seen[1].largest_ack[TQUIC_PKT_HANDSHAKE] <= 2);
	TQ_EXPECT(seen[1].largest_ack[TQUIC_PKT_1RTT] >= 50);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_10_1_idle_timeout_is_three_ptos_at_least)
{
	const struct lp_config config = {
		.window = 1 << 20, .max_path_id = U64_MAX, .idle = 100,
	};
	const struct tquic_conn *conn;
	unsigned int i;

	start(&config);
	lp.link[0].delay = 100 * LP_MS;
	TQ_ASSERT(lp_handshake(&lp));
	for (i = 0; i < 2; i++) {
		conn = lp.end[i].conn;
		TQ_EXPECT_EQ(conn->state, TQUIC_CONN_ESTABLISHED);
		TQ_EXPECT(conn->idle_at - lp.now > 200 * LP_MS);
	}
	lp_run(&lp, 10 * TQUIC_NS_PER_SEC);
	TQ_EXPECT_EQ(lp.end[0].conn->state, TQUIC_CONN_CLOSED);
	lp_stop(&lp);
}

/* RFC 9000 section 13.1 */
TQ_TEST(conn_oom_packets_are_not_acknowledged)
{
	struct tquic_frame f = {
		.type = TQUIC_FRAME_STREAM | TQUIC_FRAME_STREAM_LEN,
		.len = 5, .data = (const u8 *)"hello",
	};
	unsigned int nth, refused = 0;
	enum tquic_drop drop;
	u64 next;

	for (nth = 1; nth < 12; nth++) {
		start(&plain);
		TQ_ASSERT(lp_handshake(&lp));
		next = tquic_ackq_next(&path_of(1)->space.ackq);
		f.stream.id = 4 * (nth % 4);
		tq_shim_fail_nth(nth);
		drop = lp_inject(&lp, 1, 0, &f, 1);
		tq_shim_fail_nth(0);
		tq_note("allocation %u, drop %u", nth, drop);
		TQ_EXPECT_EQ(tquic_ackq_next(&path_of(1)->space.ackq),
			     next + (drop == TQUIC_DROP_NONE));
		refused += drop == TQUIC_DROP_MEMORY;
		TQ_EXPECT(drop == TQUIC_DROP_NONE ||
			  drop == TQUIC_DROP_MEMORY);
		lp_stop(&lp);
	}
	TQ_EXPECT(refused >= 2);
}

TQ_TEST(rfc9002_5_3_ack_delay_bounded_by_max)
{
	struct tquic_frame ack = { .type = TQUIC_FRAME_ACK };
	struct tquic_path *path;
	u64 smoothed, sample, most;

	start(&plain);
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, TQUIC_NS_PER_SEC);
	path = path_of(0);
	lp.link[0].down = true;
	lp_send(&lp, 0, 100, true);
	lp_run(&lp, LP_MS);
	ack.ack.largest = path->space.loss.sent.next - 1;
	lp_run(&lp, 69 * LP_MS);
	/* a delay of a second, by the default exponent */
	ack.ack.delay = 125000;
	smoothed = path->rtt.smoothed;
	most = tquic_conn_ack_delay(lp.end[0].conn);
	TQ_EXPECT(most && most <= 25 * LP_MS);
	TQ_EXPECT_EQ(lp_inject(&lp, 0, 0, &ack, 1), TQUIC_DROP_NONE);
	sample = path->rtt.latest;
	TQ_EXPECT(sample > 45 * LP_MS);
	TQ_EXPECT_EQ(path->rtt.smoothed,
		     (7 * smoothed + sample - most) / 8);
	lp_stop(&lp);
}

TQ_TEST(rfc9002_6_2_timeout_declares_nothing_lost)
{
	struct tquic_path *path;
	u64 in_flight;

	start(&plain);
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, TQUIC_NS_PER_SEC);
	path = path_of(0);
	lp.link[0].down = true;
	lp_send(&lp, 0, 5000, true);
	lp_run(&lp, LP_MS);
	in_flight = path->in_flight;
	lp_run(&lp, 2 * TQUIC_NS_PER_SEC);
	TQ_EXPECT(path->pto_count >= 3);
	TQ_EXPECT_EQ(path->lost_packets, 0);
	TQ_EXPECT(path->in_flight > in_flight);
	lp_stop(&lp);
}

TQ_TEST(rfc9002_6_2_4_probes_elicit_acks)
{
	const struct tquic_sent_pkt *pkt;
	struct tquic_loss *loss;
	struct tquic_path *path;
	u64 first, pn;

	start(&plain);
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, TQUIC_NS_PER_SEC);
	path = path_of(0);
	loss = &path->space.loss;
	lp.link[0].down = true;
	lp_send(&lp, 0, 100, true);
	lp_run(&lp, LP_MS);
	first = loss->sent.next;
	lp_run(&lp, 2 * TQUIC_NS_PER_SEC);
	TQ_ASSERT(path->pto_count);
	TQ_EXPECT(loss->sent.next >= first + path->pto_count);
	for (pn = first; pn < loss->sent.next; pn++) {
		pkt = tquic_sent_get(&loss->sent, pn);
		TQ_EXPECT(!pkt || pkt->flags & TQUIC_SENT_ELICITING);
	}
	lp_stop(&lp);
}

TQ_TEST(rfc9002_6_2_1_earlier_space_is_probed)
{
	struct tquic_loss *initial, *handshake;
	struct tquic_conn *conn;
	struct tquic_path *path;
	tquic_time_t at;

	start(&plain);
	lp.link[0].delay = 300 * LP_MS;
	lp_run(&lp, 310 * LP_MS);
	conn = lp.end[1].conn;
	path = path_of(1);
	initial = &conn->early[0].loss;
	handshake = &conn->early[1].loss;
	TQ_ASSERT(initial->eliciting && handshake->eliciting);
	TQ_ASSERT(tquic_path_allowance(path));
	/* one is sent later, so they differ */
	handshake->last_eliciting += LP_MS;
	at = tquic_loss_pto_at(initial, &path->rtt, 0, path->pto_count);
	TQ_EXPECT(at < tquic_loss_pto_at(handshake, &path->rtt, 0,
					 path->pto_count));
	TQ_EXPECT_EQ(tquic_conn_deadline(conn, lp.now), at);
	initial->last_eliciting += 2 * LP_MS;
	at = tquic_loss_pto_at(handshake, &path->rtt, 0, path->pto_count);
	TQ_EXPECT_EQ(tquic_conn_deadline(conn, lp.now), at);
	lp_stop(&lp);
}

TQ_TEST(rfc9002_6_2_1_no_probe_of_data_before_confirmation)
{
	struct tquic_path *path;
	struct tquic_conn *conn;
	u64 sent;

	start(&plain);
	lp_run(&lp, 25 * LP_MS);
	conn = lp.end[0].conn;
	path = path_of(0);
	TQ_ASSERT(conn->tls_done && !conn->confirmed);
	lp.link[0].down = true;
	lp_send(&lp, 0, 100, true);
	lp_run(&lp, LP_MS);
	TQ_ASSERT(path->space.loss.eliciting);
	sent = path->space.loss.sent.next;
	lp_run(&lp, 3 * TQUIC_NS_PER_SEC);
	TQ_EXPECT(path->pto_count >= 2);
	TQ_EXPECT_EQ(path->space.probes, 0);
	TQ_EXPECT_EQ(path->space.loss.sent.next, sent);
	lp_stop(&lp);
}

TQ_TEST(rfc9002_6_2_2_discarded_keys_reset_the_timer)
{
	struct tquic_conn *conn;

	start(&plain);
	lp_run(&lp, 15 * LP_MS);
	conn = lp.end[0].conn;
	TQ_ASSERT(conn->early[0].loss.eliciting);
	path_of(0)->pto_count = 4;
	conn->early[0].loss.loss_time = lp.now + LP_MS;
	tquic_conn_drop_keys(conn, TQUIC_PKT_INITIAL);
	TQ_EXPECT_EQ(path_of(0)->pto_count, 0);
	TQ_EXPECT(tquic_conn_deadline(conn, lp.now) > lp.now + LP_MS);
	lp_stop(&lp);
}

TQ_TEST(rfc9002_6_4_discarded_keys_take_their_packets_along)
{
	start(&plain);
	lp_run(&lp, 15 * LP_MS);
	TQ_EXPECT_EQ(path_of(0)->in_flight, 1200);
	tquic_conn_drop_keys(lp.end[0].conn, TQUIC_PKT_INITIAL);
	TQ_EXPECT_EQ(path_of(0)->in_flight, 0);
	TQ_EXPECT_EQ(lp.end[0].conn->early[0].loss.in_flight, 0);
	lp_stop(&lp);
}

TQ_TEST(rfc9002_7_window_bounds_what_is_in_flight)
{
	start(&plain);
	TQ_ASSERT(lp_handshake(&lp));
	lp_send(&lp, 0, 3 << 20, true);
	lp_run(&lp, 5 * TQUIC_NS_PER_SEC);
	TQ_EXPECT_EQ(lp.end[1].received, 3 << 20);
	TQ_EXPECT(seen[0].dgrams > 2000);
	TQ_EXPECT(!seen[0].excess);
	lp_stop(&lp);
}

TQ_TEST(rfc9002_7_4_losses_of_what_could_be_opened_count)
{
	struct tquic_path *path;
	u64 cwnd;

	start(&plain);
	lp_run(&lp, 25 * LP_MS);
	path = path_of(0);
	TQ_ASSERT(lp.end[0].conn->early[1].live);
	deafen(1);
	say(0, TQUIC_PKT_HANDSHAKE, 0, 1000);
	lp_run(&lp, 2 * LP_MS);
	lp.link[0].down = true;
	say(0, TQUIC_PKT_HANDSHAKE, 0, 1000);
	lp_run(&lp, 2 * LP_MS);
	lp.link[0].down = false;
	cwnd = path->cc->cwnd;
	say(0, TQUIC_PKT_HANDSHAKE, 0, 5000);
	lp_run(&lp, 60 * LP_MS);
	TQ_EXPECT(path->lost_packets);
	TQ_EXPECT(path->cc->cwnd < cwnd);
	lp_stop(&lp);
}

TQ_TEST(rfc9002_7_5_probes_pass_the_window)
{
	struct tquic_path *path;
	u64 in_flight, sent;

	start(&plain);
	TQ_ASSERT(lp_handshake(&lp));
	lp_send(&lp, 0, 1 << 20, true);
	lp_run(&lp, 200 * LP_MS);
	path = path_of(0);
	lp.link[0].down = true;
	lp_run(&lp, 15 * LP_MS);
	TQ_ASSERT(path->in_flight + path->mds > path->cc->cwnd);
	in_flight = path->in_flight;
	sent = path->sent_bytes;
	lp_run(&lp, TQUIC_NS_PER_SEC);
	TQ_EXPECT(path->pto_count);
	TQ_EXPECT(path->sent_bytes > sent);
	TQ_EXPECT_EQ(path->in_flight - in_flight, path->sent_bytes - sent);
	lp_stop(&lp);
}
