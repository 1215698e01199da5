/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TQUIC_SOCK_CONNECT_H
#define _TQUIC_SOCK_CONNECT_H

#include <linux/socket.h>

struct socket;

int tquic_sock_connect(struct socket *sock, struct sockaddr_unsized *addr,
		       int addr_len, int flags);

#endif /* _TQUIC_SOCK_CONNECT_H */
