/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A session as users see it: what netlink and socket options show, and the
 * algorithms that they may change while it runs.
 */
#ifndef _TQUIC_SESS_INFO_H
#define _TQUIC_SESS_INFO_H

#include <linux/types.h>
#include <linux/tquic.h>

struct tquic_cc_ops;
struct tquic_path;
struct tquic_sched_ops;
struct tquic_sess;

/* the session's lock is held by all callers */
void tquic_sess_fill_info(struct tquic_sess *sess, struct tquic_info *info);
int tquic_sess_fill_path(struct tquic_sess *sess, u32 path_id,
			 struct tquic_path_info *info);
void tquic_sess_show_path(const struct tquic_path *path,
			  struct tquic_path_info *info);
int tquic_sess_set_sched(struct tquic_sess *sess,
			 const struct tquic_sched_ops *ops);
int tquic_sess_set_cc(struct tquic_sess *sess, const struct tquic_cc_ops *ops);

#endif /* _TQUIC_SESS_INFO_H */
