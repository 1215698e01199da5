// SPDX-License-Identifier: GPL-2.0
/* Compiles in its new form with every kernel. */
#include <linux/skbuff.h>
#include <linux/types.h>

#ifdef TQUIC_PROBE_OLD
#error "the new form has to be taken"
#endif

unsigned int tquic_probe(const struct sk_buff *skb);
unsigned int tquic_probe(const struct sk_buff *skb)
{
	return skb->len;
}
