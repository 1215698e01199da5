// SPDX-License-Identifier: GPL-2.0
/*
 * Uplinks by list: the path manager is user space, that is, this.  Paths that
 * are there stay without it.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "attr.h"
#include "kernel.h"
#include "log.h"

static const char tqd_paths_sysctl[] = "/proc/sys/net/tquic/path_manager";

/* It is up, and there is a carrier. */
bool tqd_paths_works(const char *device)
{
	int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq req = {};
	bool works;

	if (sock < 0)
		return false;
	memcpy(req.ifr_name, device, strnlen(device, IFNAMSIZ - 1));
	works = !ioctl(sock, SIOCGIFFLAGS, &req) &&
		req.ifr_flags & IFF_UP && req.ifr_flags & IFF_RUNNING;
	close(sock);
	return works;
}

/**
 * tqd_paths_manager - choose who finds uplinks
 * @conf: configuration; all its tunnels want the same
 *
 * Return: whether it is chosen.
 */
bool tqd_paths_manager(const struct tqd_conf *conf)
{
	const char *want;
	ssize_t put = -1;
	int fd;

	if (!conf->tunnels)
		return true;
	want = conf->tunnels->paths.nr ? "userspace" : "kernel";
	fd = open(tqd_paths_sysctl, O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		put = write(fd, want, strlen(want));
		close(fd);
	}
	if (put < 0)
		tqd_error(NULL, "%s: %s", tqd_paths_sysctl, strerror(errno));
	return put >= 0;
}

static const json_t *tqd_paths_by(const json_t *paths, const char *device)
{
	json_t *path;
	size_t i;

	json_array_foreach(paths, i, path)
		if (!strcmp(tqd_kernel_str(path, "dev"), device) &&
		    strcmp(tqd_kernel_str(path, "state"), "closing"))
			return path;
	return NULL;
}

static bool tqd_paths_add(struct tq_genl *genl, const struct tqd_tunnel *tunnel,
			  const json_t *now, const char *device)
{
	struct nlmsghdr *nlh;
	uint8_t remote[16];
	uint16_t port;

	if (tq_parse_address(tqd_kernel_str(now, "remote"), remote, &port))
		return false;
	nlh = tq_genl_start(genl, TQUIC_CMD_PATH_ADD, false);
	mnl_attr_put_u32(nlh, TQUIC_A_PATH_CONN_ID,
			 tqd_kernel_num(now, "conn_id"));
	mnl_attr_put(nlh, TQUIC_A_PATH_REMOTE, sizeof(remote), remote);
	mnl_attr_put_u16(nlh, TQUIC_A_PATH_REMOTE_PORT,
			 tqd_kernel_num(now, "remote_port"));
	mnl_attr_put_u32(nlh, TQUIC_A_PATH_DEV, if_nametoindex(device));
	/* it will be tried again: an uplink may have no address yet */
	if (tq_genl_ask(genl, nlh, NULL, NULL)) {
		tqd_debug("tunnel %s: by %s: %s", tunnel->name, device,
			  genl->error);
		return false;
	}
	tqd_info("tunnel %s: by %s, too", tunnel->name, device);
	return true;
}

static bool tqd_paths_listed(const struct tqd_tunnel *tunnel,
			     const char *device)
{
	unsigned int i;

	for (i = 0; i < tunnel->paths.nr; i++)
		if (!strcmp(tunnel->paths.name[i], device))
			return true;
	return false;
}

static void tqd_paths_del(struct tq_genl *genl, const struct tqd_tunnel *tunnel,
			  const json_t *path)
{
	struct nlmsghdr *nlh;

	nlh = tq_genl_start(genl, TQUIC_CMD_PATH_DEL, false);
	mnl_attr_put_u32(nlh, TQUIC_A_PATH_CONN_ID,
			 tqd_kernel_num(path, "conn_id"));
	mnl_attr_put_u32(nlh, TQUIC_A_PATH_ID, tqd_kernel_num(path, "path_id"));
	/* the last one stays until there is another */
	if (tq_genl_ask(genl, nlh, NULL, NULL))
		tqd_debug("tunnel %s: not by %s: %s", tunnel->name,
			  tqd_kernel_str(path, "dev"), genl->error);
}

/**
 * tqd_paths_ensure - let a connected tunnel have its uplinks
 * @genl: kernel
 * @tunnel: what there is to be
 * @now: what there is of it
 *
 * Return: whether it has them all, but for those that do not work.  The peer
 * may have to say something first: a moment later another path is possible.
 */
bool tqd_paths_ensure(struct tq_genl *genl, const struct tqd_tunnel *tunnel,
		      const json_t *now)
{
	uint32_t conn_id = tqd_kernel_num(now, "conn_id");
	json_t *paths, *path;
	struct nlmsghdr *nlh;
	bool all = true;
	unsigned int n;
	size_t i;

	if (!tunnel->paths.nr || strcmp(tqd_kernel_str(now, "state"), "up"))
		return true;
	paths = json_array();
	nlh = tq_genl_start(genl, TQUIC_CMD_PATH_GET, true);
	mnl_attr_put_u32(nlh, TQUIC_A_PATH_CONN_ID, conn_id);
	if (tq_genl_ask(genl, nlh, tq_attr_paths, paths)) {
		json_decref(paths);
		return false;
	}
	for (n = 0; n < tunnel->paths.nr; n++)
		if (tqd_paths_works(tunnel->paths.name[n]) &&
		    !tqd_paths_by(paths, tunnel->paths.name[n]))
			all &= tqd_paths_add(genl, tunnel, now,
					     tunnel->paths.name[n]);
	json_array_foreach(paths, i, path)
		if (*tqd_kernel_str(path, "dev") &&
		    !tqd_paths_listed(tunnel, tqd_kernel_str(path, "dev")))
			tqd_paths_del(genl, tunnel, path);
	json_decref(paths);
	return all;
}
