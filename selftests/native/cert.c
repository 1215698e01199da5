// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <time.h>

#include <linux/string.h>

#include "cert.h"
#include "log.h"

#define TN_CERT_DAYS	30

static void tn_must(int err, const char *what)
{
	if (err < 0)
		tn_die("%s: %s", what, gnutls_strerror(err));
}

static void tn_cert_write(const char *name, const gnutls_datum_t *data)
{
	FILE *file = fopen(name, "w");

	if (!file || fwrite(data->data, data->size, 1, file) != 1 ||
	    fclose(file))
		tn_die("%s: %s", name, strerror(errno));
}

static void tn_cert_fill(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key)
{
	static const char name[] = "localhost";
	static const u8 loopback[] = { 127, 0, 0, 1 };
	time_t now = time(NULL);
	u8 serial[8];

	gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial));
	serial[0] &= 0x7f;
	tn_must(gnutls_x509_crt_set_key(crt, key), "key");
	gnutls_x509_crt_set_version(crt, 3);
	gnutls_x509_crt_set_serial(crt, serial, sizeof(serial));
	gnutls_x509_crt_set_activation_time(crt, now - 3600);
	gnutls_x509_crt_set_expiration_time(crt, now + TN_CERT_DAYS * 86400);
	gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0,
				      name, sizeof(name) - 1);
	gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, name,
					     sizeof(name) - 1,
					     GNUTLS_FSAN_SET);
	gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS,
					     loopback, sizeof(loopback),
					     GNUTLS_FSAN_APPEND);
	gnutls_x509_crt_set_basic_constraints(crt, 1, -1);
	tn_must(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0),
		"signature");
}

void tn_cert_make(const char *cert, const char *key)
{
	gnutls_x509_privkey_t private;
	gnutls_x509_crt_t crt;
	gnutls_datum_t data;

	tn_must(gnutls_x509_privkey_init(&private), "key");
	tn_must(gnutls_x509_crt_init(&crt), "certificate");
	tn_must(gnutls_x509_privkey_generate(private, GNUTLS_PK_ECDSA,
					     GNUTLS_CURVE_TO_BITS
					     (GNUTLS_ECC_CURVE_SECP256R1), 0),
		"key");
	tn_cert_fill(crt, private);
	tn_must(gnutls_x509_privkey_export2(private, GNUTLS_X509_FMT_PEM,
					    &data), "key");
	tn_cert_write(key, &data);
	gnutls_free(data.data);
	tn_must(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &data),
		"certificate");
	tn_cert_write(cert, &data);
	gnutls_free(data.data);
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(private);
}
