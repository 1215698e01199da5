// SPDX-License-Identifier: GPL-2.0
/*
 * Rules of RFC 9000 section 13.2 and 13.4.1, one by one.
 */
#include "core/ackq.h"
#include "tap.h"

#define MS		TQUIC_NS_PER_MS
#define DELAY		(25 * MS)
#define ELICITING	TQUIC_ACKQ_ELICITING

static struct tquic_ackq q;

static void start(tquic_time_t max_delay)
{
	tquic_ackq_init(&q, TQUIC_ACKQ_RANGES, max_delay, 3);
}

static void receive(u64 pn, tquic_time_t now, enum tquic_ecn_mark ecn,
		    unsigned int flags)
{
	TQ_ASSERT_EQ(tquic_ackq_check(&q, pn, GFP_KERNEL), 0);
	TQ_ASSERT_EQ(tquic_ackq_record(&q, pn, now, ecn, flags), 0);
}

static void data(u64 pn, tquic_time_t now)
{
	receive(pn, now, TQUIC_ECN_NOT_ECT, ELICITING);
}

static struct tquic_ackq_mark expect_frame(u64 path_id, tquic_time_t now,
					   const char *hex)
{
	struct tquic_ackq_mark mark = { 0 };
	u8 buf[256], want[256];
	struct tquic_wr wr = tquic_wr_init(buf, sizeof(buf));
	size_t len = tq_hex(hex, want, sizeof(want));

	TQ_ASSERT(tquic_ackq_write(&q, &wr, path_id, now, &mark));
	TQ_EXPECT(!wr.err);
	TQ_EXPECT(wr.end == buf + sizeof(buf));
	TQ_ASSERT_EQ(wr.ptr - buf, len);
	TQ_EXPECT_MEM_EQ(buf, want, len);
	return mark;
}

static struct tquic_ackq_mark flush(tquic_time_t now)
{
	struct tquic_ackq_mark mark = { 0 };
	u8 buf[1200];
	struct tquic_wr wr = tquic_wr_init(buf, sizeof(buf));

	TQ_ASSERT(tquic_ackq_write(&q, &wr, 0, now, &mark));
	return mark;
}

/* due at once, a fact known at this moment */
static bool due(tquic_time_t now)
{
	return tquic_ackq_deadline(&q) <= now;
}

TQ_TEST(ackq_starts_empty)
{
	struct tquic_ackq_mark mark;
	u8 buf[64];
	struct tquic_wr wr = tquic_wr_init(buf, sizeof(buf));

	start(DELAY);
	TQ_EXPECT_EQ(tquic_ackq_deadline(&q), TQUIC_TIME_NEVER);
	TQ_EXPECT_EQ(tquic_ackq_next(&q), 0);
	TQ_EXPECT_EQ(q.seen.limit, TQUIC_ACKQ_RANGES);
	TQ_EXPECT(!tquic_ackq_wants_ping(&q));
	TQ_EXPECT(!tquic_ackq_write(&q, &wr, 0, 0, &mark));
	TQ_EXPECT(!wr.err && wr.ptr == buf);
	tquic_ackq_free(&q);
}

TQ_TEST(rfc9000_12_3_duplicates_are_refused)
{
	start(DELAY);
	data(5, 1);
	TQ_EXPECT_EQ(tquic_ackq_check(&q, 5, GFP_KERNEL), -EEXIST);
	TQ_EXPECT_EQ(q.duplicates, 1);
	TQ_EXPECT_EQ(tquic_ackq_check(&q, 4, GFP_KERNEL), 0);
	TQ_EXPECT_EQ(tquic_ackq_check(&q, 6, GFP_KERNEL), 0);
	TQ_EXPECT_EQ(q.duplicates, 1);
	TQ_EXPECT_EQ(q.pending, 1);
	tquic_ackq_free(&q);
}

