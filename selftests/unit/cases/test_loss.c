// SPDX-License-Identifier: GPL-2.0
#include "core/loss.h"
#include "tap.h"

#define MS TQUIC_NS_PER_MS

struct fixture {
	struct tquic_loss loss;
	struct tquic_rate rate;
	struct tquic_rtt rtt;
	struct tquic_loss_ack ack;
	struct tquic_loss_lost lost;
	u64 acked, lost_n, late;
	u64 last_lost;
};

static void on_acked(void *owner, u64 pn, const struct tquic_sent_pkt *pkt)
{
	struct fixture *f = owner;

	(void)pn;
	(void)pkt;
	f->acked++;
}

static void on_lost(void *owner, u64 pn, const struct tquic_sent_pkt *pkt)
{
	struct fixture *f = owner;

	(void)pkt;
	f->lost_n++;
	f->last_lost = pn;
}

static void on_late(void *owner, u64 pn, const struct tquic_sent_pkt *pkt)
{
	struct fixture *f = owner;

	(void)pn;
	(void)pkt;
	f->late++;
}

static const struct tquic_loss_ops ops = {
	.acked = on_acked,
	.lost = on_lost,
	.late = on_late,
};

static void setup(struct fixture *f, u64 rtt)
{
	*f = (struct fixture){};
	tquic_loss_init(&f->loss, &ops, f);
	tquic_rate_init(&f->rate, 0);
	tquic_rtt_init(&f->rtt, 333 * MS);
	if (rtt)
		tquic_rtt_sample(&f->rtt, 0, rtt, 0);
}

static u64 send_flags(struct fixture *f, tquic_time_t now, u8 flags)
{
	struct tquic_sent_pkt *pkt = tquic_sent_peek(&f->loss.sent, GFP_KERNEL);

	TQ_ASSERT(pkt);
	pkt->time = now;
	pkt->size = 1000;
	pkt->flags = flags;
	if (flags & TQUIC_SENT_IN_FLIGHT)
		tquic_rate_sent(&f->rate, pkt, f->loss.in_flight);
	return tquic_loss_push(&f->loss, pkt);
}

static u64 send(struct fixture *f, tquic_time_t now)
{
	return send_flags(f, now, TQUIC_SENT_ELICITING | TQUIC_SENT_IN_FLIGHT);
}

/* Returns the RTT sample. */
static u64 ack(struct fixture *f, tquic_time_t now, u64 first, u64 last)
{
	u64 sample;

	TQ_ASSERT(tquic_loss_ack_begin(&f->loss, &f->ack, now, last));
	TQ_ASSERT(tquic_loss_ack_range(&f->loss, &f->rate, &f->ack, first,
				       last));
	sample = tquic_loss_ack_end(&f->loss, &f->ack);
	tquic_loss_detect(&f->loss, &f->rtt, &f->rate, now, 0, &f->lost);
	return sample;
}

TQ_TEST(rfc9000_13_1_ack_of_unsent_packet)
{
	struct fixture f;

	setup(&f, 0);
	TQ_EXPECT(!tquic_loss_ack_begin(&f.loss, &f.ack, 0, 0));
	send(&f, 0);
	TQ_EXPECT(tquic_loss_ack_begin(&f.loss, &f.ack, 0, 0));
	TQ_EXPECT(!tquic_loss_ack_begin(&f.loss, &f.ack, 0, 1));
	tquic_loss_discard(&f.loss);
}

TQ_TEST(rfc9000_21_4_ack_of_skipped_packet)
{
	struct fixture f;

	setup(&f, 10 * MS);
	send(&f, 0);
	send_flags(&f, 0, TQUIC_SENT_SKIPPED);
	send(&f, 0);
	TQ_EXPECT(tquic_loss_ack_begin(&f.loss, &f.ack, 1, 2));
	TQ_EXPECT(!tquic_loss_ack_range(&f.loss, &f.rate, &f.ack, 0, 2));
	tquic_loss_discard(&f.loss);

	/* left out by the peer it is forgotten, not lost */
	setup(&f, 10 * MS);
	send(&f, 0);
	send_flags(&f, 0, TQUIC_SENT_SKIPPED);
	send(&f, 0);
	send(&f, 0);
	send(&f, 0);
	ack(&f, 1, 0, 0);
	ack(&f, 1, 2, 4);
	TQ_EXPECT_EQ(f.lost_n, 0);
	TQ_EXPECT_EQ(f.lost.packets, 0);
	TQ_EXPECT_EQ(f.loss.sent.outstanding, 0);
	tquic_loss_discard(&f.loss);
}

