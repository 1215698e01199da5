// SPDX-License-Identifier: GPL-2.0
/*
 * Who the peer is, and whether he may be.
 */
#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "tls.h"

/**
 * struct th_tls_verdict - what is wrong with a certificate, to the peer
 * @bit: of gnutls_certificate_status_t
 * @alert: TLS alert: RFC 8446 section 6.2
 */
struct th_tls_verdict {
	unsigned int bit;
	__u8 alert;
};

/* the first that applies is the one that is told */
static const struct th_tls_verdict th_tls_verdicts[] = {
	{ GNUTLS_CERT_REVOKED, GNUTLS_A_CERTIFICATE_REVOKED },
	{ GNUTLS_CERT_SIGNER_NOT_FOUND, GNUTLS_A_UNKNOWN_CA },
	{ GNUTLS_CERT_SIGNER_NOT_CA, GNUTLS_A_UNKNOWN_CA },
	{ GNUTLS_CERT_EXPIRED, GNUTLS_A_CERTIFICATE_EXPIRED },
	{ GNUTLS_CERT_NOT_ACTIVATED, GNUTLS_A_CERTIFICATE_EXPIRED },
	{ GNUTLS_CERT_INVALID, GNUTLS_A_BAD_CERTIFICATE },
};

static void th_tls_reject(struct th_tls *tls, unsigned int status)
{
	gnutls_datum_t text = {};
	unsigned int i = 0;

	while (th_tls_verdicts[i].bit != GNUTLS_CERT_INVALID &&
	       !(status & th_tls_verdicts[i].bit))
		i++;
	gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509,
						     &text, 0);
	th_tls_fail(tls, 0, th_tls_verdicts[i].alert, "%s",
		    text.data ? (char *)text.data :
				"the certificate is not trusted");
	gnutls_free(text.data);
}

static bool th_tls_verify_x509(struct th_tls *tls)
{
	const struct th_request *request = &tls->request;
	const char *name = *request->peername ? request->peername :
						tls->address;
	gnutls_typed_vdata_st data[2] = {};
	unsigned int count = 0, status = 0;
	int err;

	data[count].type = GNUTLS_DT_KEY_PURPOSE_OID;
	data[count++].data = (unsigned char *)(request->server ?
					       GNUTLS_KP_TLS_WWW_CLIENT :
					       GNUTLS_KP_TLS_WWW_SERVER);
	if (!request->server) {
		data[count].type = GNUTLS_DT_DNS_HOSTNAME;
		data[count++].data = (unsigned char *)name;
	}
	err = gnutls_certificate_verify_peers(tls->session, data, count,
					      &status);
	if (err < 0)
		return th_tls_fail(tls, 0, GNUTLS_A_BAD_CERTIFICATE,
				   "certificate: %s", gnutls_strerror(err));
	if (!status)
		return true;
	th_tls_reject(tls, status);
	return false;
}

static bool th_tls_verify_raw(struct th_tls *tls)
{
	const struct th_profile *profile = tls->profile;
	const gnutls_datum_t *key;
	unsigned int count, i;

	key = gnutls_certificate_get_peers(tls->session, &count);
	for (i = 0; key && i < profile->nr_trusted; i++)
		if (profile->trusted[i].size == key->size &&
		    !memcmp(profile->trusted[i].data, key->data, key->size))
			return true;
	return th_tls_fail(tls, 0, GNUTLS_A_UNKNOWN_CA,
			   "the peer's public key is not among the trusted");
}

static bool th_tls_verify_peer(struct th_tls *tls)
{
	if (!gnutls_certificate_get_peers(tls->session, NULL) &&
	    tls->request.server &&
	    tls->profile->clients != TH_CONF_CLIENTS_REQUIRE)
		return true;
	return tls->methods & TH_TLS_RAW ? th_tls_verify_raw(tls) :
					   th_tls_verify_x509(tls);
}

int th_tls_verify(gnutls_session_t session)
{
	struct th_tls *tls = gnutls_session_get_ptr(session);

	return th_tls_verify_peer(tls) ? 0 :
	       GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
}

static void th_tls_name_x509(struct th_tls *tls, const gnutls_datum_t *der)
{
	gnutls_datum_t name = {};
	gnutls_x509_crt_t crt;

	if (gnutls_x509_crt_init(&crt) < 0)
		return;
	if (gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER) >= 0 &&
	    gnutls_x509_crt_get_dn3(crt, &name, 0) >= 0)
		snprintf(tls->identity, sizeof(tls->identity), "%s",
			 (char *)name.data);
	gnutls_free(name.data);
	gnutls_x509_crt_deinit(crt);
}

/* A raw key has no name but its hash. */
static void th_tls_name_raw(struct th_tls *tls, const gnutls_datum_t *der)
{
	unsigned char hash[32];
	unsigned int i;
	int len;

	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, der->data, der->size, hash) < 0)
		return;
	len = snprintf(tls->identity, sizeof(tls->identity), "sha256:");
	for (i = 0; i < sizeof(hash); i++)
		len += snprintf(tls->identity + len,
				sizeof(tls->identity) - len, "%02x", hash[i]);
}

static bool th_tls_peer_psk(struct th_tls *tls)
{
	const char *name = tls->request.server ?
			   gnutls_psk_server_get_username(tls->session) :
			   tls->psk.identity;

	if (!name)
		return th_tls_fail(tls, 0, GNUTLS_A_UNKNOWN_PSK_IDENTITY,
				   "the peer has no name");
	snprintf(tls->identity, sizeof(tls->identity), "%s", name);
	/* a ticket is no better than the key, which may have been removed */
	if (tls->request.server && tls->resumed &&
	    !th_tls_cred_find_psk(tls, name, strlen(name)))
		return th_tls_fail(tls, 0, GNUTLS_A_UNKNOWN_PSK_IDENTITY,
				   "identity '%s' is not known any more", name);
	return true;
}

static bool th_tls_peer_certificate(struct th_tls *tls)
{
	const gnutls_datum_t *der;
	unsigned int count = 0;

	/* what was right when the ticket was given is looked at again */
	if (tls->resumed && tls->verify &&
	    (!tls->request.server ||
	     tls->profile->clients != TH_CONF_CLIENTS_NONE) &&
	    !th_tls_verify_peer(tls))
		return false;
	der = gnutls_certificate_get_peers(tls->session, &count);
	if (!der || !count)
		return true;
	if (!tls->request.server && *tls->request.peername &&
	    tls->methods & TH_TLS_X509)
		strcpy(tls->identity, tls->request.peername);
	else if (tls->methods & TH_TLS_RAW)
		th_tls_name_raw(tls, der);
	else
		th_tls_name_x509(tls, der);
	return true;
}

/* TLS has finished: who is it, and by a way that is allowed? */
bool th_tls_peer(struct th_tls *tls)
{
	gnutls_credentials_type_t type = gnutls_auth_get_type(tls->session);

	if (type == GNUTLS_CRD_PSK) {
		if (tls->methods & TH_TLS_PSK)
			return th_tls_peer_psk(tls);
	} else if (tls->methods & (TH_TLS_X509 | TH_TLS_RAW)) {
		return th_tls_peer_certificate(tls);
	}
	return th_tls_fail(tls, 0, GNUTLS_A_ACCESS_DENIED,
			   "the peer authenticated in a way that is not allowed");
}