TQ_TEST(rfc9000_13_2_3_forgotten_counts_as_received)
{
	u64 pn;

	tquic_ackq_init(&q, 4, DELAY, 3);
	for (pn = 10; pn <= 18; pn += 2)
		data(pn, pn);
	/* 10 had to go; 11 lies behind what is left, yet would join 12 */
	TQ_EXPECT_EQ(tquic_ackq_check(&q, 10, GFP_KERNEL), -EEXIST);
	TQ_EXPECT_EQ(tquic_ackq_check(&q, 3, GFP_KERNEL), -EEXIST);
	TQ_EXPECT_EQ(tquic_ackq_check(&q, 11, GFP_KERNEL), 0);
	TQ_EXPECT_EQ(tquic_ackq_check(&q, 13, GFP_KERNEL), 0);
	TQ_EXPECT_EQ(q.duplicates, 2);
	TQ_EXPECT_EQ(tquic_ackq_next(&q), 19);
	tquic_ackq_free(&q);
}

/* what is processed is also acknowledged */
TQ_TEST(rfc9000_13_2_3_too_old_is_refused_before_it_is_processed)
{
	tquic_ackq_init(&q, 2, DELAY, 3);
	data(10, 1);
	TQ_EXPECT_EQ(tquic_ackq_check(&q, 8, GFP_KERNEL), 0);
	data(12, 1);
	TQ_EXPECT_EQ(tquic_ackq_check(&q, 8, GFP_KERNEL), -EEXIST);
	TQ_EXPECT_EQ(tquic_ackq_check(&q, 9, GFP_KERNEL), 0);
	tquic_ackq_free(&q);
}

TQ_TEST(rfc9000_13_2_1_initial_and_handshake_at_once)
{
	start(0);
	data(0, 700);
	TQ_EXPECT_EQ(tquic_ackq_deadline(&q), 700);
	TQ_EXPECT(!q.urgent);
	tquic_ackq_tune(&q, 10, 1, DELAY);
	TQ_EXPECT_EQ(tquic_ackq_deadline(&q), 700);
	tquic_ackq_free(&q);
}

TQ_TEST(rfc9000_13_2_1_within_max_ack_delay)
{
	start(DELAY);
	data(0, 1000);
	TQ_EXPECT_EQ(tquic_ackq_deadline(&q), 1000 + DELAY);
	flush(1000 + DELAY);
	TQ_EXPECT_EQ(tquic_ackq_deadline(&q), TQUIC_TIME_NEVER);
	/* counted from the first that waits */
	tquic_ackq_tune(&q, 9, 1, DELAY);
	data(1, 2000);
	data(2, 3000);
	TQ_EXPECT_EQ(tquic_ackq_deadline(&q), 2000 + DELAY);
	tquic_ackq_free(&q);
}

TQ_TEST(rfc9000_13_2_2_every_second_packet)
{
	start(DELAY);
	data(0, 10);
	TQ_EXPECT(!due(20));
	data(1, 20);
	TQ_EXPECT(due(20));
	flush(20);
	data(2, 30);
	TQ_EXPECT(!due(30));
	data(3, 40);
	TQ_EXPECT(due(40));
	tquic_ackq_free(&q);
}

TQ_TEST(ackq_tune_packet_tolerance)
{
	u64 pn;

	start(DELAY);
	tquic_ackq_tune(&q, 20, 1, DELAY);
	for (pn = 0; pn < 19; pn++) {
		data(pn, pn);
		TQ_EXPECT(!due(pn));
	}
	data(pn, pn);
	TQ_EXPECT(due(pn));
	tquic_ackq_tune(&q, 21, 1, DELAY);
	TQ_EXPECT(!due(pn));
	tquic_ackq_tune(&q, 1, 1, DELAY);
	TQ_EXPECT(due(pn));
	tquic_ackq_free(&q);
}

TQ_TEST(ackq_tune_delay_within_the_promise)
{
	start(DELAY);
	data(0, 1000);
	tquic_ackq_tune(&q, 20, 1, 2 * MS);
	TQ_EXPECT_EQ(tquic_ackq_deadline(&q), 1000 + 2 * MS);
	tquic_ackq_tune(&q, 20, 1, 2 * DELAY);
	TQ_EXPECT_EQ(tquic_ackq_deadline(&q), 1000 + DELAY);
	tquic_ackq_free(&q);
}

