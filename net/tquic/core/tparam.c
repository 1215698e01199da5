// SPDX-License-Identifier: GPL-2.0
/*
 * Transport parameters: the table, parsing and building.
 */
#include "tparam.h"

/* how many unknown identifiers are remembered in search of duplicates */
#define TQUIC_TPARAM_UNKNOWN_MAX	32

enum tquic_tparam_kind {
	TQUIC_TPARAM_INT,
	TQUIC_TPARAM_FLAG,
	TQUIC_TPARAM_CID,
	TQUIC_TPARAM_TOKEN,
	TQUIC_TPARAM_ADDR,
	TQUIC_TPARAM_VERSIONS,
};

/* never sent by a client */
#define TQUIC_TPARAM_F_SERVER	0x01
/* an integer or a flag that a client uses again in 0-RTT */
#define TQUIC_TPARAM_F_REMEMBER	0x02
/* an integer that does not shrink when 0-RTT is accepted */
#define TQUIC_TPARAM_F_GROWS	0x04

/**
 * struct tquic_tparam_def - what is known of a parameter
 * @id: identifier on the wire
 * @bad: reason phrase for a value that is refused
 * @at: offset of the value in struct tquic_tparams
 * @kind: enum tquic_tparam_kind
 * @flags: TQUIC_TPARAM_F_*
 * @preset: value of an integer that is absent
 * @min: least value of an integer
 * @max: largest value of an integer
 */
struct tquic_tparam_def {
	u64 id;
	const char *bad;
	u16 at;
	u8 kind;
	u8 flags;
	u64 preset;
	u64 min;
	u64 max;
};

/* an unknown identifier twice is an error too (RFC 9000 section 7.4) */
struct tquic_tparam_unknown {
	u64 id[TQUIC_TPARAM_UNKNOWN_MAX];
	unsigned int count;
};

#define AT(member)	.at = offsetof(struct tquic_tparams, member)
#define SERVER		.flags = TQUIC_TPARAM_F_SERVER
#define REMEMBER	.flags = TQUIC_TPARAM_F_REMEMBER
#define GROWS		.flags = TQUIC_TPARAM_F_REMEMBER | TQUIC_TPARAM_F_GROWS