TQ_TEST(loss_accounts_what_is_in_flight)
{
	struct fixture f;

	setup(&f, 10 * MS);
	send(&f, 1);
	send_flags(&f, 2, 0);
	send_flags(&f, 3, TQUIC_SENT_IN_FLIGHT);
	TQ_EXPECT_EQ(f.loss.in_flight, 2000);
	TQ_EXPECT_EQ(f.loss.eliciting, 1);
	TQ_EXPECT_EQ(f.loss.last_eliciting, 1);
	ack(&f, 4, 0, 1);
	TQ_EXPECT_EQ(f.ack.bytes, 1000);
	TQ_EXPECT_EQ(f.ack.packets, 2);
	TQ_EXPECT(f.ack.eliciting);
	TQ_EXPECT(!f.ack.newest_eliciting);
	TQ_EXPECT_EQ(f.ack.newest, 1);
	TQ_EXPECT_EQ(f.ack.newest_time, 2);
	TQ_EXPECT_EQ(f.loss.in_flight, 1000);
	TQ_EXPECT_EQ(f.loss.eliciting, 0);
	TQ_EXPECT_EQ(f.acked, 2);
	/* the same again is no news */
	TQ_EXPECT_EQ(ack(&f, 5, 0, 1), 0);
	TQ_EXPECT_EQ(f.ack.packets, 0);
	TQ_EXPECT(!f.ack.advanced);
	TQ_EXPECT_EQ(f.acked, 2);
	TQ_EXPECT_EQ(tquic_loss_discard(&f.loss), 1000);
	TQ_EXPECT_EQ(f.loss.in_flight, 0);
}

TQ_TEST(rfc9002_5_1_rtt_sample_conditions)
{
	struct fixture f;

	setup(&f, 0);
	send(&f, 10);
	send(&f, 20);
	send_flags(&f, 30, 0);
	send_flags(&f, 40, 0);
	TQ_EXPECT_EQ(ack(&f, 100, 1, 1), 80);
	TQ_EXPECT(f.ack.advanced);
	/* the largest is not newly acknowledged */
	TQ_EXPECT_EQ(ack(&f, 110, 0, 1), 0);
	TQ_EXPECT_EQ(f.ack.packets, 1);
	/* nothing newly acknowledged elicits */
	TQ_EXPECT_EQ(ack(&f, 120, 2, 2), 0);
	tquic_loss_discard(&f.loss);

	/* a packet older than the largest elicited: still a sample */
	setup(&f, 0);
	send(&f, 10);
	send_flags(&f, 30, 0);
	TQ_EXPECT_EQ(ack(&f, 100, 0, 1), 70);
	tquic_loss_discard(&f.loss);

	setup(&f, 0);
	send(&f, 10);
	TQ_EXPECT_EQ(ack(&f, 10, 0, 0), 1);
	tquic_loss_discard(&f.loss);
}

TQ_TEST(rfc9002_6_1_1_packet_threshold)
{
	struct fixture f;
	unsigned int i;

	setup(&f, 100 * MS);
	for (i = 0; i < 5; i++)
		send(&f, 200 * MS + i);
	ack(&f, 210 * MS, 2, 2);
	TQ_EXPECT_EQ(f.lost.packets, 0);
	ack(&f, 210 * MS, 3, 3);
	TQ_EXPECT_EQ(f.lost.packets, 1);
	TQ_EXPECT_EQ(f.lost.bytes, 1000);
	TQ_EXPECT(f.lost.congestion);
	TQ_EXPECT_EQ(f.lost.largest_sent, 200 * MS);
	TQ_EXPECT_EQ(f.lost.tx_in_flight, 1000);
	TQ_EXPECT_EQ(f.last_lost, 0);
	TQ_EXPECT_EQ(f.rate.lost, 1000);
	TQ_EXPECT_EQ(f.loss.loss_time, 200 * MS + 1 + 900 * MS / 8);
	tquic_loss_discard(&f.loss);
}

