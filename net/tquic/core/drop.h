/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reasons for dropping a packet in silence.
 *
 * Nothing that an off-path attacker can send may close a connection, so a
 * packet that is wrong before its protection was removed has no close code,
 * only one of these.  Each reason owns a counter of the MIB.
 */
#ifndef _TQUIC_CORE_DROP_H
#define _TQUIC_CORE_DROP_H

/*
 * 0 is TQUIC_DROP_NONE; drop_list.h documents the reasons, TQUIC_DROP_MAX is
 * one more than the last of them.
 */
enum tquic_drop {
	TQUIC_DROP_NONE,
#define TQUIC_DROP_REASON(name, ...) TQUIC_DROP_##name,
#include "drop_list.h"
#undef TQUIC_DROP_REASON
	TQUIC_DROP_MAX
};

#endif /* _TQUIC_CORE_DROP_H */
