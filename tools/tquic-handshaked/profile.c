// SPDX-License-Identifier: GPL-2.0
/*
 * What the files of a profile hold: keys and certificates.
 */
#include <errno.h>
#include <fcntl.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "log.h"

/* raw public keys that are trusted, at most */
#define TH_PROFILE_TRUSTED_MAX	1024
#define TH_PROFILE_PEM_BEGIN	"-----BEGIN PUBLIC KEY-----"

static bool th_profile_ok(int err, const char *file)
{
	if (err < 0)
		th_error("%s: %s", file, gnutls_strerror(err));
	return err >= 0;
}

/* Those that go without saying. */
static bool th_profile_is_default(const struct th_profile *profile)
{
	return !strcmp(profile->name, TH_CONF_DEFAULT) ||
	       (!strcmp(profile->name, TH_CONF_TQUICD) &&
		!strcmp(profile->psk, TH_CONF_TQUICD_PSK));
}

/* Keys are wanted only where something else than the default names them. */
static bool th_profile_load_psk(struct th_profile *profile)
{
	if (!profile->psk)
		return true;
	if (th_profile_is_default(profile) &&
	    access(profile->psk, F_OK) && errno == ENOENT)
		return true;
	return th_psk_load(&profile->store, profile->psk);
}

static bool th_profile_load_x509(struct th_profile *profile)
{
	gnutls_certificate_credentials_t cred;
	int err;

	err = gnutls_certificate_allocate_credentials(&cred);
	if (!th_profile_ok(err, profile->name))
		return false;
	profile->x509 = cred;
	/* a system without certificates trusts nobody */
	if (!profile->ca)
		gnutls_certificate_set_x509_system_trust(cred);
	else
		err = gnutls_certificate_set_x509_trust_file(cred, profile->ca,
							     TH_PEM);
	if (profile->ca && !err)
		err = GNUTLS_E_NO_CERTIFICATE_FOUND;
	if (profile->ca && !th_profile_ok(err, profile->ca))
		return false;
	if (!profile->certificate)
		return true;
	err = gnutls_certificate_set_x509_key_file(cred, profile->certificate,
						   profile->private_key,
						   TH_PEM);
	return th_profile_ok(err, profile->certificate);
}

static bool th_profile_load_raw(struct th_profile *profile)
{
	int err = gnutls_certificate_allocate_credentials(&profile->raw);

	if (!th_profile_ok(err, profile->name))
		return false;
	if (!profile->public_key)
		return true;
	err = gnutls_certificate_set_rawpk_key_file(profile->raw,
						    profile->public_key,
						    profile->private_key,
						    TH_PEM, NULL,
						    0, NULL, 0, 0, 0);
	return th_profile_ok(err, profile->public_key);
}

/* A key in PEM, kept as DER. */
static int th_profile_trust_one(struct th_profile *profile, const char *pem)
{
	gnutls_datum_t in = { (unsigned char *)pem, strlen(pem) };
	gnutls_pubkey_t key;
	int err;

	if (profile->nr_trusted == TH_PROFILE_TRUSTED_MAX)
		return GNUTLS_E_MEMORY_ERROR;
	err = gnutls_pubkey_init(&key);
	if (err < 0)
		return err;
	err = gnutls_pubkey_import(key, &in, TH_PEM);
	if (err >= 0)
		err = gnutls_pubkey_export2(key, TH_DER,
					    &profile->trusted
					    [profile->nr_trusted]);
	if (err >= 0)
		profile->nr_trusted++;
	gnutls_pubkey_deinit(key);
	return err;
}

static bool th_profile_load_trusted(struct th_profile *profile)
{
	gnutls_datum_t text = {};
	char *pem;
	int err;

	if (!profile->trusted_keys)
		return true;
	profile->trusted = calloc(TH_PROFILE_TRUSTED_MAX,
				  sizeof(*profile->trusted));
	err = profile->trusted ? gnutls_load_file(profile->trusted_keys, &text)
			       : GNUTLS_E_MEMORY_ERROR;
	/* gnutls_load_file() terminates what it has read */
	pem = (char *)text.data;
	while (err >= 0 && (pem = strstr(pem, TH_PROFILE_PEM_BEGIN))) {
		err = th_profile_trust_one(profile, pem);
		pem++;
	}
	gnutls_free(text.data);
	if (err >= 0 && !profile->nr_trusted)
		err = GNUTLS_E_NO_CERTIFICATE_FOUND;
	return th_profile_ok(err, profile->trusted_keys);
}

/* What goes together is there together. */
static const char *th_profile_check(const struct th_profile *profile)
{
	if ((profile->certificate || profile->public_key) &&
	    !profile->private_key)
		return "certificate and public-key want a private-key";
	if (profile->private_key && !profile->certificate &&
	    !profile->public_key)
		return "private-key wants a certificate or a public-key";
	return NULL;
}

/*
 * A server's tickets outlive the agent: whoever comes back after a restart and
 * offers one together with a key must not be taken for somebody who guesses.
 */
static bool th_profile_load_ticket_key(struct th_profile *profile,
				       const struct th_conf *conf)
{
	char path[4096];
	ssize_t got = -1;
	int fd;

	if (conf->state_dir) {
		snprintf(path, sizeof(path), "%s/%s.ticket-key",
			 conf->state_dir, profile->name);
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
			  0600);
		if (fd >= 0) {
			got = read(fd, profile->ticket_key,
				   sizeof(profile->ticket_key));
			if (got == sizeof(profile->ticket_key)) {
				close(fd);
				return true;
			}
		}
	} else {
		fd = -1;
	}
	if (gnutls_rnd(GNUTLS_RND_KEY, profile->ticket_key,
		       sizeof(profile->ticket_key)) < 0)
		return false;
	if (fd < 0)
		return true;
	if (pwrite(fd, profile->ticket_key, sizeof(profile->ticket_key), 0) !=
	    sizeof(profile->ticket_key))
		th_error("%s: %s", path, strerror(errno));
	close(fd);
	return true;
}

bool th_profile_load(struct th_profile *profile, const struct th_conf *conf,
		     const char *path)
{
	const char *problem = strchr(profile->name, '/') ?
			      "a name has no '/'" : th_profile_check(profile);

	if (problem) {
		th_error("%s: [%s]: %s", path, profile->name, problem);
		return false;
	}
	return th_profile_load_psk(profile) && th_profile_load_x509(profile) &&
	       th_profile_load_raw(profile) &&
	       th_profile_load_trusted(profile) &&
	       th_profile_load_ticket_key(profile, conf);
}

void th_profile_free(struct th_profile *profile)
{
	unsigned int i;

	th_psk_free(&profile->store);
	if (profile->x509)
		gnutls_certificate_free_credentials(profile->x509);
	if (profile->raw)
		gnutls_certificate_free_credentials(profile->raw);
	for (i = 0; i < profile->nr_trusted; i++)
		gnutls_free(profile->trusted[i].data);
	free(profile->trusted);
	free(profile->psk);
	free(profile->certificate);
	free(profile->private_key);
	free(profile->ca);
	free(profile->public_key);
	free(profile->trusted_keys);
	free(profile->ciphers);
	free(profile->groups);
	explicit_bzero(profile->ticket_key, sizeof(profile->ticket_key));
	free(profile);
}
