/* SPDX-License-Identifier: GPL-2.0 */
/*
 * QUIC version numbers.
 */
#ifndef _TQUIC_CORE_VERSION_H
#define _TQUIC_CORE_VERSION_H

#include "core.h"

#define TQUIC_VERSION_NEGOTIATION	0x00000000U
#define TQUIC_VERSION_1			0x00000001U	/* RFC 9000 */
#define TQUIC_VERSION_2			0x6b3343cfU	/* RFC 9369 */

/**
 * tquic_version_known - whether the codec understands a version
 * @version: from a long header
 *
 * Return: true for versions 1 and 2.
 */
static inline bool tquic_version_known(u32 version)
{
	return version == TQUIC_VERSION_1 || version == TQUIC_VERSION_2;
}

/**
 * tquic_version_reserved - whether a version exists only to be ignored
 * @version: any
 *
 * Return: true for the reserved pattern of RFC 9000 section 15.
 */
static inline bool tquic_version_reserved(u32 version)
{
	return (version & 0x0f0f0f0f) == 0x0a0a0a0a;
}

/**
 * tquic_version_grease - make a version that no endpoint may speak
 * @random: any bits, half of which end up in the result
 *
 * Return: a version for which tquic_version_reserved() holds.
 */
static inline u32 tquic_version_grease(u32 random)
{
	return (random & 0xf0f0f0f0) | 0x0a0a0a0a;
}

#endif /* _TQUIC_CORE_VERSION_H */
