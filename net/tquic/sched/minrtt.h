/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TQUIC_SCHED_MINRTT_H
#define _TQUIC_SCHED_MINRTT_H

#include "../core/sched.h"

/**
 * struct tquic_minrtt - state per connection
 * @last: ID of the path used last
 * @used: there was one
 */
struct tquic_minrtt {
	u32 last;
	bool used;
};

extern const struct tquic_sched_ops tquic_minrtt_ops;

#endif /* _TQUIC_SCHED_MINRTT_H */