TQ_TEST(rfc9002_6_1_2_time_threshold)
{
	struct fixture f;

	setup(&f, 80 * MS);
	send(&f, 100 * MS);
	send(&f, 101 * MS);
	ack(&f, 150 * MS, 1, 1);
	TQ_EXPECT_EQ(f.lost.packets, 0);
	TQ_EXPECT_EQ(f.loss.loss_time, 190 * MS);
	tquic_loss_detect(&f.loss, &f.rtt, &f.rate, 190 * MS - 1, 0, &f.lost);
	TQ_EXPECT_EQ(f.lost.packets, 0);
	tquic_loss_detect(&f.loss, &f.rtt, &f.rate, 190 * MS, 0, &f.lost);
	TQ_EXPECT_EQ(f.lost.packets, 1);
	TQ_EXPECT_EQ(f.loss.loss_time, TQUIC_TIME_NEVER);
	TQ_EXPECT_EQ(f.loss.in_flight, 0);
	TQ_EXPECT_EQ(f.loss.eliciting, 0);
	tquic_loss_discard(&f.loss);

	/* the latest sample counts when it is longer than the average */
	setup(&f, 80 * MS);
	f.rtt.latest = 160 * MS;
	send(&f, 100 * MS);
	send(&f, 101 * MS);
	ack(&f, 150 * MS, 1, 1);
	TQ_EXPECT_EQ(f.loss.loss_time, 280 * MS);
	tquic_loss_discard(&f.loss);

	/* never less than the timer granularity */
	setup(&f, 1000);
	send(&f, 100 * MS);
	send(&f, 100 * MS);
	ack(&f, 100 * MS + 1000, 1, 1);
	TQ_EXPECT_EQ(f.loss.loss_time, 101 * MS);
	tquic_loss_discard(&f.loss);
}

TQ_TEST(loss_needs_a_later_acknowledged_packet)
{
	struct fixture f;

	setup(&f, 10 * MS);
	send(&f, 0);
	tquic_loss_detect(&f.loss, &f.rtt, &f.rate, TQUIC_NS_PER_SEC, 0,
			  &f.lost);
	TQ_EXPECT_EQ(f.lost.packets, 0);
	send(&f, 0);
	ack(&f, 10 * MS, 0, 0);
	tquic_loss_detect(&f.loss, &f.rtt, &f.rate, TQUIC_NS_PER_SEC, 0,
			  &f.lost);
	TQ_EXPECT_EQ(f.lost.packets, 0);
	TQ_EXPECT_EQ(f.loss.loss_time, TQUIC_TIME_NEVER);
	tquic_loss_discard(&f.loss);
}

TQ_TEST(rfc9000_14_4_lost_mtu_probe_is_no_congestion)
{
	struct fixture f;

	setup(&f, 10 * MS);
	send_flags(&f, 100 * MS, TQUIC_SENT_ELICITING | TQUIC_SENT_IN_FLIGHT |
		   TQUIC_SENT_MTU_PROBE);
	send(&f, 100 * MS);
	send(&f, 100 * MS);
	send(&f, 100 * MS);
	ack(&f, 110 * MS, 1, 3);
	TQ_EXPECT_EQ(f.lost.packets, 1);
	TQ_EXPECT_EQ(f.lost.bytes, 1000);
	TQ_EXPECT(!f.lost.congestion);
	TQ_EXPECT_EQ(f.rate.lost, 0);
	TQ_EXPECT_EQ(f.loss.in_flight, 0);
	tquic_loss_discard(&f.loss);
}

TQ_TEST(loss_of_marked_packets_is_counted)
{
	struct fixture f;
	unsigned int i;

	setup(&f, 10 * MS);
	for (i = 0; i < 6; i++)
		send_flags(&f, 100 * MS, TQUIC_SENT_ELICITING |
			   TQUIC_SENT_IN_FLIGHT | (i & 1 ? 0 : TQUIC_SENT_ECT));
	ack(&f, 110 * MS, 3, 5);
	TQ_EXPECT_EQ(f.ack.ect, 1);
	TQ_EXPECT_EQ(f.lost.packets, 3);
	TQ_EXPECT_EQ(f.lost.ect, 2);
	tquic_loss_discard(&f.loss);
}

