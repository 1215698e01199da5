/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TQUIC_COMPAT_LINUX_SOCKET_H
#define _TQUIC_COMPAT_LINUX_SOCKET_H

#include_next <linux/socket.h>
#include "tquic_config.h"

#ifndef TQUIC_HAVE_SOCKADDR_UNSIZED
/* addresses of any length had the type of those of 16 bytes */
#define sockaddr_unsized	sockaddr
#endif

#endif /* _TQUIC_COMPAT_LINUX_SOCKET_H */
