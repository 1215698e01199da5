// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "lib_frame.h"

#define MAX62	4611686018427387903ULL

/*
 * RFC 9000 table 3, then RFC 9221, multipath-21, ack-frequency-11 and our own
 * in the same notation
 */
const struct lf_type lf_types[] = {
	{ 0x00, "IH01", "NP" },		/* PADDING */
	{ 0x01, "IH01", "" },		/* PING */
	{ 0x02, "IH_1", "NC" },		/* ACK */
	{ 0x03, "IH_1", "NC" },
	{ 0x04, "__01", "" },		/* RESET_STREAM */
	{ 0x05, "__01", "" },		/* STOP_SENDING */
	{ 0x06, "IH_1", "" },		/* CRYPTO */
	{ 0x07, "___1", "" },		/* NEW_TOKEN */
	{ 0x08, "__01", "F" },		/* STREAM */
	{ 0x09, "__01", "F" },
	{ 0x0a, "__01", "F" },
	{ 0x0b, "__01", "F" },
	{ 0x0c, "__01", "F" },
	{ 0x0d, "__01", "F" },
	{ 0x0e, "__01", "F" },
	{ 0x0f, "__01", "F" },
	{ 0x10, "__01", "" },		/* MAX_DATA */
	{ 0x11, "__01", "" },		/* MAX_STREAM_DATA */
	{ 0x12, "__01", "" },		/* MAX_STREAMS */
	{ 0x13, "__01", "" },
	{ 0x14, "__01", "" },		/* DATA_BLOCKED */
	{ 0x15, "__01", "" },		/* STREAM_DATA_BLOCKED */
	{ 0x16, "__01", "" },		/* STREAMS_BLOCKED */
	{ 0x17, "__01", "" },
	{ 0x18, "__01", "P" },		/* NEW_CONNECTION_ID */
	{ 0x19, "___1", "" },		/* RETIRE_CONNECTION_ID: 12.5 */
	{ 0x1a, "__01", "P" },		/* PATH_CHALLENGE */
	{ 0x1b, "___1", "P" },		/* PATH_RESPONSE */
	{ 0x1c, "IH01", "N" },		/* CONNECTION_CLOSE: "ih01" */
	{ 0x1d, "__01", "N" },
	{ 0x1e, "___1", "" },		/* HANDSHAKE_DONE */
	{ 0x1f, "___1", "" },		/* IMMEDIATE_ACK */
	{ 0x30, "__01", "" },		/* DATAGRAM */
	{ 0x31, "__01", "" },
	{ 0x3e, "___1", "NC" },		/* PATH_ACK */
	{ 0x3f, "___1", "NC" },
	{ 0xaf, "___1", "" },		/* ACK_FREQUENCY */
	{ 0x2f9d, "___1", "NC" },	/* RECEIVE_TIME */
	{ 0x3e75, "___1", "" },		/* PATH_ABANDON */
	{ 0x3e76, "___1", "" },		/* PATH_STATUS_BACKUP */
	{ 0x3e77, "___1", "" },		/* PATH_STATUS_AVAILABLE */
	{ 0x3e78, "___1", "" },		/* PATH_NEW_CONNECTION_ID */
	{ 0x3e79, "___1", "" },		/* PATH_RETIRE_CONNECTION_ID */
	{ 0x3e7a, "___1", "" },		/* MAX_PATH_ID */
	{ 0x3e7b, "___1", "" },		/* PATHS_BLOCKED */
	{ 0x3e7c, "___1", "" },		/* PATH_CIDS_BLOCKED */
};

const unsigned int lf_ntypes = LF_COUNT(lf_types);

u64 lf_num_max(u64 max)
{
	static const u64 edges[] = {
		0, 1, 63, 64, 16383, 16384, 1073741823, 1073741824, MAX62,
	};
	static const unsigned int bits[] = { 6, 14, 30, 62 };
	u64 val;

	if (!tq_rand_below(4))
		val = edges[tq_rand_below(LF_COUNT(edges))];
	else
		val = tq_rand() >> (64 - bits[tq_rand_below(4)]);
	if (!tq_rand_below(16))
		val = max;
	return val <= max ? val : tq_rand_below(max + 1);
}

u64 lf_num(void)
{
	return lf_num_max(MAX62);
}