TQ_TEST(rfc9000_13_2_1_no_answer_to_acks)
{
	start(DELAY);
	data(0, 1);
	flush(1);
	receive(1, 2, TQUIC_ECN_NOT_ECT, 0);
	receive(2, 3, TQUIC_ECN_NOT_ECT, 0);
	receive(5, 4, TQUIC_ECN_NOT_ECT, 0);
	receive(4, 5, TQUIC_ECN_CE, 0);
	receive(7, 5, TQUIC_ECN_CE, TQUIC_ACKQ_REPEAT);
	TQ_EXPECT_EQ(tquic_ackq_deadline(&q), TQUIC_TIME_NEVER);
	TQ_EXPECT_EQ(q.repeats, 0);
	/* yet they are acknowledged with the next */
	data(8, 8);
	expect_frame(TQUIC_ACKQ_NO_PATH, 8,
		     "03 08 00 02 01 00 01 00 02 00 00 02");
	tquic_ackq_free(&q);
}

TQ_TEST(rfc9000_13_2_1_at_once_when_behind_an_eliciting_packet)
{
	start(DELAY);
	tquic_ackq_tune(&q, 20, 1, DELAY);
	data(0, 1);
	data(1, 1);
	receive(3, 1, TQUIC_ECN_NOT_ECT, 0);
	/* 3 elicits nothing: 2 is not out of order among those that do */
	data(2, 1);
	TQ_EXPECT(!due(1));
	data(5, 2);
	TQ_EXPECT(due(2));
	flush(2);
	data(4, 3);
	TQ_EXPECT(due(3));
	tquic_ackq_free(&q);
}

TQ_TEST(rfc9000_13_2_1_at_once_when_a_number_is_missing)
{
	start(DELAY);
	tquic_ackq_tune(&q, 20, 1, DELAY);
	data(0, 1);
	data(1, 1);
	TQ_EXPECT(!due(1));
	data(3, 1);
	TQ_EXPECT(due(1));
	flush(2);
	/* the peer has been told of the hole */
	data(4, 3);
	data(5, 3);
	TQ_EXPECT(!due(3));
	/* a hole before a packet that elicits nothing is told with the next */
	receive(7, 4, TQUIC_ECN_NOT_ECT, 0);
	TQ_EXPECT(!due(4));
	data(8, 4);
	TQ_EXPECT(due(4));
	tquic_ackq_free(&q);
}

TQ_TEST(rfc9000_13_2_1_at_once_when_the_first_are_missing)
{
	start(DELAY);
	data(1, 5);
	TQ_EXPECT(due(5));
	tquic_ackq_free(&q);
	start(DELAY);
	data(0, 5);
	TQ_EXPECT(!due(5));
	tquic_ackq_free(&q);
}

TQ_TEST(ackq_reorder_threshold)
{
	start(DELAY);
	tquic_ackq_tune(&q, 50, 3, DELAY);
	data(0, 1);
	data(1, 1);
	/* 2 is missing */
	data(3, 1);
	data(4, 1);
	TQ_EXPECT(!due(1));
	data(5, 1);
	TQ_EXPECT(due(1));
	flush(1);
	data(6, 1);
	data(7, 1);
	/* 8 is missing */
	data(9, 1);
	data(10, 1);
	TQ_EXPECT(!due(1));
	/* told too early to make the peer act: 8 is but 2 behind */
	flush(1);
	data(11, 1);
	TQ_EXPECT(due(1));
	flush(1);
	data(12, 1);
	TQ_EXPECT(!due(1));
	/* late by 2, then by 3 */
	data(14, 1);
	data(15, 1);
	data(13, 1);
	TQ_EXPECT(!due(1));
	data(17, 1);
	data(18, 1);
	TQ_EXPECT(!due(1));
	data(19, 1);
	TQ_EXPECT(due(1));
	flush(1);
	data(16, 1);
	TQ_EXPECT(due(1));
	tquic_ackq_free(&q);
}

TQ_TEST(ackq_reorder_never)
{
	start(DELAY);
	tquic_ackq_tune(&q, 50, 0, DELAY);
	data(10, 1);
	data(30, 1);
	data(12, 1);
	TQ_EXPECT(!due(1));
	tquic_ackq_free(&q);
}

/* what lies below the floor is not missing but forgotten */
TQ_TEST(ackq_no_alarm_for_the_forgotten)
{
	tquic_ackq_init(&q, 1, DELAY, 3);
	tquic_ackq_tune(&q, 50, 1, DELAY);
	receive(0, 1, TQUIC_ECN_NOT_ECT, 0);
	receive(10, 1, TQUIC_ECN_NOT_ECT, 0);
	TQ_EXPECT_EQ(q.seen.floor, 1);
	tquic_range_trim(&q.seen, 10);
	data(11, 1);
	TQ_EXPECT(!due(1));
	tquic_ackq_free(&q);
}

