/*
 * The DNS message reader against helpful and hostile answers, and names and addresses as text.
 */
#include "dns_message.h"
#include "tap.h"

#include <isthmus/resolve.h>
#include <string.h>

#define ID 0x1234

static struct ist__question question;
static struct ist__answer answer;
static struct ist_address out[64];

static void ask(const char *text, uint16_t type)
{
    memset(&question, 0, sizeof question);
    question.id = ID;
    question.type = type;
    if (ist__name_parse(text, question.name) < 0) abort();
}

/* An exact copy on the heap, so that the sanitizer sees a read past its end. */
static int32_t read_copy(const uint8_t *msg, uint32_t len)
{
    uint8_t *copy = malloc(len ? len : 1);
    memcpy(copy, msg, len);
    int32_t e = ist__answer_read(copy, len, &question, &answer, out, 64);
    free(copy);
    return e;
}

static int32_t read_answer(void)
{
    return read_copy(b.msg, b.len);
}

static void test_answers(void)
{
    static const uint8_t four[4] = { 192, 0, 2, 1 }, six[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };

    ask("www.example.org", IST__TYPE_A);
    header(ID, 0, 2, 0), echo_question("WWW.example.ORG", 1), record(NULL, 1, four, 4), record("www.EXAMPLE.org", 1, four, 4);
    ok(read_answer() == 0 && answer.n_addresses == 2 && out[0].family == IST_IPV4 && !memcmp(out[1].ip, four, 4),
       "two A records are taken, whatever the case of the names, compressed or not");
    uint32_t whole = b.len;
    int refused = 1;
    for (uint32_t n = 0; n < whole; n++) refused &= read_copy(b.msg, n) == IST_EPROTO;
    ok(refused, "the same answer cut at any byte is refused");

    header(ID, 0, 40, 0), echo_question("www.example.org", 1);
    for (int i = 0; i < 40; i++) record(NULL, 1, (uint8_t[]){ 192, 0, 2, (uint8_t)i }, 4);
    ok(read_answer() == 0 && answer.n_addresses == 40 && out[39].ip[3] == 39, "forty addresses are counted and kept");
    ok(ist__answer_read(b.msg, b.len, &question, &answer, out, 3) == 0 && answer.n_addresses == 40,
       "a small array takes the first, and the count is whole");

    header(ID, 0, 3, 0), echo_question("www.example.org", 1), record("b.example.net", 1, four, 4), alias("a.example.net", "b.example.net"),
        alias("www.example.org", "a.example.net");
    ok(read_answer() == 0 && answer.n_addresses == 1 && answer.n_aliases == 2, "an alias chain is followed in any order of the records");
    uint8_t wire[IST__NAME_WIRE];
    ist__name_parse("b.example.net", wire);
    ok(ist__name_equal(wire, answer.name), "the name at its end is told");

    header(ID, 0, 2, 0), echo_question("www.example.org", 1), alias("www.example.org", "a.example.net"), alias("a.example.net", "www.example.org");
    ok(read_answer() == 0 && answer.rcode == IST__RCODE_SERVFAIL && answer.n_addresses == 0, "an alias loop is a failure of the server");
    header(ID, 0, 1, 0), echo_question("www.example.org", 1), alias("www.example.org", "www.example.org");
    ok(read_answer() == 0 && answer.rcode == IST__RCODE_SERVFAIL, "so is an alias to itself");
    header(ID, 0, 1, 0), echo_question("www.example.org", 1), alias("www.example.org", "a.example.net");
    ok(read_answer() == 0 && answer.n_aliases == 1 && answer.n_addresses == 0 && !answer.final, "an alias that leads out of the answer is told");

    header(ID, 0, 1, 1), echo_question("www.example.org", 1), alias("www.example.org", "a.example.net"), record("net", 6, four, 4);
    ok(read_answer() == 0 && answer.final, "an SOA makes a negative answer final");
    header(ID, 0, 0, 0), echo_question("www.example.org", 1);
    b.msg[3] &= 0x7f;
    ok(read_answer() == 0 && answer.lame, "an empty answer of a server that asks no others is lame");
    header(ID, 3, 0, 0), echo_question("www.example.org", 1);
    ok(read_answer() == 0 && answer.rcode == IST__RCODE_NXDOMAIN, "NXDOMAIN is told");
    header(ID, 0x200, 0, 0), echo_question("www.example.org", 1);
    ok(read_answer() == 0 && answer.truncated, "TC is told");

    header(ID, 0, 1, 0), echo_question("www.example.org", 1), record("www.example.com", 1, four, 4);
    ok(read_answer() == 0 && answer.n_addresses == 0, "an address of another name is not taken");
    header(ID, 0, 1, 0), echo_question("www.example.org", 1), record(NULL, 28, six, 16);
    ok(read_answer() == 0 && answer.n_addresses == 0, "nor one of another type");
    header(ID, 0, 1, 0), echo_question("www.example.org", 1), record(NULL, 1, six, 16);
    ok(read_answer() == IST_EPROTO, "an A record of 16 bytes breaks the message");

    ask("www.example.org", IST__TYPE_AAAA);
    header(ID, 0, 1, 0), echo_question("www.example.org", 28), record(NULL, 28, six, 16);
    ok(read_answer() == 0 && answer.n_addresses == 1 && out[0].family == IST_IPV6 && !memcmp(out[0].ip, six, 16), "an AAAA record is taken");
}

