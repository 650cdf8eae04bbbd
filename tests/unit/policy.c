/*
 * Policies: what is a rule and what is refused, and where; the canonical text; who may reach whom; hostile texts.
 */
#include "../fuzz/policy.c"
#include "tap.h"

#include <isthmus/resolve.h>

static struct ist_policy_error error;

/* An exact copy on the heap, so that the sanitizer sees a read past its end. */
static int32_t parse(const char *text, uint32_t len, struct ist_policy **policy)
{
    char *copy = malloc(len ? len : 1);
    memcpy(copy, text, len);
    error = (struct ist_policy_error){ 0 };
    int32_t e = ist_policy_parse(copy, len, policy, &error);
    free(copy);
    return e;
}

static struct ist_policy *policy_of(const char *text)
{
    struct ist_policy *p;
    if (parse(text, (uint32_t)strlen(text), &p) < 0) {
        printf("# %u:%u: %s\n", error.line, error.column, error.text);
        abort();
    }
    return p;
}

/* The canonical text of @text is @canonical, and that of the canonical text too. */
static int prints(const char *text, const char *canonical)
{
    char out[4096];
    int good = 1;
    for (int i = 0; i < 2; i++, text = canonical) {
        struct ist_policy *p = policy_of(text);
        int32_t n = ist_policy_print(p, out, sizeof out);
        ist_policy_free(p);
        if (n != (int32_t)strlen(canonical) || strcmp(out, canonical) != 0) good = 0, printf("# %s", out);
    }
    return good;
}

static int refused(const char *text, uint32_t line, uint32_t column, const char *part)
{
    struct ist_policy *p = (void *)1;
    int32_t e = parse(text, (uint32_t)strlen(text), &p);
    if (e == IST_EINVAL && p == NULL && error.line == line && error.column == column && strstr(error.text, part)) return 1;
    printf("# %d %u:%u: %s\n", e, error.line, error.column, error.text ? error.text : "");
    return 0;
}

static void test_grammar(void)
{
    ok(prints("allow outbound tcp *.example.org:443\ndeny any\n", "allow outbound tcp *.example.org:443\ndeny any\n"), "the two rules of the manual are canonical");
    ok(prints("", "") && prints("\n\n  # nothing\n\t\r\n#", ""), "empty lines and comments are no rules");
    ok(prints("deny any", "deny any\n") && prints("deny any\r\nallow any\r\n", "deny any\nallow any\n"), "the last line needs no end, and lines may end as on Windows");
    ok(prints("\t allow   inbound\tudp  private # why\n", "allow inbound udp private\n"), "blanks and comments are free");
    ok(prints("allow WWW.Example.ORG.\nallow *.Org.\n", "allow www.example.org\nallow *.org\n"), "names are in lower case and without a final dot");
    ok(prints("allow tcp 192.0.2.1/32:80\nallow 10.0.0.0/8\nallow 0.0.0.0/0\n", "allow tcp 192.0.2.1:80\nallow 10.0.0.0/8\nallow 0.0.0.0/0\n"),
       "IPv4 addresses and prefixes; a whole prefix is an address");
    ok(prints("allow 2001:DB8:0:0::/64\nallow [::1]:22\nallow [2001:db8::/32]:1-2\nallow [::]\nallow ::/0\n",
              "allow 2001:db8::/64\nallow [::1]:22\nallow [2001:db8::/32]:1-2\nallow ::\nallow ::/0\n"), "IPv6 in the one form, in brackets where there are ports");
    ok(prints("allow ::ffff:192.0.2.1\nallow [::ffff:10.0.0.0/104]:5\nallow ::ffff:0:0/96\nallow ::/80\n",
              "allow 192.0.2.1\nallow 10.0.0.0/8:5\nallow 0.0.0.0/0\nallow ::/80\n"), "v4-mapped addresses are IPv4");
    ok(prints("allow any:443,80,8000-8099,81,8050-9000,1\n", "allow any:1,80-81,443,8000-9000\n") && prints("deny tcp any:65535,1-65534\n", "deny tcp any:1-65535\n"),
       "ports are ascending and joined");
    ok(prints("allow any as X\nallow tcp a:1  as  uri:spiffe://a/b#c\n", "allow any as X\nallow tcp a:1 as uri:spiffe://a/b#c\n"), "an identity stands as it is, also with # inside");
    ok(prints("allow 1.example\nallow 10.0.0.1.example\nallow a_b.example\nallow xn--bcher-kva.example\nallow *.any\n",
              "allow 1.example\nallow 10.0.0.1.example\nallow a_b.example\nallow xn--bcher-kva.example\nallow *.any\n"), "names may begin with digits and hold underscores");

    struct ist_policy *p = policy_of("allow any:80\ndeny private\n");
    char out[16];
    memset(out, 'x', sizeof out);
    ok(ist_policy_print(p, NULL, 0) == 26 && ist_policy_print(p, out, 9) == 26 && strcmp(out, "allow an") == 0 && out[9] == 'x',
       "a small buffer is cut, and the length is whole");
    ist_policy_free(p);
    ist_policy_free(NULL);
    ok(ist_policy_parse(NULL, 0, &p, NULL) == 0 && ist_policy_print(p, out, sizeof out) == 0 && out[0] == 0, "no text at all is an empty policy");
    ist_policy_free(p);
    ok(ist_policy_parse("permit any", 10, &p, NULL) == IST_EINVAL && p == NULL, "who does not ask where gets the refusal alone");
}