static const struct tquic_tparam_def
tquic_tparam_defs[TQUIC_TPARAM_COUNT] = {
	[TQUIC_TPARAM_ORIGINAL_DCID] = {
		.id = 0x00, .bad = "bad original_destination_connection_id",
		.kind = TQUIC_TPARAM_CID, AT(original_dcid), SERVER,
	},
	[TQUIC_TPARAM_MAX_IDLE_TIMEOUT] = {
		.id = 0x01, .bad = "bad max_idle_timeout",
		AT(max_idle_timeout), REMEMBER,
		.max = TQUIC_VARINT_MAX,
	},
	[TQUIC_TPARAM_STATELESS_RESET_TOKEN] = {
		.id = 0x02, .bad = "bad stateless_reset_token",
		.kind = TQUIC_TPARAM_TOKEN, AT(stateless_reset_token), SERVER,
	},
	[TQUIC_TPARAM_MAX_UDP_PAYLOAD_SIZE] = {
		.id = 0x03, .bad = "bad max_udp_payload_size",
		AT(max_udp_payload_size), REMEMBER,
		.preset = 65527, .min = TQUIC_DGRAM_MIN,
		.max = TQUIC_VARINT_MAX,
	},
	[TQUIC_TPARAM_INITIAL_MAX_DATA] = {
		.id = 0x04, .bad = "bad initial_max_data",
		AT(initial_max_data), GROWS,
		.max = TQUIC_VARINT_MAX,
	},
	[TQUIC_TPARAM_INITIAL_MAX_STREAM_DATA_BIDI_LOCAL] = {
		.id = 0x05, .bad = "bad initial_max_stream_data_bidi_local",
		AT(initial_max_stream_data_bidi_local), GROWS,
		.max = TQUIC_VARINT_MAX,
	},
	[TQUIC_TPARAM_INITIAL_MAX_STREAM_DATA_BIDI_REMOTE] = {
		.id = 0x06, .bad = "bad initial_max_stream_data_bidi_remote",
		AT(initial_max_stream_data_bidi_remote), GROWS,
		.max = TQUIC_VARINT_MAX,
	},
	[TQUIC_TPARAM_INITIAL_MAX_STREAM_DATA_UNI] = {
		.id = 0x07, .bad = "bad initial_max_stream_data_uni",
		AT(initial_max_stream_data_uni), GROWS,
		.max = TQUIC_VARINT_MAX,
	},
	[TQUIC_TPARAM_INITIAL_MAX_STREAMS_BIDI] = {
		.id = 0x08, .bad = "bad initial_max_streams_bidi",
		AT(initial_max_streams_bidi), GROWS,
		.max = BIT_ULL(60),
	},
	[TQUIC_TPARAM_INITIAL_MAX_STREAMS_UNI] = {
		.id = 0x09, .bad = "bad initial_max_streams_uni",
		AT(initial_max_streams_uni), GROWS,
		.max = BIT_ULL(60),
	},
	[TQUIC_TPARAM_ACK_DELAY_EXPONENT] = {
		.id = 0x0a, .bad = "bad ack_delay_exponent",
		AT(ack_delay_exponent),
		.preset = 3, .max = 20,
	},
	[TQUIC_TPARAM_MAX_ACK_DELAY] = {
		.id = 0x0b, .bad = "bad max_ack_delay",
		AT(max_ack_delay),
		.preset = 25, .max = BIT(14) - 1,
	},
	[TQUIC_TPARAM_DISABLE_ACTIVE_MIGRATION] = {
		.id = 0x0c, .bad = "bad disable_active_migration",
		.kind = TQUIC_TPARAM_FLAG, REMEMBER,
	},
	[TQUIC_TPARAM_PREFERRED_ADDRESS] = {
		.id = 0x0d, .bad = "bad preferred_address",
		.kind = TQUIC_TPARAM_ADDR, AT(preferred_address), SERVER,
	},
	[TQUIC_TPARAM_ACTIVE_CID_LIMIT] = {
		.id = 0x0e, .bad = "bad active_connection_id_limit",
		AT(active_cid_limit), GROWS,
		.preset = 2, .min = 2, .max = TQUIC_VARINT_MAX,
	},
	[TQUIC_TPARAM_INITIAL_SCID] = {
		.id = 0x0f, .bad = "bad initial_source_connection_id",
		.kind = TQUIC_TPARAM_CID, AT(initial_scid),
	},
	[TQUIC_TPARAM_RETRY_SCID] = {
		.id = 0x10, .bad = "bad retry_source_connection_id",
		.kind = TQUIC_TPARAM_CID, AT(retry_scid), SERVER,
	},
	[TQUIC_TPARAM_VERSION_INFORMATION] = {
		.id = 0x11, .bad = "bad version_information",
		.kind = TQUIC_TPARAM_VERSIONS, AT(versions),
	},
	[TQUIC_TPARAM_MAX_DATAGRAM_FRAME_SIZE] = {
		.id = 0x20, .bad = "bad max_datagram_frame_size",
		AT(max_datagram_frame_size), GROWS,
		.max = TQUIC_VARINT_MAX,
	},
	[TQUIC_TPARAM_INITIAL_MAX_PATH_ID] = {
		.id = 0x3e, .bad = "bad initial_max_path_id",
		AT(initial_max_path_id),
		.max = U32_MAX,
	},
	[TQUIC_TPARAM_GREASE_QUIC_BIT] = {
		.id = 0x2ab2, .bad = "bad grease_quic_bit",
		.kind = TQUIC_TPARAM_FLAG,
	},
	[TQUIC_TPARAM_MIN_ACK_DELAY] = {
		.id = 0xff04de1b, .bad = "bad min_ack_delay",
		AT(min_ack_delay),
		.max = BIT(24) - 1,
	},
	[TQUIC_TPARAM_RECEIVE_TIMES] = {
		.id = 0x2c51f9d6, .bad = "bad receive_times",
		.kind = TQUIC_TPARAM_FLAG,
	},
};

