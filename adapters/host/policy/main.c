/*
 * main.c - isthmus-policy: checks a policy, prints it, and answers questions
 */
#include <arpa/inet.h>
#include <errno.h>
#include <isthmus/error.h>
#include <isthmus/policy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How the program ends. */
enum { ALLOWED = 0, DENIED = 1, BAD = 2, LACKS = 3 };

#define WORDS_MAX 64

static const char usage[] =
    "isthmus-policy FILE                                   checks a policy and prints its canonical form\n"
    "isthmus-policy FILE outbound|inbound [QUESTION...]    may this be? Ends with 0 allowed, 1 denied, 3 undecided\n"
    "\n"
    "FILE is - for standard input. What a question does not say is not known yet:\n"
    "  tcp|udp|icmp|other      the protocol\n"
    "  port N                  of the one who is reached\n"
    "  address ADDRESS         of the peer\n"
    "  name NAME               a name that leads to the peer; several may be given\n"
    "  as IDENTITY|nobody      what the peer has proved; several may be given; nobody: nothing\n"
    "Wrong usage, or a text that is no policy (FILE:LINE:COLUMN: why): 2.\n"
    "docs/policy.md explains the rules.\n";

static _Noreturn void refuse(const char *what, const char *why)
{
    fprintf(stderr, "isthmus-policy: %s: %s (see isthmus-policy --help)\n", what, why);
    exit(BAD);
}

static struct ist_policy *load(const char *path)
{
    static char text[IST_POLICY_TEXT_MAX + 1];
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    struct ist_policy_error error = { 0 };
    struct ist_policy *policy;
    size_t len;
    int32_t e;

    if (!f) refuse(path, strerror(errno));
    len = fread(text, 1, sizeof text, f);
    if (ferror(f)) refuse(path, strerror(errno));
    e = ist_policy_parse(text, (uint32_t)len, &policy, &error);
    if (e == IST_EINVAL) {
        fprintf(stderr, "%s:%u:%u: %s\n", path, (unsigned)error.line, (unsigned)error.column, error.text);
        exit(BAD);
    }
    if (e < 0) refuse(path, e == IST_EMSGSIZE ? "longer than 1 MiB" : ist_error_text(e));
    return policy;
}

static int print(const struct ist_policy *policy)
{
    uint32_t len = (uint32_t)ist_policy_print(policy, NULL, 0);
    char *text = malloc(len + 1);

    if (!text) refuse("memory", ist_error_text(IST_ENOMEM));
    ist_policy_print(policy, text, len + 1);
    if (fwrite(text, 1, len, stdout) != len || fflush(stdout)) refuse("standard output", strerror(errno));
    free(text);
    return 0;
}

static uint32_t protocol_of(const char *word)
{
    static const char *const names[] = { "tcp", "udp", "icmp", "other" };

    for (uint32_t i = 0; i < 4; i++)
        if (strcmp(word, names[i]) == 0) return 1u << i;
    return 0;
}

static struct ist_address address_of(const char *text)
{
    struct ist_address a = { 0 };

    if (inet_pton(AF_INET, text, a.ip) == 1) a.family = IST_IPV4;
    else if (inet_pton(AF_INET6, text, a.ip) == 1) a.family = IST_IPV6;
    else refuse(text, "not an address");
    return a;
}

static uint32_t port_of(const char *text)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    if (*text < '0' || *text > '9' || *end || n < 1 || n > 65535) refuse(text, "a port is a number from 1 to 65535");
    return (uint32_t)n;
}

static int say(int32_t verdict, const struct ist_policy_reason *reason)
{
    if (verdict < 0) refuse("question", "a name is no name; addresses stand behind the word address");
    if (verdict == IST_POLICY_UNDECIDED)
        printf("undecided: line %u wants to know%s%s%s\n", (unsigned)reason->line, reason->needs & IST_POLICY_NEEDS_ADDRESS ? " the address" : "",
               reason->needs & IST_POLICY_NEEDS_PORT ? " the protocol and port" : "", reason->needs & IST_POLICY_NEEDS_IDENTITY ? " the identity" : "");
    else if (reason->line) printf("%s: line %u\n", verdict == IST_POLICY_ALLOW ? "allowed" : "denied", (unsigned)reason->line);
    else printf("denied: no rule matches\n");
    return verdict == IST_POLICY_ALLOW ? ALLOWED : verdict == IST_POLICY_DENY ? DENIED : LACKS;
}

static int ask(const struct ist_policy *policy, char **word)
{
    struct ist_policy_query q = { .size = sizeof q };
    const char *names[WORDS_MAX], *identities[WORDS_MAX];
    struct ist_policy_reason reason;
    struct ist_address address;

    if (strcmp(*word, "outbound") == 0) q.direction = IST_POLICY_OUTBOUND;
    else if (strcmp(*word, "inbound") == 0) q.direction = IST_POLICY_INBOUND;
    else refuse(*word, "a question begins with outbound or inbound");
    for (q.names = names; *++word;) {
        const char *key = *word;
        if (protocol_of(key)) {
            q.protocol = protocol_of(key);
            continue;
        }
        if (!word[1]) refuse(key, "no such word, or nothing behind it");
        word++;
        if (strcmp(key, "port") == 0) q.port = port_of(*word);
        else if (strcmp(key, "address") == 0) address = address_of(*word), q.address = &address;
        else if (strcmp(key, "name") == 0 && q.n_names < WORDS_MAX) names[q.n_names++] = *word;
        else if (strcmp(key, "as") == 0 && q.n_identities < WORDS_MAX) {
            q.identities = identities;
            if (strcmp(*word, "nobody") != 0) identities[q.n_identities++] = *word;
        } else refuse(key, "no such word");
    }
    return say(ist_policy_match(policy, &q, &reason), &reason);
}

int main(int argc, char **argv)
{
    struct ist_policy *policy;
    int status;

    if (argc < 2) {
        fputs(usage, stderr);
        return BAD;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        fputs(usage, stdout);
        return 0;
    }
    policy = load(argv[1]);
    status = argc == 2 ? print(policy) : ask(policy, argv + 2);
    ist_policy_free(policy);
    return status;
}
