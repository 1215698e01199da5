// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>

#include "world.h"

static const char *const names[] = {
	[LOG_ENTER] = "enter", [LOG_LEAVE] = "leave", [LOG_LOSS] = "loss",
	[LOG_FULL] = "full", [LOG_MTU] = "mtu", [LOG_DOWN] = "down",
	[LOG_SILENT] = "silent", [LOG_NAT] = "nat",
	[LOG_POLICED] = "policed", [LOG_AQM] = "aqm", [LOG_ECN] = "ecn",
};

static void print_time(struct world *w)
{
	s64 t = w->q.now - w->t0;

	if (!w->started)
		fputs("setup ", w->log.file);
	else
		fprintf(w->log.file, "%lld.%09lld ", t / (s64)SEC,
			t % (s64)SEC);
}

void log_line(struct world *w, enum log_what what, u32 link,
	      const struct pkt *p)
{
	const struct link *l = world_link(w, link);

	if (!w->log.file)
		return;
	print_time(w);
	fprintf(w->log.file, "%s %s.%s size %u", names[what], l->name,
		p->dir == UP ? "up" : "down", p->size);
	if (what != LOG_ENTER)
		fprintf(w->log.file, " index %llu after %llu", p->index,
			w->q.now - p->entered);
	fputc('\n', w->log.file);
}

void log_plan(struct world *w, const struct end *end,
	      const struct tquic_plan *plan)
{
	log_mix(&w->log, w->q.now - w->t0);
	log_mix(&w->log, (u64)plan->path_id << 40 | (u64)plan->npkts << 32 |
		plan->bytes);
	if (!w->log.file)
		return;
	print_time(w);
	fprintf(w->log.file, "plan %s path %u pn %llu packets %u bytes %u\n",
		end->who == UP ? "client" : "server", plan->path_id,
		plan->pkts[0].pn, plan->npkts, plan->bytes);
}

/* What happens to the scenario rather than to a packet. */
void log_note(struct world *w, const char *fmt, ...)
{
	va_list args;

	if (!w->log.file)
		return;
	print_time(w);
	va_start(args, fmt);
	vfprintf(w->log.file, fmt, args);
	va_end(args);
	fputc('\n', w->log.file);
}
