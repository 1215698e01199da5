/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses of servers. */
#ifndef _TQUICD_RESOLVE_H
#define _TQUICD_RESOLVE_H

#include <stdint.h>

#define TQD_RESOLVE_MAX	16

/**
 * struct tqd_addrs - addresses of a host
 * @nr: how many
 * @addr: each, the one to prefer first; IPv4 mapped
 */
struct tqd_addrs {
	unsigned int nr;
	uint8_t addr[TQD_RESOLVE_MAX][16];
};

/* NULL, or what the resolver says */
const char *tqd_resolve(const char *host, struct tqd_addrs *addrs);

#endif /* _TQUICD_RESOLVE_H */
