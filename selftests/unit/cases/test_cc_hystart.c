// SPDX-License-Identifier: GPL-2.0
/* HyStart++ (RFC 9406), section numbers are its */
#include <linux/array_size.h>

#include "cc/hystart.h"
#include "tap.h"

#define MS TQUIC_NS_PER_MS

static u64 delivered;

/* the first acknowledgment of a round, then n - 1 more, all with this RTT */
static enum tquic_hystart_verdict acks(struct tquic_hystart *hs, unsigned int n,
				       u64 rtt)
{
	struct tquic_cc_sample sample = { .rtt = rtt };
	enum tquic_hystart_verdict verdict = TQUIC_HYSTART_GROW;
	u64 start = delivered;
	unsigned int i;

	for (i = 0; i < n; i++) {
		sample.prior_delivered = i ? start - 1 : start;
		sample.delivered = ++delivered;
		verdict = tquic_hystart_on_ack(hs, &sample);
		if (!i)
			start = delivered;
	}
	return verdict;
}

static void begin(struct tquic_hystart *hs)
{
	delivered = 1000;
	tquic_hystart_reset(hs);
	TQ_EXPECT(!tquic_hystart_in_css(hs));
}

TQ_TEST(rfc9406_4_2_rtt_threshold)
{
	static const struct {
		u64 last, rise;
	} cases[] = {
		{ 1 * MS, 4 * MS }, { 31 * MS, 4 * MS }, { 32 * MS, 4 * MS },
		{ 40 * MS, 5 * MS }, { 80 * MS, 10 * MS },
		{ 128 * MS, 16 * MS }, { 129 * MS, 16 * MS },
		{ 400 * MS, 16 * MS }, { 33 * MS + 4, 4 * MS + MS / 8 },
	};
	struct tquic_hystart hs;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		u64 to = cases[i].last + cases[i].rise;

		tq_note("case %u", i);
		begin(&hs);
		TQ_EXPECT_EQ(acks(&hs, 8, cases[i].last), TQUIC_HYSTART_GROW);
		TQ_EXPECT_EQ(acks(&hs, 8, to - 1), TQUIC_HYSTART_GROW);
		begin(&hs);
		TQ_EXPECT_EQ(acks(&hs, 8, cases[i].last), TQUIC_HYSTART_GROW);
		TQ_EXPECT_EQ(acks(&hs, 8, to), TQUIC_HYSTART_CSS);
		TQ_EXPECT(tquic_hystart_in_css(&hs));
	}
}

TQ_TEST(rfc9406_4_2_needs_eight_samples_in_the_round)
{
	struct tquic_hystart hs;

	begin(&hs);
	acks(&hs, 1, 20 * MS);
	TQ_EXPECT_EQ(acks(&hs, 7, 100 * MS), TQUIC_HYSTART_GROW);
	begin(&hs);
	acks(&hs, 1, 20 * MS);
	TQ_EXPECT_EQ(acks(&hs, 8, 100 * MS), TQUIC_HYSTART_CSS);
	/* samples of earlier rounds do not count */
	begin(&hs);
	acks(&hs, 8, 20 * MS);
	acks(&hs, 7, 20 * MS);
	TQ_EXPECT_EQ(acks(&hs, 7, 100 * MS), TQUIC_HYSTART_GROW);
	/* nor do acknowledgments without a sample */
	begin(&hs);
	acks(&hs, 8, 20 * MS);
	acks(&hs, 7, 100 * MS);
	TQ_EXPECT_EQ(acks(&hs, 1, 0), TQUIC_HYSTART_GROW);
}

TQ_TEST(rfc9406_4_2_needs_a_round_to_compare_with)
{
	struct tquic_hystart hs;

	begin(&hs);
	TQ_EXPECT_EQ(acks(&hs, 20, 900 * MS), TQUIC_HYSTART_GROW);
	begin(&hs);
	acks(&hs, 20, 0);
	TQ_EXPECT_EQ(acks(&hs, 20, 900 * MS), TQUIC_HYSTART_GROW);
}

/* one low sample in a round: no queue */
TQ_TEST(rfc9406_4_2_takes_the_minimum_of_the_round)
{
	struct tquic_cc_sample sample = { .rtt = 20 * MS };
	struct tquic_hystart hs;

	begin(&hs);
	acks(&hs, 8, 20 * MS);
	acks(&hs, 6, 100 * MS);
	sample.delivered = ++delivered;
	TQ_EXPECT_EQ(tquic_hystart_on_ack(&hs, &sample), TQUIC_HYSTART_GROW);
	sample.rtt = 100 * MS;
	TQ_EXPECT_EQ(tquic_hystart_on_ack(&hs, &sample), TQUIC_HYSTART_GROW);
	TQ_EXPECT_EQ(tquic_hystart_on_ack(&hs, &sample), TQUIC_HYSTART_GROW);
}

TQ_TEST(rfc9406_4_2_css_lasts_five_rounds_the_partial_one_included)
{
	struct tquic_hystart hs;
	unsigned int i;

	begin(&hs);
	acks(&hs, 8, 20 * MS);
	TQ_EXPECT_EQ(acks(&hs, 10, 30 * MS), TQUIC_HYSTART_CSS);
	for (i = 0; i < 4; i++)
		TQ_EXPECT_EQ(acks(&hs, 10, 30 * MS), TQUIC_HYSTART_CSS);
	TQ_EXPECT_EQ(acks(&hs, 1, 30 * MS), TQUIC_HYSTART_EXIT);
}

TQ_TEST(rfc9406_4_2_css_ends_when_rtt_falls)
{
	struct tquic_hystart hs;
	unsigned int i;

	begin(&hs);
	acks(&hs, 8, 20 * MS);
	acks(&hs, 8, 30 * MS);
	TQ_EXPECT_EQ(acks(&hs, 8, 30 * MS), TQUIC_HYSTART_CSS);
	TQ_EXPECT_EQ(acks(&hs, 7, 30 * MS - 1), TQUIC_HYSTART_CSS);
	TQ_EXPECT_EQ(acks(&hs, 8, 30 * MS - 1), TQUIC_HYSTART_GROW);
	TQ_EXPECT(!tquic_hystart_in_css(&hs));
	/* slow start goes on with HyStart++, and a new count of rounds */
	TQ_EXPECT_EQ(acks(&hs, 8, 40 * MS), TQUIC_HYSTART_CSS);
	for (i = 0; i < 4; i++)
		TQ_EXPECT_EQ(acks(&hs, 8, 40 * MS), TQUIC_HYSTART_CSS);
	TQ_EXPECT_EQ(acks(&hs, 8, 40 * MS), TQUIC_HYSTART_EXIT);
}

TQ_TEST(rfc9406_reset_forgets_css_and_samples)
{
	struct tquic_hystart hs;

	begin(&hs);
	acks(&hs, 8, 20 * MS);
	TQ_EXPECT_EQ(acks(&hs, 8, 30 * MS), TQUIC_HYSTART_CSS);
	tquic_hystart_reset(&hs);
	TQ_EXPECT_EQ(acks(&hs, 7, 20 * MS), TQUIC_HYSTART_GROW);
	TQ_EXPECT_EQ(acks(&hs, 8, 24 * MS - 1), TQUIC_HYSTART_GROW);
	TQ_EXPECT_EQ(acks(&hs, 8, 28 * MS), TQUIC_HYSTART_CSS);
}
