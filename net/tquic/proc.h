/* SPDX-License-Identifier: GPL-2.0 */
/* Files of a namespace in /proc/net/tquic/. */
#ifndef _TQUIC_PROC_H
#define _TQUIC_PROC_H

struct tquic_net;

int tquic_proc_init(struct tquic_net *tn);
void tquic_proc_exit(struct tquic_net *tn);

#endif /* _TQUIC_PROC_H */