static void test_refused(void)
{
    static const uint8_t four[4] = { 192, 0, 2, 1 };
    static const struct { const char *what; uint32_t at, value; } wrong[] = {
        { "another id", 1, 0x35 }, { "a query, not an answer", 2, 1 }, { "another opcode", 2, 0x89 }, { "no question", 5, 0 },
        { "two questions", 5, 2 }, { "another name", 13, 'x' }, { "another type", 30, 28 }, { "another class", 32, 3 },
        { "a pointer to itself", 33, 0xc0 | 0 }, { "a label type that is none", 33, 0x80 }, { "more records than it holds", 7, 9 },
        { "a record longer than the message", 44, 5 },
    };

    ask("www.example.org", IST__TYPE_A);
    for (uint32_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        header(ID, 0, 1, 0), echo_question("www.example.org", 1), record(NULL, 1, four, 4);
        if (i == 8) b.msg[34] = 33;
        b.msg[wrong[i].at] = (uint8_t)wrong[i].value;
        ok(read_answer() == IST_EPROTO, "refused: %s", wrong[i].what);
    }

    header(ID, 0, 1, 0), echo_question("www.example.org", 1), u16(0xc000 | (b.len + 2)), u16(0xc000 | (b.len - 2)), u16(1), u16(1);
    ok(read_answer() == IST_EPROTO, "refused: two pointers that point to each other");

    /* a name of more than 255 bytes, put together by pointers */
    header(ID, 0, 1, 0), echo_question("www.example.org", 1);
    for (int i = 0; i < 6; i++) {
        u8(60);
        for (int k = 0; k < 60; k++) u8('a');
    }
    u8(0), u16(1), u16(1), u16(0), u16(0), u16(0);
    ok(read_answer() == IST_EPROTO, "refused: an owner of more than 255 bytes");

    ok(read_copy(b.msg, 0) == IST_EPROTO, "refused: an empty message");
}

static void test_pointer_ladder(void)
{
    ask("www.example.org", IST__TYPE_A);
    header(ID, 0, 4000, 0), echo_question("www.example.org", 1);
    u16(0xc00c);
    while (b.len < 0x3ff0) u16(0xc000 | (b.len - 2));
    while (b.len < 65000) u16(0xc000 | 0x3fee), u16(5), u16(1), u16(0), u16(0), u16(2), u16(0xc00c);
    ok(read_answer() == IST_EPROTO, "refused: a ladder of 8,000 pointers, each to the one before");
}