TQ_TEST(rfc9000_13_2_1_at_once_when_ce_marked)
{
	start(DELAY);
	receive(0, 1, TQUIC_ECN_ECT0, ELICITING);
	TQ_EXPECT(!due(1));
	flush(1);
	receive(1, 1, TQUIC_ECN_ECT1, ELICITING);
	TQ_EXPECT(!due(1));
	flush(1);
	receive(2, 1, TQUIC_ECN_CE, ELICITING);
	TQ_EXPECT(due(1));
	/* urgent until it is sent */
	tquic_ackq_tune(&q, 50, 1, DELAY);
	data(3, 2);
	TQ_EXPECT(due(2));
	flush(2);
	data(4, 3);
	TQ_EXPECT(!due(3));
	tquic_ackq_free(&q);
}

TQ_TEST(rfc9000_13_4_1_ecn_counts)
{
	start(DELAY);
	receive(0, 1, TQUIC_ECN_NOT_ECT, ELICITING);
	expect_frame(TQUIC_ACKQ_NO_PATH, 1, "02 00 00 00 00");
	receive(1, 1, TQUIC_ECN_ECT1, ELICITING);
	expect_frame(TQUIC_ACKQ_NO_PATH, 1, "03 01 00 00 01 00 01 00");
	receive(2, 1, TQUIC_ECN_ECT0, 0);
	receive(3, 1, TQUIC_ECN_ECT0, ELICITING);
	expect_frame(7, 1, "3f 07 03 00 00 03 02 01 00");
	receive(4, 1, TQUIC_ECN_CE, ELICITING);
	expect_frame(7, 1, "3f 07 04 00 00 04 02 01 01");
	/* duplicates are not counted */
	TQ_EXPECT_EQ(tquic_ackq_check(&q, 4, GFP_KERNEL), -EEXIST);
	TQ_EXPECT_EQ(q.ecn.ce, 1);
	tquic_ackq_free(&q);
	start(DELAY);
	receive(0, 1, TQUIC_ECN_CE, ELICITING);
	expect_frame(TQUIC_ACKQ_NO_PATH, 1, "03 00 00 00 00 00 00 01");
	tquic_ackq_free(&q);
	start(DELAY);
	receive(0, 1, TQUIC_ECN_ECT0, ELICITING);
	expect_frame(TQUIC_ACKQ_NO_PATH, 1, "03 00 00 00 00 01 00 00");
	tquic_ackq_free(&q);
}

TQ_TEST(rfc9000_19_3_layout)
{
	start(DELAY);
	data(0, 1);
	data(1, 1);
	data(3, 1);
	data(4, 1);
	data(5, 1);
	data(100, 1);
	expect_frame(TQUIC_ACKQ_NO_PATH, 1, "02 4064 00 02 00 405d 02 00 01");
	tquic_ackq_free(&q);
}

TQ_TEST(multipath_4_1_path_ack_layout)
{
	start(DELAY);
	data(63, 1);
	expect_frame(0, 1, "3e 00 3f 00 00 00");
	expect_frame(64, 1, "3e 4040 3f 00 00 00");
	expect_frame(U32_MAX, 1, "3e c0000000ffffffff 3f 00 00 00");
	tquic_ackq_free(&q);
}

TQ_TEST(rfc9000_13_2_5_ack_delay)
{
	start(DELAY);
	data(9, 1000 * MS);
	/* of the largest, even if others came later */
	data(8, 1016 * MS);
	expect_frame(TQUIC_ACKQ_NO_PATH, 1016 * MS, "02 09 47d0 00 01");
	expect_frame(TQUIC_ACKQ_NO_PATH, 1000 * MS + 7999, "02 09 00 00 01");
	expect_frame(TQUIC_ACKQ_NO_PATH, 1000 * MS + 8000, "02 09 01 00 01");
	/* a clock read before the packet came */
	expect_frame(TQUIC_ACKQ_NO_PATH, 999 * MS, "02 09 00 00 01");
	expect_frame(TQUIC_ACKQ_NO_PATH, TQUIC_TIME_NEVER,
		     "02 09 c0083126e976ecb5 00 01");
	tquic_ackq_free(&q);
	tquic_ackq_init(&q, 4, DELAY, 0);
	data(0, 0);
	expect_frame(TQUIC_ACKQ_NO_PATH, 63000, "02 00 3f 00 00");
	tquic_ackq_free(&q);
}

