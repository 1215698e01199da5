// SPDX-License-Identifier: GPL-2.0
/*
 * What losses and marks tell.
 *
 * A share of losses that does not depend on what is sent belongs to the path,
 * as on radio links; only what goes with sending more is congestion.  So losses
 * are pooled, and answered in proportion: what was lost above the tolerance is
 * not sent any more.  When that makes no difference, the cut is taken back and
 * tolerance raised.
 */
#include "poise.h"

#define TQUIC_POISE_POOL	100	/* packets */
#define TQUIC_POISE_SHARE	1024
/* 5 % in general, a quarter at most */
#define TQUIC_POISE_TOLERANCE		51
#define TQUIC_POISE_TOLERANCE_MAX	256
#define TQUIC_POISE_HOLD_MIN	TQUIC_NS_PER_SEC
#define TQUIC_POISE_HOLD_MAX	(8 * TQUIC_NS_PER_SEC)
#define TQUIC_POISE_CAP_MIN	TQUIC_NS_PER_MS
#define TQUIC_POISE_CAP_TIME	(5 * TQUIC_NS_PER_SEC)

void tquic_poise_loss_init(struct tquic_poise *p)
{
	p->acked = 0;
	p->lost = 0;
	p->tolerance = TQUIC_POISE_TOLERANCE;
	p->ceiling = U64_MAX;
	p->ceiling_hold = TQUIC_POISE_HOLD_MIN;
	p->target_cap = U64_MAX;
}

/* The queue is no deeper than it was just now: aim for less. */
void tquic_poise_loss_learn(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	if (p->queue > 2 * p->noise && p->queue < 2 * TQUIC_POISE_TARGET_MAX) {
		p->target_cap = max(min(p->target_cap, p->queue * 5 / 8),
				    TQUIC_POISE_CAP_MIN);
		p->cap_at = now;
	}
}

/* What was learnt is tried again now and then. */
static void tquic_poise_loss_forget(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	if (p->target_cap != U64_MAX &&
	    now - p->cap_at > TQUIC_POISE_CAP_TIME) {
		p->target_cap += p->target_cap / 8;
		p->cap_at = now;
		if (p->target_cap > TQUIC_POISE_TARGET_MAX)
			p->target_cap = U64_MAX;
	}
	if (p->ceiling != U64_MAX && now >= p->ceiling_until) {
		p->ceiling = max(p->ceiling, cc->cwnd);
		p->ceiling += p->ceiling / 16;
		p->ceiling_until = now + p->ceiling_hold;
		p->ceiling_hold = max(p->ceiling_hold / 2,
				      TQUIC_POISE_HOLD_MIN / 4);
		if (p->ceiling > 2 * p->loss_cwnd)
			p->ceiling = U64_MAX;
	}
}

static void tquic_poise_loss_cut(struct tquic_cc *cc, tquic_time_t now,
				 u32 share)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 cwnd;

	p->undo_cwnd = cc->cwnd;
	p->undo_ceiling = p->ceiling;
	p->loss_cwnd = cc->cwnd;
	p->last_share = share;
	tquic_poise_loss_learn(cc, now);
	cwnd = tquic_poise_scale(cc->cwnd, TQUIC_POISE_SHARE - share,
				 TQUIC_POISE_SHARE);
	if (p->state == TQUIC_POISE_RAMP)
		cwnd = min(cwnd, tquic_poise_bytes(p->bw_latest, p->base));
	tquic_poise_hold(cc, cwnd);
	p->judge_from = now;
	p->ceiling = cc->cwnd;
	p->ceiling_until = now + p->ceiling_hold;
	p->ceiling_hold = min(2 * p->ceiling_hold, TQUIC_POISE_HOLD_MAX);
}

/**
 * tquic_poise_loss_judge - look at the losses of late
 * @cc: controller
 * @now: present time
 *
 * Return: whether the window was cut.
 */
bool tquic_poise_loss_judge(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 total = p->acked + p->lost;
	u32 share;

	tquic_poise_loss_forget(cc, now);
	if (total < (u64)TQUIC_POISE_POOL * cc->mds)
		return false;
	share = tquic_poise_scale(TQUIC_POISE_SHARE, p->lost, total);
	p->acked = 0;
	p->lost = 0;
	if (share <= p->tolerance) {
		p->last_share = 0;
		return false;
	}
	if (p->last_share && share > p->last_share * 3 / 4) {
		p->tolerance = min(share * 3 / 2,
				   (u32)TQUIC_POISE_TOLERANCE_MAX);
		p->last_share = 0;
		p->ceiling = U64_MAX;
		tquic_poise_set_cwnd(cc, max(cc->cwnd, p->loss_cwnd));
		return false;
	}
	tquic_poise_loss_cut(cc, now, share);
	return true;
}
