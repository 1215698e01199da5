/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sessions that a client can resume, by whom they were with.  Each is used
 * once, so that nobody can link two connections by it (RFC 8446 appendix C.4).
 * They are kept in memory and, if there is a directory, in files of it.
 */
#ifndef _TQUIC_HANDSHAKED_TICKET_H
#define _TQUIC_HANDSHAKED_TICKET_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define TH_TICKET_NAME		32
#define TH_TICKET_TPARAMS_MAX	2048

/**
 * struct th_ticket - a session
 * @name: hash of everything that has to be the same
 * @expires: by the clock on the wall
 * @version: of QUIC: RFC 9369 section 5
 * @tparams_len: bytes of the server's transport parameters
 * @session_len: bytes of GnuTLS's
 * @data: these two, one after the other
 */
struct th_ticket {
	unsigned char name[TH_TICKET_NAME];
	time_t expires;
	unsigned int version;
	unsigned int tparams_len;
	unsigned int session_len;
	unsigned char data[];
};

/* what is in the directory is read at once; NULL for memory only */
void th_ticket_init(const char *dir);
void th_ticket_exit(void);
/* forget all: others may be trusted now */
void th_ticket_flush(void);
void th_ticket_save(const unsigned char *name, unsigned int version,
		    const void *tparams, size_t tparams_len,
		    const void *session, size_t session_len);
/* a session for this version, the caller's to free, or NULL */
struct th_ticket *th_ticket_take(const unsigned char *name,
				 unsigned int version);
void th_ticket_free(struct th_ticket *ticket);

#endif /* _TQUIC_HANDSHAKED_TICKET_H */