static void test_refused(void)
{
    ok(refused("permit any", 1, 1, "begins with allow or deny") && refused("deny any\n\n  ALLOW any", 3, 3, "begins with"), "a rule begins with allow or deny, in lower case");
    ok(refused("deny", 1, 5, "peer is missing") && refused("deny outbound tcp  # whom?", 1, 20, "peer is missing") && refused("deny :80", 1, 6, "peer is missing"),
       "without a peer there is no rule");
    ok(refused("allow tcp outbound any", 1, 11, "the order is") && refused("allow as x", 1, 7, "the order is") && refused("allow TCP any", 1, 7, "the order is")
       && refused("allow any.", 1, 7, "the order is"), "words of the grammar are no names");
    ok(refused("allow outgoing tcp any", 1, 16, "behind the peer") && refused("allow any as x y", 1, 16, "behind the peer"), "nothing may follow");
    ok(refused("deny any as", 1, 12, "an identity"), "an identity may not be missing");
    ok(refused("deny 10.1.2.3/8", 1, 6, "bits set") && refused("deny 2001:db8::1/64", 1, 6, "bits set"), "bits beyond the prefix are refused");
    ok(refused("deny 10.0.0.0/33", 1, 15, "0 to 32") && refused("deny tcp 10.0.0.0/x:1", 1, 10, "prefix length stands behind") && refused("deny ::/129", 1, 9, "0 to 128")
       && refused("deny ::/", 1, 9, "0 to 128") && refused("deny 10.0.0.0/08", 1, 15, "0 to 32"), "prefix lengths are numbers in range");
    ok(refused("deny 256.0.0.1", 1, 6, "not an IPv4") && refused("deny 10.0.0", 1, 6, "not an IPv4") && refused("deny 010.0.0.1", 1, 6, "not an IPv4"), "mistyped IPv4 addresses are no names");
    ok(refused("deny 1::2::3", 1, 6, "not an IPv6") && refused("deny example.org:80:90", 1, 6, "not an IPv6") && refused("deny 10.0.0.1:80:90", 1, 6, "not an IPv6"),
       "what has two colons is an IPv6 address or refused");
    ok(refused("deny fe80::1%if0", 1, 13, "no interface"), "a rule has no interface");
    ok(refused("deny [::1", 1, 6, "not closed") && refused("deny [::]/0:80", 1, 10, "inside the brackets") && refused("deny [::1]80", 1, 11, "behind the bracket")
       && refused("deny [a.example]:80", 1, 7, "not an IPv6") && refused("deny []:80", 1, 7, "peer is missing"), "brackets are for IPv6 addresses");
    ok(refused("deny tcp any:", 1, 14, "1 to 65535") && refused("deny any:0", 1, 10, "1 to 65535") && refused("deny any:65536", 1, 10, "1 to 65535") && refused("deny any:http", 1, 10, "1 to 65535")
       && refused("deny any:080", 1, 10, "1 to 65535") && refused("deny any:80-", 1, 13, "1 to 65535") && refused("deny any:4294967376", 1, 10, "1 to 65535"), "ports are numbers from 1 to 65535");
    ok(refused("deny any:80,90-85", 1, 13, "ends before") && refused("deny any:80;90", 1, 12, "commas between") && refused("deny any:80,", 1, 13, "1 to 65535"), "ranges ascend, commas stand between");
    ok(refused("deny icmp any:80", 1, 14, "no ports"), "icmp has no ports");
    ok(refused("deny *", 1, 6, "write any") && refused("deny a.*.example", 1, 6, "write any") && refused("deny *a.example", 1, 6, "write any") && refused("deny *.*.example", 1, 6, "write any"),
       "a star stands alone and first");
    ok(refused("deny a..b", 1, 6, "not a name") && refused("deny example.5", 1, 6, "not a name") && refused("deny *.", 1, 6, "not a name") && refused("deny caf/e", 1, 6, "prefix length"), "names have labels");
    ok(refused("deny caf\xc3\xa9.example", 1, 9, "printable ASCII") && refused("deny any\v", 1, 9, "printable ASCII") && prints("deny any # caf\xc3\xa9\n", "deny any\n"),
       "only comments hold more than ASCII");
    struct ist_policy *p;
    ok(parse("deny any\0 x", 11, &p) == IST_EINVAL && error.column == 9, "a NUL is refused");

    char text[4096] = "deny any:", *end = text + 9;
    for (int i = 0; i < 64; i++) end += sprintf(end, "%d%s", 2 * i + 1, i < 63 ? "," : "");
    ok(parse(text, (uint32_t)(end - text), &p) == 0, "64 ports are a rule");
    ist_policy_free(p);
    end += sprintf(end, ",999");
    ok(refused(text, 1, (uint32_t)(end - text) - 2, "more than 64"), "65 are refused");
    memcpy(text, "deny any as ", 12);
    memset(text + 12, 'i', 1024);
    ok(parse(text, 12 + 1023, &p) == 0, "an identity of 1,023 bytes is taken");
    ist_policy_free(p);
    ok(parse(text, 12 + 1024, &p) == IST_EINVAL && strstr(error.text, "1023"), "one more is refused");
    end = text + sprintf(text, "deny ");
    for (int i = 0; i < 127; i++) end += sprintf(end, "a.");
    ok(parse(text, (uint32_t)(end - text) - 1, &p) == 0, "a name of 253 characters is taken");
    ist_policy_free(p);
    end += sprintf(end, "a");
    ok(refused(text, 1, 6, "name"), "a longer one is refused");

    uint32_t len = IST_POLICY_TEXT_MAX;
    char *big = malloc(len + 1);
    for (uint32_t i = 0; i < len; i++) big[i] = "deny a\n"[i % 7];
    big[len - len % 7 - 1] = '\n';
    memset(big + len - len % 7, ' ', len % 7);
    ok(parse(big, len, &p) == 0 && ist_policy_print(p, NULL, 0) == (int32_t)(len - len % 7), "a text of 1 MiB is taken");
    ist_policy_free(p);
    ok(ist_policy_parse(big, len + 1, &p, NULL) == IST_EMSGSIZE && p == NULL, "one byte more is refused");
    free(big);
}

