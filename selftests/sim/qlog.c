// SPDX-License-Identifier: GPL-2.0
/*
 * qlog as JSON text sequences: a record separator in front of each line.
 */
#include <stdarg.h>

#include "world.h"

#define METRICS_EVERY	(10 * MS)

static void say(FILE *file, const char *fmt, ...) __printf(2, 3);

/* Single quotes become double ones. */
static void say(FILE *file, const char *fmt, ...)
{
	char text[400], *p;
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	for (p = text; *p; p++)
		putc(*p == '\'' ? '"' : *p, file);
}

static void say_ms(FILE *file, const char *name, u64 ns)
{
	say(file, "'%s':%llu.%06llu,", name, div_u64(ns, MS), ns % MS);
}

static void begin(struct end *end, const char *name)
{
	FILE *file = end->w->qlog.file;

	say(file, "\x1e{");
	say_ms(file, "time", end->w->q.now);
	say(file, "'name':'%s','data':{", name);
}

static void finish(struct end *end)
{
	fputs("}}\n", end->w->qlog.file);
}

void qlog_start(struct world *w, FILE *file)
{
	w->qlog = (struct qlog){ .file = file, .end = &w->end[w->sc->dir] };
	if (!file)
		return;
	say(file, "\x1e{'qlog_version':'0.3','qlog_format':'JSON-SEQ',");
	say(file, "'title':'%s','trace':{'vantage_point':{'type':'%s'},",
	    w->sc->name, w->sc->dir == UP ? "client" : "server");
	say(file, "'common_fields':{'time_format':'relative',");
	say(file, "'reference_time':0}}}\n");
}

static void put_ack(FILE *file, const struct tquic_frame *f)
{
	struct tquic_frame_ack_iter it;
	u64 from, to;
	bool any = false;

	say(file, "{'frame_type':'ack','path_id':%llu,'acked_ranges':[",
	    f->path_id);
	tquic_frame_ack_first(&it, &f->ack);
	while (tquic_frame_ack_next(&it, &from, &to)) {
		say(file, "%s[%llu,%llu]", any ? "," : "", from, to);
		any = true;
	}
	fputs("]}", file);
}

static void put_frame(FILE *file, const struct tquic_frame *f)
{
	switch (f->type) {
	case TQUIC_FRAME_ACK:
	case TQUIC_FRAME_ACK_ECN:
	case TQUIC_FRAME_PATH_ACK:
	case TQUIC_FRAME_PATH_ACK_ECN:
		put_ack(file, f);
		break;
	case TQUIC_FRAME_STREAM ... TQUIC_FRAME_STREAM + 7:
		say(file, "{'frame_type':'stream','stream_id':%llu,",
		    f->stream.id);
		say(file, "'offset':%llu,'length':%llu}", f->stream.offset,
		    f->len);
		break;
	case TQUIC_FRAME_DATAGRAM:
	case TQUIC_FRAME_DATAGRAM_LEN:
		say(file, "{'frame_type':'datagram','length':%llu}", f->len);
		break;
	default:
		say(file, "{'frame_type':'unknown','raw_frame_type':%u}",
		    f->type);
	}
}

static void put_header(FILE *file, u32 path_id, u64 pn)
{
	say(file, "'path_id':%u,'header':{'packet_type':'1RTT',", path_id);
	say(file, "'packet_number':%llu}", pn);
}

static void put_packet(struct end *end, u32 path_id, u64 pn,
		       const u8 *payload, u32 len, u32 size)
{
	const struct tquic_conn *conn = end->conn;
	struct tquic_rd rd = tquic_rd_init(payload, len);
	struct tquic_frame_ctx ctx = {
		.pkt = TQUIC_PKT_1RTT,
		.server = conn->server,
		.multipath = conn->multipath,
		.max_datagram = U64_MAX,
		.ack_frequency = true,
		.receive_times = true,
	};
	FILE *file = end->w->qlog.file;
	struct tquic_close close;
	struct tquic_frame f;
	bool any = false;

	put_header(file, path_id, pn);
	say(file, ",'raw':{'length':%u},'frames':[", size);
	while (tquic_rd_left(&rd)) {
		if (tquic_frame_decode(&rd, &f, &ctx, &close))
			break;
		if (any)
			putc(',', file);
		any = true;
		put_frame(file, &f);
	}
	fputs("]", file);
}

void qlog_sent(struct end *end, u32 path_id, u64 pn, const u8 *payload,
	       u32 len, u32 size)
{
	begin(end, "transport:packet_sent");
	put_packet(end, path_id, pn, payload, len, size);
	finish(end);
}

void qlog_received(struct end *end, const struct tquic_rx *rx, u32 size)
{
	begin(end, "transport:packet_received");
	put_packet(end, rx->path_id, rx->pn, rx->payload, rx->len, size);
	finish(end);
}

static void put_losses(struct end *end, const struct tquic_path *path)
{
	struct qlog *q = &end->w->qlog;
	u64 *from = &q->lost[path->id % ARRAY_SIZE(q->lost)];
	const struct tquic_sent *sent = &path->space.loss.sent;
	u64 pn;

	for (pn = tquic_sent_next_lost(sent, *from); pn != TQUIC_SENT_NONE;
	     pn = tquic_sent_next_lost(sent, pn + 1)) {
		begin(end, "recovery:packet_lost");
		put_header(q->file, path->id, pn);
		finish(end);
		*from = pn + 1;
	}
}

static void put_metrics(struct end *end, const struct tquic_path *path)
{
	const struct tquic_rtt *rtt = &path->rtt;
	FILE *file = end->w->qlog.file;

	begin(end, "recovery:metrics_updated");
	say_ms(file, "smoothed_rtt", rtt->smoothed);
	say_ms(file, "latest_rtt", rtt->latest);
	say_ms(file, "min_rtt", rtt->min);
	say(file, "'path_id':%u,'pacing_rate':%llu,", path->id,
	    8 * path->pacer.rate);
	say(file, "'congestion_window':%llu,'bytes_in_flight':%llu",
	    path->cc->cwnd, path->in_flight);
	finish(end);
}

/* Losses as they are found, metrics from time to time. */
void qlog_metrics(struct end *end)
{
	struct qlog *q = &end->w->qlog;
	const struct tquic_path *path;
	bool due = end->w->q.now >= q->next_at;

	list_for_each_entry(path, &end->conn->paths, node) {
		put_losses(end, path);
		if (due)
			put_metrics(end, path);
	}
	if (due)
		q->next_at = end->w->q.now + METRICS_EVERY;
}
