// SPDX-License-Identifier: GPL-2.0
/*
 * Traces of when a packet may leave: one line per packet, milliseconds, as
 * mahimahi has them.
 */
#include "parse.h"

struct known {
	struct known *next;
	char *name;
	struct trace trace;
};

/* A trace, read once whatever number of legs use it. */
const struct trace *read_trace(const struct words *w, const char *name)
{
	static struct known *all;
	struct known *k;
	char line[64];
	u32 room = 0;
	FILE *f;
	u64 at;

	for (k = all; k; k = k->next)
		if (!strcmp(k->name, name))
			return &k->trace;
	f = fopen(name, "r");
	if (!f)
		complain(w, "%s: %m", name);
	k = keep(sizeof(*k));
	k->name = keep_text(name);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\r\n")] = 0;
		if (k->trace.count == room) {
			room = room ? 2 * room : 4096;
			k->trace.at = xgrow(k->trace.at,
					    room * sizeof(*k->trace.at));
		}
		at = number(w, line, UNIT_COUNT) * MS;
		if (at < k->trace.period)
			complain(w, "%s: time goes backwards", name);
		k->trace.at[k->trace.count++] = at;
		k->trace.period = at;
	}
	fclose(f);
	if (!k->trace.period)
		complain(w, "%s: nothing in it", name);
	k->next = all;
	all = k;
	return &k->trace;
}