static void test_ttl(void)
{
    static const uint8_t four[4] = { 192, 0, 2, 1 };

    ask("www.example.org", IST__TYPE_A);
    ttl = 70000;
    header(ID, 0, 2, 0), echo_question("www.example.org", 1), record(NULL, 1, four, 4), ttl = 7, record(NULL, 1, four, 4);
    ok(read_answer() == 0 && answer.ttl == 7, "the least TTL counts");
    header(ID, 0, 3, 0), echo_question("www.example.org", 1), ttl = 5, alias(NULL, "b.test"), ttl = 9, record("b.test", 1, four, 4), ttl = 1,
        record("other.test", 1, four, 4);
    ok(read_answer() == 0 && answer.ttl == 5, "that of an alias too, that of what was not asked for not");
    ttl = 0x80000001;
    header(ID, 0, 1, 0), echo_question("www.example.org", 1), record(NULL, 1, four, 4);
    ok(read_answer() == 0 && answer.ttl == 0, "one with the high bit is none");
    ttl = 100;
    for (uint32_t rcode = 0; rcode <= 3; rcode += 3) {
        header(ID, rcode, 0, 1), echo_question("www.example.org", 1), soa(30);
        ok(read_answer() == 0 && answer.ttl == 30, "a negative answer, rcode %u: the minimum of the SOA", rcode);
        uint32_t whole = b.len;
        int kept = 0;
        for (uint32_t n = 0; n < whole; n++) kept += read_copy(b.msg, n) == 0 && answer.ttl != 0;
        ok(kept == 0, "cut at any byte it is not kept, rcode %u", rcode);
        header(ID, rcode, 0, 1), echo_question("www.example.org", 1), soa(3000);
        ok(read_answer() == 0 && answer.ttl == 100, "or its TTL, rcode %u", rcode);
        header(ID, rcode, 1, 1), echo_question("www.example.org", 1), ttl = 20, alias(NULL, "b.test"), ttl = 100, soa(30);
        ok(read_answer() == 0 && answer.ttl == 20, "or that of an alias, rcode %u", rcode);
        header(ID, rcode, 0, 0), echo_question("www.example.org", 1);
        ok(read_answer() == 0 && answer.ttl == 0, "without an SOA it is not kept, rcode %u", rcode);
    }
    ttl = 0;
}

static void test_pointers(void)
{
    ask("1.2.0.192.in-addr.arpa", IST__TYPE_PTR);
    header(ID, 0, 2, 0), echo_question("1.2.0.192.in-addr.arpa", 12), pointer("mail.test"), pointer("second.test");
    ok(read_answer() == 0 && answer.found && !memcmp(answer.target, "\4mail\4test", 11), "a PTR record names the address; the first counts");
    uint32_t whole = b.len;
    int refused = 1;
    for (uint32_t n = 0; n < whole - 29; n++) refused &= read_copy(b.msg, n) == IST_EPROTO || !answer.found;
    ok(refused, "cut at any byte of the first it is refused");
    header(ID, 0, 1, 0), echo_question("1.2.0.192.in-addr.arpa", 12), record(NULL, 12, "\4mail\4test\0x", 12);
    ok(read_answer() == IST_EPROTO, "so is a name that ends before the record does");
    header(ID, 0, 1, 0), echo_question("1.2.0.192.in-addr.arpa", 12), record(NULL, 1, "abcd", 4);
    ok(read_answer() == 0 && !answer.found, "an A record is no PTR record");
}

static void test_edns(void)
{
    ask("www.example.org", IST__TYPE_A);
    for (uint32_t offered = 0; offered < 2; offered++) {
        question.udp_size = offered ? 1232 : 0;
        header(ID, 1, 0, 0), b.msg[5] = 0;
        ok(read_answer() == (offered ? 0 : IST_EPROTO), offered ? "FORMERR in a header alone counts where EDNS was offered" : "and not where it was not");
        header(ID, 0, 0, 0), b.msg[5] = 0;
        ok(read_answer() == IST_EPROTO, "nor does any other answer in a header alone");
        header(ID ^ 1, 1, 0, 0), b.msg[5] = 0;
        ok(read_answer() == IST_EPROTO, "nor one with another id");
    }
}

