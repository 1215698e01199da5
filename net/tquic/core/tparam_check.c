// SPDX-License-Identifier: GPL-2.0
/*
 * Transport parameters against what the connection knows.
 */
#include "tparam.h"

static int tquic_tparam_refuse(struct tquic_close *close, const char *why)
{
	return tquic_close_set(close, TQUIC_TRANSPORT_PARAMETER_ERROR, 0, why);
}

static int tquic_tparam_bad_version(struct tquic_close *close,
				    const char *why)
{
	return tquic_close_set(close, TQUIC_VERSION_NEGOTIATION_ERROR, 0, why);
}

/* whether a parameter is there just when @want is, and says the same */
static bool tquic_tparam_cid_is(const struct tquic_tparams *tp,
				enum tquic_tparam_index index,
				const struct tquic_cid *cid,
				const struct tquic_cid *want)
{
	if (!want)
		return !tquic_tparam_has(tp, index);
	return tquic_tparam_has(tp, index) &&
	       tquic_inv_cid_eq(cid->id, cid->len, want->id, want->len);
}

/**
 * tquic_tparam_check_cids - authenticate the connection IDs of the handshake
 * @tp: parameters of the peer
 * @seen: what the packets said
 * @from_server: whether the peer is the server
 * @close: filled on error
 *
 * RFC 9000 section 7.3.
 *
 * Return: 0, or -EPROTO.
 */
int tquic_tparam_check_cids(const struct tquic_tparams *tp,
			    const struct tquic_tparam_seen *seen,
			    bool from_server, struct tquic_close *close)
{
	if (!tquic_tparam_cid_is(tp, TQUIC_TPARAM_INITIAL_SCID,
				 &tp->initial_scid, seen->initial_scid))
		return tquic_tparam_refuse(close,
				"wrong initial_source_connection_id");
	if (!from_server)
		return 0;
	if (!tquic_tparam_cid_is(tp, TQUIC_TPARAM_ORIGINAL_DCID,
				 &tp->original_dcid, seen->original_dcid))
		return tquic_tparam_refuse(close,
				"wrong original_destination_connection_id");
	if (!tquic_tparam_cid_is(tp, TQUIC_TPARAM_RETRY_SCID,
				 &tp->retry_scid, seen->retry_scid))
		return tquic_tparam_refuse(close,
				"wrong retry_source_connection_id");
	return 0;
}

/**
 * tquic_tparam_check_ack_delay - check that the two delays fit each other
 * @tp: parameters of the peer
 * @close: filled on error
 *
 * Ack-frequency-11 section 3: one is in us, the other in ms.
 *
 * Return: 0, or -EPROTO.
 */
int tquic_tparam_check_ack_delay(const struct tquic_tparams *tp,
				 struct tquic_close *close)
{
	if (!tquic_tparam_has(tp, TQUIC_TPARAM_MIN_ACK_DELAY) ||
	    tp->min_ack_delay <= tp->max_ack_delay * 1000)
		return 0;
	return tquic_tparam_refuse(close, "min_ack_delay above max_ack_delay");
}

/**
 * tquic_tparam_check_multipath - check the connection IDs multipath rests on
 * @tp: parameters of the peer
 * @dcid_len: bytes of the Destination Connection ID that they came with
 * @scid_len: bytes of the Source Connection ID that they came with
 * @close: filled on error
 *
 * Multipath-21 section 2.1.
 *
 * Return: 0, or -EPROTO.
 */
int tquic_tparam_check_multipath(const struct tquic_tparams *tp,
				 size_t dcid_len, size_t scid_len,
				 struct tquic_close *close)
{
	if (!tquic_tparam_has(tp, TQUIC_TPARAM_INITIAL_MAX_PATH_ID) ||
	    (dcid_len && scid_len))
		return 0;
	return tquic_close_set(close, TQUIC_PROTOCOL_VIOLATION, 0,
			       "multipath without connection IDs");
}

/* whether a version is in a list of version_information */
bool tquic_tparam_lists_version(const struct tquic_tparam_versions *v,
				u32 version)
{
	unsigned int i;

	for (i = 0; i < v->count; i++)
		if (v->available[i] == version)
			return true;
	return false;
}

/* what the client would have picked from the server's authentic list */
static u32 tquic_tparam_pick(const struct tquic_tparam_versions *v,
			     const struct tquic_tparam_vn *vn)
{
	unsigned int i;

	for (i = 0; i < vn->count; i++)
		if (vn->preferred[i] == vn->negotiated ||
		    tquic_tparam_lists_version(v, vn->preferred[i]))
			return vn->preferred[i];
	return 0;
}

/**
 * tquic_tparam_check_version_client - guard a client against a downgrade
 * @own: parameters that the client sent
 * @tp: parameters of the server
 * @vn: how the client came to its version
 * @close: filled on error
 *
 * RFC 9368 sections 4 and 8.
 *
 * Return: 0, or -EPROTO.
 */
int tquic_tparam_check_version_client(const struct tquic_tparams *own,
				      const struct tquic_tparams *tp,
				      const struct tquic_tparam_vn *vn,
				      struct tquic_close *close)
{
	if (!tquic_tparam_has(tp, TQUIC_TPARAM_VERSION_INFORMATION)) {
		/* version 1 is older than the parameter */
		if (vn->attempted == vn->negotiated &&
		    (!vn->reacted || vn->attempted == TQUIC_VERSION_1))
			return 0;
		return tquic_tparam_bad_version(close,
						"no version_information");
	}
	if (!tquic_tparam_lists_version(&own->versions, tp->versions.chosen))
		return tquic_tparam_bad_version(close,
				"server chose a version not offered");
	if (tp->versions.chosen != vn->negotiated)
		return tquic_tparam_bad_version(close,
				"server chose another version than it speaks");
	if (!vn->reacted)
		return 0;
	if (!tp->versions.count)
		return tquic_tparam_bad_version(close,
						"no available versions");
	if (tquic_tparam_pick(&tp->versions, vn) != vn->attempted)
		return tquic_tparam_bad_version(close, "version downgrade");
	return 0;
}

/**
 * tquic_tparam_check_version_server - check a client's chosen version
 * @tp: parameters of the client
 * @version: in the long headers that they came with
 * @close: filled on error
 *
 * RFC 9368 section 4.
 *
 * Return: 0, or -EPROTO.
 */
int tquic_tparam_check_version_server(const struct tquic_tparams *tp,
				      u32 version, struct tquic_close *close)
{
	if (!tquic_tparam_has(tp, TQUIC_TPARAM_VERSION_INFORMATION) ||
	    tp->versions.chosen == version)
		return 0;
	return tquic_tparam_bad_version(close,
			"client chose another version than it speaks");
}
