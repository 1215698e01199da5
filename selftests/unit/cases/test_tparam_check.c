// SPDX-License-Identifier: GPL-2.0
/*
 * Transport parameters against connection IDs and versions.
 */
#include "core/tparam.h"
#include "tap.h"

static const struct tquic_cid s1 = { 8, "12345678" };
static const struct tquic_cid s2 = { 8, "12345679" };
static const struct tquic_cid s3 = { 7, "1234567" };
static const struct tquic_cid c1 = { 4, "abcd" };
static const struct tquic_cid none;

static struct tquic_close close;

static void put(struct tquic_tparams *tp, enum tquic_tparam_index index,
		struct tquic_cid *at, const struct tquic_cid *cid)
{
	tp->present &= ~(1U << index);
	memset(at, 0, sizeof(*at));
	if (!cid)
		return;
	*at = *cid;
	tquic_tparam_set(tp, index);
}

static void server_says(struct tquic_tparams *tp,
			const struct tquic_cid *odcid,
			const struct tquic_cid *iscid,
			const struct tquic_cid *rscid)
{
	tquic_tparam_init(tp);
	put(tp, TQUIC_TPARAM_ORIGINAL_DCID, &tp->original_dcid, odcid);
	put(tp, TQUIC_TPARAM_INITIAL_SCID, &tp->initial_scid, iscid);
	put(tp, TQUIC_TPARAM_RETRY_SCID, &tp->retry_scid, rscid);
}

static void expect(const char *file, int line, int err, u64 code)
{
	if (err != (code ? -EPROTO : 0) || close.code != code ||
	    close.frame_type || !close.reason != !code)
		tq_fail(file, line, "error %d, code %#llx, expected %#llx",
			err, (unsigned long long)close.code,
			(unsigned long long)code);
	close = (struct tquic_close){ .code = 0 };
}

#define EXPECT(call, code)	expect(__FILE__, __LINE__, call, code)
#define BAD			TQUIC_TRANSPORT_PARAMETER_ERROR
#define BAD_VERSION		TQUIC_VERSION_NEGOTIATION_ERROR

TQ_TEST(rfc9000_7_3_server_without_retry)
{
	const struct tquic_tparam_seen seen = { &s1, &s3, NULL };
	struct tquic_tparams tp;

	server_says(&tp, &s1, &s3, NULL);
	EXPECT(tquic_tparam_check_cids(&tp, &seen, true, &close), 0);
	/* absence */
	server_says(&tp, NULL, &s3, NULL);
	EXPECT(tquic_tparam_check_cids(&tp, &seen, true, &close), BAD);
	server_says(&tp, &s1, NULL, NULL);
	EXPECT(tquic_tparam_check_cids(&tp, &seen, true, &close), BAD);
	/* mismatch, by content and by length */
	server_says(&tp, &s2, &s3, NULL);
	EXPECT(tquic_tparam_check_cids(&tp, &seen, true, &close), BAD);
	server_says(&tp, &s3, &s3, NULL);
	EXPECT(tquic_tparam_check_cids(&tp, &seen, true, &close), BAD);
	server_says(&tp, &s1, &s1, NULL);
	EXPECT(tquic_tparam_check_cids(&tp, &seen, true, &close), BAD);
	/* a Retry that nobody saw */
	server_says(&tp, &s1, &s3, &s2);
	EXPECT(tquic_tparam_check_cids(&tp, &seen, true, &close), BAD);
	server_says(&tp, &s1, &s3, &none);
	EXPECT(tquic_tparam_check_cids(&tp, &seen, true, &close), BAD);
}

TQ_TEST(ack_frequency_3_min_above_max)
{
	struct tquic_tparams tp;

	tquic_tparam_init(&tp);
	tp.min_ack_delay = 25001;
	EXPECT(tquic_tparam_check_ack_delay(&tp, &close), 0);
	tquic_tparam_set(&tp, TQUIC_TPARAM_MIN_ACK_DELAY);
	EXPECT(tquic_tparam_check_ack_delay(&tp, &close), BAD);
	tp.min_ack_delay = 25000;
	EXPECT(tquic_tparam_check_ack_delay(&tp, &close), 0);
	tp.max_ack_delay = 0;
	EXPECT(tquic_tparam_check_ack_delay(&tp, &close), BAD);
}

