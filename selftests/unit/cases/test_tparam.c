// SPDX-License-Identifier: GPL-2.0
/*
 * Transport parameters: round trips, defaults, lengths, truncation, 0-RTT.
 */
#include <stdlib.h>

#include "core/tparam.h"
#include "lib_frame.h"

#define MAX62	((1ULL << 62) - 1)

/*
 * transcribed from RFC 9000 18.2, RFC 9221, 9287, 9368, multipath-21 and
 * ack-frequency-11; the last one is our own
 */
static const struct {
	u32 id;
	const char *kind;	/* int flag cid token addr versions */
	bool server_only;
	bool remembered;
	bool grows;
	u64 preset, min, max;
} table[TQUIC_TPARAM_COUNT] = {
	{ 0x00, "cid", true },
	{ 0x01, "int", false, true, false, 0, 0, MAX62 },
	{ 0x02, "token", true },
	{ 0x03, "int", false, true, false, 65527, 1200, MAX62 },
	{ 0x04, "int", false, true, true, 0, 0, MAX62 },
	{ 0x05, "int", false, true, true, 0, 0, MAX62 },
	{ 0x06, "int", false, true, true, 0, 0, MAX62 },
	{ 0x07, "int", false, true, true, 0, 0, MAX62 },
	{ 0x08, "int", false, true, true, 0, 0, 1ULL << 60 },
	{ 0x09, "int", false, true, true, 0, 0, 1ULL << 60 },
	{ 0x0a, "int", false, false, false, 3, 0, 20 },
	{ 0x0b, "int", false, false, false, 25, 0, 16383 },
	{ 0x0c, "flag", false, true },
	{ 0x0d, "addr", true },
	{ 0x0e, "int", false, true, true, 2, 2, MAX62 },
	{ 0x0f, "cid" },
	{ 0x10, "cid", true },
	{ 0x11, "versions" },
	{ 0x20, "int", false, true, true, 0, 0, MAX62 },
	{ 0x3e, "int", false, false, false, 0, 0, U32_MAX },
	{ 0x2ab2, "flag" },
	{ 0xff04de1b, "int", false, false, false, 0, 0, (1 << 24) - 1 },
	{ 0x2c51f9d6, "flag" },
};

static u64 *int_of(struct tquic_tparams *tp, u32 id)
{
	switch (id) {
	case 0x01: return &tp->max_idle_timeout;
	case 0x03: return &tp->max_udp_payload_size;
	case 0x04: return &tp->initial_max_data;
	case 0x05: return &tp->initial_max_stream_data_bidi_local;
	case 0x06: return &tp->initial_max_stream_data_bidi_remote;
	case 0x07: return &tp->initial_max_stream_data_uni;
	case 0x08: return &tp->initial_max_streams_bidi;
	case 0x09: return &tp->initial_max_streams_uni;
	case 0x0a: return &tp->ack_delay_exponent;
	case 0x0b: return &tp->max_ack_delay;
	case 0x0e: return &tp->active_cid_limit;
	case 0x20: return &tp->max_datagram_frame_size;
	case 0x3e: return &tp->initial_max_path_id;
	case 0xff04de1b: return &tp->min_ack_delay;
	default: return NULL;
	}
}

static struct tquic_cid *cid_of(struct tquic_tparams *tp, u32 id)
{
	return id == 0x00 ? &tp->original_dcid :
	       id == 0x0f ? &tp->initial_scid : &tp->retry_scid;
}

static void make_cid(struct tquic_cid *cid, unsigned int min)
{
	memset(cid, 0, sizeof(*cid));
	cid->len = min + tq_rand_below(21 - min);
	tq_rand_bytes(cid->id, cid->len);
}

