// SPDX-License-Identifier: GPL-2.0
/*
 * Which credentials a connection uses: those of its profile, or keys that its
 * socket names.
 */
#include <errno.h>
#include <gnutls/abstract.h>
#include <stdlib.h>
#include <string.h>

#include "keyring.h"
#include "log.h"
#include "tls.h"

static bool th_tls_cred_profile(struct th_tls *tls)
{
	const struct th_request *request = &tls->request;
	const struct th_profile *profile;
	unsigned int i;

	tls->profile = th_conf_find(tls->conf, request->profile);
	profile = tls->profile;
	if (!profile)
		return th_tls_fail(tls, ENOKEY, 0,
				   "there is no profile '%s'",
				   request->profile);
	if (request->foreign && !profile->foreign)
		return th_tls_fail(tls, EACCES, 0,
				   "profile '%s' is not for other namespaces",
				   profile->name);
	for (i = 0; i < profile->nr_users; i++)
		if (profile->users[i] == request->uid)
			break;
	if (profile->nr_users && i == profile->nr_users)
		return th_tls_fail(tls, EACCES, 0,
				   "profile '%s' is not for user %u",
				   profile->name, request->uid);
	return true;
}

/* Everything that could be used; a server that is free offers all of it. */
static unsigned int th_tls_cred_there(const struct th_tls *tls)
{
	const struct th_request *request = &tls->request;
	const struct th_profile *profile = tls->profile;
	unsigned int methods = 0;

	if (request->psk_key || profile->store.count)
		methods |= TH_TLS_PSK;
	if (request->certificate || profile->certificate)
		methods |= TH_TLS_X509;
	else if (profile->public_key)
		methods |= TH_TLS_RAW;
	return methods;
}

static bool th_tls_cred_methods(struct th_tls *tls)
{
	const struct th_request *request = &tls->request;

	tls->verify = true;
	switch (request->auth) {
	case TQUIC_AUTH_PSK:
		tls->methods = TH_TLS_PSK;
		break;
	case TQUIC_AUTH_X509:
		tls->methods = TH_TLS_X509;
		break;
	case TQUIC_AUTH_RAW_KEY:
		tls->methods = TH_TLS_RAW;
		break;
	case TQUIC_AUTH_NONE:
		tls->methods = TH_TLS_X509;
		tls->verify = false;
		break;
	case TQUIC_AUTH_DEFAULT:
		if (request->server)
			tls->methods = th_tls_cred_there(tls);
		else if (*request->identity || request->psk_key)
			tls->methods = TH_TLS_PSK;
		else
			tls->methods = TH_TLS_X509;
		break;
	default:
		return th_tls_fail(tls, EOPNOTSUPP, 0,
				   "this agent knows no way %u to authenticate",
				   request->auth);
	}
	if (request->server && !(tls->methods & th_tls_cred_there(tls)))
		return th_tls_fail(tls, ENOKEY, 0,
				   "profile '%s' has no credentials for a server",
				   tls->profile->name);
	return true;
}

/* A key in hexadecimal digits, or as it is. */
static bool th_tls_cred_raw_psk(struct th_psk *psk, char *data, size_t len)
{
	data[len] = 0;
	if (strlen(data) == len && th_psk_parse_key(psk, data))
		return true;
	if (len < TH_PSK_KEY_MIN || len > TH_PSK_KEY_MAX)
		return false;
	memcpy(psk->key, data, len);
	psk->len = len;
	return true;
}

static bool th_tls_cred_psk_key(struct th_tls *tls)
{
	char data[2 * TH_PSK_KEY_MAX + 1];
	ssize_t len;
	bool ok;

	len = th_keyring_read(tls->request.psk_key, tls->request.uid, data,
			      sizeof(data) - 1);
	if (len < 0)
		return th_tls_fail(tls, -len, 0, "key %d: %s",
				   tls->request.psk_key, strerror(-len));
	ok = th_tls_cred_raw_psk(&tls->psk, data, len);
	explicit_bzero(data, sizeof(data));
	if (!ok)
		return th_tls_fail(tls, EINVAL, 0,
				   "key %d is not 16 to 64 bytes, raw or hexadecimal",
				   tls->request.psk_key);
	strcpy(tls->psk.identity, tls->request.identity);
	return true;
}

/* The profile's key; a store with a single one needs no name for it. */
static bool th_tls_cred_psk_find(struct th_tls *tls)
{
	const struct th_psk_store *store = &tls->profile->store;
	const char *identity = tls->request.identity;
	const struct th_psk *psk;

	if (!*identity && store->count == 1)
		psk = store->keys;
	else
		psk = th_psk_find(store, identity, strlen(identity));
	if (!psk)
		return th_tls_fail(tls, ENOKEY, 0,
				   "profile '%s' has no key for identity '%s'",
				   tls->profile->name, identity);
	tls->psk = *psk;
	return true;
}