static uint64_t seed = 42;

static uint32_t random_u32(void)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 32);
}

static void test_fuzz(void)
{
    static const uint8_t four[4] = { 192, 0, 2, 1 };
    uint8_t msg[1024];
    uint32_t accepted = 0, whole;

    ask("www.example.org", IST__TYPE_A);
    header(ID, 0, 4, 1), echo_question("www.example.org", 1), alias(NULL, "a.example.net"), alias("a.example.net", "b.example.net"),
        record("b.example.net", 1, four, 4), record("b.example.net", 1, four, 4), record("net", 6, four, 4);
    whole = b.len;
    for (int i = 0; i < 200000; i++) {
        uint32_t len = whole, n_changes = random_u32() % 6;
        memcpy(msg, b.msg, whole);
        while (n_changes--) msg[random_u32() % whole] = (uint8_t)(random_u32() % 3 ? random_u32() : 0xc0);
        if (random_u32() % 4 == 0) len = random_u32() % (whole + 1);
        if (read_copy(msg, len) == 0 && answer.n_addresses) accepted++;
        if (answer.n_addresses > 4) break;
    }
    ok(accepted > 1000 && answer.n_addresses <= 4, "200,000 damaged answers: no crash, never more addresses than records");
    for (int i = 0; i < 50000; i++) {
        uint32_t len = 12 + random_u32() % 500;
        for (uint32_t k = 0; k < len; k++) msg[k] = (uint8_t)(random_u32() % 4 ? random_u32() : 0xc0);
        memcpy(msg, b.msg, 33);      /* past the question */
        read_copy(msg, len);
    }
    ok(1, "50,000 random answer sections: no crash");
}

static void test_names(void)
{
    static const char *const good[] = { "a", "a.", "A-b.c_d", "_dmarc.example.org", "xn--bcher-kva.example", "1.a", "a1.2b",
        "a23456789.a23456789.a23456789.a23456789.a23456789.a23456789.a23456789.a23456789.a23456789.a23456789.a23456789.a23456789."
        "a23456789.a23456789.a23456789.a23456789.a23456789.a23456789.a23456789.a23456789.a23456789.a23456789.a23456789.a23456789."
        "a23456789.abc." };
    static const char *const bad[] = { "", ".", "..", "a..b", ".a", "a b", "b\xc3\xbc" "cher.example", "a\\b", "a/b", "1.2.3", "1.2.3.4.5", "256.1.1.1",
        "a.1", "127.0.0.01", "a@b", "a\n", "012345678901234567890123456789012345678901234567890123456789012a.b",
        "a23456789.a23456789.a23456789.a23456789.a23456789.a23456789.a23456789.a23456789.a23456789.a23456789.a23456789.a23456789."
        "a23456789.a23456789.a23456789.a23456789.a23456789.a23456789.a23456789.a23456789.a23456789.a23456789.a23456789.a23456789."
        "a23456789.abcd" };
    uint8_t wire[IST__NAME_WIRE];
    char text[IST_NAME_MAX];

    for (uint32_t i = 0; i < sizeof good / sizeof *good; i++) {
        int32_t n = ist__name_parse(good[i], wire), len = n > 0 ? ist__name_format(wire, text) : -1;
        size_t want = strlen(good[i]) - (good[i][strlen(good[i]) - 1] == '.');
        ok(len == (int32_t)want && !strncmp(text, good[i], want), "a name, and back: %.40s", good[i]);
    }
    for (uint32_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char printable[41] = "";
        for (uint32_t k = 0; k < 40 && bad[i][k]; k++) printable[k] = bad[i][k] > ' ' && bad[i][k] < 127 ? bad[i][k] : '?';
        ok(ist__name_parse(bad[i], wire) == IST_EINVAL, "not a name: \"%s\"", printable);
    }
}

