/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Early data that was accepted, so that it is accepted once: RFC 8446 section
 * 8.2.  One memory for all threads and profiles.
 */
#ifndef _TQUIC_HANDSHAKED_REPLAY_H
#define _TQUIC_HANDSHAKED_REPLAY_H

#include <gnutls/gnutls.h>
#include <stdbool.h>

bool th_replay_init(void);
void th_replay_exit(void);
gnutls_anti_replay_t th_replay_get(void);

#endif /* _TQUIC_HANDSHAKED_REPLAY_H */