size_t lf_put(u8 *p, u64 val, unsigned int len)
{
	unsigned int log, i;

	if (!len)
		len = val <= 63 ? 1 : val <= 16383 ? 2 :
		      val <= 1073741823 ? 4 : 8;
	for (log = 0; 1U << log < len; log++)
		;
	for (i = 0; i < len; i++)
		p[i] = val >> 8 * (len - 1 - i);
	p[0] |= log << 6;
	return len;
}

bool lf_open_ended(u16 type)
{
	return type == 0x30 || type == 0x08 || type == 0x09 || type == 0x0c ||
	       type == 0x0d;
}

/* fills the ranges with what does not go below packet number 0 */
static void make_ack(struct lf_frame *lf)
{
	struct tquic_frame_ack *ack = &lf->f.ack;
	u64 at, gap, len, want;

	ack->largest = lf_num();
	ack->delay = lf_num();
	ack->first_range = lf_num_max(ack->largest);
	ack->ranges = lf->payload;
	at = ack->largest - ack->first_range;
	for (want = tq_rand_below(LF_RANGES_MAX); want && at >= 2; want--) {
		gap = lf_num_max(at - 2);
		at -= gap + 2;
		len = lf_num_max(at);
		at -= len;
		/* at most 16 bytes each */
		if (ack->ranges_len + 16 > LF_PAYLOAD_MAX)
			break;
		ack->ranges_len += lf_put(lf->payload + ack->ranges_len, gap,
					  0);
		ack->ranges_len += lf_put(lf->payload + ack->ranges_len, len,
					  0);
		ack->range_count++;
	}
	if (lf->f.type == 0x03 || lf->f.type == 0x3f) {
		ack->ect0 = lf_num();
		ack->ect1 = lf_num();
		ack->ce = lf_num();
	}
}

static void make_cid(struct lf_frame *lf)
{
	struct tquic_frame_cid *cid = &lf->f.new_cid;

	cid->seq = lf_num();
	cid->retire_prior_to = lf_num_max(cid->seq);
	cid->cid_len = 1 + tq_rand_below(20);
	cid->cid = lf->payload;
	cid->token = lf->payload + 20;
}

static void make_payload(struct lf_frame *lf, u64 min)
{
	u64 max = tq_rand_below(2) ? 70 : LF_PAYLOAD_MAX;

	lf->f.data = lf->payload;
	lf->f.len = min + tq_rand_below(max - min + 1);
}

static bool has_path_id(u16 type)
{
	return type >= 0x3e && type != 0xaf;
}

void lf_make(struct lf_frame *lf, u16 type)
{
	struct tquic_frame *f = &lf->f;

	memset(f, 0, sizeof(*f));
	tq_rand_bytes(lf->payload, sizeof(lf->payload));
	f->type = type;
	if (has_path_id(type))
		f->path_id = lf_num_max(U32_MAX);
	switch (type) {
	case 0x00:
		f->len = 1 + tq_rand_below(LF_PAYLOAD_MAX);
		break;
	case 0x02 ... 0x03:
	case 0x3e ... 0x3f:
		make_ack(lf);
		break;
	case 0x04:
		f->reset_stream.id = lf_num();
		f->reset_stream.code = lf_num();
		f->reset_stream.final_size = lf_num();
		break;
	case 0x05:
		f->stop_sending.id = lf_num();
		f->stop_sending.code = lf_num();
		break;
	case 0x06:
		make_payload(lf, 0);
		f->crypto.offset = lf_num_max(MAX62 - f->len);
		break;
	case 0x07:
		make_payload(lf, 1);
		break;
	case 0x08 ... 0x0f:
		make_payload(lf, 0);
		f->stream.id = lf_num();
		if (type & 4)
			f->stream.offset = lf_num_max(MAX62 - f->len);
		break;
	case 0x10:
		f->max_data.max = lf_num();
		break;
	case 0x11:
		f->max_stream_data.id = lf_num();
		f->max_stream_data.max = lf_num();
		break;
	case 0x12 ... 0x13:
		f->max_streams.max = lf_num_max(1ULL << 60);
		break;
	case 0x14:
		f->data_blocked.limit = lf_num();
		break;
	case 0x15:
		f->stream_data_blocked.id = lf_num();
		f->stream_data_blocked.limit = lf_num();
		break;
	case 0x16 ... 0x17:
		f->streams_blocked.limit = lf_num_max(1ULL << 60);
		break;
	case 0x18:
	case 0x3e78:
		make_cid(lf);
		break;
	case 0x19:
	case 0x3e79:
		f->retire_cid.seq = lf_num();
		break;
	case 0x1a ... 0x1b:
		memcpy(f->probe, lf->payload, 8);
		break;
	case 0x1c:
		f->close.frame_type = lf_num();
		fallthrough;
	case 0x1d:
		f->close.code = lf_num();
		make_payload(lf, 0);
		break;
	case 0x30 ... 0x31:
		make_payload(lf, 0);
		break;
	case 0xaf:
		f->ack_frequency.seq = lf_num();
		f->ack_frequency.threshold = lf_num();
		f->ack_frequency.max_delay = lf_num();
		f->ack_frequency.reorder = lf_num();
		break;
	case 0x2f9d:
		f->receive_time.time = lf_num_max((1 << 30) - 1);
		break;
	case 0x3e75:
		f->path_abandon.code = lf_num();
		break;
	case 0x3e76 ... 0x3e77:
		f->path_status.seq = lf_num();
		break;
	case 0x3e7c:
		f->path_cids_blocked.next_seq = lf_num();
		break;
	}
	lf->len = lf_write(f, lf->bytes, &lf->hdr_len);
}