TQ_TEST(rfc9002_7_6_persistent_congestion)
{
	struct fixture f;
	u64 pto;

	/* PTO without ack delay: 100 + 200 ms; persistent after 900 ms */
	setup(&f, 100 * MS);
	pto = tquic_rtt_pto(&f.rtt, 0);
	TQ_EXPECT_EQ(pto, 300 * MS);
	send(&f, 1 * MS);
	send(&f, 500 * MS);
	send(&f, 902 * MS);
	send(&f, 903 * MS);
	ack(&f, 1100 * MS, 3, 3);
	TQ_EXPECT_EQ(f.lost.packets, 3);
	TQ_EXPECT(f.lost.persistent);
	tquic_loss_discard(&f.loss);

	/* the period has to be exceeded */
	setup(&f, 100 * MS);
	send(&f, 1 * MS);
	send(&f, 901 * MS);
	send(&f, 903 * MS);
	ack(&f, 1100 * MS, 2, 2);
	TQ_EXPECT_EQ(f.lost.packets, 2);
	TQ_EXPECT(!f.lost.persistent);
	tquic_loss_discard(&f.loss);

	/* one that arrived in between breaks the run */
	setup(&f, 100 * MS);
	send(&f, 1 * MS);
	send(&f, 500 * MS);
	send(&f, 950 * MS);
	send(&f, 951 * MS);
	ack(&f, 600 * MS, 1, 1);
	ack(&f, 1100 * MS, 3, 3);
	TQ_EXPECT_EQ(f.lost_n, 2);
	TQ_EXPECT(!f.lost.persistent);
	tquic_loss_discard(&f.loss);

	/* packets that elicit nothing do not span a period */
	setup(&f, 100 * MS);
	send_flags(&f, 1 * MS, TQUIC_SENT_IN_FLIGHT);
	send(&f, 500 * MS);
	send_flags(&f, 990 * MS, TQUIC_SENT_IN_FLIGHT);
	send(&f, 991 * MS);
	ack(&f, 1200 * MS, 3, 3);
	TQ_EXPECT_EQ(f.lost.packets, 3);
	TQ_EXPECT(!f.lost.persistent);
	tquic_loss_discard(&f.loss);

	/* nor do those sent before the first RTT sample */
	setup(&f, 0);
	tquic_rtt_sample(&f.rtt, 400 * MS, 100 * MS, 0);
	send(&f, 1 * MS);
	send(&f, 500 * MS);
	send(&f, 1000 * MS);
	send(&f, 1001 * MS);
	ack(&f, 1200 * MS, 3, 3);
	TQ_EXPECT_EQ(f.lost.packets, 3);
	TQ_EXPECT(!f.lost.persistent);
	tquic_loss_discard(&f.loss);

	/* a run may be found lost in parts */
	setup(&f, 100 * MS);
	send(&f, 1 * MS);
	send(&f, 2 * MS);
	send(&f, 950 * MS);
	send(&f, 951 * MS);
	send(&f, 952 * MS);
	ack(&f, 960 * MS, 4, 4);
	TQ_EXPECT_EQ(f.lost.packets, 2);
	TQ_EXPECT(!f.lost.persistent);
	tquic_loss_detect(&f.loss, &f.rtt, &f.rate, 1100 * MS, 0, &f.lost);
	TQ_EXPECT_EQ(f.lost.packets, 2);
	TQ_EXPECT(f.lost.persistent);
	tquic_loss_discard(&f.loss);
}

TQ_TEST(rfc9002_6_2_1_pto_timer)
{
	struct fixture f;

	setup(&f, 100 * MS);
	TQ_EXPECT_EQ(tquic_loss_pto_at(&f.loss, &f.rtt, 0, 0),
		     TQUIC_TIME_NEVER);
	send_flags(&f, 5 * MS, TQUIC_SENT_IN_FLIGHT);
	TQ_EXPECT_EQ(tquic_loss_pto_at(&f.loss, &f.rtt, 0, 0),
		     TQUIC_TIME_NEVER);
	send(&f, 10 * MS);
	send_flags(&f, 15 * MS, TQUIC_SENT_IN_FLIGHT);
	TQ_EXPECT_EQ(tquic_loss_pto_at(&f.loss, &f.rtt, 25 * MS, 0), 335 * MS);
	TQ_EXPECT_EQ(tquic_loss_pto_at(&f.loss, &f.rtt, 25 * MS, 2),
		     (10 + 4 * 325) * MS);
	TQ_EXPECT_EQ(tquic_loss_pto_at(&f.loss, &f.rtt, 0, 12),
		     tquic_loss_pto_at(&f.loss, &f.rtt, 0, 4000));
	TQ_EXPECT(tquic_loss_pto_at(&f.loss, &f.rtt, 0, 11) <
		  tquic_loss_pto_at(&f.loss, &f.rtt, 0, 12));
	ack(&f, 20 * MS, 0, 2);
	TQ_EXPECT_EQ(tquic_loss_pto_at(&f.loss, &f.rtt, 0, 0),
		     TQUIC_TIME_NEVER);
	tquic_loss_discard(&f.loss);
}

static tquic_time_t silent_at(const struct fixture *f)
{
	return tquic_loss_silent_at(&f->loss, &f->rtt, 25 * MS, 0);
}

