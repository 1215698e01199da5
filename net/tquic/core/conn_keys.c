// SPDX-License-Identifier: GPL-2.0
/*
 * Life of the keys: RFC 9001 sections 4.9 and 6.
 */
#include "conn_priv.h"

/**
 * tquic_conn_keys - packets of a type can be sealed from now on
 * @conn: connection
 * @type: which
 */
void tquic_conn_keys(struct tquic_conn *conn, enum tquic_pkt_type type)
{
	conn->tx_keys |= BIT(type);
}

/* Initial or Handshake keys have served: RFC 9001 section 4.9. */
void tquic_conn_drop_keys(struct tquic_conn *conn, enum tquic_pkt_type type)
{
	unsigned int i = tquic_conn_early(type);

	if (!conn->early[i].live)
		return;
	conn->early[i].path->pto_count = 0;
	tquic_space_free(&conn->early[i]);
	tquic_sendq_free(&conn->crypto[i].tx);
	tquic_reasm_free(&conn->crypto[i].rx);
	conn->tx_keys &= ~BIT(type);
	conn->dropped_keys |= BIT(type);
	conn->events |= TQUIC_CONN_E_KEYS;
}

/**
 * tquic_conn_key_update - use the next keys: RFC 9001 section 6
 * @conn: connection
 *
 * Return: 0; -EAGAIN before the handshake is confirmed, or a packet with the
 * present keys was acknowledged.
 */
int tquic_conn_key_update(struct tquic_conn *conn)
{
	if (!conn->confirmed || !conn->phase_acked)
		return -EAGAIN;
	conn->key_phase = !conn->key_phase;
	conn->phase_acked = false;
	return 0;
}
