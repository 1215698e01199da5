// SPDX-License-Identifier: GPL-2.0
/* Its new form is wrong in the way in which interfaces change. */
#include <linux/skbuff.h>
#include <linux/types.h>

#ifdef TQUIC_PROBE_OLD
unsigned int tquic_probe(const struct sk_buff *skb);
unsigned int tquic_probe(const struct sk_buff *skb)
{
	return skb_headlen(skb);
}
#else
unsigned int tquic_probe(const struct page *page);
unsigned int tquic_probe(const struct page *page)
{
	return skb_headlen(page);
}
#endif