static void make_one(struct tquic_tparams *tp, unsigned int i)
{
	struct tquic_tparam_addr *addr = &tp->preferred_address;
	struct tquic_tparam_versions *v = &tp->versions;
	u64 *val = int_of(tp, table[i].id);
	unsigned int n;

	tp->present |= 1U << i;
	if (val) {
		*val = lf_num_max(table[i].max - table[i].min) + table[i].min;
	} else if (!strcmp(table[i].kind, "cid")) {
		make_cid(cid_of(tp, table[i].id), table[i].id == 0x0f);
	} else if (!strcmp(table[i].kind, "token")) {
		tq_rand_bytes(tp->stateless_reset_token, 16);
	} else if (!strcmp(table[i].kind, "addr")) {
		tq_rand_bytes(addr->ipv4, 4);
		tq_rand_bytes(addr->ipv6, 16);
		addr->ipv4_port = tq_rand();
		addr->ipv6_port = tq_rand();
		make_cid(&addr->cid, 1);
		tq_rand_bytes(addr->token, 16);
	} else if (!strcmp(table[i].kind, "versions")) {
		v->count = 1 + tq_rand_below(16);
		for (n = 0; n < v->count; n++)
			v->available[n] = 1 + n * 7;
		v->chosen = v->available[tq_rand_below(v->count)];
	}
}

static void make(struct tquic_tparams *tp, bool from_server)
{
	unsigned int i;

	tquic_tparam_init(tp);
	for (i = 0; i < TQUIC_TPARAM_COUNT; i++)
		if (tq_rand_below(4) && (from_server || !table[i].server_only))
			make_one(tp, i);
}

static size_t put_addr(const struct tquic_tparam_addr *addr, u8 *p)
{
	memcpy(p, addr->ipv4, 4);
	p[4] = addr->ipv4_port >> 8;
	p[5] = addr->ipv4_port;
	memcpy(p + 6, addr->ipv6, 16);
	p[22] = addr->ipv6_port >> 8;
	p[23] = addr->ipv6_port;
	p[24] = addr->cid.len;
	memcpy(p + 25, addr->cid.id, addr->cid.len);
	memcpy(p + 25 + addr->cid.len, addr->token, 16);
	return 41 + addr->cid.len;
}

static size_t put_version(u8 *p, u32 version)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		p[i] = version >> (24 - 8 * i);
	return 4;
}

/* identifier, length and value of one parameter */
static size_t put_one(struct tquic_tparams *tp, unsigned int i, u8 *p)
{
	size_t len = lf_put(p, table[i].id, 0), val_len = 0;
	unsigned int n;
	u8 val[128];

	if (!strcmp(table[i].kind, "int")) {
		val_len = lf_put(val, *int_of(tp, table[i].id), 0);
	} else if (!strcmp(table[i].kind, "cid")) {
		val_len = cid_of(tp, table[i].id)->len;
		memcpy(val, cid_of(tp, table[i].id)->id, val_len);
	} else if (!strcmp(table[i].kind, "token")) {
		val_len = 16;
		memcpy(val, tp->stateless_reset_token, 16);
	} else if (!strcmp(table[i].kind, "addr")) {
		val_len = put_addr(&tp->preferred_address, val);
	} else if (!strcmp(table[i].kind, "versions")) {
		val_len = put_version(val, tp->versions.chosen);
		for (n = 0; n < tp->versions.count; n++)
			val_len += put_version(val + val_len,
					       tp->versions.available[n]);
	}
	len += lf_put(p + len, val_len, 0);
	memcpy(p + len, val, val_len);
	return len + val_len;
}

static size_t put_all(struct tquic_tparams *tp, u8 *p)
{
	size_t len = 0;
	unsigned int i;

	for (i = 0; i < TQUIC_TPARAM_COUNT; i++)
		if (tp->present & 1U << i)
			len += put_one(tp, i, p + len);
	if (tp->grease.id) {
		len += lf_put(p + len, tp->grease.id, 0);
		len += lf_put(p + len, tp->grease.len, 0);
		memcpy(p + len, tp->grease.data, tp->grease.len);
		len += tp->grease.len;
	}
	return len;
}

/* parses a copy of exactly @len bytes */
static int parse(struct tquic_tparams *tp, const u8 *buf, size_t len,
		 bool from_server, struct tquic_close *close)
{
	u8 *copy = malloc(len ? len : 1);
	int err;

	memcpy(copy, buf, len);
	*close = (struct tquic_close){ .code = 0 };
	err = tquic_tparam_parse(tp, copy, len, from_server, close);
	TQ_EXPECT(!err || err == -EPROTO);
	TQ_EXPECT(!err == !close->reason);
	TQ_EXPECT(err ? close->code == TQUIC_TRANSPORT_PARAMETER_ERROR :
			!close->code);
	free(copy);
	return err;
}