TQ_TEST(loss_silence_is_not_restarted_by_sending)
{
	struct fixture f;
	unsigned int i;

	setup(&f, 100 * MS);
	f.rtt.var = 5 * MS;
	TQ_EXPECT_EQ(silent_at(&f), TQUIC_TIME_NEVER);
	send_flags(&f, 1 * MS, 0);
	TQ_EXPECT_EQ(silent_at(&f), TQUIC_TIME_NEVER);
	for (i = 10; i < 60; i++) {
		send(&f, i * MS);
		TQ_EXPECT_EQ(silent_at(&f), (10 + 100 + 20 + 10) * MS);
	}
	/* sparse acknowledgments are no silence */
	f.loss.ack_interval = 7 * MS;
	TQ_EXPECT_EQ(silent_at(&f), (10 + 100 + 20 + 21) * MS);
	/* but the probe timeout is always enough */
	f.loss.ack_interval = 700 * MS;
	TQ_EXPECT_EQ(silent_at(&f), (10 + 100 + 20 + 25) * MS);
	/* while acknowledgments come, the path is slow, not silent */
	f.loss.ack_interval = 7 * MS;
	f.loss.last_ack = 400 * MS;
	TQ_EXPECT_EQ(silent_at(&f), 425 * MS);
	f.rtt.smoothed = 40 * MS;
	TQ_EXPECT_EQ(silent_at(&f), 421 * MS);
	f.rtt.smoothed = 100 * MS;
	/* however rare they were in idle times */
	f.loss.ack_interval = 9000 * MS;
	TQ_EXPECT_EQ(silent_at(&f), 450 * MS);
	f.rtt.smoothed = 20 * MS;
	TQ_EXPECT_EQ(silent_at(&f), 425 * MS);
	f.rtt.smoothed = 100 * MS;
	ack(&f, 61 * MS, 0, 50);
	TQ_EXPECT_EQ(silent_at(&f), TQUIC_TIME_NEVER);
	tquic_loss_discard(&f.loss);
}

TQ_TEST(loss_measures_the_ack_interval)
{
	struct fixture f;
	unsigned int i;

	setup(&f, 100 * MS);
	for (i = 0; i < 20; i++)
		send(&f, 100 * MS + i);
	ack(&f, 200 * MS, 0, 0);
	TQ_EXPECT_EQ(f.loss.ack_interval, 0);
	ack(&f, 208 * MS, 1, 1);
	TQ_EXPECT_EQ(f.loss.ack_interval, 8 * MS);
	ack(&f, 300 * MS, 1, 1);
	TQ_EXPECT_EQ(f.loss.ack_interval, 8 * MS);
	ack(&f, 224 * MS, 2, 2);
	TQ_EXPECT_EQ(f.loss.ack_interval, 9 * MS);
	tquic_loss_discard(&f.loss);
}

TQ_TEST(loss_spurious_by_packets_raises_threshold_and_undoes)
{
	struct fixture f;
	unsigned int i;

	setup(&f, 100 * MS);
	for (i = 0; i < 20; i++)
		send(&f, 200 * MS + i);
	ack(&f, 300 * MS, 8, 8);
	TQ_EXPECT_EQ(f.lost_n, 6);
	TQ_EXPECT_EQ(f.loss.undo, 6);
	TQ_EXPECT_EQ(f.loss.episode, 300 * MS);
	ack(&f, 301 * MS, 1, 9);
	TQ_EXPECT_EQ(f.late, 5);
	TQ_EXPECT_EQ(f.ack.late, 5);
	TQ_EXPECT(!f.ack.spurious);
	/* packet 1 was overtaken by 9 */
	TQ_EXPECT_EQ(f.loss.packet_threshold, 9);
	TQ_EXPECT_EQ(f.loss.time_eighths, 10);
	ack(&f, 302 * MS, 0, 9);
	TQ_EXPECT(f.ack.spurious);
	TQ_EXPECT_EQ(f.ack.packets, 0);
	TQ_EXPECT_EQ(f.loss.packet_threshold, 10);
	TQ_EXPECT_EQ(f.loss.sent.remembered, 0);
	/* the next as far out of order is not lost any more */
	f.lost_n = 0;
	ack(&f, 303 * MS, 19, 19);
	TQ_EXPECT_EQ(f.lost_n, 0);
	TQ_EXPECT_EQ(f.loss.loss_time, 200 * MS + 10 + 1100 * MS / 8);
	tquic_loss_discard(&f.loss);
}

TQ_TEST(loss_late_distance_is_from_the_largest_ever)
{
	struct fixture f;
	unsigned int i;

	setup(&f, 100 * MS);
	for (i = 0; i < 50; i++)
		send(&f, 200 * MS + i);
	ack(&f, 300 * MS, 40, 40);
	ack(&f, 301 * MS, 0, 0);
	TQ_EXPECT_EQ(f.loss.packet_threshold, 41);
	tquic_loss_discard(&f.loss);
}