static struct ist_address address_of(const char *text)
{
    struct ist_address a;
    if (ist_address_parse(text, &a) < 0) abort();
    return a;
}

static struct ist_policy_reason reason;

/* NULL: no address yet, no name, identities not asked for yet; "" for the identity: the peer has proved nothing */
static int32_t ask(const struct ist_policy *p, uint32_t direction, uint32_t protocol, uint32_t port, const char *address, const char *name, const char *identity)
{
    struct ist_address a = address ? address_of(address) : (struct ist_address){ 0 };
    struct ist_policy_query q = { .size = sizeof q, .direction = direction, .protocol = protocol, .port = port, .address = address ? &a : NULL };
    static const char *const nothing[1] = { NULL };
    q.names = &name;
    q.n_names = name != NULL;
    q.identities = identity ? (*identity ? &identity : nothing) : NULL;
    q.n_identities = identity && *identity;
    return ist_policy_match(p, &q, &reason);
}

#define OUT IST_POLICY_OUTBOUND
#define IN  IST_POLICY_INBOUND
#define TCP IST_POLICY_TCP
#define UDP IST_POLICY_UDP
#define ICMP IST_POLICY_ICMP
#define ALLOW IST_POLICY_ALLOW
#define DENY  IST_POLICY_DENY
#define UNDECIDED IST_POLICY_UNDECIDED