TQ_TEST(tparam_defaults)
{
	struct tquic_tparams tp;
	struct tquic_close close;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		memset(&tp, 0xa5, sizeof(tp));
		if (i)
			tquic_tparam_init(&tp);
		else
			TQ_EXPECT_EQ(parse(&tp, (u8 *)"", 0, i, &close), 0);
		TQ_EXPECT_EQ(tp.present, 0);
		TQ_EXPECT_EQ(tp.max_idle_timeout, 0);
		TQ_EXPECT_EQ(tp.max_udp_payload_size, 65527);
		TQ_EXPECT_EQ(tp.initial_max_data, 0);
		TQ_EXPECT_EQ(tp.initial_max_stream_data_bidi_local, 0);
		TQ_EXPECT_EQ(tp.initial_max_stream_data_bidi_remote, 0);
		TQ_EXPECT_EQ(tp.initial_max_stream_data_uni, 0);
		TQ_EXPECT_EQ(tp.initial_max_streams_bidi, 0);
		TQ_EXPECT_EQ(tp.initial_max_streams_uni, 0);
		TQ_EXPECT_EQ(tp.ack_delay_exponent, 3);
		TQ_EXPECT_EQ(tp.max_ack_delay, 25);
		TQ_EXPECT_EQ(tp.active_cid_limit, 2);
		TQ_EXPECT_EQ(tp.max_datagram_frame_size, 0);
		TQ_EXPECT_EQ(tp.initial_max_path_id, 0);
		TQ_EXPECT(!tp.grease.id && !tp.versions.count);
	}
}

TQ_TEST(tparam_builds_and_parses)
{
	static u8 want[1024], have[1024];
	struct tquic_tparams tp, back;
	struct tquic_close close;
	struct tquic_wr wr;
	unsigned int round;
	size_t len, room;
	bool from_server;

	for (round = 0; round < 2000; round++) {
		from_server = round & 1;
		make(&tp, from_server);
		len = put_all(&tp, want);
		TQ_ASSERT_EQ(tquic_tparam_len(&tp, from_server), len);
		wr = tquic_wr_init(have, len);
		TQ_ASSERT_EQ(tquic_tparam_build(&wr, &tp, from_server), 0);
		TQ_ASSERT(!wr.err && wr.ptr == have + len);
		TQ_EXPECT_MEM_EQ(have, want, len);
		memset(&back, 0xa5, sizeof(back));
		TQ_ASSERT_EQ(parse(&back, want, len, from_server, &close), 0);
		TQ_EXPECT(!memcmp(&back, &tp, sizeof(tp)));
		if (round > 20)
			continue;
		memset(have, 0x5a, sizeof(have));
		for (room = 0; room < len; room++) {
			wr = tquic_wr_init(have, room);
			TQ_ASSERT_EQ(tquic_tparam_build(&wr, &tp, from_server),
				     -ENOSPC);
			TQ_ASSERT(wr.ptr == have && !wr.err);
			TQ_ASSERT_EQ(have[room], 0x5a);
		}
	}
}

/* each parameter alone: every cut, and every wrong length */
TQ_TEST(tparam_cut_at_every_length)
{
	struct tquic_tparams tp, back;
	struct tquic_close close;
	unsigned int i, round;
	u8 buf[256];
	size_t len, cut;

	for (i = 0; i < TQUIC_TPARAM_COUNT; i++) {
		for (round = 0; round < 30; round++) {
			tquic_tparam_init(&tp);
			make_one(&tp, i);
			len = put_one(&tp, i, buf);
			TQ_ASSERT_EQ(parse(&back, buf, len, true, &close), 0);
			TQ_ASSERT_EQ(back.present, 1U << i);
			for (cut = 1; cut < len; cut++) {
				tq_note("parameter %#x, %zu of %zu bytes",
					table[i].id, cut, len);
				TQ_ASSERT_EQ(parse(&back, buf, cut, true,
						   &close), -EPROTO);
			}
		}
	}
}

