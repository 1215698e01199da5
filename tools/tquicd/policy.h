/* SPDX-License-Identifier: GPL-2.0 */
/* What is captured, as rules of nft. */
#ifndef _TQUICD_POLICY_H
#define _TQUICD_POLICY_H

#include <stdbool.h>

#include "conf.h"
#include "text.h"

#define TQD_POLICY_TABLE	"tquicd"

/* the rules; none when nothing is captured */
void tqd_policy_text(const struct tqd_conf *conf, struct tqd_text *text);
/*
 * Put them in force, unless they are: false with an error logged.  @nft is the
 * program; @owned: there may be rules of an earlier configuration.
 */
bool tqd_policy_apply(const struct tqd_conf *conf, const char *nft,
		      bool owned);

#endif /* _TQUICD_POLICY_H */
