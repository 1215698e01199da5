// SPDX-License-Identifier: GPL-2.0
/*
 * Which version is spoken: RFC 9000 section 6, RFC 9368, RFC 9369 section 4.
 *
 * The client's first flight has a version of its choice.  The server may switch
 * to another one that the client offers in version_information, and the client
 * notices by the headers of the server's packets.
 */
#include "conn_priv.h"

/* What we announce; without a list there is only one version. */
void tquic_version_init(struct tquic_conn *conn)
{
	struct tquic_tparam_versions *v = &conn->ours.versions;

	conn->first_version = conn->config.version;
	conn->version = conn->config.version;
	v->chosen = conn->version;
	if (!tquic_tparam_has(&conn->ours, TQUIC_TPARAM_VERSION_INFORMATION)) {
		v->available[0] = conn->version;
		v->count = 1;
	}
	tquic_tparam_set(&conn->ours, TQUIC_TPARAM_VERSION_INFORMATION);
}

static void tquic_version_use(struct tquic_conn *conn, u32 version)
{
	conn->version_known = true;
	if (version == conn->version)
		return;
	conn->version = version;
	conn->events |= TQUIC_CONN_E_INITIAL;
}

/**
 * tquic_version_recv - the version of a packet that was opened
 * @conn: connection
 * @rx: packet
 *
 * Return: TQUIC_DROP_NONE or TQUIC_DROP_VERSION.
 */
enum tquic_drop tquic_version_recv(struct tquic_conn *conn,
				   const struct tquic_rx *rx)
{
	switch (rx->type) {
	case TQUIC_PKT_1RTT:
		return TQUIC_DROP_NONE;
	case TQUIC_PKT_0RTT:
		/* RFC 9369 section 4.1 */
		return rx->version == conn->first_version ?
		       TQUIC_DROP_NONE : TQUIC_DROP_VERSION;
	case TQUIC_PKT_INITIAL:
		/* until the client knows better, it uses the first one */
		if (conn->server && rx->version == conn->first_version)
			return TQUIC_DROP_NONE;
		if (!conn->server && !conn->version_known &&
		    rx->version != conn->version &&
		    tquic_tparam_lists_version(&conn->ours.versions,
					       rx->version))
			tquic_version_use(conn, rx->version);
		fallthrough;
	default:
		return rx->version == conn->version ?
		       TQUIC_DROP_NONE : TQUIC_DROP_VERSION;
	}
}

/*
 * CRYPTO frames of a server come in the negotiated version only, so the client
 * knows then: RFC 9369 section 4.1.
 */
void tquic_version_crypto(struct tquic_conn *conn)
{
	if (!conn->server)
		conn->version_known = true;
}

/* A server takes the version that it likes best of those it was offered. */
static u32 tquic_version_pick(const struct tquic_tparam_versions *ours,
			      const struct tquic_tparam_versions *theirs,
			      u32 version)
{
	unsigned int i;

	/* versions 1 and 2 are compatible with each other */
	for (i = 0; i < ours->count; i++)
		if (tquic_version_known(ours->available[i]) &&
		    tquic_tparam_lists_version(theirs, ours->available[i]))
			return ours->available[i];
	return version;
}

/**
 * tquic_version_negotiate - the peer's transport parameters are there
 * @conn: connection
 * @tp: parameters
 * @close: filled on error
 *
 * Return: 0 or -EPROTO.
 */
int tquic_version_negotiate(struct tquic_conn *conn,
			    const struct tquic_tparams *tp,
			    struct tquic_close *close)
{
	struct tquic_tparam_versions *ours = &conn->ours.versions;
	struct tquic_tparam_vn vn = {
		.preferred = ours->available,
		.count = ours->count,
		.attempted = conn->first_version,
		.negotiated = conn->version,
		.reacted = conn->config.vn_reacted,
	};
	int err;

	if (!conn->server)
		return tquic_tparam_check_version_client(&conn->ours, tp, &vn,
							 close);
	err = tquic_tparam_check_version_server(tp, conn->first_version, close);
	if (err)
		return err;
	tquic_version_use(conn, tquic_version_pick(ours, &tp->versions,
						   conn->version));
	ours->chosen = conn->version;
	return 0;
}

/**
 * tquic_conn_recv_vn - a Version Negotiation packet was received
 * @conn: connection that its destination connection ID belongs to
 * @pkt: a TQUIC_PKT_VN that was not dropped
 *
 * If it is believed, the attempt ends in silence, as TQUIC_CONN_CLOSED, and
 * @conn->vn_version is the version for another attempt (with vn_reacted set in
 * its config), or 0 when there is none that both sides speak.
 *
 * Return: TQUIC_DROP_NONE, or why it had no effect.
 */
enum tquic_drop tquic_conn_recv_vn(struct tquic_conn *conn,
				   const struct tquic_pkt *pkt)
{
	const struct tquic_tparam_versions *ours = &conn->ours.versions;
	const struct tquic_cid *scid = &conn->ours.initial_scid;
	unsigned int i;

	if (conn->server)
		return TQUIC_DROP_ROLE;
	/* RFC 9000 section 6.2, RFC 9368 section 4 */
	if (conn->state != TQUIC_CONN_HANDSHAKE || conn->heard ||
	    conn->retried || conn->config.vn_reacted)
		return TQUIC_DROP_VN_LATE;
	if (!tquic_inv_cid_eq(pkt->dcid, pkt->dcid_len, scid->id, scid->len) ||
	    !tquic_inv_cid_eq(pkt->scid, pkt->scid_len, conn->odcid.id,
			      conn->odcid.len))
		return TQUIC_DROP_DCID;
	if (tquic_vn_lists(pkt, conn->version))
		return TQUIC_DROP_VN_TRIED;
	for (i = 0; i < ours->count && !conn->vn_version; i++)
		if (tquic_version_known(ours->available[i]) &&
		    tquic_vn_lists(pkt, ours->available[i]))
			conn->vn_version = ours->available[i];
	tquic_conn_vanish(conn, TQUIC_CONN_WHY_VERSION);
	return TQUIC_DROP_NONE;
}