static void test_order(void)
{
    struct ist_policy *p = policy_of("\n# first\ndeny outbound tcp 192.0.2.0/24:25\nallow outbound tcp 192.0.2.0/24\nallow inbound udp any:53\n");

    ok(ask(p, OUT, TCP, 25, "192.0.2.9", NULL, "") == DENY && reason.line == 3 && reason.needs == 0, "the first rule that matches decides, and its line is told");
    ok(ask(p, OUT, TCP, 26, "192.0.2.9", NULL, "") == ALLOW && reason.line == 4, "another port is for the next rule");
    ok(ask(p, OUT, TCP, 26, "192.0.3.9", NULL, "") == DENY && reason.line == 0, "what no rule matches is denied, by no line");
    ok(ask(p, IN, TCP, 26, "192.0.2.9", NULL, "") == DENY && ask(p, OUT, UDP, 26, "192.0.2.9", NULL, "") == DENY, "direction and protocol count");
    ok(ask(p, IN, UDP, 53, "2001:db8::1", NULL, "") == ALLOW && ask(p, OUT, UDP, 53, "2001:db8::1", NULL, "") == DENY, "any is for both families");
    ist_policy_free(p);
    p = policy_of("");
    ok(ask(p, OUT, TCP, 1, "192.0.2.9", NULL, "") == DENY && ask(p, OUT, 0, 0, NULL, "a.example", NULL) == DENY, "an empty policy denies, also what is not known");
    ist_policy_free(p);
    p = policy_of("allow any:80\nallow icmp 192.0.2.1\nallow 192.0.2.2\n");
    ok(ask(p, OUT, ICMP, 0, "192.0.2.1", NULL, "") == ALLOW && ask(p, OUT, ICMP, 0, "192.0.2.3", NULL, "") == DENY, "a rule with ports is not for icmp");
    ok(ask(p, OUT, IST_POLICY_OTHER, 80, "192.0.2.1", NULL, "") == DENY && ask(p, OUT, IST_POLICY_OTHER, 0, "192.0.2.2", NULL, "") == ALLOW,
       "other protocols match rules that name neither protocol nor port");
    ok(ask(p, OUT, UDP, 80, "192.0.2.9", NULL, "") == ALLOW && ask(p, IN, TCP, 80, "192.0.2.9", NULL, "") == ALLOW, "without words a rule is for both directions and all protocols");
    ist_policy_free(p);
}

static void test_addresses(void)
{
    struct ist_policy *p = policy_of("deny ::/0\nallow 10.0.0.0/9\nallow 0.0.0.0/0:1\n");
    ok(ask(p, OUT, TCP, 9, "10.127.255.255", NULL, "") == ALLOW && ask(p, OUT, TCP, 9, "10.128.0.0", NULL, "") == DENY, "a prefix ends in the middle of a byte");
    ok(ask(p, OUT, TCP, 9, "::ffff:10.1.2.3", NULL, "") == ALLOW && reason.line == 2, "a v4-mapped address is IPv4, never ::/0");
    ok(ask(p, OUT, TCP, 1, "::1", NULL, "") == DENY && reason.line == 1 && ask(p, OUT, TCP, 1, "1.1.1.1", NULL, "") == ALLOW, "0.0.0.0/0 is all of IPv4, ::/0 all of IPv6");
    ist_policy_free(p);

    static const char *const inside[] = { "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255",
        "192.168.1.1", "198.18.0.1", "198.19.255.255", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "fc00::1", "fdff::1", "fe80::1", "fec0::1", "ff02::1",
        "64:ff9b:1::1", "::ffff:127.0.0.1", "64:ff9b::10.0.0.1" };
    static const char *const outside[] = { "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.0.1", "172.15.255.255", "172.32.0.0",
        "192.167.255.255", "198.17.255.255", "198.20.0.0", "223.255.255.255", "::2", "2001:db8::1", "2a00::1", "fbff::1", "fe00::1", "64:ff9b::8.8.8.8", "64:ff9a::10.0.0.1" };
    p = policy_of("deny private\nallow any");
    int good = 1;
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) good &= ask(p, OUT, TCP, 80, inside[i], NULL, "") == DENY;
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) good &= ask(p, OUT, TCP, 80, outside[i], NULL, "") == ALLOW;
    ok(good, "private is what the public Internet does not route, to the edge of each block, also mapped and behind NAT64");
    ist_policy_free(p);
}

