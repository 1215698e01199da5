/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keys of the kernel's keyrings (type "user"), which a socket names by serial.
 */
#ifndef _TQUIC_HANDSHAKED_KEYRING_H
#define _TQUIC_HANDSHAKED_KEYRING_H

#include <stddef.h>
#include <sys/types.h>

#define TH_KEYRING_MAX	32767

/*
 * Bytes of a key, or -errno.  It has to belong to @uid, or @uid be root: the
 * agent reads more than he may who made the socket.
 */
ssize_t th_keyring_read(int serial, uid_t uid, void *to, size_t room);

#endif /* _TQUIC_HANDSHAKED_KEYRING_H */