static size_t write_ack(const struct tquic_frame *f, u8 *p, bool ecn)
{
	size_t len = 0;

	len += lf_put(p + len, f->ack.largest, 0);
	len += lf_put(p + len, f->ack.delay, 0);
	len += lf_put(p + len, f->ack.range_count, 0);
	len += lf_put(p + len, f->ack.first_range, 0);
	if (f->ack.ranges_len)
		memcpy(p + len, f->ack.ranges, f->ack.ranges_len);
	len += f->ack.ranges_len;
	if (ecn) {
		len += lf_put(p + len, f->ack.ect0, 0);
		len += lf_put(p + len, f->ack.ect1, 0);
		len += lf_put(p + len, f->ack.ce, 0);
	}
	return len;
}

static size_t write_cid(const struct tquic_frame *f, u8 *p)
{
	size_t len = 0;

	len += lf_put(p + len, f->new_cid.seq, 0);
	len += lf_put(p + len, f->new_cid.retire_prior_to, 0);
	p[len++] = f->new_cid.cid_len;
	memcpy(p + len, f->new_cid.cid, f->new_cid.cid_len);
	len += f->new_cid.cid_len;
	memcpy(p + len, f->new_cid.token, 16);
	return len + 16;
}

size_t lf_write(const struct tquic_frame *f, u8 *p, size_t *hdr_len)
{
	bool payload = false;
	size_t len = 0;

	if (f->type == 0x00) {
		memset(p, 0, f->len);
		if (hdr_len)
			*hdr_len = f->len;
		return f->len;
	}
	len += lf_put(p, f->type, 0);
	if (has_path_id(f->type))
		len += lf_put(p + len, f->path_id, 0);
	switch (f->type) {
	case 0x02:
	case 0x3e:
		len += write_ack(f, p + len, false);
		break;
	case 0x03:
	case 0x3f:
		len += write_ack(f, p + len, true);
		break;
	case 0x04:
		len += lf_put(p + len, f->reset_stream.id, 0);
		len += lf_put(p + len, f->reset_stream.code, 0);
		len += lf_put(p + len, f->reset_stream.final_size, 0);
		break;
	case 0x05:
		len += lf_put(p + len, f->stop_sending.id, 0);
		len += lf_put(p + len, f->stop_sending.code, 0);
		break;
	case 0x06:
		len += lf_put(p + len, f->crypto.offset, 0);
		len += lf_put(p + len, f->len, f->len_size);
		payload = true;
		break;
	case 0x07:
		len += lf_put(p + len, f->len, f->len_size);
		payload = true;
		break;
	case 0x08 ... 0x0f:
		len += lf_put(p + len, f->stream.id, 0);
		if (f->type & 4)
			len += lf_put(p + len, f->stream.offset, 0);
		if (f->type & 2)
			len += lf_put(p + len, f->len, f->len_size);
		payload = true;
		break;
	case 0x10:
		len += lf_put(p + len, f->max_data.max, 0);
		break;
	case 0x11:
		len += lf_put(p + len, f->max_stream_data.id, 0);
		len += lf_put(p + len, f->max_stream_data.max, 0);
		break;
	case 0x12 ... 0x13:
		len += lf_put(p + len, f->max_streams.max, 0);
		break;
	case 0x14:
		len += lf_put(p + len, f->data_blocked.limit, 0);
		break;
	case 0x15:
		len += lf_put(p + len, f->stream_data_blocked.id, 0);
		len += lf_put(p + len, f->stream_data_blocked.limit, 0);
		break;
	case 0x16 ... 0x17:
		len += lf_put(p + len, f->streams_blocked.limit, 0);
		break;
	case 0x18:
	case 0x3e78:
		len += write_cid(f, p + len);
		break;
	case 0x19:
	case 0x3e79:
		len += lf_put(p + len, f->retire_cid.seq, 0);
		break;
	case 0x1a ... 0x1b:
		memcpy(p + len, f->probe, 8);
		len += 8;
		break;
	case 0x1c:
		len += lf_put(p + len, f->close.code, 0);
		len += lf_put(p + len, f->close.frame_type, 0);
		len += lf_put(p + len, f->len, f->len_size);
		payload = true;
		break;
	case 0x1d:
		len += lf_put(p + len, f->close.code, 0);
		len += lf_put(p + len, f->len, f->len_size);
		payload = true;
		break;
	case 0x30:
		payload = true;
		break;
	case 0x31:
		len += lf_put(p + len, f->len, f->len_size);
		payload = true;
		break;
	case 0xaf:
		len += lf_put(p + len, f->ack_frequency.seq, 0);
		len += lf_put(p + len, f->ack_frequency.threshold, 0);
		len += lf_put(p + len, f->ack_frequency.max_delay, 0);
		len += lf_put(p + len, f->ack_frequency.reorder, 0);
		break;
	case 0x2f9d:
		len += lf_put(p + len, f->receive_time.time, 0);
		break;
	case 0x3e75:
		len += lf_put(p + len, f->path_abandon.code, 0);
		break;
	case 0x3e76 ... 0x3e77:
		len += lf_put(p + len, f->path_status.seq, 0);
		break;
	case 0x3e7c:
		len += lf_put(p + len, f->path_cids_blocked.next_seq, 0);
		break;
	}
	if (hdr_len)
		*hdr_len = len;
	if (payload && f->len) {
		memcpy(p + len, f->data, f->len);
		len += f->len;
	}
	return len;
}

