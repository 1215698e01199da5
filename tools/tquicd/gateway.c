// SPDX-License-Identifier: GPL-2.0
/* A gateway's tunnel. */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "kernel.h"
#include "log.h"
#include "psk.h"

static void tqd_gateway_print(const uint8_t addr[16], char *text)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	bool v4 = !memcmp(addr, mapped, sizeof(mapped));

	inet_ntop(v4 ? AF_INET : AF_INET6, addr + (v4 ? 12 : 0), text,
		  INET6_ADDRSTRLEN);
}

/* The first uplink of the list that works, or just the first; NULL for any. */
static const char *tqd_gateway_device(const struct tqd_tunnel *tunnel)
{
	unsigned int i;

	for (i = 0; i < tunnel->paths.nr; i++)
		if (tqd_paths_works(tunnel->paths.name[i]))
			return tunnel->paths.name[i];
	return tunnel->paths.nr ? tunnel->paths.name[0] : NULL;
}

static bool tqd_gateway_add(struct tq_genl *genl,
			    const struct tqd_tunnel *tunnel,
			    const uint8_t addr[16])
{
	const char *device = tqd_gateway_device(tunnel);
	char text[INET6_ADDRSTRLEN];
	struct nlmsghdr *nlh;
	unsigned int dev = 0;

	if (device) {
		dev = if_nametoindex(device);
		if (!dev) {
			tqd_error(&tunnel->path_list, "there is no device %s",
				  device);
			return false;
		}
	}
	nlh = tq_genl_start(genl, TQUIC_CMD_TUNNEL_ADD, false);
	mnl_attr_put_strz(nlh, TQUIC_A_TUNNEL_NAME, tunnel->name);
	mnl_attr_put(nlh, TQUIC_A_TUNNEL_REMOTE, 16, addr);
	mnl_attr_put_u16(nlh, TQUIC_A_TUNNEL_REMOTE_PORT, tunnel->port);
	mnl_attr_put_strz(nlh, TQUIC_A_TUNNEL_IDENTITY, tunnel->identity);
	mnl_attr_put_strz(nlh, TQUIC_A_TUNNEL_PROFILE, TQD_PSK_PROFILE);
	if (dev)
		mnl_attr_put_u32(nlh, TQUIC_A_TUNNEL_DEV, dev);
	if (*tunnel->scheduler)
		mnl_attr_put_strz(nlh, TQUIC_A_TUNNEL_SCHEDULER,
				  tunnel->scheduler);
	if (*tunnel->congestion)
		mnl_attr_put_strz(nlh, TQUIC_A_TUNNEL_CONGESTION,
				  tunnel->congestion);
	if (!tqd_kernel_ask(genl, nlh, &tunnel->place, tunnel->name))
		return false;
	tqd_gateway_print(addr, text);
	tqd_info("tunnel %s: to %s port %u as %s", tunnel->name, text,
		 tunnel->port, tunnel->identity);
	return true;
}

static bool tqd_gateway_has_address(const struct tqd_addrs *addrs,
				    const json_t *now)
{
	char text[INET6_ADDRSTRLEN];
	unsigned int i;

	for (i = 0; i < addrs->nr; i++) {
		tqd_gateway_print(addrs->addr[i], text);
		if (!strcmp(text, tqd_kernel_str(now, "remote")))
			return true;
	}
	return false;
}

/* By a device of the list, or by none when there is no list. */
static bool tqd_gateway_has_device(const struct tqd_tunnel *tunnel,
				   const json_t *now)
{
	const char *dev = tqd_kernel_str(now, "dev");
	unsigned int i;

	for (i = 0; i < tunnel->paths.nr; i++)
		if (!strcmp(tunnel->paths.name[i], dev))
			return true;
	return !tunnel->paths.nr && !*dev;
}

/* What the kernel shows for no choice, it chose itself. */
static bool tqd_gateway_algo(const char *want, const char *fallback,
			     const char *now)
{
	return !strcmp(*want ? want : fallback, *now ? now : fallback);
}

/* All but the address. */
static bool tqd_gateway_same(const struct tqd_tunnel *tunnel,
			     const json_t *now)
{
	return !strcmp(tqd_kernel_str(now, "role"), "client") &&
	       tqd_kernel_num(now, "remote_port") == tunnel->port &&
	       !strcmp(tqd_kernel_str(now, "identity"), tunnel->identity) &&
	       !strcmp(tqd_kernel_str(now, "profile"), TQD_PSK_PROFILE) &&
	       tqd_gateway_algo(tunnel->scheduler, "",
				tqd_kernel_str(now, "scheduler")) &&
	       tqd_gateway_algo(tunnel->congestion, "poise",
				tqd_kernel_str(now, "congestion")) &&
	       tqd_gateway_has_device(tunnel, now);
}

static bool tqd_gateway_resolve(const struct tqd_tunnel *tunnel,
				struct tqd_addrs *addrs)
{
	const char *problem = tqd_resolve(tunnel->host, addrs);

	if (problem)
		tqd_error(&tunnel->server, "%s: %s", tunnel->host, problem);
	return !problem;
}

/**
 * tqd_gateway_apply - make a tunnel, or leave it as it is
 * @genl: kernel
 * @tunnel: what there is to be
 * @state: what there is
 * @host: name of the server that it was made for, "" if that is not known
 *
 * One that is other than it should be is made anew, and its flows end.  That a
 * name cannot be resolved at the moment is no reason for it, nor that it leads
 * elsewhere meanwhile, unless the tunnel is down.
 *
 * Return: whether it is there.
 */
bool tqd_gateway_apply(struct tq_genl *genl, const struct tqd_tunnel *tunnel,
		       const struct tqd_state *state, const char *host)
{
	const json_t *now = tqd_kernel_tunnel(state, tunnel->name);
	struct tqd_addrs addrs;
	bool same = now && tqd_gateway_same(tunnel, now);

	if (same && !strcmp(host, tunnel->host) &&
	    !strcmp(tqd_kernel_str(now, "state"), "up"))
		return true;
	if (!tqd_gateway_resolve(tunnel, &addrs))
		return same;
	if (same && tqd_gateway_has_address(&addrs, now))
		return true;
	if (now && !tqd_kernel_del(genl, tunnel->name))
		return false;
	return tqd_gateway_add(genl, tunnel, addrs.addr[0]);
}

/* One that has been taken down by hand does not wait for another attempt. */
bool tqd_gateway_retry(struct tq_genl *genl, const struct tqd_tunnel *tunnel,
		       const struct tqd_state *state)
{
	const json_t *now = tqd_kernel_tunnel(state, tunnel->name);
	const char *device = tqd_gateway_device(tunnel);
	struct tqd_addrs addrs;

	if (!now)
		return tqd_gateway_apply(genl, tunnel, state, "");
	if (!tqd_gateway_resolve(tunnel, &addrs))
		return false;
	if (tqd_gateway_has_address(&addrs, now) &&
	    (!device || !strcmp(device, tqd_kernel_str(now, "dev"))))
		return true;
	return tqd_kernel_del(genl, tunnel->name) &&
	       tqd_gateway_add(genl, tunnel, addrs.addr[0]);
}