TQ_TEST(rfc9000_7_3_server_with_retry)
{
	const struct tquic_tparam_seen seen = { &s1, &s3, &s2 };
	struct tquic_tparams tp;

	server_says(&tp, &s1, &s3, &s2);
	EXPECT(tquic_tparam_check_cids(&tp, &seen, true, &close), 0);
	server_says(&tp, &s1, &s3, NULL);
	EXPECT(tquic_tparam_check_cids(&tp, &seen, true, &close), BAD);
	server_says(&tp, &s1, &s3, &s1);
	EXPECT(tquic_tparam_check_cids(&tp, &seen, true, &close), BAD);
	server_says(&tp, &s1, &s3, &none);
	EXPECT(tquic_tparam_check_cids(&tp, &seen, true, &close), BAD);
}

TQ_TEST(rfc9000_7_3_client)
{
	const struct tquic_tparam_seen seen = { NULL, &c1, NULL };
	/* what a server knows too, but a client does not say */
	const struct tquic_tparam_seen more = { &s1, &c1, NULL };
	const struct tquic_tparam_seen most = { &s1, &c1, &s2 };
	struct tquic_tparams tp;

	server_says(&tp, NULL, &c1, NULL);
	EXPECT(tquic_tparam_check_cids(&tp, &seen, false, &close), 0);
	EXPECT(tquic_tparam_check_cids(&tp, &more, false, &close), 0);
	EXPECT(tquic_tparam_check_cids(&tp, &most, false, &close), 0);
	server_says(&tp, NULL, NULL, NULL);
	EXPECT(tquic_tparam_check_cids(&tp, &seen, false, &close), BAD);
	server_says(&tp, NULL, &s1, NULL);
	EXPECT(tquic_tparam_check_cids(&tp, &seen, false, &close), BAD);
}

TQ_TEST(rfc9000_7_3_empty_connection_id)
{
	const struct tquic_tparam_seen seen = { NULL, &none, NULL };
	struct tquic_tparams tp;

	server_says(&tp, NULL, &none, NULL);
	EXPECT(tquic_tparam_check_cids(&tp, &seen, false, &close), 0);
	server_says(&tp, NULL, NULL, NULL);
	EXPECT(tquic_tparam_check_cids(&tp, &seen, false, &close), BAD);
	server_says(&tp, NULL, &c1, NULL);
	EXPECT(tquic_tparam_check_cids(&tp, &seen, false, &close), BAD);
}

TQ_TEST(multipath_2_1_needs_connection_ids)
{
	struct tquic_tparams tp;

	tquic_tparam_init(&tp);
	EXPECT(tquic_tparam_check_multipath(&tp, 0, 0, &close), 0);
	tquic_tparam_set(&tp, TQUIC_TPARAM_INITIAL_MAX_PATH_ID);
	EXPECT(tquic_tparam_check_multipath(&tp, 1, 1, &close), 0);
	EXPECT(tquic_tparam_check_multipath(&tp, 0, 8, &close),
	       TQUIC_PROTOCOL_VIOLATION);
	EXPECT(tquic_tparam_check_multipath(&tp, 8, 0, &close),
	       TQUIC_PROTOCOL_VIOLATION);
	EXPECT(tquic_tparam_check_multipath(&tp, 0, 0, &close),
	       TQUIC_PROTOCOL_VIOLATION);
}

TQ_TEST(rfc9368_4_server_checks_chosen_version)
{
	struct tquic_tparams tp;

	tquic_tparam_init(&tp);
	EXPECT(tquic_tparam_check_version_server(&tp, 1, &close), 0);
	tquic_tparam_set(&tp, TQUIC_TPARAM_VERSION_INFORMATION);
	tp.versions.chosen = 1;
	EXPECT(tquic_tparam_check_version_server(&tp, 1, &close), 0);
	EXPECT(tquic_tparam_check_version_server(&tp, 2, &close), BAD_VERSION);
}

/* versions 10, 12 and 14 as in the example of RFC 9368 section 4 */
static const u32 preferred[] = { 14, 12, 10 };

static void vn_setup(struct tquic_tparams *own, struct tquic_tparams *tp,
		     struct tquic_tparam_vn *vn)
{
	tquic_tparam_init(own);
	tquic_tparam_set(own, TQUIC_TPARAM_VERSION_INFORMATION);
	own->versions = (struct tquic_tparam_versions){
		.chosen = 12, .available = { 14, 12 }, .count = 2,
	};
	tquic_tparam_init(tp);
	tquic_tparam_set(tp, TQUIC_TPARAM_VERSION_INFORMATION);
	tp->versions = (struct tquic_tparam_versions){
		.chosen = 12, .available = { 12 }, .count = 1,
	};
	*vn = (struct tquic_tparam_vn){
		.preferred = preferred, .count = 3, .attempted = 12,
		.negotiated = 12,
	};
}