static void test_literals(void)
{
    static const struct { const char *in, *out; } good[] = {
        { "0.0.0.0", NULL }, { "255.255.255.255", NULL }, { "127.0.0.1", NULL }, { "::", NULL }, { "::1", NULL }, { "1::", NULL },
        { "2001:db8::1", NULL }, { "2001:DB8:0:0:0:0:0:1", "2001:db8::1" }, { "1:2:3:4:5:6:7:8", NULL }, { "1:0:0:4:5:0:0:8", "1::4:5:0:0:8" },
        { "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" }, { "::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8" }, { "1:0:0:4::8", "1:0:0:4::8" },
        { "::ffff:192.0.2.1", NULL }, { "::ffff:c000:201", "::ffff:192.0.2.1" }, { "64:ff9b::192.0.2.33", "64:ff9b::c000:221" },
        { "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304" }, { "::1.2.3.4", "::102:304" }, { "fe80::1%3", "fe80::1%3" }, { "0001::0000:000f", "1::f" },
    };
    static const char *const bad[] = { "", "1", "1.2.3", "1.2.3.4.", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.04", "1.2.3.0x4", " 1.2.3.4", "1.2.3.4 ",
        "1.2.3.4%1", "+1.2.3.4", ":", ":::", "1:", ":1", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "12345::",
        "g::", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3", "::1.2.3.4:5", "fe80::1%", "fe80::1%0", "fe80::1%999", "fe80::1%nosuch", "2001:db8::1%1", "[::1]", "::1/64" };
    struct ist_address a;
    char text[IST_ADDRESS_MAX];

    for (uint32_t i = 0; i < sizeof good / sizeof *good; i++) {
        int32_t e = ist_address_parse(good[i].in, &a), n = e == 0 ? ist_address_format(&a, text, sizeof text) : -1;
        ok(n > 0 && !strcmp(text, good[i].out ? good[i].out : good[i].in), "the address %s", good[i].in);
    }
    for (uint32_t i = 0; i < sizeof bad / sizeof *bad; i++) ok(ist_address_parse(bad[i], &a) == IST_EINVAL, "not an address: \"%s\"", bad[i]);
    ist_address_parse("2001:db8::1", &a);
    ok(ist_address_format(&a, text, 11) == IST_EMSGSIZE && ist_address_format(&a, text, 12) == 11, "the text fits exactly or not at all");
    a.family = 0;
    ok(ist_address_format(&a, text, sizeof text) == IST_EINVAL, "no text for no address");
}

int main(void)
{
    uint8_t buf[IST__QUERY_MAX], wire[IST__NAME_WIRE];
    struct ist_address a;

    ask("a.bc", IST__TYPE_AAAA);
    ok(ist__query_write(&question, buf) == 22 && !memcmp(buf, "\x12\x34\x01\0\0\1\0\0\0\0\0\0\1a\2bc\0\0\x1c\0\1", 22), "a query, byte for byte");
    question.udp_size = 1232;
    ok(ist__query_write(&question, buf) == 33 && buf[11] == 1 && !memcmp(buf + 22, "\0\0\x29\x04\xd0\0\0\0\0\0\0", 11), "with EDNS, 1,232 bytes");
    ist_address_parse("192.0.2.10", &a);
    ist__name_reverse(&a, wire);
    ok(!memcmp(wire, "\00210\0012\0010\003192\7in-addr\4arpa", 25), "the name of an IPv4 address's PTR record");
    ist_address_parse("2001:db8::1f", &a);
    ist__name_reverse(&a, wire);
    ok(!memcmp(wire, "\1f\0011\0010", 6) && !memcmp(wire + 48, "\0018\1b\1d\0010\0011\0010\0010\0012\3ip6\4arpa", 26) &&
       ist__name_format(wire, (char[IST_NAME_MAX]){ 0 }) == 72, "and of an IPv6 address's");
    test_answers();
    test_refused();
    test_pointer_ladder();
    test_ttl();
    test_pointers();
    test_edns();
    test_fuzz();
    test_names();
    test_literals();
    return tap_done();
}