TQ_TEST(tparam_value_of_any_other_length)
{
	struct tquic_tparams tp, back;
	struct tquic_close close;
	unsigned int i;
	u8 one[256], buf[512];
	size_t len, id_len, right, wrong, at;
	int err;

	for (i = 0; i < TQUIC_TPARAM_COUNT; i++) {
		tquic_tparam_init(&tp);
		make_one(&tp, i);
		/* so that its own lengths do not follow the wrong one */
		if (table[i].id == 0x11)
			tp.versions.chosen = tp.versions.available[0];
		len = put_one(&tp, i, one);
		id_len = lf_put(buf, table[i].id, 0);
		right = one[id_len] & 0x40 ? 2 : 1;
		memset(buf, 1, sizeof(buf));
		memcpy(buf, one, id_len);
		for (wrong = 0; wrong < 64; wrong++) {
			tq_note("parameter %#x, %zu bytes", table[i].id,
				wrong);
			at = id_len;
			buf[at++] = wrong;
			memset(buf + at, 1, 64);
			memcpy(buf + at, one + id_len + right,
			       len - id_len - right);
			err = parse(&back, buf, at + wrong, true, &close);
			if (!strcmp(table[i].kind, "cid"))
				TQ_EXPECT_EQ(!err, wrong <= 20);
			else if (!strcmp(table[i].kind, "versions"))
				TQ_EXPECT_EQ(!err, wrong >= 4 && !(wrong & 3));
			else
				TQ_EXPECT_EQ(!err, wrong ==
					     len - id_len - right);
		}
	}
}

TQ_TEST(tparam_integers_in_their_ranges)
{
	struct tquic_tparams tp, back;
	struct tquic_close close;
	unsigned int i;
	struct tquic_wr wr;
	u8 buf[32], out[32];
	size_t len;
	u64 *val;

	for (i = 0; i < TQUIC_TPARAM_COUNT; i++) {
		if (strcmp(table[i].kind, "int"))
			continue;
		tquic_tparam_init(&tp);
		tq_note("parameter %#x", table[i].id);
		tp.present = 1U << i;
		val = int_of(&tp, table[i].id);
		TQ_EXPECT_EQ(*val, table[i].preset);
		*val = table[i].max;
		len = put_one(&tp, i, buf);
		TQ_EXPECT_EQ(parse(&back, buf, len, false, &close), 0);
		TQ_EXPECT_EQ(*int_of(&back, table[i].id), table[i].max);
		TQ_EXPECT_EQ(tquic_tparam_len(&tp, false), len);
		*val = table[i].min;
		len = put_one(&tp, i, buf);
		TQ_EXPECT_EQ(parse(&back, buf, len, false, &close), 0);
		TQ_EXPECT_EQ(*int_of(&back, table[i].id), table[i].min);
		TQ_EXPECT_EQ(tquic_tparam_len(&tp, false), len);
		if (table[i].min) {
			*val = table[i].min - 1;
			len = put_one(&tp, i, buf);
			TQ_EXPECT_EQ(parse(&back, buf, len, false, &close),
				     -EPROTO);
			TQ_EXPECT_EQ(tquic_tparam_len(&tp, false), -EINVAL);
		}
		*val = table[i].max + 1;
		if (*val <= MAX62) {
			len = put_one(&tp, i, buf);
			TQ_EXPECT_EQ(parse(&back, buf, len, false, &close),
				     -EPROTO);
		}
		wr = tquic_wr_init(out, sizeof(out));
		TQ_EXPECT_EQ(tquic_tparam_len(&tp, false), -EINVAL);
		TQ_EXPECT_EQ(tquic_tparam_build(&wr, &tp, false), -EINVAL);
		TQ_EXPECT(wr.ptr == out && !wr.err);
		/* what is not sent may be anything */
		tp.present = 0;
		TQ_EXPECT_EQ(tquic_tparam_len(&tp, false), 0);
	}
}

