// SPDX-License-Identifier: GPL-2.0
#include "core/token.h"
#include "tap.h"

static const struct tquic_token retry = {
	.kind = TQUIC_TOKEN_RETRY, .version = TQUIC_VERSION_1,
	.issued = 0x123456789abcULL, .addr = { [15] = 9 }, .port = 4433,
	.odcid = { .len = 20, .id = { 1, [19] = 2 } },
	.rscid = { .len = 8, .id = { 3 } },
};

static struct tquic_tuple tuple = { .remote = { [15] = 9 },
				    .remote_port = 4433 };

static struct tquic_token_seen seen_of(const struct tquic_token *token)
{
	return (struct tquic_token_seen){
		.now = token->issued + 5, .version = token->version,
		.tuple = &tuple, .dcid = &token->rscid,
		.retry_life = 10, .new_life = 1000,
	};
}

static struct tquic_token later(void)
{
	struct tquic_token token = retry;

	token.kind = TQUIC_TOKEN_NEW;
	token.port = 0;
	token.odcid = (struct tquic_cid){};
	token.rscid = (struct tquic_cid){};
	return token;
}

static void there_and_back(const struct tquic_token *token)
{
	u8 buf[TQUIC_TOKEN_PLAIN_MAX];
	struct tquic_wr wr = tquic_wr_init(buf, sizeof(buf));
	struct tquic_token back;
	u32 len, i;

	TQ_ASSERT(tquic_token_write(&wr, token));
	len = wr.ptr - buf;
	TQ_ASSERT(tquic_token_read(buf, len, &back));
	TQ_EXPECT_EQ(back.kind, token->kind);
	TQ_EXPECT_EQ(back.version, token->version);
	TQ_EXPECT_EQ(back.issued, token->issued);
	TQ_EXPECT_MEM_EQ(back.addr, token->addr, 16);
	TQ_EXPECT_EQ(back.port, token->port);
	TQ_EXPECT_EQ(back.odcid.len, token->odcid.len);
	TQ_EXPECT_MEM_EQ(back.odcid.id, token->odcid.id, 20);
	TQ_EXPECT_EQ(back.rscid.len, token->rscid.len);
	TQ_EXPECT_MEM_EQ(back.rscid.id, token->rscid.id, 20);
	/* nothing shorter or longer is one */
	for (i = 0; i < len; i++)
		TQ_EXPECT(!tquic_token_read(buf, i, &back));
	TQ_EXPECT(len == sizeof(buf) || !tquic_token_read(buf, len + 1, &back));
	/* nor fits it into less */
	for (i = 0; i < len; i++) {
		wr = tquic_wr_init(buf, i);
		TQ_EXPECT(!tquic_token_write(&wr, token));
	}
}

TQ_TEST(token_goes_there_and_back)
{
	struct tquic_token token = later();

	there_and_back(&retry);
	there_and_back(&token);
	token = retry;
	token.rscid.len = 20;
	there_and_back(&token);
}

TQ_TEST(token_of_an_unknown_kind_is_none)
{
	u8 buf[TQUIC_TOKEN_PLAIN_MAX];
	struct tquic_wr wr = tquic_wr_init(buf, sizeof(buf));
	struct tquic_token back;

	TQ_ASSERT(tquic_token_write(&wr, &retry));
	buf[0] = 3;
	TQ_EXPECT(!tquic_token_read(buf, wr.ptr - buf, &back));
	buf[0] = TQUIC_TOKEN_RETRY;
	TQ_EXPECT(tquic_token_read(buf, wr.ptr - buf, &back));
	/* a connection ID longer than there is */
	buf[1 + 4 + 8 + 16 + 2] = 21;
	TQ_EXPECT(!tquic_token_read(buf, wr.ptr - buf, &back));
}

TQ_TEST(rfc9000_8_1_2_retry_token_is_for_one_attempt)
{
	struct tquic_token_seen seen = seen_of(&retry);
	struct tquic_cid other = { .len = 8, .id = { 4 } };
	struct tquic_tuple elsewhere = tuple;

	TQ_EXPECT_EQ(tquic_token_check(&retry, &seen), TQUIC_TOKEN_VALID);
	seen.now = retry.issued + 10;
	TQ_EXPECT_EQ(tquic_token_check(&retry, &seen), TQUIC_TOKEN_VALID);
	seen.now++;
	TQ_EXPECT_EQ(tquic_token_check(&retry, &seen), TQUIC_TOKEN_REFUSE);
	seen.now = retry.issued - 1;
	TQ_EXPECT_EQ(tquic_token_check(&retry, &seen), TQUIC_TOKEN_REFUSE);
	seen = seen_of(&retry);
	/* with another connection ID than the Retry gave */
	seen.dcid = &other;
	TQ_EXPECT_EQ(tquic_token_check(&retry, &seen), TQUIC_TOKEN_REFUSE);
	seen = seen_of(&retry);
	/* RFC 9369 section 4.1: in another version */
	seen.version = TQUIC_VERSION_2;
	TQ_EXPECT_EQ(tquic_token_check(&retry, &seen), TQUIC_TOKEN_REFUSE);
	seen = seen_of(&retry);
	seen.tuple = &elsewhere;
	elsewhere.remote_port++;
	TQ_EXPECT_EQ(tquic_token_check(&retry, &seen), TQUIC_TOKEN_REFUSE);
	elsewhere = tuple;
	elsewhere.remote[0] = 1;
	TQ_EXPECT_EQ(tquic_token_check(&retry, &seen), TQUIC_TOKEN_REFUSE);
}

TQ_TEST(rfc9000_8_1_3_new_token_is_for_later_connections)
{
	struct tquic_token token = later();
	struct tquic_token_seen seen = seen_of(&token);
	struct tquic_cid any = { .len = 8, .id = { 4 } };
	struct tquic_tuple elsewhere = tuple;

	/* with any connection ID, from any port */
	seen.dcid = &any;
	seen.tuple = &elsewhere;
	elsewhere.remote_port++;
	seen.now = token.issued + 1000;
	TQ_EXPECT_EQ(tquic_token_check(&token, &seen), TQUIC_TOKEN_VALID);
	/* too late, or not from there: as if it were missing */
	seen.now++;
	TQ_EXPECT_EQ(tquic_token_check(&token, &seen), TQUIC_TOKEN_IGNORE);
	seen.now = token.issued;
	elsewhere.remote[3] = 1;
	TQ_EXPECT_EQ(tquic_token_check(&token, &seen), TQUIC_TOKEN_IGNORE);
	elsewhere = tuple;
	/* RFC 9369 section 5 */
	seen.version = TQUIC_VERSION_2;
	TQ_EXPECT_EQ(tquic_token_check(&token, &seen), TQUIC_TOKEN_IGNORE);
}