static void *tquic_tparam_at(struct tquic_tparams *tp,
			     const struct tquic_tparam_def *def)
{
	return (u8 *)tp + def->at;
}

static const void *tquic_tparam_const_at(const struct tquic_tparams *tp,
					 const struct tquic_tparam_def *def)
{
	return (const u8 *)tp + def->at;
}

/**
 * tquic_tparam_init - all parameters absent, with their defaults
 * @tp: result
 */
void tquic_tparam_init(struct tquic_tparams *tp)
{
	const struct tquic_tparam_def *def;

	memset(tp, 0, sizeof(*tp));
	for (def = tquic_tparam_defs;
	     def < tquic_tparam_defs + TQUIC_TPARAM_COUNT; def++)
		if (def->kind == TQUIC_TPARAM_INT)
			*(u64 *)tquic_tparam_at(tp, def) = def->preset;
}

static void tquic_tparam_read_cid(struct tquic_rd *rd, size_t len,
				  struct tquic_cid *cid)
{
	if (len > TQUIC_PKT_CID_MAX)
		rd->err = true;
	else if (tquic_rd_copy(rd, cid->id, len))
		cid->len = len;
}

static void tquic_tparam_read_addr(struct tquic_rd *rd,
				   struct tquic_tparam_addr *addr)
{
	tquic_rd_copy(rd, addr->ipv4, sizeof(addr->ipv4));
	addr->ipv4_port = tquic_rd_u16(rd);
	tquic_rd_copy(rd, addr->ipv6, sizeof(addr->ipv6));
	addr->ipv6_port = tquic_rd_u16(rd);
	tquic_tparam_read_cid(rd, tquic_rd_u8(rd), &addr->cid);
	tquic_rd_copy(rd, addr->token, sizeof(addr->token));
}

static void tquic_tparam_read_versions(struct tquic_rd *rd,
				       struct tquic_tparam_versions *v)
{
	u32 version;

	v->chosen = tquic_rd_u32(rd);
	while (tquic_rd_left(rd)) {
		version = tquic_rd_u32(rd);
		if (!version)
			rd->err = true;
		else if (tquic_version_reserved(version))
			continue;
		else if (v->count < TQUIC_TPARAM_VERSIONS_MAX)
			v->available[v->count++] = version;
		else if (version == v->chosen)
			v->available[v->count - 1] = version;
	}
}

static void tquic_tparam_read(struct tquic_rd *rd, struct tquic_tparams *tp,
			      const struct tquic_tparam_def *def)
{
	void *val = tquic_tparam_at(tp, def);

	switch (def->kind) {
	case TQUIC_TPARAM_INT:
		*(u64 *)val = tquic_rd_varint(rd);
		break;
	case TQUIC_TPARAM_CID:
		tquic_tparam_read_cid(rd, tquic_rd_left(rd), val);
		break;
	case TQUIC_TPARAM_TOKEN:
		tquic_rd_copy(rd, val, TQUIC_RESET_TOKEN_LEN);
		break;
	case TQUIC_TPARAM_ADDR:
		tquic_tparam_read_addr(rd, val);
		break;
	case TQUIC_TPARAM_VERSIONS:
		tquic_tparam_read_versions(rd, val);
		break;
	}
}

static bool tquic_tparam_versions_sound(const struct tquic_tparam_versions *v,
					bool from_server)
{
	bool listed = from_server;
	unsigned int i;

	if (!v->chosen || v->count > TQUIC_TPARAM_VERSIONS_MAX)
		return false;
	for (i = 0; i < v->count; i++) {
		if (!v->available[i])
			return false;
		if (v->available[i] == v->chosen)
			listed = true;
	}
	return listed;
}

