// SPDX-License-Identifier: GPL-2.0
/*
 * A client whose server wants to see its address proven first: RFC 9000
 * sections 8.1.2 and 17.2.5.
 */
#include "conn_priv.h"

/**
 * tquic_conn_retry_check - whether a Retry packet deserves a look at its tag
 * @conn: connection that its destination connection ID belongs to
 * @pkt: a TQUIC_PKT_RETRY that was not dropped
 *
 * Return: TQUIC_DROP_NONE, or why to ignore it.
 */
enum tquic_drop tquic_conn_retry_check(const struct tquic_conn *conn,
				       const struct tquic_pkt *pkt)
{
	const struct tquic_cid *scid = &conn->ours.initial_scid;

	if (conn->server)
		return TQUIC_DROP_ROLE;
	/* one only, and not after anything else: RFC 9000 section 17.2.5.2 */
	if (conn->state != TQUIC_CONN_HANDSHAKE || conn->heard ||
	    conn->retried)
		return TQUIC_DROP_RETRY_LATE;
	/* RFC 9369 section 4.1 */
	if (pkt->version != conn->first_version)
		return TQUIC_DROP_VERSION;
	if (!tquic_inv_cid_eq(pkt->dcid, pkt->dcid_len, scid->id, scid->len))
		return TQUIC_DROP_DCID;
	if (pkt->token_len > TQUIC_TOKEN_MAX)
		return TQUIC_DROP_RETRY_TOKEN;
	return tquic_retry_check(pkt, conn->odcid.id, conn->odcid.len);
}

/* What is outstanding was dropped by the server: all of it goes out again. */
static void tquic_conn_retry_resend(struct tquic_space *space)
{
	struct tquic_sent *sent = &space->loss.sent;
	u64 pn;

	while ((pn = tquic_sent_next_outstanding(sent, 0)) != TQUIC_SENT_NONE)
		tquic_loss_fail(&space->loss, pn);
	space->probes = 0;
}

/* RFC 9002 section 6.3: nothing is known but, maybe, the round trip. */
static void tquic_conn_retry_restart(struct tquic_path *path,
				     const struct tquic_sent *sent,
				     tquic_time_t now)
{
	u64 pn = tquic_sent_next_outstanding(sent, 0);
	u64 rtt = path->cc->initial_rtt;

	if (!path->pto_count && pn != TQUIC_SENT_NONE)
		rtt = max(now - tquic_sent_get(sent, pn)->time,
			  TQUIC_NS_PER_MS);
	tquic_rtt_init(&path->rtt, rtt);
	path->pto_count = 0;
}

/**
 * tquic_conn_retry - a Retry packet was received
 * @conn: connection
 * @pkt: packet, which tquic_conn_retry_check() lets pass
 * @now: present time
 * @gfp: allocation flags
 *
 * The caller has verified the integrity tag (RFC 9001 section 5.8): over what
 * tquic_retry_pseudo() makes of @conn->odcid and the packet.  Initial keys have
 * to be derived again, see TQUIC_CONN_E_INITIAL; packet numbers go on.
 *
 * Return: TQUIC_DROP_NONE, or why it had no effect.
 */
enum tquic_drop tquic_conn_retry(struct tquic_conn *conn,
				 const struct tquic_pkt *pkt, tquic_time_t now,
				 gfp_t gfp)
{
	struct tquic_path *path = tquic_conn_first_path(conn);
	enum tquic_drop drop = tquic_conn_retry_check(conn, pkt);

	if (drop)
		return drop;
	if (tquic_conn_set_token(conn, pkt->token, pkt->token_len, gfp))
		return TQUIC_DROP_MEMORY;
	conn->retried = true;
	conn->retry_scid.len = pkt->scid_len;
	memcpy(conn->retry_scid.id, pkt->scid, pkt->scid_len);
	conn->initial_dcid = conn->retry_scid;
	path->dcid = conn->retry_scid;
	tquic_conn_retry_restart(path, &conn->early[0].loss.sent, now);
	tquic_conn_retry_resend(&conn->early[0]);
	/* 0-RTT packets share the fate of the Initial: section 17.2.3 */
	tquic_conn_retry_resend(&path->space);
	conn->events |= TQUIC_CONN_E_INITIAL;
	return TQUIC_DROP_NONE;
}
