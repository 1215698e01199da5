// SPDX-License-Identifier: GPL-2.0
/*
 * What a connection begins with: transport parameters, keys, TLS.
 */
#include <gnutls/crypto.h>

#include "end.h"
#include "link.h"
#include "log.h"

#define TN_LINK_STREAMS		100

/* Keys of Initial packets; they change with Retry and with the version. */
void tn_link_initial(struct tn_link *link)
{
	static const u32 versions[TN_VERSIONS] = {
		TQUIC_VERSION_1, TQUIC_VERSION_2,
	};
	const struct tquic_cid *dcid = &link->core->initial_dcid;
	unsigned int i;

	for (i = 0; i < TN_VERSIONS; i++)
		tn_key_initial(link->core->server ? &link->initial_rx[i] :
						    &link->initial_tx[i],
			       link->core->server ? &link->initial_tx[i] :
						    &link->initial_rx[i],
			       versions[i], dcid->id, dcid->len);
	link->core->events &= ~TQUIC_CONN_E_INITIAL;
}

void tn_link_entropy(struct tn_link *link)
{
	u8 bytes[TQUIC_CONN_ENTROPY];

	gnutls_rnd(GNUTLS_RND_RANDOM, bytes, sizeof(bytes));
	tquic_conn_add_entropy(link->core, bytes, sizeof(bytes));
}

/*
 * What TLS said about the peer in one message, once all of that is known: early
 * data first, by which the parameters are judged.
 */
void tn_link_learn(struct tn_link *link)
{
	struct tquic_conn *core = link->core;

	if (!link->tparams_due)
		return;
	link->tparams_due = false;
	if (!core->server)
		tquic_conn_early_result(core, tn_tls_early(&link->tls));
	tquic_conn_peer_tparams(core, link->tparams_rx, link->tparams_len,
				tn_now(), GFP_KERNEL);
}

/*
 * A server's tickets are good for its own process only, and what that announces
 * never changes: early data that TLS accepts fits.
 */
static void tn_link_early_result(struct tn_link *link,
				 enum tquic_pkt_type type)
{
	if (link->core->server && type == TQUIC_PKT_0RTT)
		tquic_conn_early_result(link->core, true);
	if (link->core->server && type == TQUIC_PKT_HANDSHAKE &&
	    !tn_key_there(&link->rx[TQUIC_PKT_0RTT]))
		tquic_conn_early_result(link->core, false);
}

static void tn_link_on_secret(void *arg, enum tquic_pkt_type type,
			      gnutls_cipher_algorithm_t cipher, const u8 *rx,
			      const u8 *tx, size_t len)
{
	struct tn_link *link = arg;
	u32 version;

	if (type != TQUIC_PKT_0RTT)
		tn_link_learn(link);
	version = type == TQUIC_PKT_0RTT ? link->core->first_version :
					   link->core->version;
	if (rx)
		tn_key_set(&link->rx[type], version, cipher, rx, len);
	if (rx && type == TQUIC_PKT_1RTT)
		tn_key_set(link->rx_gens.key, version, cipher, rx, len);
	tn_link_early_result(link, type);
	if (!tx)
		return;
	tn_key_set(&link->tx[type], version, cipher, tx, len);
	if (type == TQUIC_PKT_1RTT)
		tn_key_set(link->tx_gens.key, version, cipher, tx, len);
	/* RFC 9001 section 6.6 */
	if (cipher == GNUTLS_CIPHER_CHACHA20_POLY1305)
		tquic_conn_aead_limits(link->core, U64_MAX, BIT_ULL(36));
	tquic_conn_keys(link->core, type);
}

static void tn_link_on_crypto(void *arg, enum tquic_pkt_type type,
			      const u8 *data, size_t len)
{
	struct tn_buf *buf = tn_buf_new(data, len);
	struct tn_link *link = arg;

	tquic_conn_crypto_write(link->core, type, buf, 0, len, GFP_KERNEL);
	tn_buf_put(buf);
}

