// SPDX-License-Identifier: GPL-2.0
/* setup_udp_tunnel_sock(): takes a sock, before that a socket. */
#include <net/udp_tunnel.h>

void tquic_probe(struct socket *sock, struct udp_tunnel_sock_cfg *cfg);
void tquic_probe(struct socket *sock, struct udp_tunnel_sock_cfg *cfg)
{
#ifdef TQUIC_PROBE_OLD
	setup_udp_tunnel_sock(NULL, sock, cfg);
#else
	setup_udp_tunnel_sock(NULL, sock->sk, cfg);
#endif
}
