// SPDX-License-Identifier: GPL-2.0
/*
 * Is a flow sparse?
 */
#include "sparse.h"

/* A new flow is sparse until it shows otherwise. */
void tquic_sparse_init(struct tquic_sparse *sp)
{
	*sp = (struct tquic_sparse){ .since = TQUIC_TIME_NEVER };
}

/* Bytes that have leaked since the last packet. */
static u64 tquic_sparse_leaked(const struct tquic_sparse *sp, u64 gap)
{
	/* after a second any bucket is empty */
	return div_u64(min_t(u64, gap, TQUIC_NS_PER_SEC) * TQUIC_SPARSE_RATE,
		       TQUIC_NS_PER_SEC);
}

/**
 * tquic_sparse_note - a flow has a packet
 * @sp: flow
 * @now: present time
 * @bytes: of the packet
 *
 * Return: whether the flow is sparse.
 */
bool tquic_sparse_note(struct tquic_sparse *sp, tquic_time_t now, u32 bytes)
{
	u64 gap = now - sp->last, leaked = tquic_sparse_leaked(sp, gap);

	if (gap >= TQUIC_SPARSE_GAP)
		sp->near -= sp->near > 0;
	else if (sp->last)
		sp->near = min(sp->near + 1, TQUIC_SPARSE_SHORT + 1);
	sp->last = now;
	sp->level -= min_t(u64, leaked, sp->level);
	sp->level = min(sp->level + bytes, 2U * TQUIC_SPARSE_BURST);
	if (sp->level > TQUIC_SPARSE_BURST || sp->near > TQUIC_SPARSE_SHORT)
		sp->since = now;
	return sp->since == TQUIC_TIME_NEVER ||
	       now - sp->since >= TQUIC_SPARSE_PENANCE;
}