static void test_names(void)
{
    struct ist_policy *p = policy_of("deny outbound secret.example.org\nallow outbound tcp *.example.org:443\nallow outbound tcp one.example:80\n");

    ok(ask(p, OUT, TCP, 443, "192.0.2.1", "www.example.org", "") == ALLOW && ask(p, OUT, TCP, 443, "192.0.2.1", "A.B.Example.Org.", "") == ALLOW,
       "*. stands for one label and more, without regard to case and a final dot");
    ok(ask(p, OUT, TCP, 443, "192.0.2.1", "example.org", "") == DENY && ask(p, OUT, TCP, 443, "192.0.2.1", "wwwexample.org", "") == DENY
       && ask(p, OUT, TCP, 443, "192.0.2.1", "www.example.org.evil.example", "") == DENY, "not for the name itself, nor for half a label, nor in the middle");
    ok(ask(p, OUT, TCP, 443, "192.0.2.1", "SECRET.example.org", "") == DENY && reason.line == 1, "a denied name is denied before the wildcard");
    ok(ask(p, OUT, TCP, 80, "192.0.2.1", "one.example", "") == ALLOW && ask(p, OUT, TCP, 80, "192.0.2.1", "a.one.example", "") == DENY, "a whole name is only itself");
    ok(ask(p, OUT, TCP, 443, "192.0.2.1", NULL, "") == DENY, "an address that no name led to is not reached by a rule of a name");
    ok(ask(p, OUT, TCP, 443, NULL, "www.example.org", "") == ALLOW, "a name is judged before it is resolved where no rule looks at addresses");
    const char *names[] = { "x.example", "one.example" };
    struct ist_address a = address_of("192.0.2.1");
    struct ist_policy_query q = { .size = sizeof q, .direction = OUT, .protocol = TCP, .port = 80, .address = &a, .names = names, .n_names = 2, .identities = names };
    ok(ist_policy_match(p, &q, NULL) == ALLOW, "of several names one suffices");
    names[1] = "192.0.2.1";
    ok(ist_policy_match(p, &q, NULL) == IST_EINVAL && (names[1] = "a..example.org") && ist_policy_match(p, &q, NULL) == IST_EINVAL, "what is no name is an error, not a miss");
    ist_policy_free(p);
}

