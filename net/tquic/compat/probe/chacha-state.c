// SPDX-License-Identifier: GPL-2.0
/* ChaCha's state: a type of its own, before that an array of words. */
#include <crypto/chacha.h>

#ifdef TQUIC_PROBE_OLD
void tquic_probe(u32 *state, u8 *buf, const u32 *key);
void tquic_probe(u32 *state, u8 *buf, const u32 *key)
#else
void tquic_probe(struct chacha_state *state, u8 *buf, const u32 *key);
void tquic_probe(struct chacha_state *state, u8 *buf, const u32 *key)
#endif
{
	chacha_init(state, key, buf);
	chacha20_block(state, buf);
	chacha20_crypt(state, buf, buf, CHACHA_BLOCK_SIZE);
}