struct tquic_frame_ctx lf_ctx(u16 type)
{
	return (struct tquic_frame_ctx){
		.max_datagram = 65535,
		.pkt = TQUIC_PKT_1RTT,
		.server = type != 0x07 && type != 0x1e && tq_rand_below(2),
		.multipath = true,
		.ack_frequency = true,
		.receive_times = true,
	};
}

int lf_decode(const void *bytes, size_t len, const struct tquic_frame_ctx *ctx,
	      struct tquic_frame *f, struct tquic_close *close, size_t *used)
{
	static u8 *copy;
	struct tquic_rd rd;
	int err;

	free(copy);
	copy = malloc(len ? len : 1);
	memcpy(copy, bytes, len);
	rd = tquic_rd_init(copy, len);
	*close = (struct tquic_close){ .code = 0 };
	err = tquic_frame_decode(&rd, f, ctx, close);
	TQ_EXPECT(!err || err == -EPROTO);
	/* an error is told in full, and a success leaves no trace of one */
	TQ_EXPECT(!err == !close->reason);
	TQ_EXPECT(!err == !close->code);
	TQ_EXPECT(err || !rd.err);
	if (used)
		*used = rd.ptr - copy;
	return err;
}

void lf_refused(const char *file, int line, const char *hex,
		struct tquic_frame_ctx ctx, u64 code, u64 type)
{
	struct tquic_frame f;
	struct tquic_close close;
	u8 buf[256];
	size_t len = tq_hex(hex, buf, sizeof(buf));

	if (!lf_decode(buf, len, &ctx, &f, &close, NULL))
		tq_fail(file, line, "%s is accepted", hex);
	else if (close.code != code || close.frame_type != type)
		tq_fail(file, line, "%s: code %#llx, type %#llx (%s)", hex,
			(unsigned long long)close.code,
			(unsigned long long)close.frame_type, close.reason);
}

void lf_accepted(const char *file, int line, const char *hex,
		 struct tquic_frame_ctx ctx)
{
	struct tquic_frame f;
	struct tquic_close close;
	u8 buf[256];
	size_t used, len = tq_hex(hex, buf, sizeof(buf));

	if (lf_decode(buf, len, &ctx, &f, &close, &used))
		tq_fail(file, line, "%s: code %#llx (%s)", hex,
			(unsigned long long)close.code, close.reason);
	else if (used != len)
		tq_fail(file, line, "%s: %zu of %zu bytes taken", hex, used,
			len);
}
