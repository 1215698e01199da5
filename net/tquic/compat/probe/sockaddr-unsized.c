// SPDX-License-Identifier: GPL-2.0
/* kernel_bind(): an address of unsized type, before that a struct sockaddr. */
#include <linux/net.h>

int tquic_probe(struct socket *sock, void *addr);
int tquic_probe(struct socket *sock, void *addr)
{
#ifdef TQUIC_PROBE_OLD
	return kernel_bind(sock, (struct sockaddr *)addr, 0);
#else
	return kernel_bind(sock, (struct sockaddr_unsized *)addr, 0);
#endif
}
