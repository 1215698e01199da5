// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "keyring.h"

static ssize_t th_keyring_ctl(int command, int serial, void *to, size_t room)
{
	ssize_t len = syscall(SYS_keyctl, command, serial, to, room);

	return len < 0 ? -errno : len;
}

/* "type;uid;gid;permissions;description" */
static int th_keyring_check(int serial, uid_t uid)
{
	char text[512] = "", type[32] = "";
	unsigned int owner;
	ssize_t len;

	len = th_keyring_ctl(KEYCTL_DESCRIBE, serial, text, sizeof(text) - 1);
	if (len < 0)
		return len;
	if (sscanf(text, "%31[^;];%u;", type, &owner) != 2)
		return -EINVAL;
	if (strcmp(type, "user"))
		return -ENOKEY;
	return uid && uid != owner ? -EACCES : 0;
}

ssize_t th_keyring_read(int serial, uid_t uid, void *to, size_t room)
{
	int err = th_keyring_check(serial, uid);
	ssize_t len;

	if (err)
		return err;
	len = th_keyring_ctl(KEYCTL_READ, serial, to, room);
	return len > (ssize_t)room ? -E2BIG : len;
}
