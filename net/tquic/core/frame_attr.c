// SPDX-License-Identifier: GPL-2.0
/*
 * What is known of each frame type (RFC 9000 table 3 and section 13.3,
 * RFC 9221 section 5, multipath-21 section 4, ack-frequency-11 sections 4
 * and 5).
 */
#include "frame.h"

#define ___1	BIT(TQUIC_PKT_1RTT)
#define __01	(BIT(TQUIC_PKT_0RTT) | ___1)
#define IH_1	(BIT(TQUIC_PKT_INITIAL) | BIT(TQUIC_PKT_HANDSHAKE) | ___1)
#define IH01	(IH_1 | __01)

/* of most frames: what is in flight and elicits an acknowledgment */
#define EL	(TQUIC_FRAME_F_ELICITS | TQUIC_FRAME_F_IN_FLIGHT)
#define MP	TQUIC_FRAME_F_MULTIPATH
#define MP_ID	(TQUIC_FRAME_F_MULTIPATH | TQUIC_FRAME_F_PATH_ID)
#define PROBE	(EL | TQUIC_FRAME_F_PROBING | TQUIC_FRAME_F_BOUND)

#define AT(member)	offsetof(struct tquic_frame, member)

/* 0x00 to 0x3f */
static const struct tquic_frame_attr tquic_frame_attr_low[] = {
	[TQUIC_FRAME_PADDING] = {
		.name = "PADDING", .pkts = IH01,
		.flags = TQUIC_FRAME_F_IN_FLIGHT | TQUIC_FRAME_F_PROBING,
		.body = TQUIC_FRAME_BODY_PADDING,
	},
	[TQUIC_FRAME_PING] = {
		.name = "PING", .pkts = IH01, .flags = EL,
	},
	[TQUIC_FRAME_ACK ... TQUIC_FRAME_ACK_ECN] = {
		.name = "ACK", .pkts = IH_1,
		.field = { AT(ack.largest), AT(ack.delay), AT(ack.range_count),
			   AT(ack.first_range) },
		.body = TQUIC_FRAME_BODY_ACK,
	},
	[TQUIC_FRAME_RESET_STREAM] = {
		.name = "RESET_STREAM", .pkts = __01, .flags = EL,
		.repair = TQUIC_FRAME_REPAIR_NEEDED,
		.field = { AT(reset_stream.id), AT(reset_stream.code),
			   AT(reset_stream.final_size) },
	},
	[TQUIC_FRAME_STOP_SENDING] = {
		.name = "STOP_SENDING", .pkts = __01, .flags = EL,
		.repair = TQUIC_FRAME_REPAIR_NEEDED,
		.field = { AT(stop_sending.id), AT(stop_sending.code) },
	},
	[TQUIC_FRAME_CRYPTO] = {
		.name = "CRYPTO", .pkts = IH_1, .flags = EL,
		.repair = TQUIC_FRAME_REPAIR_CRYPTO,
		.field = { AT(crypto.offset), AT(len) },
		.body = TQUIC_FRAME_BODY_DATA,
	},
	[TQUIC_FRAME_NEW_TOKEN] = {
		.name = "NEW_TOKEN", .pkts = ___1,
		.flags = EL | TQUIC_FRAME_F_SERVER,
		.repair = TQUIC_FRAME_REPAIR_AS_IS,
		.field = { AT(len) },
		.body = TQUIC_FRAME_BODY_DATA,
	},
	[0x08 ... 0x09] = {
		.name = "STREAM", .pkts = __01,
		.flags = EL | TQUIC_FRAME_F_FLOW,
		.repair = TQUIC_FRAME_REPAIR_STREAM,
		.field = { AT(stream.id) },
		.body = TQUIC_FRAME_BODY_REST,
	},
	[0x0a ... 0x0b] = {
		.name = "STREAM", .pkts = __01,
		.flags = EL | TQUIC_FRAME_F_FLOW,
		.repair = TQUIC_FRAME_REPAIR_STREAM,
		.field = { AT(stream.id), AT(len) },
		.body = TQUIC_FRAME_BODY_DATA,
	},
	[0x0c ... 0x0d] = {
		.name = "STREAM", .pkts = __01,
		.flags = EL | TQUIC_FRAME_F_FLOW,
		.repair = TQUIC_FRAME_REPAIR_STREAM,
		.field = { AT(stream.id), AT(stream.offset) },
		.body = TQUIC_FRAME_BODY_REST,
	},
	[0x0e ... 0x0f] = {
		.name = "STREAM", .pkts = __01,
		.flags = EL | TQUIC_FRAME_F_FLOW,
		.repair = TQUIC_FRAME_REPAIR_STREAM,
		.field = { AT(stream.id), AT(stream.offset), AT(len) },
		.body = TQUIC_FRAME_BODY_DATA,
	},
	[TQUIC_FRAME_MAX_DATA] = {
		.name = "MAX_DATA", .pkts = __01, .flags = EL,
		.repair = TQUIC_FRAME_REPAIR_LATEST,
		.field = { AT(max_data.max) },
	},
	[TQUIC_FRAME_MAX_STREAM_DATA] = {
		.name = "MAX_STREAM_DATA", .pkts = __01, .flags = EL,
		.repair = TQUIC_FRAME_REPAIR_LATEST,
		.field = { AT(max_stream_data.id), AT(max_stream_data.max) },
	},
	[TQUIC_FRAME_MAX_STREAMS_BIDI ... TQUIC_FRAME_MAX_STREAMS_UNI] = {
		.name = "MAX_STREAMS", .pkts = __01, .flags = EL,
		.repair = TQUIC_FRAME_REPAIR_LATEST,
		.field = { AT(max_streams.max) },
	},
	[TQUIC_FRAME_DATA_BLOCKED] = {
		.name = "DATA_BLOCKED", .pkts = __01, .flags = EL,
		.repair = TQUIC_FRAME_REPAIR_BLOCKED,
		.field = { AT(data_blocked.limit) },
	},
	[TQUIC_FRAME_STREAM_DATA_BLOCKED] = {
		.name = "STREAM_DATA_BLOCKED", .pkts = __01, .flags = EL,
		.repair = TQUIC_FRAME_REPAIR_BLOCKED,
		.field = { AT(stream_data_blocked.id),
			   AT(stream_data_blocked.limit) },
	},
	[0x16 ... 0x17] = {
		.name = "STREAMS_BLOCKED", .pkts = __01, .flags = EL,
		.repair = TQUIC_FRAME_REPAIR_BLOCKED,
		.field = { AT(streams_blocked.limit) },
	},
	[TQUIC_FRAME_NEW_CONNECTION_ID] = {
		.name = "NEW_CONNECTION_ID", .pkts = __01,
		.flags = EL | TQUIC_FRAME_F_PROBING,
		.repair = TQUIC_FRAME_REPAIR_AS_IS,
		.field = { AT(new_cid.seq), AT(new_cid.retire_prior_to) },
		.body = TQUIC_FRAME_BODY_CID,
	},
	/* the table also has 0-RTT, which section 12.5 takes back */
	[TQUIC_FRAME_RETIRE_CONNECTION_ID] = {
		.name = "RETIRE_CONNECTION_ID", .pkts = ___1, .flags = EL,
		.repair = TQUIC_FRAME_REPAIR_AS_IS,
		.field = { AT(retire_cid.seq) },
	},
	[TQUIC_FRAME_PATH_CHALLENGE] = {
		.name = "PATH_CHALLENGE", .pkts = __01, .flags = PROBE,
		.repair = TQUIC_FRAME_REPAIR_TIMER,
		.body = TQUIC_FRAME_BODY_PROBE,
	},
	[TQUIC_FRAME_PATH_RESPONSE] = {
		.name = "PATH_RESPONSE", .pkts = ___1, .flags = PROBE,
		.body = TQUIC_FRAME_BODY_PROBE,
	},
	[TQUIC_FRAME_CONNECTION_CLOSE] = {
		.name = "CONNECTION_CLOSE", .pkts = IH01,
		.flags = TQUIC_FRAME_F_IN_FLIGHT,
		.field = { AT(close.code), AT(close.frame_type), AT(len) },
		.body = TQUIC_FRAME_BODY_DATA,
	},
	[TQUIC_FRAME_CONNECTION_CLOSE_APP] = {
		.name = "CONNECTION_CLOSE", .pkts = __01,
		.flags = TQUIC_FRAME_F_IN_FLIGHT,
		.field = { AT(close.code), AT(len) },
		.body = TQUIC_FRAME_BODY_DATA,
	},
	[TQUIC_FRAME_HANDSHAKE_DONE] = {
		.name = "HANDSHAKE_DONE", .pkts = ___1,
		.flags = EL | TQUIC_FRAME_F_SERVER,
		.repair = TQUIC_FRAME_REPAIR_AS_IS,
	},
	[TQUIC_FRAME_IMMEDIATE_ACK] = {
		.name = "IMMEDIATE_ACK", .pkts = ___1,
		.flags = EL | TQUIC_FRAME_F_ACK_FREQ,
	},
	[TQUIC_FRAME_DATAGRAM] = {
		.name = "DATAGRAM", .pkts = __01,
		.flags = EL | TQUIC_FRAME_F_DATAGRAM,
		.body = TQUIC_FRAME_BODY_REST,
	},
	[TQUIC_FRAME_DATAGRAM_LEN] = {
		.name = "DATAGRAM", .pkts = __01,
		.flags = EL | TQUIC_FRAME_F_DATAGRAM,
		.field = { AT(len) },
		.body = TQUIC_FRAME_BODY_DATA,
	},
	[TQUIC_FRAME_PATH_ACK ... TQUIC_FRAME_PATH_ACK_ECN] = {
		.name = "PATH_ACK", .pkts = ___1, .flags = MP_ID,
		.field = { AT(path_id), AT(ack.largest), AT(ack.delay),
			   AT(ack.range_count), AT(ack.first_range) },
		.body = TQUIC_FRAME_BODY_ACK,
	},
};