static bool tquic_tparam_sound(const struct tquic_tparams *tp,
			       const struct tquic_tparam_def *def,
			       bool from_server)
{
	const void *val = tquic_tparam_const_at(tp, def);
	const struct tquic_tparam_addr *addr = val;
	const struct tquic_cid *cid = val;
	const u64 *num = val;

	if (def->flags & TQUIC_TPARAM_F_SERVER && !from_server)
		return false;
	switch (def->kind) {
	case TQUIC_TPARAM_INT:
		return *num >= def->min && *num <= def->max;
	case TQUIC_TPARAM_CID:
		return cid->len <= TQUIC_PKT_CID_MAX;
	case TQUIC_TPARAM_ADDR:
		/* nothing to migrate to for who does without connection IDs */
		if (tquic_tparam_has(tp, TQUIC_TPARAM_INITIAL_SCID) &&
		    !tp->initial_scid.len)
			return false;
		return addr->cid.len && addr->cid.len <= TQUIC_PKT_CID_MAX;
	case TQUIC_TPARAM_VERSIONS:
		return tquic_tparam_versions_sound(val, from_server);
	default:
		return true;
	}
}

/* NULL when all that is present may be sent by such an endpoint */
static const char *tquic_tparam_judge(const struct tquic_tparams *tp,
				      bool from_server)
{
	const struct tquic_tparam_def *def = tquic_tparam_defs;
	unsigned int i;

	for (i = 0; i < TQUIC_TPARAM_COUNT; i++, def++)
		if (tquic_tparam_has(tp, i) &&
		    !tquic_tparam_sound(tp, def, from_server))
			return def->bad;
	return NULL;
}

/* false when the identifier was there before */
static bool tquic_tparam_note(struct tquic_tparam_unknown *unknown, u64 id)
{
	unsigned int i;

	for (i = 0; i < unknown->count; i++)
		if (unknown->id[i] == id)
			return false;
	if (unknown->count < TQUIC_TPARAM_UNKNOWN_MAX)
		unknown->id[unknown->count++] = id;
	return true;
}

static unsigned int tquic_tparam_find(u64 id)
{
	unsigned int i;

	for (i = 0; i < TQUIC_TPARAM_COUNT; i++)
		if (tquic_tparam_defs[i].id == id)
			break;
	return i;
}

/* takes one parameter; NULL, or why it is refused */
static const char *tquic_tparam_next(struct tquic_rd *rd,
				     struct tquic_tparams *tp,
				     struct tquic_tparam_unknown *unknown)
{
	u64 id = tquic_rd_varint(rd);
	u64 len = tquic_rd_varint(rd);
	const u8 *p = tquic_rd_bytes(rd, len);
	unsigned int i = tquic_tparam_find(id);
	struct tquic_rd val;

	if (!p)
		return "transport parameters are cut short";
	if (i == TQUIC_TPARAM_COUNT)
		return tquic_tparam_note(unknown, id) ? NULL :
		       "unknown transport parameter sent twice";
	if (tquic_tparam_has(tp, i))
		return "transport parameter sent twice";
	tquic_tparam_set(tp, i);
	val = tquic_rd_init(p, len);
	tquic_tparam_read(&val, tp, &tquic_tparam_defs[i]);
	return val.err || tquic_rd_left(&val) ? tquic_tparam_defs[i].bad :
	       NULL;
}

/**
 * tquic_tparam_parse - read what a peer declares
 * @tp: result; of no use on error
 * @buf: extension_data of quic_transport_parameters
 * @len: bytes at @buf
 * @from_server: whether the peer is the server
 * @close: filled on error
 *
 * Unknown parameters are ignored.  What depends on the connection is for the
 * tquic_tparam_check_*() functions.
 *
 * Return: 0, or -EPROTO for a malformed list, a value out of its range, a
 * parameter that a client must not send, and one that is there twice; of the
 * unknown ones only the first 32 are searched for that.
 */
