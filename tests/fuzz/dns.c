/*
 * dns.c - answers of a name server: read without a byte too many, and what is taken from them is sound
 *
 * Input: the kind of question (0 A, 1 AAAA, 2 PTR), room for addresses, then the message. Its id is 0x1234, the name www.example.org or,
 * for PTR, that of 192.0.2.1.
 */
#include <isthmus/resolve.h>

#include "../unit/dns_message.h"
#include "fuzz.h"

static void check_name(const uint8_t *wire)
{
    char text[IST_NAME_MAX];
    uint32_t at = 0;

    while (wire[at]) {
        must(wire[at] <= 63 && at + 1u + wire[at] < IST__NAME_WIRE);
        at += 1u + wire[at];
    }
    must(ist__name_equal(wire, wire));
    ist__name_format(wire, text);
}

static struct ist__question question_of(uint32_t kind)
{
    static const uint16_t types[] = { IST__TYPE_A, IST__TYPE_AAAA, IST__TYPE_PTR };
    struct ist__question q = { .id = 0x1234, .type = types[kind % 3], .udp_size = kind & 4 ? 1232 : 0 };
    struct ist_address address = { .family = IST_IPV4, .ip = { 192, 0, 2, 1 } };

    if (kind % 3 == 2)
        ist__name_reverse(&address, q.name);
    else
        ist__name_parse("www.example.org", q.name);
    return q;
}

static void names(const uint8_t *data, size_t len)
{
    char text[512], again[IST_NAME_MAX];
    uint8_t wire[IST__NAME_WIRE], second[IST__NAME_WIRE];

    if (len >= sizeof text)
        return;
    memcpy(text, data, len);
    text[len] = '\0';
    if (ist__name_parse(text, wire) < 0)
        return;
    check_name(wire);
    if (ist__name_format(wire, again) >= 0)
        must(ist__name_parse(again, second) >= 0 && ist__name_equal(wire, second));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct input in = { data, len };
    uint32_t kind = take8(&in), cap = take8(&in) % 65, n;
    struct ist__question q = question_of(kind);
    struct ist_address *out = malloc(cap ? cap * sizeof *out : 1);
    struct ist__answer answer;
    const uint8_t *message = take(&in, UINT32_MAX, &n);

    if (!out)
        abort();
    if (ist__answer_read(message, n, &q, &answer, out, cap) == 0 && !answer.truncated) {
        check_name(answer.name);
        if (answer.found)
            check_name(answer.target);
        for (uint32_t i = 0; i < answer.n_addresses && i < cap; i++)
            must(out[i].family == (q.type == IST__TYPE_A ? IST_IPV4 : IST_IPV6));
    }
    free(out);
    names(message, n);
    return 0;
}

const uint32_t fuzz_rounds = 2000;
static struct seed s;

/* The message that dns_message.h has built. */
static void emit(seed_fn seed, const char *text, uint32_t kind, uint32_t cap)
{
    s.len = 0;
    add8(&s, kind);
    add8(&s, cap);
    add(&s, b.msg, b.len);
    seed(text, s.at, s.len);
}

void fuzz_seeds(seed_fn seed)
{
    static const uint8_t four[4] = { 192, 0, 2, 1 }, six[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };

    header(0x1234, 0, 2, 0), echo_question("www.example.org", 1), record(NULL, 1, four, 4), record("www.EXAMPLE.org", 1, four, 4);
    emit(seed, "two addresses", 0, 8);
    header(0x1234, 0, 3, 1), echo_question("www.example.org", 28), alias("www.example.org", "a.test"), alias("a.test", "b.test"),
        record("b.test", 28, six, 16), soa(60);
    emit(seed, "an alias chain to an IPv6 address", 1, 2);
    header(0x1234, 3, 0, 1), echo_question("www.example.org", 1), soa(60);
    emit(seed, "no such name", 0, 0);
    header(0x1234, 0x200, 0, 0), echo_question("www.example.org", 1);
    emit(seed, "a truncated answer", 4, 1);
    header(0x1234, 0, 1, 0), echo_question("1.2.0.192.in-addr.arpa", 12), pointer("host.example.org");
    emit(seed, "the name of an address", 2, 1);
    header(0x1234, 0, 2, 0), echo_question("www.example.org", 1), alias("www.example.org", "a.test"), alias("a.test", "www.example.org");
    emit(seed, "an alias loop", 0, 1);
    header(0x1234, 0, 2, 0), echo_question("www.example.org", 1), u16(0xc000 | (b.len + 2)), u16(0xc000 | (b.len - 2)), u16(1), u16(1);
    emit(seed, "pointers that point to each other", 0, 1);
    s.len = 0;
    add(&s, "\0\1" "a-name.with_many.labels.example.", 34);
    seed("a name as text", s.at, s.len);
}
