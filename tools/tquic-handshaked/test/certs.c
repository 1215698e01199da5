// SPDX-License-Identifier: GPL-2.0
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "certs.h"

struct certs_pair {
	gnutls_x509_crt_t crt;
	gnutls_x509_privkey_t key;
};

static void certs_must(int err)
{
	if (err >= 0)
		return;
	fprintf(stderr, "cannot make certificates: %s\n",
		gnutls_strerror(err));
	exit(1);
}

static void certs_write(const char *name, const char *tail,
			gnutls_datum_t *data)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s.%s", name, tail);
	file = fopen(path, "w");
	if (!file || fwrite(data->data, data->size, 1, file) != 1 ||
	    fclose(file)) {
		perror(path);
		exit(1);
	}
	gnutls_free(data->data);
}

static void certs_save(const char *name, struct certs_pair *pair)
{
	gnutls_pubkey_t pub;
	gnutls_datum_t data;

	certs_must(gnutls_x509_crt_export2(pair->crt, GNUTLS_X509_FMT_PEM,
					   &data));
	certs_write(name, "pem", &data);
	certs_must(gnutls_x509_privkey_export2(pair->key, GNUTLS_X509_FMT_PEM,
					       &data));
	certs_write(name, "key", &data);
	certs_must(gnutls_pubkey_init(&pub));
	certs_must(gnutls_pubkey_import_x509(pub, pair->crt, 0));
	certs_must(gnutls_pubkey_export2(pub, GNUTLS_X509_FMT_PEM, &data));
	certs_write(name, "pub", &data);
	gnutls_pubkey_deinit(pub);
}

/* Signed by @ca, or by itself. */
static void certs_one(struct certs_pair *pair, const char *name,
		      const struct certs_pair *ca, time_t expires)
{
	static const unsigned char loopback[] = { 127, 0, 0, 1 };
	static unsigned char serial;
	const char *host = "server.example";

	certs_must(gnutls_x509_privkey_init(&pair->key));
	certs_must(gnutls_x509_privkey_generate(pair->key, GNUTLS_PK_ECDSA,
						GNUTLS_CURVE_TO_BITS
						(GNUTLS_ECC_CURVE_SECP256R1),
						0));
	certs_must(gnutls_x509_crt_init(&pair->crt));
	gnutls_x509_crt_set_key(pair->crt, pair->key);
	gnutls_x509_crt_set_version(pair->crt, 3);
	serial++;
	gnutls_x509_crt_set_serial(pair->crt, &serial, 1);
	gnutls_x509_crt_set_activation_time(pair->crt, time(NULL) - 7200);
	gnutls_x509_crt_set_expiration_time(pair->crt, expires);
	gnutls_x509_crt_set_dn_by_oid(pair->crt, GNUTLS_OID_X520_COMMON_NAME,
				      0, name, strlen(name));
	if (ca) {
		gnutls_x509_crt_set_subject_alt_name(pair->crt,
						     GNUTLS_SAN_DNSNAME, host,
						     strlen(host),
						     GNUTLS_FSAN_SET);
		gnutls_x509_crt_set_subject_alt_name(pair->crt,
						     GNUTLS_SAN_IPADDRESS,
						     loopback, 4,
						     GNUTLS_FSAN_APPEND);
	} else {
		gnutls_x509_crt_set_basic_constraints(pair->crt, 1, -1);
		gnutls_x509_crt_set_key_usage(pair->crt,
					      GNUTLS_KEY_KEY_CERT_SIGN);
	}
	certs_must(gnutls_x509_crt_sign2(pair->crt, ca ? ca->crt : pair->crt,
					 ca ? ca->key : pair->key,
					 GNUTLS_DIG_SHA256, 0));
	certs_save(name, pair);
}

static void certs_free(struct certs_pair *pair)
{
	gnutls_x509_crt_deinit(pair->crt);
	gnutls_x509_privkey_deinit(pair->key);
}

void certs_make(void)
{
	static const char *const names[] = { "server", "client", "expired" };
	time_t now = time(NULL);
	struct certs_pair ca, one;
	unsigned int i;

	certs_one(&one, "other-ca", NULL, now + 86400);
	certs_free(&one);
	certs_one(&ca, "ca", NULL, now + 86400);
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		certs_one(&one, names[i], &ca,
			  strcmp(names[i], "expired") ? now + 86400 :
							now - 3600);
		certs_free(&one);
	}
	certs_free(&ca);
}