int tquic_tparam_parse(struct tquic_tparams *tp, const void *buf, size_t len,
		       bool from_server, struct tquic_close *close)
{
	struct tquic_tparam_unknown unknown = { .count = 0 };
	struct tquic_rd rd = tquic_rd_init(buf, len);
	const char *why = NULL;

	tquic_tparam_init(tp);
	while (!why && tquic_rd_left(&rd))
		why = tquic_tparam_next(&rd, tp, &unknown);
	if (!why)
		why = tquic_tparam_judge(tp, from_server);
	if (why)
		return tquic_close_set(close, TQUIC_TRANSPORT_PARAMETER_ERROR,
				       0, why);
	return 0;
}

static unsigned int tquic_tparam_val_len(const struct tquic_tparams *tp,
					 const struct tquic_tparam_def *def)
{
	const void *val = tquic_tparam_const_at(tp, def);
	const struct tquic_tparam_versions *versions = val;
	const struct tquic_tparam_addr *addr = val;
	const struct tquic_cid *cid = val;

	switch (def->kind) {
	case TQUIC_TPARAM_INT:
		return tquic_varint_len(*(const u64 *)val);
	case TQUIC_TPARAM_CID:
		return cid->len;
	case TQUIC_TPARAM_TOKEN:
		return TQUIC_RESET_TOKEN_LEN;
	case TQUIC_TPARAM_ADDR:
		return 4 + 2 + 16 + 2 + 1 + addr->cid.len +
		       TQUIC_RESET_TOKEN_LEN;
	case TQUIC_TPARAM_VERSIONS:
		return 4 + 4 * versions->count;
	default:
		return 0;
	}
}

static bool tquic_tparam_grease_sound(const struct tquic_tparams *tp)
{
	u32 rest;

	div_u64_rem(tp->grease.id, 31, &rest);
	return !tp->grease.id ||
	       (rest == 27 && tp->grease.id <= TQUIC_VARINT_MAX &&
		tp->grease.len <= TQUIC_TPARAM_GREASE_MAX);
}

/**
 * tquic_tparam_len - bytes that parameters take when built
 * @tp: parameters
 * @from_server: whether this endpoint is the server
 *
 * Return: exact length, or -EINVAL when they are not for sending: a value that
 * is present is out of its range, or only a server may send it.
 */
int tquic_tparam_len(const struct tquic_tparams *tp, bool from_server)
{
	const struct tquic_tparam_def *def = tquic_tparam_defs;
	unsigned int i, val_len;
	int len = 0;

	if (tquic_tparam_judge(tp, from_server) ||
	    !tquic_tparam_grease_sound(tp))
		return -EINVAL;
	for (i = 0; i < TQUIC_TPARAM_COUNT; i++, def++) {
		if (!tquic_tparam_has(tp, i))
			continue;
		val_len = tquic_tparam_val_len(tp, def);
		len += tquic_varint_len(def->id) + tquic_varint_len(val_len) +
		       val_len;
	}
	if (tp->grease.id)
		len += tquic_varint_len(tp->grease.id) + 1 + tp->grease.len;
	return len;
}

static void tquic_tparam_write_addr(struct tquic_wr *wr,
				    const struct tquic_tparam_addr *addr)
{
	tquic_wr_bytes(wr, addr->ipv4, sizeof(addr->ipv4));
	tquic_wr_u16(wr, addr->ipv4_port);
	tquic_wr_bytes(wr, addr->ipv6, sizeof(addr->ipv6));
	tquic_wr_u16(wr, addr->ipv6_port);
	tquic_wr_u8(wr, addr->cid.len);
	tquic_wr_bytes(wr, addr->cid.id, addr->cid.len);
	tquic_wr_bytes(wr, addr->token, sizeof(addr->token));
}

static void tquic_tparam_write_versions(struct tquic_wr *wr,
					const struct tquic_tparam_versions *v)
{
	unsigned int i;

	tquic_wr_u32(wr, v->chosen);
	for (i = 0; i < v->count; i++)
		tquic_wr_u32(wr, v->available[i]);
}

