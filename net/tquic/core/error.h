/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Protocol errors: what a CONNECTION_CLOSE frame carries.
 *
 * Three kinds of failure exist and are never mixed: a negative errno for what
 * goes wrong locally, a close code (this file) for a peer that breaks the
 * protocol, and enum tquic_drop for packets that are dropped in silence.
 */
#ifndef _TQUIC_CORE_ERROR_H
#define _TQUIC_CORE_ERROR_H

#include "core.h"

/*
 * Transport error codes.
 *
 * RFC 9000 section 20.1, RFC 9368 section 7, multipath-21 section 7 (the last
 * four also appear as reasons in PATH_ABANDON frames).
 */
enum tquic_error {
	TQUIC_NO_ERROR				= 0x00,
	TQUIC_INTERNAL_ERROR			= 0x01,
	TQUIC_CONNECTION_REFUSED		= 0x02,
	TQUIC_FLOW_CONTROL_ERROR		= 0x03,
	TQUIC_STREAM_LIMIT_ERROR		= 0x04,
	TQUIC_STREAM_STATE_ERROR		= 0x05,
	TQUIC_FINAL_SIZE_ERROR			= 0x06,
	TQUIC_FRAME_ENCODING_ERROR		= 0x07,
	TQUIC_TRANSPORT_PARAMETER_ERROR		= 0x08,
	TQUIC_CONNECTION_ID_LIMIT_ERROR		= 0x09,
	TQUIC_PROTOCOL_VIOLATION		= 0x0a,
	TQUIC_INVALID_TOKEN			= 0x0b,
	TQUIC_APPLICATION_ERROR			= 0x0c,
	TQUIC_CRYPTO_BUFFER_EXCEEDED		= 0x0d,
	TQUIC_KEY_UPDATE_ERROR			= 0x0e,
	TQUIC_AEAD_LIMIT_REACHED		= 0x0f,
	TQUIC_NO_VIABLE_PATH			= 0x10,
	TQUIC_VERSION_NEGOTIATION_ERROR		= 0x11,
	TQUIC_APPLICATION_ABANDON_PATH		= 0x3e,
	TQUIC_CRYPTO_ERROR			= 0x0100,
	TQUIC_PATH_RESOURCE_LIMIT_REACHED	= 0x3e75,
	TQUIC_PATH_UNSTABLE_OR_POOR		= 0x3e76,
	TQUIC_NO_CID_AVAILABLE_FOR_PATH		= 0x3e77,
};

/**
 * struct tquic_close - why a connection has to be closed
 * @code: enum tquic_error, or TQUIC_CRYPTO_ERROR plus a TLS alert
 * @frame_type: type of the frame that provoked it, 0 when unknown
 * @reason: constant text for the reason phrase; never NULL once filled
 *
 * Filled by whoever detects the error, sent by the connection.
 */
struct tquic_close {
	u64 code;
	u64 frame_type;
	const char *reason;
};

/**
 * tquic_close_set - note a protocol error
 * @close: where the error is noted
 * @code: enum tquic_error
 * @frame_type: type of the offending frame, 0 when there is none
 * @reason: constant text
 *
 * Return: -EPROTO, so that detectors can "return tquic_close_set(...)".
 */
static inline int tquic_close_set(struct tquic_close *close, u64 code,
				  u64 frame_type, const char *reason)
{
	close->code = code;
	close->frame_type = frame_type;
	close->reason = reason;
	return -EPROTO;
}

#endif /* _TQUIC_CORE_ERROR_H */
