/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A handshake: TLS on one side, the kernel's file on the other.
 */
#ifndef _TQUIC_HANDSHAKED_HS_H
#define _TQUIC_HANDSHAKED_HS_H

#include <stdbool.h>
#include <time.h>

#include "tls.h"

struct th_genl;

/**
 * struct th_hs - a handshake
 * @next: next one of its worker
 * @prev: pointer to this one
 * @tls: TLS
 * @fd: file
 * @genl: for HS_DONE
 * @out: messages that the kernel has not got yet
 * @out_len: bytes of these
 * @out_room: room there
 * @broken: the file does not take messages any more
 * @told: HS_DONE was sent
 * @until: when the file is closed, once TLS has finished; 0 for not yet
 */
struct th_hs {
	struct th_hs *next;
	struct th_hs **prev;
	struct th_tls tls;
	int fd;
	struct th_genl *genl;
	unsigned char *out;
	size_t out_len;
	size_t out_room;
	bool broken;
	bool told;
	time_t until;
};

/* takes the file over; NULL without memory, when it is closed */
struct th_hs *th_hs_new(struct th_conf *conf, const struct th_request *request,
			struct th_genl *genl);
void th_hs_free(struct th_hs *hs);
/* false when there is nothing more to be done */
bool th_hs_start(struct th_hs *hs);
bool th_hs_readable(struct th_hs *hs);

#endif /* _TQUIC_HANDSHAKED_HS_H */