static bool th_tls_cred_is(const char *name, const char *identity, size_t len)
{
	return strlen(name) == len && !memcmp(name, identity, len);
}

/* The key that a server has for a client, or NULL. */
const struct th_psk *th_tls_cred_find_psk(const struct th_tls *tls,
					  const char *identity, size_t len)
{
	const char *only = tls->request.identity;

	/* a listener for one client */
	if (*only && !th_tls_cred_is(only, identity, len))
		return NULL;
	return tls->psk.len ? &tls->psk :
	       th_psk_find(&tls->profile->store, identity, len);
}

/*
 * For an identity that nobody knows GnuTLS makes a key up when it is told 1, so
 * that who guesses does not learn which identities there are.
 */
static int th_tls_cred_on_psk(gnutls_session_t session,
			      const gnutls_datum_t *name, gnutls_datum_t *key)
{
	struct th_tls *tls = gnutls_session_get_ptr(session);
	const struct th_psk *psk;

	psk = th_tls_cred_find_psk(tls, (char *)name->data, name->size);
	if (!psk)
		return 1;
	key->data = gnutls_malloc(psk->len);
	if (!key->data)
		return -1;
	memcpy(key->data, psk->key, psk->len);
	key->size = psk->len;
	return 0;
}

static bool th_tls_cred_psk_client(struct th_tls *tls)
{
	gnutls_datum_t name = {
		(unsigned char *)tls->psk.identity, strlen(tls->psk.identity)
	};
	gnutls_datum_t key = { tls->psk.key, tls->psk.len };

	return (gnutls_psk_allocate_client_credentials(&tls->psk_client) >= 0 &&
		gnutls_psk_set_client_credentials2(tls->psk_client, &name,
						   &key, GNUTLS_PSK_KEY_RAW) >=
		0) || th_tls_fail(tls, ENOMEM, 0, "out of memory");
}

static bool th_tls_cred_psk(struct th_tls *tls)
{
	if (tls->request.psk_key) {
		if (!th_tls_cred_psk_key(tls))
			return false;
	} else if (!tls->request.server && !th_tls_cred_psk_find(tls)) {
		return false;
	}
	if (!tls->request.server)
		return th_tls_cred_psk_client(tls);
	if (gnutls_psk_allocate_server_credentials(&tls->psk_server) < 0)
		return th_tls_fail(tls, ENOMEM, 0, "out of memory");
	gnutls_psk_set_server_credentials_function2(tls->psk_server,
						    th_tls_cred_on_psk);
	return true;
}

static bool th_tls_cred_read(struct th_tls *tls, int serial,
			     gnutls_datum_t *data)
{
	ssize_t len;

	data->data = gnutls_malloc(TH_KEYRING_MAX);
	if (!data->data)
		return th_tls_fail(tls, ENOMEM, 0, "out of memory");
	len = th_keyring_read(serial, tls->request.uid, data->data,
			      TH_KEYRING_MAX);
	if (len < 0)
		return th_tls_fail(tls, -len, 0, "key %d: %s", serial,
				   strerror(-len));
	data->size = len;
	return true;
}

static bool th_tls_cred_import(struct th_tls *tls, const gnutls_datum_t *crt,
			       const gnutls_datum_t *key)
{
	bool pem = crt->size && crt->data[0] == '-';
	int err;

	err = gnutls_certificate_allocate_credentials(&tls->own);
	if (err >= 0)
		err = gnutls_certificate_set_x509_key_mem(tls->own, crt, key,
							  pem ?
							  TH_PEM :
							  TH_DER);
	if (err >= 0 && tls->profile->ca)
		err = gnutls_certificate_set_x509_trust_file(tls->own,
							     tls->profile->ca,
							     TH_PEM);
	else if (err >= 0)
		gnutls_certificate_set_x509_system_trust(tls->own);
	return err >= 0 || th_tls_fail(tls, EINVAL, 0, "keys %d and %d: %s",
				       tls->request.certificate,
				       tls->request.private_key,
				       gnutls_strerror(err));
}

static bool th_tls_cred_own(struct th_tls *tls)
{
	gnutls_datum_t crt = {}, key = {};
	bool ok;

	ok = th_tls_cred_read(tls, tls->request.certificate, &crt) &&
	     th_tls_cred_read(tls, tls->request.private_key, &key) &&
	     th_tls_cred_import(tls, &crt, &key);
	if (key.data)
		explicit_bzero(key.data, TH_KEYRING_MAX);
	gnutls_free(key.data);
	gnutls_free(crt.data);
	return ok;
}

bool th_tls_cred(struct th_tls *tls)
{
	if (!th_tls_cred_profile(tls) || !th_tls_cred_methods(tls))
		return false;
	if (tls->methods & TH_TLS_PSK && !th_tls_cred_psk(tls))
		return false;
	return !tls->request.certificate || !(tls->methods & TH_TLS_X509) ||
	       th_tls_cred_own(tls);
}
