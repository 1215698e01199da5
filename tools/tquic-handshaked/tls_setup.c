// SPDX-License-Identifier: GPL-2.0
/*
 * What a GnuTLS session is told before it begins: ciphers, ALPN, SNI.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "tls.h"

#define TH_TLS_ALPN_MAX		32
#define TH_TLS_GNUTLS_PSK_384	0x03080b

struct th_tls_cipher {
	__u32 suite;
	const char *name;
};

static const struct th_tls_cipher th_tls_ciphers[] = {
	{ 0x1301, "AES-128-GCM" },
	{ 0x1303, "CHACHA20-POLY1305" },
	{ 0x1302, "AES-256-GCM" },
};

/* Adds :+NAME for every name of a list. */
static void th_tls_add_names(char *to, size_t room, const char *prefix,
			     const char *list)
{
	size_t len = strlen(to);
	int n;

	while (*(list += strspn(list, ", "))) {
		n = strcspn(list, ", ");
		snprintf(to + len, room - len, ":+%s%.*s", prefix, n, list);
		len += strlen(to + len);
		list += n;
	}
}

/* Before 3.8.11, the hash of an external PSK is SHA-256. */
static bool th_tls_cipher_fits(const struct th_tls *tls, __u32 suite)
{
	if (tls->request.cipher && tls->request.cipher != suite)
		return false;
	return suite != 0x1302 || tls->methods != TH_TLS_PSK ||
	       gnutls_check_version_numeric(3, 8, 11);
}

static bool th_tls_add_ciphers(struct th_tls *tls, char *to, size_t room)
{
	bool any = false;
	unsigned int i;

	if (tls->profile->ciphers && !tls->request.cipher) {
		th_tls_add_names(to, room, "", tls->profile->ciphers);
		return true;
	}
	for (i = 0; i < sizeof(th_tls_ciphers) / sizeof(*th_tls_ciphers);
	     i++) {
		if (!th_tls_cipher_fits(tls, th_tls_ciphers[i].suite))
			continue;
		th_tls_add_names(to, room, "", th_tls_ciphers[i].name);
		any = true;
	}
	return any || th_tls_fail(tls, EPROTONOSUPPORT, 0,
				  "cipher 0x%x does not go with a pre-shared key in GnuTLS %s",
				  tls->request.cipher,
				  gnutls_check_version(NULL));
}

static void th_tls_add(char *to, size_t room, const char *what)
{
	size_t len = strlen(to);

	snprintf(to + len, room - len, "%s", what);
}

static bool th_tls_priority(struct th_tls *tls)
{
	char text[1024] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL";
	const char *wrong;
	int err;

	if (!th_tls_add_ciphers(tls, text, sizeof(text)))
		return false;
	/* the key exchange is always ephemeral: psk_dhe_ke, not psk_ke */
	if (tls->methods == TH_TLS_PSK)
		th_tls_add(text, sizeof(text), ":-KX-ALL");
	if (tls->methods & TH_TLS_PSK)
		th_tls_add(text, sizeof(text), ":+ECDHE-PSK:+DHE-PSK");
	if (tls->methods & TH_TLS_RAW)
		th_tls_add(text, sizeof(text), ":-CTYPE-ALL:+CTYPE-RAWPK");
	if (tls->profile->groups) {
		th_tls_add(text, sizeof(text), ":-GROUP-ALL");
		th_tls_add_names(text, sizeof(text), "GROUP-",
				 tls->profile->groups);
	}
	th_tls_add(text, sizeof(text),
		   ":%SERVER_PRECEDENCE:%DISABLE_TLS13_COMPAT_MODE");
	err = gnutls_priority_init(&tls->priority, text, &wrong);
	if (err < 0)
		return th_tls_fail(tls, EINVAL, 0,
				   "profile '%s': ciphers or groups: at '%.32s'",
				   tls->profile->name, wrong);
	return gnutls_priority_set(tls->session, tls->priority) >= 0 ||
	       th_tls_fail(tls, ENOMEM, 0, "out of memory");
}