TQ_TEST(tparam_build_refuses_bad_values)
{
	struct tquic_tparams tp;

	tquic_tparam_init(&tp);
	make_one(&tp, TQUIC_TPARAM_INITIAL_SCID);
	tp.initial_scid.len = 20;
	TQ_EXPECT_EQ(tquic_tparam_len(&tp, false), 22);
	tp.initial_scid.len = 21;
	TQ_EXPECT_EQ(tquic_tparam_len(&tp, false), -EINVAL);

	tquic_tparam_init(&tp);
	make_one(&tp, TQUIC_TPARAM_PREFERRED_ADDRESS);
	tp.preferred_address.cid.len = 20;
	TQ_EXPECT_EQ(tquic_tparam_len(&tp, true), 63);
	tp.preferred_address.cid.len = 21;
	TQ_EXPECT_EQ(tquic_tparam_len(&tp, true), -EINVAL);
	tp.preferred_address.cid.len = 0;
	TQ_EXPECT_EQ(tquic_tparam_len(&tp, true), -EINVAL);

	tquic_tparam_init(&tp);
	tquic_tparam_set(&tp, TQUIC_TPARAM_VERSION_INFORMATION);
	tp.versions = (struct tquic_tparam_versions){ .chosen = 1 };
	TQ_EXPECT_EQ(tquic_tparam_len(&tp, true), 6);
	TQ_EXPECT_EQ(tquic_tparam_len(&tp, false), -EINVAL);
	tp.versions.count = 2;
	tp.versions.available[0] = 2;
	tp.versions.available[1] = 1;
	TQ_EXPECT_EQ(tquic_tparam_len(&tp, false), 14);
	tp.versions.available[0] = 0;
	TQ_EXPECT_EQ(tquic_tparam_len(&tp, false), -EINVAL);
	tp.versions.available[0] = 2;
	tp.versions.count = 1;
	TQ_EXPECT_EQ(tquic_tparam_len(&tp, false), -EINVAL);
	tp.versions.chosen = 0;
	TQ_EXPECT_EQ(tquic_tparam_len(&tp, true), -EINVAL);
	tp.versions.chosen = 2;
	tp.versions.count = 17;
	TQ_EXPECT_EQ(tquic_tparam_len(&tp, true), -EINVAL);
}

TQ_TEST(tparam_grease)
{
	static const u64 random[] = {
		0, 1, 0xffffffffffffffffULL, 0x00ffffffffffffffULL,
		0xff00000000000000ULL, 12345678,
	};
	struct tquic_tparams tp, back;
	struct tquic_close close;
	u8 want[128], have[128];
	struct tquic_wr wr;
	unsigned int i;
	size_t len;
	u64 id;

	TQ_EXPECT_EQ(tquic_tparam_grease_id(0), 27);
	TQ_EXPECT_EQ(tquic_tparam_grease_id(1), 58);
	TQ_EXPECT_EQ(tquic_tparam_grease_id(~0ULL),
		     31 * ((1ULL << 56) - 1) + 27);
	for (i = 0; i < LF_COUNT(random); i++) {
		tquic_tparam_init(&tp);
		make_one(&tp, TQUIC_TPARAM_MAX_ACK_DELAY);
		id = tquic_tparam_grease_id(random[i]);
		TQ_EXPECT_EQ((id - 27) % 31, 0);
		TQ_EXPECT(id <= MAX62);
		tp.grease.id = id;
		tp.grease.len = 16;
		tq_rand_bytes(tp.grease.data, 16);
		len = put_all(&tp, want);
		TQ_EXPECT_EQ(tquic_tparam_len(&tp, false), len);
		wr = tquic_wr_init(have, len);
		TQ_EXPECT_EQ(tquic_tparam_build(&wr, &tp, false), 0);
		TQ_EXPECT_MEM_EQ(have, want, len);
		TQ_EXPECT_EQ(parse(&back, have, len, false, &close), 0);
		TQ_EXPECT_EQ(back.present, tp.present);
		TQ_EXPECT_EQ(back.grease.id, 0);
	}
	tp.grease.len = 0;
	TQ_EXPECT_EQ(tquic_tparam_len(&tp, false), put_all(&tp, want));
	tp.grease.len = 17;
	TQ_EXPECT_EQ(tquic_tparam_len(&tp, false), -EINVAL);
	tp.grease.len = 1;
	tp.grease.id = 28;
	TQ_EXPECT_EQ(tquic_tparam_len(&tp, false), -EINVAL);
	/* the next of the form that is no varint any more */
	tp.grease.id = MAX62 + 1;
	while (tp.grease.id % 31 != 27)
		tp.grease.id++;
	TQ_EXPECT_EQ(tquic_tparam_len(&tp, false), -EINVAL);
	tp.grease.id -= 31;
	TQ_EXPECT(tquic_tparam_len(&tp, false) > 0);
}