TQ_TEST(loss_partly_real_episode_is_not_undone)
{
	struct fixture f;
	unsigned int i;

	setup(&f, 100 * MS);
	for (i = 0; i < 12; i++)
		send(&f, 200 * MS + i);
	ack(&f, 300 * MS, 4, 4);
	TQ_EXPECT_EQ(f.loss.undo, 2);
	/* a later episode begins: what was sent after the first verdict */
	for (i = 0; i < 4; i++)
		send(&f, 310 * MS + i);
	ack(&f, 400 * MS, 5, 11);
	ack(&f, 400 * MS, 15, 15);
	TQ_EXPECT_EQ(f.loss.episode, 400 * MS);
	TQ_EXPECT_EQ(f.loss.undo, 1);
	/* late ones of the first do not undo the second */
	ack(&f, 401 * MS, 0, 1);
	TQ_EXPECT_EQ(f.ack.late, 2);
	TQ_EXPECT(!f.ack.spurious);
	ack(&f, 402 * MS, 12, 12);
	TQ_EXPECT(f.ack.spurious);
	tquic_loss_discard(&f.loss);
}

TQ_TEST(loss_thresholds_are_bounded_and_forgotten)
{
	struct fixture f;
	unsigned int i;

	setup(&f, 100 * MS);
	for (i = 0; i < 3000; i++)
		send(&f, 200 * MS);
	ack(&f, 300 * MS, 2900, 2999);
	for (i = 0; i < 20; i++)
		ack(&f, (301 + i) * MS, i, i);
	TQ_EXPECT_EQ(f.loss.packet_threshold, TQUIC_LOSS_PACKET_THRESHOLD_MAX);
	TQ_EXPECT_EQ(f.loss.time_eighths, TQUIC_LOSS_TIME_EIGHTHS_MAX);
	tquic_loss_detect(&f.loss, &f.rtt, &f.rate,
			  320 * MS + TQUIC_LOSS_FORGET, 0, &f.lost);
	TQ_EXPECT_EQ(f.loss.packet_threshold, TQUIC_LOSS_PACKET_THRESHOLD_MAX);
	tquic_loss_detect(&f.loss, &f.rtt, &f.rate,
			  320 * MS + TQUIC_LOSS_FORGET + 1, 0, &f.lost);
	TQ_EXPECT_EQ(f.loss.packet_threshold, TQUIC_LOSS_PACKET_THRESHOLD);
	TQ_EXPECT_EQ(f.loss.time_eighths, TQUIC_LOSS_TIME_EIGHTHS);
	tquic_loss_discard(&f.loss);
}

TQ_TEST(loss_remembers_for_three_ptos)
{
	struct fixture f;
	unsigned int i;

	setup(&f, 100 * MS);
	for (i = 0; i < 4; i++)
		send(&f, 200 * MS);
	ack(&f, 300 * MS, 3, 3);
	TQ_EXPECT_EQ(f.loss.sent.remembered, 1);
	tquic_loss_detect(&f.loss, &f.rtt, &f.rate, 1100 * MS, 0, &f.lost);
	TQ_EXPECT(tquic_sent_is_lost(&f.loss.sent, 0));
	tquic_loss_detect(&f.loss, &f.rtt, &f.rate, 1100 * MS + 1, 0, &f.lost);
	TQ_EXPECT(!tquic_sent_is_lost(&f.loss.sent, 0));
	TQ_EXPECT_EQ(f.loss.sent.remembered, 0);
	ack(&f, 1200 * MS, 0, 0);
	TQ_EXPECT_EQ(f.late, 0);
	tquic_loss_discard(&f.loss);
}

TQ_TEST(loss_failed_send_is_requeued_without_congestion)
{
	struct fixture f;

	setup(&f, 100 * MS);
	send(&f, 1);
	send(&f, 1);
	TQ_EXPECT_EQ(tquic_loss_fail(&f.loss, 1), 1000);
	TQ_EXPECT_EQ(f.lost_n, 1);
	TQ_EXPECT_EQ(f.last_lost, 1);
	TQ_EXPECT_EQ(f.loss.in_flight, 1000);
	TQ_EXPECT_EQ(f.rate.lost, 0);
	TQ_EXPECT_EQ(tquic_loss_fail(&f.loss, 1), 0);
	TQ_EXPECT_EQ(tquic_loss_fail(&f.loss, 7), 0);
	TQ_EXPECT_EQ(f.lost_n, 1);
	send_flags(&f, 1, 0);
	TQ_EXPECT_EQ(tquic_loss_fail(&f.loss, 2), 0);
	TQ_EXPECT_EQ(f.lost_n, 2);
	/* its number stays spent */
	TQ_EXPECT_EQ(send(&f, 2), 3);
	tquic_loss_discard(&f.loss);
}