static void tquic_tparam_write(struct tquic_wr *wr,
			       const struct tquic_tparams *tp,
			       const struct tquic_tparam_def *def)
{
	const void *val = tquic_tparam_const_at(tp, def);
	const struct tquic_cid *cid = val;

	tquic_wr_varint(wr, def->id);
	tquic_wr_varint(wr, tquic_tparam_val_len(tp, def));
	switch (def->kind) {
	case TQUIC_TPARAM_INT:
		tquic_wr_varint(wr, *(const u64 *)val);
		break;
	case TQUIC_TPARAM_CID:
		tquic_wr_bytes(wr, cid->id, cid->len);
		break;
	case TQUIC_TPARAM_TOKEN:
		tquic_wr_bytes(wr, val, TQUIC_RESET_TOKEN_LEN);
		break;
	case TQUIC_TPARAM_ADDR:
		tquic_tparam_write_addr(wr, val);
		break;
	case TQUIC_TPARAM_VERSIONS:
		tquic_tparam_write_versions(wr, val);
		break;
	}
}

/**
 * tquic_tparam_build - write the parameters that are present
 * @wr: output; left alone on failure
 * @tp: parameters
 * @from_server: whether this endpoint is the server
 *
 * Return: 0, -EINVAL as from tquic_tparam_len(), or -ENOSPC.
 */
int tquic_tparam_build(struct tquic_wr *wr, const struct tquic_tparams *tp,
		       bool from_server)
{
	const struct tquic_tparam_def *def = tquic_tparam_defs;
	int len = tquic_tparam_len(tp, from_server);
	unsigned int i;

	if (len < 0)
		return len;
	if (len > tquic_wr_room(wr))
		return -ENOSPC;
	for (i = 0; i < TQUIC_TPARAM_COUNT; i++, def++)
		if (tquic_tparam_has(tp, i))
			tquic_tparam_write(wr, tp, def);
	if (tp->grease.id) {
		tquic_wr_varint(wr, tp->grease.id);
		tquic_wr_varint(wr, tp->grease.len);
		tquic_wr_bytes(wr, tp->grease.data, tp->grease.len);
	}
	return 0;
}

/**
 * tquic_tparam_remember - the parameters that count for a later 0-RTT
 * @dst: result; building it yields the bytes to store with a ticket
 * @src: parameters of a server
 *
 * RFC 9000 section 7.4.1, RFC 9221 section 3.
 */
void tquic_tparam_remember(struct tquic_tparams *dst,
			   const struct tquic_tparams *src)
{
	const struct tquic_tparam_def *def = tquic_tparam_defs;
	unsigned int i;

	tquic_tparam_init(dst);
	for (i = 0; i < TQUIC_TPARAM_COUNT; i++, def++) {
		if (!(def->flags & TQUIC_TPARAM_F_REMEMBER) ||
		    !tquic_tparam_has(src, i))
			continue;
		tquic_tparam_set(dst, i);
		if (def->kind == TQUIC_TPARAM_INT)
			*(u64 *)tquic_tparam_at(dst, def) =
				*(const u64 *)tquic_tparam_const_at(src, def);
	}
}

/**
 * tquic_tparam_check_0rtt - check that no limit shrank under 0-RTT data
 * @remembered: from tquic_tparam_remember()
 * @tp: parameters of the server that accepted 0-RTT
 * @close: filled on error
 *
 * Return: 0, or -EPROTO when the server has set a limit below the one that the
 * client went by.
 */
int tquic_tparam_check_0rtt(const struct tquic_tparams *remembered,
			    const struct tquic_tparams *tp,
			    struct tquic_close *close)
{
	const struct tquic_tparam_def *def;

	for (def = tquic_tparam_defs;
	     def < tquic_tparam_defs + TQUIC_TPARAM_COUNT; def++) {
		const u64 *old = tquic_tparam_const_at(remembered, def);
		const u64 *new = tquic_tparam_const_at(tp, def);

		if (def->flags & TQUIC_TPARAM_F_GROWS && *new < *old)
			return tquic_close_set(close, TQUIC_PROTOCOL_VIOLATION,
					       0, def->bad);
	}
	return 0;
}