#define HIGH(type)	(TQUIC_FRAME_##type - TQUIC_FRAME_PATH_ABANDON)

/* 0x3e75 to 0x3e7c */
static const struct tquic_frame_attr tquic_frame_attr_high[] = {
	[HIGH(PATH_ABANDON)] = {
		.name = "PATH_ABANDON", .pkts = ___1, .flags = EL | MP_ID,
		.repair = TQUIC_FRAME_REPAIR_AS_IS,
		.field = { AT(path_id), AT(path_abandon.code) },
	},
	[HIGH(PATH_STATUS_BACKUP)] = {
		.name = "PATH_STATUS_BACKUP", .pkts = ___1, .flags = EL | MP_ID,
		.repair = TQUIC_FRAME_REPAIR_LATEST,
		.field = { AT(path_id), AT(path_status.seq) },
	},
	[HIGH(PATH_STATUS_AVAILABLE)] = {
		.name = "PATH_STATUS_AVAILABLE", .pkts = ___1,
		.flags = EL | MP_ID,
		.repair = TQUIC_FRAME_REPAIR_LATEST,
		.field = { AT(path_id), AT(path_status.seq) },
	},
	[HIGH(PATH_NEW_CONNECTION_ID)] = {
		.name = "PATH_NEW_CONNECTION_ID", .pkts = ___1,
		.flags = EL | MP_ID,
		.repair = TQUIC_FRAME_REPAIR_AS_IS,
		.field = { AT(path_id), AT(new_cid.seq),
			   AT(new_cid.retire_prior_to) },
		.body = TQUIC_FRAME_BODY_CID,
	},
	[HIGH(PATH_RETIRE_CONNECTION_ID)] = {
		.name = "PATH_RETIRE_CONNECTION_ID", .pkts = ___1,
		.flags = EL | MP_ID,
		.repair = TQUIC_FRAME_REPAIR_AS_IS,
		.field = { AT(path_id), AT(retire_cid.seq) },
	},
	[HIGH(MAX_PATH_ID)] = {
		.name = "MAX_PATH_ID", .pkts = ___1, .flags = EL | MP,
		.repair = TQUIC_FRAME_REPAIR_LATEST,
		.field = { AT(path_id) },
	},
	[HIGH(PATHS_BLOCKED)] = {
		.name = "PATHS_BLOCKED", .pkts = ___1, .flags = EL | MP,
		.repair = TQUIC_FRAME_REPAIR_BLOCKED,
		.field = { AT(path_id) },
	},
	[HIGH(PATH_CIDS_BLOCKED)] = {
		.name = "PATH_CIDS_BLOCKED", .pkts = ___1, .flags = EL | MP_ID,
		.repair = TQUIC_FRAME_REPAIR_BLOCKED,
		.field = { AT(path_id), AT(path_cids_blocked.next_seq) },
	},
};

