// SPDX-License-Identifier: GPL-2.0
/* Retry: RFC 9000 sections 8.1.2 and 17.2.5. */
#include "lib_listen.h"
#include "tap.h"

static struct lp lp;

static const struct lp_config plain = {
	.window = 1 << 20, .max_path_id = U64_MAX,
};

TQ_TEST(rfc9000_8_1_2_retry_proves_the_address)
{
	struct tquic_conn *client;

	ll_start(&lp, &plain, true);
	client = lp.end[0].conn;
	TQ_ASSERT(lp_handshake(&lp));
	TQ_EXPECT_EQ(ll.retries, 1);
	TQ_EXPECT_EQ(ll.accepted, 1);
	TQ_EXPECT_EQ(ll.drops[TQUIC_DROP_NONE], 1);
	TQ_EXPECT(lp.end[1].conn->config.validated);
	/* the server told what happened, and the client found it true */
	TQ_EXPECT(tquic_tparam_has(&client->theirs, TQUIC_TPARAM_RETRY_SCID));
	TQ_EXPECT_MEM_EQ(client->theirs.retry_scid.id, ll.rscid.id, 8);
	TQ_EXPECT_MEM_EQ(client->theirs.original_dcid.id, ll.odcid.id, 8);
	TQ_EXPECT_EQ(lp.end[0].forged + lp.end[1].forged, 0);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_17_2_5_3_numbers_go_on_after_a_retry)
{
	struct tquic_conn *client;

	ll_start(&lp, &plain, true);
	client = lp.end[0].conn;
	lp_run(&lp, 15 * LP_MS);
	TQ_EXPECT_EQ(client->early[0].loss.sent.next, 1);
	TQ_EXPECT(!(client->events & TQUIC_CONN_E_INITIAL));
	lp_run(&lp, 10 * LP_MS);
	TQ_EXPECT(client->retried);
	TQ_EXPECT(client->events & TQUIC_CONN_E_INITIAL);
	TQ_EXPECT_EQ(client->early[0].loss.sent.next, 2);
	/* the same bytes of TLS, in a packet of their own */
	TQ_EXPECT_EQ(client->early[0].loss.sent.outstanding, 1);
	TQ_EXPECT_EQ(tquic_conn_path(client, 0)->in_flight, 1200);
	TQ_EXPECT(client->token_len);
	/* RFC 9002 section 6.3: the only round trip known so far */
	TQ_EXPECT_EQ(tquic_conn_path(client, 0)->rtt.smoothed / LP_MS, 21);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_17_2_5_retry_survives_loss)
{
	unsigned int i;

	for (i = 0; i < 30; i++) {
		tq_note("round %u", i);
		ll_start(&lp, &plain, true);
		/* longer than the idle timeout it may take */
		ll.life = 100 * TQUIC_NS_PER_SEC;
		lp.link[0].loss = 250;
		TQ_EXPECT(lp_handshake(&lp));
		TQ_EXPECT_EQ(lp.end[0].forged + lp.end[1].forged, 0);
		lp_stop(&lp);
	}
}

/* The client's Initial, again, as the server got it. */
static void initial_of(struct tquic_pkt *pkt, const struct tquic_conn *conn)
{
	*pkt = (struct tquic_pkt){
		.type = TQUIC_PKT_INITIAL,
		.version = conn->first_version,
		.dcid = conn->odcid.id,
		.dcid_len = conn->odcid.len,
		.scid = conn->ours.initial_scid.id,
		.scid_len = conn->ours.initial_scid.len,
	};
}

static void say_retry(const struct tquic_pkt *pkt)
{
	struct tquic_tuple tuple;

	lp_tuple(&lp, 1, 0, &tuple);
	ll_retry(&lp, pkt, &tuple);
}

TQ_TEST(rfc9000_17_2_5_2_second_retry_is_ignored)
{
	struct tquic_pkt pkt;
	struct tquic_cid first;

	ll_start(&lp, &plain, true);
	initial_of(&pkt, lp.end[0].conn);
	lp_run(&lp, 15 * LP_MS);
	first = ll.rscid;
	say_retry(&pkt);
	lp_run(&lp, 20 * LP_MS);
	TQ_EXPECT_EQ(ll.drops[TQUIC_DROP_RETRY_LATE], 1);
	TQ_EXPECT_MEM_EQ(lp.end[0].conn->retry_scid.id, first.id, 8);
	TQ_EXPECT(lp_handshake(&lp));
	lp_stop(&lp);
}

