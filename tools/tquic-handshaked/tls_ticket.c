// SPDX-License-Identifier: GPL-2.0
/*
 * Resumption: which ticket is offered, which is accepted, which is kept.
 *
 * A ticket stands for all that was agreed on when it was given, so its name (at
 * a client) or the key that it is sealed with (at a server) is made from
 * everything that must not have changed.
 */
#include <gnutls/crypto.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "replay.h"
#include "tls.h"

#define TH_TLS_EARLY		0xffffffffU	/* RFC 9001 section 4.6.1 */
#define TH_TLS_VERSION_INFO	0x11		/* RFC 9368 section 3 */

/* What both ends make their names from. */
static bool th_tls_ticket_common(const struct th_tls *tls, gnutls_hmac_hd_t mac)
{
	const struct th_request *request = &tls->request;

	return gnutls_hmac(mac, tls->profile->name,
			   sizeof(tls->profile->name)) >= 0 &&
	       gnutls_hmac(mac, &tls->methods, sizeof(tls->methods)) >= 0 &&
	       gnutls_hmac(mac, &tls->verify, sizeof(tls->verify)) >= 0 &&
	       gnutls_hmac(mac, &request->uid, sizeof(request->uid)) >= 0 &&
	       gnutls_hmac(mac, request->identity,
			   sizeof(request->identity)) >= 0 &&
	       gnutls_hmac(mac, &request->alpn_len,
			   sizeof(request->alpn_len)) >= 0 &&
	       gnutls_hmac(mac, request->alpn, request->alpn_len) >= 0;
}

static bool th_tls_ticket_name(struct th_tls *tls)
{
	static const char purpose[] = "tquic session";
	const struct th_request *request = &tls->request;
	gnutls_hmac_hd_t mac;
	bool ok;

	if (gnutls_hmac_init(&mac, GNUTLS_MAC_SHA256, purpose,
			     sizeof(purpose)) < 0)
		return false;
	ok = th_tls_ticket_common(tls, mac) &&
	     gnutls_hmac(mac, request->peername,
			 sizeof(request->peername)) >= 0 &&
	     gnutls_hmac(mac, request->remote, sizeof(request->remote)) >= 0 &&
	     gnutls_hmac(mac, &request->remote_port,
			 sizeof(request->remote_port)) >= 0;
	gnutls_hmac_deinit(mac, tls->ticket_name);
	return ok;
}

/* Keys that a socket named itself are nobody's profile: no tickets. */
static bool th_tls_ticket_wanted(const struct th_tls *tls)
{
	return tls->profile->tickets && !tls->request.psk_key &&
	       !tls->request.certificate;
}

static void th_tls_ticket_client(struct th_tls *tls)
{
	int err;

	if (!th_tls_ticket_name(tls))
		return;
	tls->ticket = th_ticket_take(tls->ticket_name, tls->request.version);
	if (!tls->ticket)
		return;
	err = gnutls_session_set_data(tls->session, tls->ticket->data +
				      tls->ticket->tparams_len,
				      tls->ticket->session_len);
	if (err >= 0)
		return;
	th_debug("%u: cannot resume: %s", tls->request.token,
		 gnutls_strerror(err));
	th_ticket_free(tls->ticket);
	tls->ticket = NULL;
}

static void th_tls_ticket_server(struct th_tls *tls)
{
	gnutls_datum_t key = { tls->ticket_key, sizeof(tls->ticket_key) };
	gnutls_hmac_hd_t mac;
	bool ok;

	_Static_assert(sizeof(tls->ticket_key) == 64,
		       "the key is made by a MAC of that size");
	if (gnutls_hmac_init(&mac, GNUTLS_MAC_SHA512, tls->profile->ticket_key,
			     sizeof(tls->profile->ticket_key)) < 0)
		return;
	ok = th_tls_ticket_common(tls, mac) &&
	     gnutls_hmac(mac, &tls->profile->clients,
			 sizeof(tls->profile->clients)) >= 0;
	gnutls_hmac_deinit(mac, tls->ticket_key);
	if (!ok || gnutls_session_ticket_enable_server(tls->session, &key) < 0)
		return;
	if (!tls->request.early || !tls->profile->early)
		return;
	gnutls_record_set_max_early_data_size(tls->session, TH_TLS_EARLY);
	gnutls_anti_replay_enable(tls->session, th_replay_get());
}

void th_tls_ticket_setup(struct th_tls *tls)
{
	tls->ticketing = th_tls_ticket_wanted(tls);
	if (!tls->ticketing)
		return;
	if (tls->request.server)
		th_tls_ticket_server(tls);
	else
		th_tls_ticket_client(tls);
}

/* A variable-length integer (RFC 9000 section 16); false past the end. */
static bool th_tls_varint(const __u8 **p, const __u8 *end, __u64 *value)
{
	unsigned int len;

	if (*p == end)
		return false;
	len = 1U << (**p >> 6);
	if ((size_t)(end - *p) < len)
		return false;
	*value = *(*p)++ & 0x3f;
	while (--len)
		*value = *value << 8 | *(*p)++;
	return true;
}

/*
 * The version that the connection ended up with: the server's choice, which it
 * tells in version_information.
 */
static __u32 th_tls_version(const struct th_tls *tls)
{
	const __u8 *p = tls->tparams, *end = p + tls->tparams_len;
	__u64 id, len;

	while (th_tls_varint(&p, end, &id) && th_tls_varint(&p, end, &len) &&
	       len <= (size_t)(end - p)) {
		if (id == TH_TLS_VERSION_INFO && len >= 4)
			return (__u32)p[0] << 24 | p[1] << 16 | p[2] << 8 |
			       p[3];
		p += len;
	}
	return tls->request.version;
}

void th_tls_ticket_came(struct th_tls *tls)
{
	gnutls_datum_t data;

	tls->tickets++;
	if (!tls->ticketing || tls->request.server ||
	    gnutls_session_get_data2(tls->session, &data) < 0)
		return;
	th_ticket_save(tls->ticket_name, th_tls_version(tls), tls->tparams,
		       tls->tparams_len, data.data, data.size);
	explicit_bzero(data.data, data.size);
	gnutls_free(data.data);
}
