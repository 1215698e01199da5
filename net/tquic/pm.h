/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's path manager: which uplinks there are. */
#ifndef _TQUIC_PM_H
#define _TQUIC_PM_H

struct tquic_sess;

void tquic_pm_review(struct tquic_sess *sess);

#endif /* _TQUIC_PM_H */