/* RFC 9001 section 8.1: without a common protocol there is no connection */
static bool th_tls_alpn(struct th_tls *tls)
{
	gnutls_datum_t names[TH_TLS_ALPN_MAX];
	__u8 *alpn = tls->request.alpn;
	unsigned int count = 0, at = 0;

	while (at < tls->request.alpn_len) {
		unsigned int len = alpn[at++];

		if (!len || len > tls->request.alpn_len - at ||
		    count == TH_TLS_ALPN_MAX)
			return th_tls_fail(tls, EINVAL, 0,
					   "the list of ALPN is malformed");
		names[count++] = (gnutls_datum_t){ alpn + at, len };
		at += len;
	}
	if (!count)
		return th_tls_fail(tls, EINVAL, 0, "there is no ALPN");
	return gnutls_alpn_set_protocols(tls->session, names, count,
					 GNUTLS_ALPN_MANDATORY) >= 0 ||
	       th_tls_fail(tls, ENOMEM, 0, "out of memory");
}

static bool th_tls_is_address(const char *name)
{
	unsigned char address[16];

	return inet_pton(AF_INET, name, address) == 1 ||
	       inet_pton(AF_INET6, name, address) == 1;
}

/* RFC 6066 section 3: addresses are no server names */
static bool th_tls_sni(struct th_tls *tls)
{
	const char *name = tls->request.peername;
	int err;

	if (tls->request.server || !*name || th_tls_is_address(name))
		return true;
	err = gnutls_server_name_set(tls->session, GNUTLS_NAME_DNS, name,
				     strlen(name));
	return err >= 0 || th_tls_fail(tls, EINVAL, 0, "peer name '%s': %s",
				       name, gnutls_strerror(err));
}

static void th_tls_address(struct th_tls *tls)
{
	static const __u8 mapped[12] = { [10] = 0xff, [11] = 0xff };
	const __u8 *remote = tls->request.remote;

	if (!memcmp(remote, mapped, sizeof(mapped)))
		inet_ntop(AF_INET, remote + 12, tls->address,
			  sizeof(tls->address));
	else
		inet_ntop(AF_INET6, remote, tls->address,
			  sizeof(tls->address));
}

static bool th_tls_credentials(struct th_tls *tls)
{
	gnutls_certificate_credentials_t cred;
	int err = 0;

	cred = tls->own ?: tls->methods & TH_TLS_RAW ? tls->profile->raw :
						       tls->profile->x509;
	if (tls->methods & (TH_TLS_X509 | TH_TLS_RAW))
		err = gnutls_credentials_set(tls->session,
					     GNUTLS_CRD_CERTIFICATE, cred);
	if (err >= 0 && tls->psk_client)
		err = gnutls_credentials_set(tls->session, GNUTLS_CRD_PSK,
					     tls->psk_client);
	if (err >= 0 && tls->psk_server)
		err = gnutls_credentials_set(tls->session, GNUTLS_CRD_PSK,
					     tls->psk_server);
	return err >= 0 || th_tls_fail(tls, ENOMEM, 0, "out of memory");
}

/* Whether a server wants to know who its clients are. */
static void th_tls_ask(struct th_tls *tls)
{
	static const gnutls_certificate_request_t ask[] = {
		[TH_CONF_CLIENTS_NONE] = GNUTLS_CERT_IGNORE,
		[TH_CONF_CLIENTS_ASK] = GNUTLS_CERT_REQUEST,
		[TH_CONF_CLIENTS_REQUIRE] = GNUTLS_CERT_REQUIRE,
	};
	gnutls_certificate_request_t how = ask[tls->profile->clients];

	if (tls->request.server &&
	    tls->methods & (TH_TLS_X509 | TH_TLS_RAW))
		gnutls_certificate_server_set_request(tls->session, how);
	if (tls->verify)
		gnutls_session_set_verify_function(tls->session,
						   th_tls_verify);
}

bool th_tls_setup(struct th_tls *tls)
{
	unsigned int flags = GNUTLS_NO_END_OF_EARLY_DATA |
			     GNUTLS_NO_AUTO_SEND_TICKET | GNUTLS_NO_SIGNAL;
	int err;

	flags |= tls->request.server ? GNUTLS_SERVER : GNUTLS_CLIENT;
	if (tls->request.early && tls->profile->early)
		flags |= GNUTLS_ENABLE_EARLY_DATA;
	if (tls->methods & TH_TLS_RAW)
		flags |= GNUTLS_ENABLE_RAWPK;
	err = gnutls_init(&tls->session, flags);
	if (err < 0)
		return th_tls_fail(tls, ENOMEM, 0, "%s", gnutls_strerror(err));
	th_tls_address(tls);
	if (!th_tls_priority(tls) || !th_tls_alpn(tls) || !th_tls_sni(tls) ||
	    !th_tls_credentials(tls))
		return false;
	th_tls_ask(tls);
	th_tls_ticket_setup(tls);
	return true;
}
