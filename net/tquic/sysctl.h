/* SPDX-License-Identifier: GPL-2.0 */
/* Settings of a namespace, /proc/sys/net/tquic/: tquic-sysctl.rst. */
#ifndef _TQUIC_SYSCTL_H
#define _TQUIC_SYSCTL_H

struct tquic_net;

/* after the configuration has its defaults */
int tquic_sysctl_init(struct tquic_net *tn);
void tquic_sysctl_exit(struct tquic_net *tn);

#endif /* _TQUIC_SYSCTL_H */