/*
 * Every second packet lost, acknowledgments that repeat all they know, newest
 * first: what a packet costs must not depend on how many are outstanding.
 * Steps are counted as lookups, by the number of packets touched per ack.
 */
TQ_TEST(loss_hostile_ack_pattern_finds_only_news)
{
	struct fixture f;
	u64 pn, step, n = 20000;

	setup(&f, 100 * MS);
	for (pn = 0; pn < n; pn++)
		send(&f, 200 * MS + pn);
	f.loss.packet_threshold = 1024;
	for (step = 1; step < n; step += 2) {
		struct tquic_loss_ack a;
		u64 from = step > 128 ? step - 128 : 1;

		tquic_loss_ack_begin(&f.loss, &a, 300 * MS, step);
		for (pn = step; pn >= from && pn <= step; pn -= 2)
			tquic_loss_ack_range(&f.loss, &f.rate, &a, pn, pn);
		tquic_loss_ack_end(&f.loss, &a);
		TQ_EXPECT_EQ(a.packets, 1);
	}
	TQ_EXPECT_EQ(f.acked, n / 2);
	TQ_EXPECT_EQ(f.loss.sent.outstanding, n / 2);
	tquic_loss_discard(&f.loss);
}

TQ_TEST(rate_ideal_link)
{
	struct tquic_cc_sample s = {};
	struct fixture f;
	unsigned int i;

	/* 1000 bytes each ms, RTT 50 ms: one megabyte per second */
	setup(&f, 50 * MS);
	for (i = 0; i < 200; i++) {
		send(&f, i * MS);
		if (i < 50)
			continue;
		ack(&f, i * MS, i - 50, i - 50);
		tquic_rate_sample(&f.rate, &f.ack.pick, i * MS, 50 * MS, &s);
		TQ_EXPECT_EQ(s.delivered, (i - 49) * 1000);
		if (i < 101)
			continue;
		TQ_EXPECT_EQ(s.rate, 1000 * 1000);
		TQ_EXPECT_EQ(s.interval, 51 * MS);
		TQ_EXPECT_EQ(s.delivered - s.prior_delivered, 51 * 1000);
		TQ_EXPECT_EQ(s.tx_in_flight, 51 * 1000);
		TQ_EXPECT(!s.app_limited);
		TQ_EXPECT_EQ(s.lost_since_tx, 0);
	}
	tquic_loss_discard(&f.loss);
}

TQ_TEST(rate_bunched_acks_do_not_inflate)
{
	struct tquic_cc_sample s = {};
	struct fixture f;
	unsigned int i;

	setup(&f, 50 * MS);
	for (i = 0; i < 150; i++)
		send(&f, i * MS);
	/* all of 0..99 arrive at once */
	ack(&f, 150 * MS, 0, 99);
	tquic_rate_sample(&f.rate, &f.ack.pick, 150 * MS, 50 * MS, &s);
	TQ_EXPECT(s.rate <= 1000 * 1000);
	/* an interval below the minimum RTT gives no sample */
	ack(&f, 151 * MS, 100, 100);
	tquic_rate_sample(&f.rate, &f.ack.pick, 151 * MS, 500 * MS, &s);
	TQ_EXPECT_EQ(s.interval, 0);
	TQ_EXPECT_EQ(s.rate, 0);
	tquic_loss_discard(&f.loss);
}

TQ_TEST(rate_app_limited_until_delivered)
{
	struct tquic_cc_sample s = {};
	struct fixture f;

	setup(&f, 10 * MS);
	send(&f, 0);
	tquic_rate_limited(&f.rate, 1000);
	send(&f, 20 * MS);
	send(&f, 21 * MS);
	ack(&f, 30 * MS, 0, 0);
	tquic_rate_sample(&f.rate, &f.ack.pick, 30 * MS, 10 * MS, &s);
	TQ_EXPECT(!s.app_limited);
	ack(&f, 31 * MS, 1, 1);
	tquic_rate_sample(&f.rate, &f.ack.pick, 31 * MS, 10 * MS, &s);
	TQ_EXPECT(s.app_limited);
	TQ_EXPECT_EQ(f.rate.limited_until, 0);
	send(&f, 32 * MS);
	ack(&f, 42 * MS, 3, 3);
	tquic_rate_sample(&f.rate, &f.ack.pick, 42 * MS, 10 * MS, &s);
	TQ_EXPECT(!s.app_limited);
	/* with nothing sent yet the mark still holds for the first packet */
	tquic_rate_init(&f.rate, 0);
	tquic_rate_limited(&f.rate, 0);
	TQ_EXPECT_EQ(f.rate.limited_until, 1);
	tquic_loss_discard(&f.loss);
}

