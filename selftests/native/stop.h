/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TQUIC_NATIVE_STOP_H
#define _TQUIC_NATIVE_STOP_H

#include <poll.h>
#include <time.h>

#include <linux/types.h>

/* from now on SIGINT and SIGTERM are taken by tn_stop_poll() alone */
void tn_stop_init(void);
/* ppoll(), into which these signals get */
int tn_stop_poll(struct pollfd *fds, unsigned int count,
		 const struct timespec *wait);
/* whether one came */
bool tn_stop_asked(void);

#endif /* _TQUIC_NATIVE_STOP_H */
