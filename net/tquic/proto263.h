/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TQUIC_PROTO263_H
#define _TQUIC_PROTO263_H

int tquic_proto263_init(void);
void tquic_proto263_exit(void);

#endif /* _TQUIC_PROTO263_H */