TQ_TEST(rfc9000_13_2_4_what_is_acknowledged_is_not_told_again)
{
	struct tquic_ackq_mark mark;

	start(DELAY);
	data(0, 1);
	data(1, 1);
	data(3, 1);
	data(5, 1);
	mark = expect_frame(TQUIC_ACKQ_NO_PATH, 1,
			    "02 05 00 02 00 00 00 00 01");
	TQ_EXPECT_EQ(mark.end, 6);
	data(6, 1);
	data(8, 1);
	expect_frame(TQUIC_ACKQ_NO_PATH, 1, "02 08 00 03 00 00 01 00 00 00 01");
	tquic_ackq_acked(&q, &mark);
	/* the range of 5 and 6 is cut, the ones below it are gone */
	mark = expect_frame(TQUIC_ACKQ_NO_PATH, 1, "02 08 00 01 00 00 00");
	tquic_ackq_acked(&q, &mark);
	/* the largest is always told */
	expect_frame(TQUIC_ACKQ_NO_PATH, 1, "02 08 00 00 00");
	data(9, 1);
	data(10, 1);
	expect_frame(TQUIC_ACKQ_NO_PATH, 1, "02 0a 00 00 01");
	/* still known */
	TQ_EXPECT_EQ(tquic_ackq_check(&q, 3, GFP_KERNEL), -EEXIST);
	TQ_EXPECT_EQ(tquic_ackq_check(&q, 4, GFP_KERNEL), 0);
	tquic_ackq_free(&q);
}

TQ_TEST(rfc9000_13_2_4_late_packets_were_not_in_the_frame)
{
	struct tquic_ackq_mark before, after;

	start(DELAY);
	data(0, 1);
	data(4, 1);
	before = flush(1);
	data(2, 1);
	tquic_ackq_acked(&q, &before);
	/* 2 came after the frame was written */
	after = expect_frame(TQUIC_ACKQ_NO_PATH, 1, "02 04 00 01 00 00 00");
	tquic_ackq_acked(&q, &before);
	TQ_EXPECT_EQ(q.settled, 2);
	tquic_ackq_acked(&q, &after);
	TQ_EXPECT_EQ(q.settled, 5);
	expect_frame(TQUIC_ACKQ_NO_PATH, 1, "02 04 00 00 00");
	/* behind what is settled: told again from there */
	data(3, 1);
	expect_frame(TQUIC_ACKQ_NO_PATH, 1, "02 04 00 00 01");
	data(1, 1);
	after = expect_frame(TQUIC_ACKQ_NO_PATH, 1, "02 04 00 00 03");
	tquic_ackq_acked(&q, &before);
	TQ_EXPECT_EQ(q.settled, 1);
	tquic_ackq_acked(&q, &after);
	TQ_EXPECT_EQ(q.settled, 5);
	TQ_EXPECT_EQ(q.late, U64_MAX);
	/* an old frame says nothing new */
	tquic_ackq_acked(&q, &before);
	TQ_EXPECT_EQ(q.settled, 5);
	tquic_ackq_free(&q);
}

TQ_TEST(rfc9000_13_2_4_cut_frame_settles_nothing)
{
	struct tquic_ackq_mark cut, whole;
	u8 buf[6];
	struct tquic_wr wr = tquic_wr_init(buf, sizeof(buf));

	start(DELAY);
	data(0, 1);
	data(2, 1);
	TQ_ASSERT(tquic_ackq_write(&q, &wr, TQUIC_ACKQ_NO_PATH, 1, &cut));
	TQ_EXPECT_EQ(wr.ptr - buf, 5);
	TQ_EXPECT_EQ(cut.end, 0);
	tquic_ackq_acked(&q, &cut);
	TQ_EXPECT_EQ(q.settled, 0);
	/* a late packet stays so when a cut frame is acknowledged */
	data(1, 1);
	TQ_EXPECT_EQ(q.late, 1);
	cut.serial = 9;
	tquic_ackq_acked(&q, &cut);
	TQ_EXPECT_EQ(q.late, 1);
	whole = flush(1);
	TQ_EXPECT_EQ(whole.serial, 2);
	tquic_ackq_acked(&q, &whole);
	TQ_EXPECT_EQ(q.settled, 3);
	tquic_ackq_free(&q);
}