/* A window that is lost will never be delivered: nobody waits for that. */
TQ_TEST(rate_app_limited_until_lost)
{
	struct tquic_cc_sample s = {};
	struct fixture f;
	unsigned int i;

	setup(&f, 10 * MS);
	for (i = 0; i < 100; i++)
		send(&f, 0);
	tquic_rate_limited(&f.rate, 100000);
	ack(&f, 10 * MS, 99, 99);
	TQ_EXPECT_EQ(f.lost.packets, 97);
	tquic_rate_sample(&f.rate, &f.ack.pick, 10 * MS, 10 * MS, &s);
	TQ_EXPECT(f.rate.limited_until);
	send(&f, 11 * MS);
	ack(&f, 21 * MS, 97, 100);
	tquic_rate_sample(&f.rate, &f.ack.pick, 21 * MS, 10 * MS, &s);
	TQ_EXPECT(s.app_limited);
	TQ_EXPECT_EQ(f.rate.limited_until, 0);
	send(&f, 22 * MS);
	ack(&f, 32 * MS, 101, 101);
	tquic_rate_sample(&f.rate, &f.ack.pick, 32 * MS, 10 * MS, &s);
	TQ_EXPECT(!s.app_limited);
	tquic_loss_discard(&f.loss);
}

TQ_TEST(rate_idle_restart_is_not_slow_delivery)
{
	struct tquic_cc_sample s = {};
	struct fixture f;
	unsigned int i;

	setup(&f, 10 * MS);
	send(&f, 0);
	ack(&f, 10 * MS, 0, 0);
	for (i = 0; i < 10; i++)
		send(&f, TQUIC_NS_PER_SEC);
	ack(&f, TQUIC_NS_PER_SEC + 10 * MS, 1, 10);
	tquic_rate_sample(&f.rate, &f.ack.pick, TQUIC_NS_PER_SEC + 10 * MS,
			  10 * MS, &s);
	TQ_EXPECT_EQ(s.interval, 10 * MS);
	TQ_EXPECT_EQ(s.rate, 1000 * 1000);
	tquic_loss_discard(&f.loss);
}

TQ_TEST(rate_sample_is_taken_from_the_newest_packet)
{
	struct tquic_cc_sample s = {};
	struct fixture f;

	setup(&f, 10 * MS);
	send(&f, 0);
	send(&f, 5 * MS);
	/* ranges come newest first */
	TQ_ASSERT(tquic_loss_ack_begin(&f.loss, &f.ack, 15 * MS, 1));
	tquic_loss_ack_range(&f.loss, &f.rate, &f.ack, 1, 1);
	tquic_loss_ack_range(&f.loss, &f.rate, &f.ack, 0, 0);
	TQ_EXPECT_EQ(tquic_loss_ack_end(&f.loss, &f.ack), 10 * MS);
	tquic_rate_sample(&f.rate, &f.ack.pick, 15 * MS, 10 * MS, &s);
	TQ_EXPECT_EQ(f.ack.pick.pkt.time, 5 * MS);
	TQ_EXPECT_EQ(s.tx_in_flight, 2000);
	TQ_EXPECT_EQ(f.rate.first_sent, 5 * MS);
	/* nothing acknowledged, nothing sampled */
	TQ_EXPECT_EQ(ack(&f, 16 * MS, 0, 1), 0);
	tquic_rate_sample(&f.rate, &f.ack.pick, 16 * MS, 10 * MS, &s);
	TQ_EXPECT_EQ(s.rate, 0);
	tquic_loss_discard(&f.loss);
}

TQ_TEST(rate_counts_losses_since_the_send)
{
	struct tquic_cc_sample s = {};
	struct fixture f;
	unsigned int i;

	setup(&f, 10 * MS);
	for (i = 0; i < 6; i++)
		send(&f, 20 * MS);
	ack(&f, 30 * MS, 5, 5);
	TQ_EXPECT_EQ(f.lost.packets, 3);
	tquic_rate_sample(&f.rate, &f.ack.pick, 30 * MS, 10 * MS, &s);
	TQ_EXPECT_EQ(s.lost_since_tx, 3000);
	TQ_EXPECT_EQ(f.lost.lost_at_tx, 0);
	tquic_loss_discard(&f.loss);
}