static const struct tquic_frame_attr tquic_frame_attr_ack_frequency = {
	.name = "ACK_FREQUENCY", .pkts = ___1,
	.flags = EL | TQUIC_FRAME_F_ACK_FREQ,
	.repair = TQUIC_FRAME_REPAIR_LATEST,
	.field = { AT(ack_frequency.seq), AT(ack_frequency.threshold),
		   AT(ack_frequency.max_delay), AT(ack_frequency.reorder) },
};

/* says something of the PATH_ACK behind it, and is as little worth repeating */
static const struct tquic_frame_attr tquic_frame_attr_receive_time = {
	.name = "RECEIVE_TIME", .pkts = ___1,
	.flags = MP_ID | TQUIC_FRAME_F_TIMES,
	.field = { AT(path_id), AT(receive_time.time) },
};

/**
 * tquic_frame_attr - what is known of a frame type
 * @type: as on the wire
 *
 * Return: NULL for an unknown type.
 */
const struct tquic_frame_attr *tquic_frame_attr(u64 type)
{
	const struct tquic_frame_attr *attr;

	/* offset 0 ends a field list, and offsets are kept in a byte */
	BUILD_BUG_ON(offsetof(struct tquic_frame, data) != 0);
	BUILD_BUG_ON(sizeof(struct tquic_frame) > U8_MAX);

	if (type <= TQUIC_FRAME_PATH_ACK_ECN)
		attr = &tquic_frame_attr_low[type];
	else if (type >= TQUIC_FRAME_PATH_ABANDON &&
		 type <= TQUIC_FRAME_PATH_CIDS_BLOCKED)
		attr = &tquic_frame_attr_high[type - TQUIC_FRAME_PATH_ABANDON];
	else if (type == TQUIC_FRAME_ACK_FREQUENCY)
		attr = &tquic_frame_attr_ack_frequency;
	else if (type == TQUIC_FRAME_RECEIVE_TIME)
		attr = &tquic_frame_attr_receive_time;
	else
		return NULL;
	return attr->name ? attr : NULL;
}