TQ_TEST(rfc9000_7_4_1_what_is_remembered)
{
	struct tquic_tparams tp, kept, blank;
	unsigned int i;

	tquic_tparam_init(&tp);
	for (i = 0; i < TQUIC_TPARAM_COUNT; i++)
		make_one(&tp, i);
	tp.grease.id = 27;
	memset(&kept, 0xa5, sizeof(kept));
	tquic_tparam_remember(&kept, &tp);
	tquic_tparam_init(&blank);
	for (i = 0; i < TQUIC_TPARAM_COUNT; i++) {
		tq_note("parameter %#x", table[i].id);
		TQ_EXPECT_EQ(tquic_tparam_has(&kept, i), table[i].remembered);
		if (!strcmp(table[i].kind, "int"))
			TQ_EXPECT_EQ(*int_of(&kept, table[i].id),
				     table[i].remembered ?
				     *int_of(&tp, table[i].id) :
				     table[i].preset);
	}
	/* and nothing that cannot be had from the present bits */
	TQ_EXPECT(!memcmp(&kept.original_dcid, &blank.original_dcid,
			  sizeof(kept) -
			  offsetof(struct tquic_tparams, original_dcid)));
	/* what was absent is not made up */
	tquic_tparam_remember(&kept, &blank);
	TQ_EXPECT(!memcmp(&kept, &blank, sizeof(kept)));
}

TQ_TEST(rfc9000_7_4_1_limits_do_not_shrink)
{
	struct tquic_tparams old, new;
	struct tquic_close close;
	unsigned int i;

	for (i = 0; i < TQUIC_TPARAM_COUNT; i++) {
		if (strcmp(table[i].kind, "int"))
			continue;
		tq_note("parameter %#x", table[i].id);
		tquic_tparam_init(&old);
		tquic_tparam_init(&new);
		*int_of(&old, table[i].id) = 1500;
		*int_of(&new, table[i].id) = 1500;
		close = (struct tquic_close){ .code = 0 };
		TQ_EXPECT_EQ(tquic_tparam_check_0rtt(&old, &new, &close), 0);
		*int_of(&new, table[i].id) = 1501;
		TQ_EXPECT_EQ(tquic_tparam_check_0rtt(&old, &new, &close), 0);
		TQ_EXPECT(!close.reason);
		*int_of(&new, table[i].id) = 1499;
		TQ_EXPECT_EQ(tquic_tparam_check_0rtt(&old, &new, &close),
			     table[i].grows ? -EPROTO : 0);
		TQ_EXPECT_EQ(close.code, table[i].grows ?
			     TQUIC_PROTOCOL_VIOLATION : 0);
		TQ_EXPECT_EQ(!!close.reason, table[i].grows);
		TQ_EXPECT_EQ(close.frame_type, 0);
	}
}

TQ_TEST(tparam_random_bytes)
{
	struct tquic_tparams tp;
	struct tquic_close close;
	u8 buf[64];
	unsigned int round, i;
	size_t len;

	for (round = 0; round < 20000; round++) {
		len = tq_rand_below(sizeof(buf));
		tq_rand_bytes(buf, sizeof(buf));
		/* short lengths and known identifiers, to get somewhere */
		for (i = 0; i < len; i++)
			if (tq_rand_below(3))
				buf[i] &= 0x1f;
		if (!parse(&tp, buf, len, round & 1, &close))
			TQ_ASSERT(tquic_tparam_len(&tp, round & 1) >= 0);
	}
}