TQ_TEST(rfc9000_13_2_4_ping_when_frames_grow)
{
	struct tquic_ackq_mark mark;
	u64 pn;

	start(DELAY);
	for (pn = 0; pn < 2 * TQUIC_ACKQ_PING_RANGES - 2; pn += 2)
		data(pn, 1);
	flush(1);
	TQ_EXPECT_EQ(q.frame_ranges, TQUIC_ACKQ_PING_RANGES - 1);
	TQ_EXPECT(!tquic_ackq_wants_ping(&q));
	data(pn, 1);
	mark = flush(1);
	TQ_EXPECT(tquic_ackq_wants_ping(&q));
	tquic_ackq_acked(&q, &mark);
	flush(1);
	TQ_EXPECT(!tquic_ackq_wants_ping(&q));
	tquic_ackq_free(&q);
}

TQ_TEST(ackq_repeats_in_a_row)
{
	struct tquic_ackq_mark mark;

	start(DELAY);
	receive(0, 1, 0, ELICITING | TQUIC_ACKQ_REPEAT);
	receive(1, 1, 0, ELICITING | TQUIC_ACKQ_REPEAT);
	TQ_EXPECT_EQ(q.repeats, 2);
	/* a bare ACK says nothing */
	receive(2, 1, 0, 0);
	TQ_EXPECT_EQ(q.repeats, 2);
	data(3, 1);
	TQ_EXPECT_EQ(q.repeats, 0);
	receive(4, 1, 0, ELICITING | TQUIC_ACKQ_REPEAT);
	mark = flush(1);
	TQ_EXPECT_EQ(q.repeats, 1);
	mark.end = 0;
	tquic_ackq_acked(&q, &mark);
	TQ_EXPECT_EQ(q.repeats, 0);
	tquic_ackq_free(&q);
}

TQ_TEST(ackq_again)
{
	start(DELAY);
	/* nothing came: what could never be written must not be due */
	tquic_ackq_again(&q, 5);
	TQ_EXPECT_EQ(tquic_ackq_deadline(&q), TQUIC_TIME_NEVER);
	data(0, 10);
	flush(20);
	TQ_EXPECT_EQ(tquic_ackq_deadline(&q), TQUIC_TIME_NEVER);
	tquic_ackq_again(&q, 30);
	TQ_EXPECT_EQ(tquic_ackq_deadline(&q), 30);
	TQ_EXPECT_EQ(q.pending, 1);
	flush(30);
	TQ_EXPECT_EQ(tquic_ackq_deadline(&q), TQUIC_TIME_NEVER);
	data(1, 40);
	tquic_ackq_again(&q, 50);
	TQ_EXPECT_EQ(tquic_ackq_deadline(&q), 40);
	TQ_EXPECT_EQ(q.pending, 1);
	tquic_ackq_free(&q);
}

TQ_OOM_TEST(ackq_record_cannot_fail_after_check)
{
	int err;

	start(DELAY);
	err = tquic_ackq_check(&q, 0, GFP_KERNEL);
	if (!err) {
		TQ_EXPECT_EQ(tquic_ackq_record(&q, 0, 1, 0, ELICITING), 0);
		err = tquic_ackq_check(&q, 2, GFP_KERNEL);
		if (!err)
			TQ_EXPECT_EQ(tquic_ackq_record(&q, 2, 1, 0, ELICITING),
				     0);
	}
	TQ_EXPECT_EQ(q.pending, q.seen.count);
	tquic_ackq_free(&q);
	return err;
}

TQ_OOM_TEST(ackq_record_enomem_leaves_no_trace)
{
	int err;

	start(DELAY);
	err = tquic_ackq_record(&q, 7, 1, TQUIC_ECN_CE, ELICITING);
	if (err) {
		TQ_EXPECT_EQ(q.ecn.ce, 0);
		TQ_EXPECT_EQ(q.pending, 0);
		TQ_EXPECT_EQ(q.eliciting_end, 0);
		TQ_EXPECT_EQ(tquic_ackq_next(&q), 0);
	}
	tquic_ackq_free(&q);
	return err;
}