static size_t tn_link_announce(void *arg, u8 *buf, size_t room)
{
	struct tquic_wr wr = tquic_wr_init(buf, room);
	struct tn_link *link = arg;

	if (tquic_tparam_build(&wr, &link->core->ours, link->core->server))
		tn_die("transport parameters do not fit");
	return wr.ptr - buf;
}

static bool tn_link_on_tparams(void *arg, const u8 *data, size_t len)
{
	struct tn_link *link = arg;

	if (len > sizeof(link->tparams_rx))
		return false;
	memcpy(link->tparams_rx, data, len);
	link->tparams_len = len;
	link->tparams_due = true;
	/* what a server answers hangs on them: the version, for one */
	if (link->core->server)
		tn_link_learn(link);
	return link->core->state <= TQUIC_CONN_ESTABLISHED;
}

static void tn_link_on_ticket(void *arg, const gnutls_datum_t *session)
{
	struct tn_link *link = arg;
	struct tn_session *s = &link->end->session;

	tn_note("ticket of %u bytes", session->size);
	if (session->size > sizeof(s->ticket))
		return;
	s->version = link->core->version;
	s->ticket_len = session->size;
	memcpy(s->ticket, session->data, session->size);
	s->tparams_len = link->tparams_len;
	memcpy(s->tparams, link->tparams_rx, link->tparams_len);
}

const struct tn_tls_ops tn_link_tls_ops = {
	.secret = tn_link_on_secret,
	.crypto = tn_link_on_crypto,
	.announce = tn_link_announce,
	.tparams = tn_link_on_tparams,
	.ticket = tn_link_on_ticket,
};

/* What an endpoint announces. */
void tn_link_tparams(struct tn_link *link, struct tquic_tparams *tp)
{
	const struct tn_end_config *config = &link->end->config;
	static const enum tquic_tparam_index present[] = {
		TQUIC_TPARAM_MAX_IDLE_TIMEOUT,
		TQUIC_TPARAM_INITIAL_MAX_DATA,
		TQUIC_TPARAM_INITIAL_MAX_STREAM_DATA_BIDI_LOCAL,
		TQUIC_TPARAM_INITIAL_MAX_STREAM_DATA_BIDI_REMOTE,
		TQUIC_TPARAM_INITIAL_MAX_STREAM_DATA_UNI,
		TQUIC_TPARAM_INITIAL_MAX_STREAMS_BIDI,
		TQUIC_TPARAM_INITIAL_MAX_STREAMS_UNI,
		TQUIC_TPARAM_ACTIVE_CID_LIMIT,
		TQUIC_TPARAM_MAX_DATAGRAM_FRAME_SIZE,
	};
	unsigned int i;
	u8 random[8];

	tquic_tparam_init(tp);
	tp->max_idle_timeout = config->idle;
	tp->initial_max_data = config->window;
	tp->initial_max_stream_data_bidi_local = config->window;
	tp->initial_max_stream_data_bidi_remote = config->window;
	tp->initial_max_stream_data_uni = config->window;
	tp->initial_max_streams_bidi = TN_LINK_STREAMS;
	tp->initial_max_streams_uni = TN_LINK_STREAMS;
	tp->active_cid_limit = 4;
	tp->max_datagram_frame_size = TN_UDP_MAX;
	for (i = 0; i < ARRAY_SIZE(present); i++)
		tquic_tparam_set(tp, present[i]);
	if (config->nversions) {
		tp->versions.count = config->nversions;
		memcpy(tp->versions.available, config->versions,
		       sizeof(config->versions));
		tquic_tparam_set(tp, TQUIC_TPARAM_VERSION_INFORMATION);
	}
	if (config->paths != U64_MAX) {
		tp->initial_max_path_id = config->paths;
		tquic_tparam_set(tp, TQUIC_TPARAM_INITIAL_MAX_PATH_ID);
	}
	gnutls_rnd(GNUTLS_RND_NONCE, random, sizeof(random));
	tp->grease.id = tquic_tparam_grease_id(get_unaligned_be64(random));
	tp->grease.len = random[0] % TQUIC_TPARAM_GREASE_MAX;
}
