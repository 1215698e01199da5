/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is to happen to a connection once some of its text was transferred.
 */
#ifndef _TQUIC_NATIVE_ACT_H
#define _TQUIC_NATIVE_ACT_H

#include "udp.h"

#define TN_ACTS_MAX	32

struct tn_link;

enum tn_act_kind {
	TN_ACT_UPDATE,
	TN_ACT_REBIND,
	TN_ACT_PATH,
	TN_ACT_ABANDON,
	TN_ACT_DIE,
};

/**
 * struct tn_act - an event to come
 * @at: bytes of text after which it comes
 * @kind: update the keys; let the network give us another port; open a path;
 *	abandon a path; forget everything, as a crash would
 * @addr: local address of a new path
 * @id: path to be abandoned
 * @done: it came
 */
struct tn_act {
	u64 at;
	enum tn_act_kind kind;
	struct tn_addr addr;
	u32 id;
	bool done;
};

bool tn_act_parse(struct tn_act *act, const char *text);
void tn_act_serve(struct tn_link *link, tquic_time_t now);
bool tn_act_idle(const struct tn_link *link);

/* "4096", "64K", "10M" */
bool tn_bytes_parse(u64 *bytes, const char *text, char **end);

#endif /* _TQUIC_NATIVE_ACT_H */
