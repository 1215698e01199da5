// SPDX-License-Identifier: GPL-2.0
/*
 * What round-trip times tell: a base without queue, the noise around it, and
 * the queue above it.
 *
 * Noise only ever adds to an RTT, so the smallest of a few samples is looked
 * at.  Where jitter keeps the order of packets, that smallest one rises with
 * the rate at which they are sent, so that the base is not the smallest RTT
 * ever seen but what is measured while sending less (DRAIN) or what stays when
 * more is sent (PROBE).
 */
#include "poise.h"

/* noise beyond is no jitter */
#define TQUIC_POISE_NOISE_MAX	(50 * TQUIC_NS_PER_MS)
#define TQUIC_POISE_NOISE_SHIFT	4
/* a silence of less tells nothing */
#define TQUIC_POISE_GAP_MIN	(20 * TQUIC_NS_PER_MS)
#define TQUIC_POISE_BURST_MIN	(10 * TQUIC_NS_PER_MS)
/* the base is looked for once in so long, and in so many RTTs */
#define TQUIC_POISE_BASE_WAIT	(10 * TQUIC_NS_PER_SEC)
#define TQUIC_POISE_BASE_ROUNDS	40

void tquic_poise_delay_init(struct tquic_poise *p)
{
	p->base = U64_MAX;
	p->last_rtt = 0;
	p->recent_count = 0;
	tquic_poise_window_reset(p);
}

void tquic_poise_window_reset(struct tquic_poise *p)
{
	p->win = (struct tquic_poise_window){ .rtt = U64_MAX };
}

/* An RTT near the base was seen; paths look for theirs at different times. */
void tquic_poise_base_seen(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	p->base_at = now;
	p->base_wait = max(TQUIC_POISE_BASE_WAIT,
			   TQUIC_POISE_BASE_ROUNDS * p->base);
	p->base_wait += tquic_poise_scale(p->base_wait / 2,
					  tquic_cc_rand(cc) & U16_MAX,
					  U16_MAX);
}

/* the smallest of the newest samples, U64_MAX without enough of them */
u64 tquic_poise_recent(const struct tquic_poise *p)
{
	u64 least = U64_MAX;
	unsigned int i;

	if (p->recent_count < TQUIC_POISE_RECENT)
		return U64_MAX;
	for (i = 0; i < TQUIC_POISE_RECENT; i++)
		least = min(least, p->recent[i]);
	return least;
}

/**
 * tquic_poise_target - delay of the queue to aim for
 * @cc: controller
 *
 * Enough for the link not to run dry between two looks at it: a share of the
 * RTT, two packets, and what noise would otherwise be mistaken for.
 *
 * Return: ns.
 */
u64 tquic_poise_target(const struct tquic_cc *cc)
{
	const struct tquic_poise *p = (const struct tquic_poise *)cc->priv;
	u64 target = div_u64(p->base, TQUIC_POISE_TARGET_DIV);

	target = max(target, p->noise);
	target = clamp(target, TQUIC_POISE_TARGET_MIN, TQUIC_POISE_TARGET_MAX);
	target = min(target, p->target_cap);
	if (p->bw)
		target = max(target, div64_u64(2ULL * cc->mds *
					       TQUIC_NS_PER_SEC, p->bw));
	return target;
}

/* whether a queue at its target can be mistaken for noise */
bool tquic_poise_noisy(const struct tquic_cc *cc)
{
	const struct tquic_poise *p = (const struct tquic_poise *)cc->priv;

	return p->noise > tquic_poise_target(cc) / 4;
}

static void tquic_poise_noise(struct tquic_poise *p, u64 rtt)
{
	u64 diff = rtt > p->last_rtt ? rtt - p->last_rtt : p->last_rtt - rtt;

	if (p->last_rtt) {
		diff = min(diff, TQUIC_POISE_NOISE_MAX);
		p->noise -= p->noise >> TQUIC_POISE_NOISE_SHIFT;
		p->noise += diff >> TQUIC_POISE_NOISE_SHIFT;
	}
	p->last_rtt = rtt;
}

/*
 * Nothing came for long, then something does.  When that is half of what was
 * in flight at once, the link stood still and what it held says nothing of a
 * queue; otherwise the path has become slow.
 *
 * Returns whether that is not known yet.
 */
static bool tquic_poise_gap(struct tquic_poise *p,
			    const struct tquic_cc_sample *sample)
{
	u64 gap = p->last_ack ? sample->now - p->last_ack : 0;

	if (gap > max(TQUIC_POISE_GAP_MIN, p->base / 2) && p->ack_gap &&
	    gap > 4 * p->ack_gap && !p->gap_until) {
		p->gap_until = sample->now +
			       max(TQUIC_POISE_BURST_MIN, p->base / 4);
		p->gap_want = sample->prior_in_flight / 2;
		p->gap_got = 0;
	}
	p->last_ack = sample->now;
	p->ack_gap = p->ack_gap ? (7 * p->ack_gap + gap) / 8 : gap;
	if (!p->gap_until)
		return false;
	p->gap_got += sample->acked_bytes;
	if (p->gap_got >= p->gap_want) {
		p->thawed = sample->now;
		p->gap_until = 0;
		tquic_poise_window_reset(p);
		p->recent_count = 0;
		return false;
	}
	if (sample->now < p->gap_until)
		return true;
	p->gap_until = 0;
	return false;
}

static u64 tquic_poise_flight(const struct tquic_cc_sample *sample)
{
	return sample->tx_in_flight > sample->lost_since_tx ?
	       sample->tx_in_flight - sample->lost_since_tx : 0;
}

/**
 * tquic_poise_delay_on_ack - take the RTT of an acknowledgment
 * @cc: controller
 * @sample: acknowledgment
 *
 * Return: whether the present window is complete.
 */
bool tquic_poise_delay_on_ack(struct tquic_cc *cc,
			      const struct tquic_cc_sample *sample)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 rtt = min(sample->rtt, TQUIC_POISE_MAX_RTT);
	struct tquic_poise_window *win = &p->win;

	if (tquic_poise_gap(p, sample) || !rtt ||
	    sample->largest_acked_sent < p->thawed)
		return false;
	if (p->base == U64_MAX || (p->state == TQUIC_POISE_RAMP &&
				   rtt < p->base)) {
		p->base = rtt;
		tquic_poise_base_seen(cc, sample->now);
	}
	tquic_poise_noise(p, rtt);
	p->recent[p->recent_count++ % TQUIC_POISE_RECENT] = rtt;
	if (sample->app_limited) {
		tquic_poise_window_reset(p);
		return false;
	}
	if (!win->count)
		win->from = sample->now;
	if (rtt < win->rtt) {
		win->rtt = rtt;
		win->flight = tquic_poise_flight(sample);
	}
	win->count++;
	return win->count >= TQUIC_POISE_WINDOW &&
	       sample->now - win->from >= p->base / 4;
}