static void test_undecided(void)
{
    struct ist_policy *p = policy_of("deny private\nallow outbound tcp *.example.org:443\nallow inbound tcp any:8443 as dns:client.example\n");

    ok(ask(p, OUT, TCP, 443, NULL, "www.example.org", "") == UNDECIDED && reason.needs == IST_POLICY_NEEDS_ADDRESS && reason.line == 1, "where an address could forbid a name the address is asked for");
    ok(ask(p, OUT, TCP, 443, "10.0.0.1", "www.example.org", "") == DENY && ask(p, OUT, TCP, 443, "8.8.8.8", "www.example.org", "") == ALLOW, "a name that leads inside is denied, outside allowed");
    ok(ask(p, OUT, TCP, 80, NULL, "www.example.org", "") == DENY && ask(p, OUT, TCP, 443, NULL, "www.example.net", "") == DENY && reason.needs == 0,
       "where nothing could allow it the answer is given at once");
    ok(ask(p, OUT, 0, 0, NULL, "www.example.org", NULL) == UNDECIDED && (reason.needs & IST_POLICY_NEEDS_PORT) && ask(p, OUT, 0, 0, NULL, "www.example.net", NULL) == DENY,
       "may a name be looked up: not when no rule could allow what follows");
    ok(ask(p, IN, TCP, 8443, "8.8.8.8", NULL, NULL) == UNDECIDED && reason.needs == IST_POLICY_NEEDS_IDENTITY && reason.line == 3, "before the handshake the identity is asked for");
    ok(ask(p, IN, TCP, 8443, "8.8.8.8", NULL, "dns:client.example") == ALLOW && ask(p, IN, TCP, 8443, "8.8.8.8", NULL, "dns:Client.example") == DENY
       && ask(p, IN, TCP, 8443, "8.8.8.8", NULL, "") == DENY, "an identity is byte for byte; who has proved nothing is nobody");
    ok(ask(p, IN, TCP, 8080, "8.8.8.8", NULL, NULL) == DENY && ask(p, IN, TCP, 8443, "10.1.1.1", NULL, NULL) == DENY, "a connection that no identity could save is denied before the handshake");
    ist_policy_free(p);
    p = policy_of("allow any:80\nallow tcp any\n");
    ok(ask(p, OUT, 0, 81, NULL, NULL, NULL) == UNDECIDED && reason.needs == IST_POLICY_NEEDS_PORT && ask(p, OUT, TCP, 0, NULL, NULL, NULL) == ALLOW && reason.line == 2,
       "a port not yet known does not matter where both rules allow");
    ist_policy_free(p);

    struct ist_address none = { 0 };
    struct ist_policy_query good = { .size = sizeof good, .direction = OUT, .protocol = TCP, .port = 1 }, q;
    p = policy_of("allow any");
    ok(ist_policy_match(p, &good, &reason) == ALLOW, "a question with nothing but direction, protocol and port");
    int all = 1;
#define BAD(change) do { q = good; change; all &= ist_policy_match(p, &q, &reason) == IST_EINVAL; } while (0)
    BAD(q.size = 4); BAD(q.size++); BAD(q.direction = 0); BAD(q.direction = 3); BAD(q.protocol = 3); BAD(q.protocol = 16); BAD(q.port = 65536); BAD(q.address = &none);
    ok(all, "questions out of range are refused, whatever the rules");
    ist_policy_free(p);
}

static void run_seed(const char *name, const void *data, size_t len)
{
    ok(LLVMFuzzerTestOneInput(data, len) == 0, "seed: %s", name);
}

/* Texts from the words of the grammar and damaged ones: the fuzz target checks what must hold. */
static uint32_t seed = 20261124;

static uint32_t below(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

static void test_mutations(void)
{
    static const char *const words[] = { "allow", "deny", "outbound", "inbound", "tcp", "udp", "icmp", "any", "private", "as", "x", "*.example.org:443", "a.example", "10.0.0.0/8:1-5,7", "::1", "[fe80::/10]:9",
        "192.0.2.1", "::ffff:1.2.3.4", ":80", "#", "\n", "\n", "\r\n", "\t", "/", ",", "-", "65535", "[", "]", "*", ".", "dns:a" };
    char text[600];
    int n_tried = 0;

    for (int round = 0; round < 30000; round++) {
        uint32_t len = 0;
        for (uint32_t n = below(12); n > 0; n--) {
            const char *w = words[below(sizeof words / sizeof *words)];
            len += (uint32_t)sprintf(text + len, "%s%s", w, below(5) ? " " : "");
        }
        if (round % 2) len = (uint32_t)sprintf(text, "%s %s%s\n", words[below(2)], below(2) ? "outbound tcp " : "", words[7 + below(25)]);
        for (uint32_t n = below(3); n > 0 && len > 0; n--) text[below(len)] = (char)below(256);
        uint8_t *copy = malloc(len ? len : 1);
        memcpy(copy, text, len);
        n_tried += LLVMFuzzerTestOneInput(copy, len) == 0;
        free(copy);
    }
    ok(n_tried == 30000, "30,000 texts, whole and damaged: what is taken prints as what it is, what is refused has a place in the text");
}

int main(void)
{
    test_grammar();
    test_refused();
    test_order();
    test_addresses();
    test_names();
    test_undecided();
    fuzz_seeds(run_seed);
    test_mutations();
    return tap_done();
}