TQ_TEST(rfc9368_4_client_checks_chosen_version)
{
	struct tquic_tparams own, tp;
	struct tquic_tparam_vn vn;

	vn_setup(&own, &tp, &vn);
	EXPECT(tquic_tparam_check_version_client(&own, &tp, &vn, &close), 0);
	/* compatible negotiation */
	tp.versions.chosen = 14;
	vn.negotiated = 14;
	EXPECT(tquic_tparam_check_version_client(&own, &tp, &vn, &close), 0);
	/* not what the headers say */
	vn.negotiated = 12;
	EXPECT(tquic_tparam_check_version_client(&own, &tp, &vn, &close),
	       BAD_VERSION);
	/* not what was offered */
	tp.versions.chosen = 10;
	vn.negotiated = 10;
	EXPECT(tquic_tparam_check_version_client(&own, &tp, &vn, &close),
	       BAD_VERSION);
	/* what the server lists is its own affair without a negotiation */
	vn_setup(&own, &tp, &vn);
	tp.versions.count = 0;
	EXPECT(tquic_tparam_check_version_client(&own, &tp, &vn, &close), 0);
	tp.versions.count = 1;
	tp.versions.available[0] = 14;
	EXPECT(tquic_tparam_check_version_client(&own, &tp, &vn, &close), 0);
}

TQ_TEST(rfc9368_4_version_information_missing)
{
	struct tquic_tparams own, tp;
	struct tquic_tparam_vn vn;

	vn_setup(&own, &tp, &vn);
	tp.present = 0;
	EXPECT(tquic_tparam_check_version_client(&own, &tp, &vn, &close), 0);
	vn.reacted = true;
	EXPECT(tquic_tparam_check_version_client(&own, &tp, &vn, &close),
	       BAD_VERSION);
	/* section 8: version 1 knows no better */
	vn.attempted = 1;
	vn.negotiated = 1;
	EXPECT(tquic_tparam_check_version_client(&own, &tp, &vn, &close), 0);
	/* another version without a word about it */
	vn.negotiated = 12;
	EXPECT(tquic_tparam_check_version_client(&own, &tp, &vn, &close),
	       BAD_VERSION);
	vn.reacted = false;
	EXPECT(tquic_tparam_check_version_client(&own, &tp, &vn, &close),
	       BAD_VERSION);
}

TQ_TEST(rfc9368_4_downgrade_after_negotiation)
{
	struct tquic_tparams own, tp;
	struct tquic_tparam_vn vn;

	/* the first scenario of the example: 14 is right */
	vn_setup(&own, &tp, &vn);
	own.versions.chosen = 14;
	vn.attempted = 14;
	vn.negotiated = 14;
	vn.reacted = true;
	tp.versions = (struct tquic_tparam_versions){
		.chosen = 14, .available = { 13, 14 }, .count = 2,
	};
	EXPECT(tquic_tparam_check_version_client(&own, &tp, &vn, &close), 0);
	/* the chosen one counts even where it is not listed */
	tp.versions.count = 1;
	EXPECT(tquic_tparam_check_version_client(&own, &tp, &vn, &close), 0);
	/* the second: the forged packet led to 10 */
	own.versions = (struct tquic_tparam_versions){
		.chosen = 10, .available = { 10 }, .count = 1,
	};
	vn.attempted = 10;
	vn.negotiated = 10;
	tp.versions = (struct tquic_tparam_versions){
		.chosen = 10, .available = { 10, 13, 14 }, .count = 3,
	};
	EXPECT(tquic_tparam_check_version_client(&own, &tp, &vn, &close),
	       BAD_VERSION);
	tp.versions.count = 2;
	EXPECT(tquic_tparam_check_version_client(&own, &tp, &vn, &close), 0);
	/* an empty list tells nothing */
	tp.versions.count = 0;
	EXPECT(tquic_tparam_check_version_client(&own, &tp, &vn, &close),
	       BAD_VERSION);
	/* a version that the client does not speak at all */
	tp.versions.count = 2;
	vn.count = 0;
	EXPECT(tquic_tparam_check_version_client(&own, &tp, &vn, &close),
	       BAD_VERSION);
	own.versions.available[0] = 1;
	tp.versions.chosen = 1;
	vn.attempted = 1;
	vn.negotiated = 1;
	EXPECT(tquic_tparam_check_version_client(&own, &tp, &vn, &close),
	       BAD_VERSION);
}
