// SPDX-License-Identifier: GPL-2.0
/* Credentials: made, shared, freed. */
#include <linux/cred.h>
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tquic.h>

#include "cred.h"

/**
 * tquic_cred_new - make credentials
 * @gfp: how to allocate
 *
 * Return: all 0 but for who makes them, the protocol of those who name none
 * (RFC 9001 section 8.1 demands one), and a reference, which is the caller's;
 * NULL without memory.
 */
struct tquic_cred *tquic_cred_new(gfp_t gfp)
{
	struct tquic_cred *cred = kzalloc_obj(*cred, gfp);

	if (!cred)
		return NULL;
	refcount_set(&cred->ref, 1);
	cred->uid = current_euid();
	cred->alpn[0] = strlen(TQUIC_ALPN_DEFAULT);
	memcpy(cred->alpn + 1, TQUIC_ALPN_DEFAULT, cred->alpn[0]);
	cred->alpn_len = 1 + cred->alpn[0];
	return cred;
}
EXPORT_SYMBOL_GPL(tquic_cred_new);

/**
 * tquic_cred_copy - make credentials that may be changed
 * @from: what they start from
 * @gfp: how to allocate
 *
 * Return: a copy with one reference, the caller's; NULL without memory.
 */
struct tquic_cred *tquic_cred_copy(const struct tquic_cred *from, gfp_t gfp)
{
	struct tquic_cred *cred = kmalloc_obj(*cred, gfp);

	if (!cred)
		return NULL;
	*cred = *from;
	refcount_set(&cred->ref, 1);
	return cred;
}

struct tquic_cred *tquic_cred_get(struct tquic_cred *cred)
{
	refcount_inc(&cred->ref);
	return cred;
}

/**
 * tquic_cred_put - give a reference back
 * @cred: credentials, or NULL
 *
 * Context: any but hard interrupts.
 */
void tquic_cred_put(struct tquic_cred *cred)
{
	if (cred && refcount_dec_and_test(&cred->ref))
		kfree_sensitive(cred);
}
EXPORT_SYMBOL_GPL(tquic_cred_put);
