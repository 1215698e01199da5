/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Is a flow sparse: few bytes, far apart?  Calls, games, ping and lookups are;
 * they need no mark to be recognised, and cost others nothing when they go
 * first.
 */
#ifndef _TQUIC_CORE_SPARSE_H
#define _TQUIC_CORE_SPARSE_H

#include "core.h"

#define TQUIC_SPARSE_RATE	37500		/* bytes per second */
#define TQUIC_SPARSE_BURST	4500		/* bytes above that */
#define TQUIC_SPARSE_GAP	(5 * TQUIC_NS_PER_MS)
/* shorter gaps forgiven in a row, as a network may push packets together */
#define TQUIC_SPARSE_SHORT	4
/* how long a flow has to behave before it is sparse again */
#define TQUIC_SPARSE_PENANCE	TQUIC_NS_PER_SEC

/**
 * struct tquic_sparse - what is known of a flow
 * @last: when it last had a packet
 * @since: when it last behaved as others do, TQUIC_TIME_NEVER for never
 * @level: bytes in its bucket, which leaks at TQUIC_SPARSE_RATE
 * @near: packets that came close behind another, less those that did not
 */
struct tquic_sparse {
	tquic_time_t last;
	tquic_time_t since;
	u32 level;
	u8 near;
};

void tquic_sparse_init(struct tquic_sparse *sp);
bool tquic_sparse_note(struct tquic_sparse *sp, tquic_time_t now, u32 bytes);

#endif /* _TQUIC_CORE_SPARSE_H */
