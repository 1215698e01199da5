/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Header protection (RFC 9001 section 5.4).
 *
 * One key serves a direction of a connection for its whole life, on all paths
 * and in all key phases.  Masks are made for many packets in one call.
 */
#ifndef _TQUIC_AEAD_HP_H
#define _TQUIC_AEAD_HP_H

#include <linux/types.h>

struct tquic_aead_secret;
struct tquic_hp_key;

#define TQUIC_HP_SAMPLE_LEN	16
/* the sample is taken as if the packet number had its greatest length */
#define TQUIC_HP_PN_MAX		4

struct tquic_hp_key *
tquic_hp_key_create(const struct tquic_aead_secret *secret);
struct tquic_hp_key *tquic_hp_key_get(struct tquic_hp_key *hp);
bool tquic_hp_key_get_maybe_zero(struct tquic_hp_key *hp) __must_check;
void tquic_hp_key_put(struct tquic_hp_key *hp);

int tquic_hp_masks(const struct tquic_hp_key *hp, u8 *blocks, unsigned int n);
void tquic_hp_apply(u8 *first, u8 *pn, unsigned int pn_len, const u8 *mask);
unsigned int tquic_hp_remove(u8 *first, u8 *pn, const u8 *mask);

#endif /* _TQUIC_AEAD_HP_H */