TQ_TEST(rfc9000_17_2_5_2_retry_after_an_initial_is_ignored)
{
	struct tquic_pkt pkt;

	ll_start(&lp, &plain, false);
	initial_of(&pkt, lp.end[0].conn);
	lp_run(&lp, 25 * LP_MS);
	TQ_ASSERT(lp.end[0].conn->heard);
	say_retry(&pkt);
	lp_run(&lp, 20 * LP_MS);
	TQ_EXPECT_EQ(ll.drops[TQUIC_DROP_RETRY_LATE], 1);
	TQ_EXPECT(lp_handshake(&lp));
	lp_stop(&lp);
}

TQ_TEST(rfc9000_17_2_5_2_retry_with_a_wrong_tag_is_ignored)
{
	ll_start(&lp, &plain, true);
	ll.bad_tag = true;
	lp_run(&lp, 30 * LP_MS);
	TQ_EXPECT_EQ(ll.retries, 1);
	TQ_EXPECT(!lp.end[0].conn->retried);
	/* the next one is good */
	ll.bad_tag = false;
	TQ_EXPECT(lp_handshake(&lp));
	lp_stop(&lp);
}

TQ_TEST(rfc9000_17_2_5_retry_is_checked)
{
	struct tquic_cid other = { .len = 8, .id = { 1 } };
	u8 token[TQUIC_TOKEN_MAX + 1] = { 1 };
	struct tquic_pkt retry;
	struct tquic_conn *conn;

	ll_start(&lp, &plain, true);
	conn = lp.end[0].conn;
	retry = (struct tquic_pkt){
		.type = TQUIC_PKT_RETRY, .version = TQUIC_VERSION_1,
		.dcid = conn->ours.initial_scid.id,
		.dcid_len = conn->ours.initial_scid.len,
		.scid = other.id, .scid_len = other.len,
		.token = token, .token_len = TQUIC_TOKEN_MAX,
	};
	TQ_EXPECT_EQ(tquic_conn_retry_check(conn, &retry), TQUIC_DROP_NONE);
	/* not to us */
	retry.dcid = other.id;
	TQ_EXPECT_EQ(tquic_conn_retry_check(conn, &retry), TQUIC_DROP_DCID);
	retry.dcid = conn->ours.initial_scid.id;
	/* RFC 9369 section 4.1: in the original version */
	retry.version = TQUIC_VERSION_2;
	TQ_EXPECT_EQ(tquic_conn_retry_check(conn, &retry), TQUIC_DROP_VERSION);
	retry.version = TQUIC_VERSION_1;
	/* with another connection ID than ours */
	retry.scid = conn->odcid.id;
	TQ_EXPECT_EQ(tquic_conn_retry_check(conn, &retry),
		     TQUIC_DROP_RETRY_CID);
	retry.scid = other.id;
	/* with a token that fits */
	retry.token_len++;
	TQ_EXPECT_EQ(tquic_conn_retry_check(conn, &retry),
		     TQUIC_DROP_RETRY_TOKEN);
	TQ_EXPECT_EQ(tquic_conn_retry(conn, &retry, lp.now, GFP_KERNEL),
		     TQUIC_DROP_RETRY_TOKEN);
	retry.token_len--;
	TQ_EXPECT_EQ(tquic_conn_retry(conn, &retry, lp.now, GFP_KERNEL),
		     TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(tquic_conn_retry_check(conn, &retry),
		     TQUIC_DROP_RETRY_LATE);
	/* even with the longest token there is room */
	lp_run(&lp, LP_MS);
	TQ_EXPECT(tquic_sendq_queued(&conn->crypto[0].tx) > 0);
	TQ_EXPECT_EQ(conn->crypto[0].tx.next, conn->crypto[0].tx.end);
	lp_stop(&lp);

	lp_start(&lp, &plain);
	retry.dcid = lp.end[1].conn->ours.initial_scid.id;
	TQ_EXPECT_EQ(tquic_conn_retry_check(lp.end[1].conn, &retry),
		     TQUIC_DROP_ROLE);
	lp_stop(&lp);
}

static void look_on(struct lp *l, unsigned int from, u8 *data, u32 len)
{
}

/* The client sees through a server that tells it something else. */
static void refuses(void (*spoil)(struct tquic_tparams *tp))
{
	struct tquic_conn *client;

	ll_start(&lp, &plain, true);
	client = lp.end[0].conn;
	ll.spoil = spoil;
	/* who looks on, so that TLS may fail */
	lp.mangle = look_on;
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT_EQ(client->why, TQUIC_CONN_WHY_LOCAL);
	TQ_EXPECT_EQ(client->close.code, TQUIC_TRANSPORT_PARAMETER_ERROR);
	lp_stop(&lp);
}

static void other_odcid(struct tquic_tparams *tp)
{
	tp->original_dcid.id[3]++;
}

static void other_rscid(struct tquic_tparams *tp)
{
	tp->retry_scid.id[3]++;
}

static void no_rscid(struct tquic_tparams *tp)
{
	tp->present &= ~BIT(TQUIC_TPARAM_RETRY_SCID);
}

/* What one end announces does not fit the headers of its packets. */
static void refuses_scid(unsigned int who, bool wrong)
{
	struct tquic_tparams tp;
	struct tquic_conn *conn;
	struct tquic_wr wr;
	u8 buf[512];

	lp_start(&lp, &plain);
	conn = lp.end[who].conn;
	conn->peer_scid = lp.end[!who].conn_scid;
	tp = lp.end[!who].conn->ours;
	tp.initial_scid.id[3] += wrong;
	wr = tquic_wr_init(buf, sizeof(buf));
	TQ_ASSERT_EQ(tquic_tparam_build(&wr, &tp, !who), 0);
	TQ_EXPECT_EQ(tquic_conn_peer_tparams(conn, buf, wr.ptr - buf, lp.now,
					     GFP_KERNEL), wrong ? -EPROTO : 0);
	TQ_EXPECT(!wrong ||
		  conn->close.code == TQUIC_TRANSPORT_PARAMETER_ERROR);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_7_3_connection_ids_are_authenticated)
{
	refuses(other_odcid);
	refuses(other_rscid);
	refuses(no_rscid);

	/* each side of the other, with or without a Retry */
	refuses_scid(0, true);
	refuses_scid(1, true);
	refuses_scid(0, false);
	refuses_scid(1, false);
}

TQ_TEST(rfc9000_8_1_2_stale_or_foreign_retry_token_is_refused)
{
	ll_start(&lp, &plain, true);
	ll.life = 15 * LP_MS;
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT(ll.refused);
	TQ_EXPECT_EQ(ll.accepted, 0);
	lp_stop(&lp);

	ll_start(&lp, &plain, true);
	lp_run(&lp, 15 * LP_MS);
	/* from another port than the one that got the Retry */
	lp.link[0].rebind = 7;
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT(ll.refused);
	TQ_EXPECT_EQ(ll.accepted, 0);
	lp_stop(&lp);
}

TQ_OOM_TEST(conn_retry_without_memory)
{
	static const u8 token[1], id[8] = { 7 };
	struct tquic_cid odcid = { .len = 8 };
	struct tquic_pkt retry;
	struct tquic_conn *conn;
	enum tquic_drop drop = TQUIC_DROP_MEMORY;

	lp = (struct lp){ .now = 1 };
	conn = lp_make(&lp, &plain, 0, &odcid);
	if (conn) {
		retry = (struct tquic_pkt){
			.type = TQUIC_PKT_RETRY, .version = TQUIC_VERSION_1,
			.dcid = conn->ours.initial_scid.id, .dcid_len = 8,
			.scid = id, .scid_len = 8,
			.token = token, .token_len = 1,
		};
		drop = tquic_conn_retry(conn, &retry, lp.now, GFP_KERNEL);
		TQ_EXPECT_EQ(conn->retried, !drop);
	}
	lp_stop(&lp);
	return drop ? -ENOMEM : 0;
}
