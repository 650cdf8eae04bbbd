/*
 * Which certificates are believed, and what each side learns when they are not.
 */
#include "tls_help.h"

#define DAY UINT64_C(86400000000000)

static struct ist_tls_trust *ca, *other_ca, *rsa_ca, *leaf_as_anchor;
static const struct ist_tls_identity *host, *wild, *address, *deep, *gap, *by_rsa, *me, *stranger, *weak, *not_ca;

/* The client's reason, 0 when the connection stands; *alert: what the server was told. */
static int32_t judged(const struct ist_tls_config *c, const struct ist_tls_identity *identity, int *alert)
{
    struct ist_tls_config s = server_config(&identity);
    struct pair p = pair_new(c, &s);
    struct ist_tls_detail d, e;

    pump(&p);
    d = detail_of(p.client);
    e = detail_of(p.server);
    if (alert)
        *alert = e.reason == IST_TLS_PEER_ALERT ? e.alert : -1;
    if (d.reason == 0 && !echoes(&p, "x"))
        d.reason = -1;
    pair_free(&p);
    return d.reason;
}

static int32_t by_name(const struct ist_tls_identity *identity, const char *name)
{
    struct ist_tls_config c = client_config(ca, name);

    return judged(&c, identity, NULL);
}

static void names(void)
{
    int alert;
    struct ist_tls_config c = client_config(ca, "wrong.test");

    ok(by_name(host, "host.test") == 0, "the name in the certificate is accepted");
    ok(by_name(host, "HoSt.TesT") == 0, "without regard to case");
    ok(judged(&c, host, &alert) == IST_TLS_NAME_MISMATCH && alert == 42, "another name is refused, with alert bad_certificate");
    ok(by_name(host, "host.test.evil.test") == IST_TLS_NAME_MISMATCH, "a longer name is refused");
    ok(by_name(host, "xhost.test") == IST_TLS_NAME_MISMATCH, "a name that ends alike is refused");
    ok(by_name(host, "host") == IST_TLS_NAME_MISMATCH, "the common name is not looked at");
    ok(by_name(wild, "a.wild.test") == 0, "a wildcard stands for one label");
    ok(by_name(wild, "a.b.wild.test") == IST_TLS_NAME_MISMATCH, "not for two");
    ok(by_name(wild, "wild.test") == IST_TLS_NAME_MISMATCH, "not for none");
    ok(by_name(wild, "anything.test") == IST_TLS_NAME_MISMATCH, "a wildcard for a whole top domain (*.test) stands for nothing");
    ok(by_name(wild, "abc.part.test") == IST_TLS_NAME_MISMATCH, "a wildcard as a part of a label (a*.part.test) stands for nothing");
    ok(by_name(address, "192.0.2.7") == 0, "an IPv4 address in the certificate is accepted");
    ok(by_name(address, "192.0.2.8") == IST_TLS_NAME_MISMATCH, "another is refused");
    ok(by_name(address, "2001:db8::7") == 0 && by_name(address, "2001:DB8:0:0:0:0:0:7") == 0, "an IPv6 address, however it is written");
    ok(by_name(address, "2001:db8::8") == IST_TLS_NAME_MISMATCH, "another is refused");
    ok(by_name(host, "192.0.2.7") == IST_TLS_NAME_MISMATCH, "an address is not looked for among names (DNS:192.0.2.7)");
    c.flags = IST_TLS_NO_VERIFY_NAME;
    ok(judged(&c, host, NULL) == 0, "the name check can be switched off");
    c.trust = other_ca;
    ok(judged(&c, host, NULL) == IST_TLS_NOT_TRUSTED, "and the chain is verified still");
}

static void chains(void)
{
    struct ist_tls_config c = client_config(ca, "host.test");
    int alert;

    ok(judged(&c, deep, NULL) == 0, "two authorities in between are accepted");
    c.verify_depth = 1;
    ok(judged(&c, deep, NULL) == IST_TLS_CHAIN_TOO_LARGE, "not with a depth of 1");
    c.verify_depth = 2;
    ok(judged(&c, deep, NULL) == 0, "but with a depth of 2");
    c.verify_depth = 0;
    ok(judged(&c, gap, &alert) == IST_TLS_NOT_TRUSTED && alert == 48, "a missing one in between: not trusted, alert unknown_ca");
    ok(judged(&c, not_ca, NULL) == IST_TLS_NOT_CA, "a certificate issued by one that is no authority is refused");
    ok(judged(&c, weak, NULL) == IST_TLS_WEAK_KEY, "an authority with RSA 1024 in between is refused");
    c.trust = other_ca;
    ok(judged(&c, host, &alert) == IST_TLS_NOT_TRUSTED && alert == 48, "another authority: not trusted, alert unknown_ca");
    c.flags = IST_TLS_NO_VERIFY_CERTIFICATE;
    ok(judged(&c, host, NULL) == 0, "verification switched off: accepted");
    c.server_name = "wrong.test";
    ok(judged(&c, host, NULL) == IST_TLS_NAME_MISMATCH, "and the name is checked still");
    c.flags |= IST_TLS_NO_VERIFY_NAME;
    c.trust = NULL;
    c.server_name = NULL;
    ok(judged(&c, host, NULL) == 0, "both switched off: no anchors and no name are needed");
    c = client_config(rsa_ca, "host.test");
    ok(judged(&c, by_rsa, NULL) == 0, "an EC certificate signed with RSA is accepted");
    c.trust = leaf_as_anchor;
    ok(judged(&c, host, NULL) == 0, "the server's own certificate can be the anchor");
    ok(judged(&c, by_rsa, NULL) == IST_TLS_NOT_TRUSTED, "and then no other is trusted");
}

static void dates(void)
{
    struct ist_tls_config c = client_config(ca, "host.test");
    uint64_t now = c.realtime_ns;
    int alert;

    c.realtime_ns = now + 400 * DAY;
    ok(judged(&c, host, &alert) == IST_TLS_EXPIRED && alert == 45, "400 days from now: expired, alert certificate_expired");
    c.realtime_ns = now - 2 * DAY;
    ok(judged(&c, host, &alert) == IST_TLS_NOT_YET_VALID && alert == 45, "two days ago: not yet valid");
    c.realtime_ns = 1;
    ok(judged(&c, host, NULL) == IST_TLS_NOT_YET_VALID, "1970: not yet valid");
    c.realtime_ns = UINT64_MAX;
    ok(judged(&c, host, NULL) == IST_TLS_EXPIRED, "the end of the clock: expired");
    c.realtime_ns = 0;
    ok(judged(&c, host, NULL) == IST_TLS_CLOCK_UNKNOWN, "no clock: refused");
    c.flags = IST_TLS_NO_VERIFY_TIME;
    ok(judged(&c, host, NULL) == 0, "no clock and no check of dates: accepted");
    ok(judged(&c, deep, NULL) == 0, "also with authorities in between");
    c.realtime_ns = now + 400 * DAY;
    ok(judged(&c, deep, NULL) == 0, "and with a clock by which they have expired");
    c.trust = other_ca;
    ok(judged(&c, host, NULL) == IST_TLS_NOT_TRUSTED, "and the chain is verified still");
}

/* A client certificate, or none, before a server that asks. */
static void clients(const char *mode, uint32_t flag)
{
    const struct { const char *what; const struct ist_tls_identity *identity; int32_t reason; } rows[] = {
        { "its certificate is accepted", me, 0 },
        { "none", NULL, flag == IST_TLS_VERIFY_PEER ? IST_TLS_NO_PEER_CERTIFICATE : 0 },
        { "one of another authority is refused", stranger, IST_TLS_NOT_TRUSTED } };

    for (int i = 0; i < 3; i++) {
        struct ist_tls_config c = client_config(ca, "host.test"), s = server_config(&host);
        struct ist_tls_info info;
        struct pair p;
        c.identities = &rows[i].identity;
        c.n_identities = rows[i].identity != NULL;
        s.flags = flag;
        s.trust = ca;
        p = pair_new(&c, &s);
        pump(&p);
        ist_tls_engine_info(p.server, &info);
        if (rows[i].reason == 0)
            ok(is_done(p.client) && echoes(&p, "x") && info.n_peer_certificates == (rows[i].identity ? 1 : 0), "client certificate %s: %s", mode,
               rows[i].what);
        else
            ok(failed_for(p.server, rows[i].reason) && detail_of(p.client).reason == IST_TLS_PEER_ALERT, "client certificate %s: %s, and the client is told",
               mode, rows[i].what);
        ok(rows[i].reason == 0 || !(ist_tls_engine_state(p.server) & (IST_TLS_DATA_IN | IST_TLS_DATA_OUT)), "and a refused one gets no data through");
        pair_free(&p);
    }
}

/* Certificates made with what the test names; each is judged as a server's certificate for host.test. */
struct made {
    const char *file, *what;
    int32_t reason;
};

static void rules(void)
{
    static const struct made rows[] = {
        { "ekuserver", "extended key usage: for servers", 0 },
        { "ekuany", "for anything", 0 },
        { "ekuclient", "for clients only: refused for a server", IST_TLS_KEY_USAGE },
        { "ekucritical", "for servers, critical", 0 },
        { "ekumiddle", "an authority for clients only does not certify servers", IST_TLS_KEY_USAGE },
        { "signs", "a certificate that says it signs others, and is no authority", IST_TLS_BAD_CERTIFICATE },
        { "version1", "version 1", IST_TLS_UNSUPPORTED_CERTIFICATE },
        { "zero", "the serial number 0", IST_TLS_BAD_CERTIFICATE },
        { "unknown", "an unknown critical extension", IST_TLS_UNSUPPORTED_CERTIFICATE },
        { "ncin", "name constraints: a name inside", 0 },
        { "ncout", "a name outside what is permitted", IST_TLS_CONSTRAINED },
        { "ncexcluded", "a name that is excluded", IST_TLS_CONSTRAINED },
        { "ncelse", "names outside what is excluded", 0 },
        { "ncwild", "a wildcard that could stand for an excluded name", IST_TLS_CONSTRAINED },
        { "ncip", "an address outside what is permitted", IST_TLS_CONSTRAINED },
        { "ncipin", "an address inside", 0 },
        { "ncuri", "a name of a kind that is constrained and not compared", IST_TLS_CONSTRAINED },
        { "ncmail", "addresses of mail: one of the host that is permitted", 0 },
        { "ncmailsub", "of a host below it", IST_TLS_CONSTRAINED },
        { "ncmaildomain", "of a host in the domain that is permitted", 0 },
        { "ncmailtop", "of the domain itself", IST_TLS_CONSTRAINED },
        { "ncmailbox", "the mailbox that is permitted, its host written otherwise", 0 },
        { "ncmailcase", "another mailbox, whose name differs by case", IST_TLS_CONSTRAINED },
        { "ncmailstar", "an asterisk stands for itself", IST_TLS_CONSTRAINED },
        { "ncmailno", "of a host that is excluded", IST_TLS_CONSTRAINED },
        { "ncmailelse", "of another than is excluded", 0 },
        { "ncmailodd", "one with a comment, which has many spellings, where another is excluded", IST_TLS_CONSTRAINED },
        { "ncmailtwo", "one with two @", IST_TLS_CONSTRAINED },
        { "ncmailbad", "a constraint with two @", IST_TLS_BAD_CERTIFICATE },
        { "ncsubject", "one in the subject, of a host that is excluded", IST_TLS_CONSTRAINED },
        { "ncsubjectin", "one in the subject, of a host that is permitted", 0 },
        { "ncdir", "a directory name that is excluded, written otherwise", IST_TLS_CONSTRAINED },
        { "ncleaf", "name constraints in a certificate that is no authority", IST_TLS_BAD_CERTIFICATE } };

    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        char chain[32], key[32];
        const struct ist_tls_identity *id;
        int32_t reason;
        snprintf(chain, sizeof chain, "%s.pem", rows[i].file);
        snprintf(key, sizeof key, "%s.key", rows[i].file);
        id = identity_of(chain, key);
        reason = by_name(id, "host.test");
        ok(reason == rows[i].reason, "%s: %s (%d)", rows[i].what, rows[i].reason ? "refused" : "accepted", reason);
        ist_tls_identity_free((void *)(uintptr_t)id);
    }
}

/* What the anchors' own certificates say. */
static void anchors(void)
{
    struct ist_tls_trust *old = trust_of("old.pem"), *narrow = trust_of("narrow.pem"), *shallow = trust_of("shallow.pem"), *two = trust_of("two.pem");
    const struct ist_tls_identity *by_old = identity_of("byold.pem", "byold.key"), *by_narrow = identity_of("bynarrow.pem", "bynarrow.key"),
                                  *below = identity_of("below.pem", "below.key"), *swapped = identity_of("swapped.pem", "end.key"),
                                  *cross = identity_of("cross.pem", "end.key");
    struct ist_tls_config c = client_config(old, "host.test");

    ok(judged(&c, by_old, NULL) == 0, "an anchor of a day vouches today");
    c.realtime_ns += 30 * DAY;
    ok(judged(&c, by_old, NULL) == IST_TLS_EXPIRED, "an anchor that has expired vouches for nobody");
    c.flags = IST_TLS_NO_VERIFY_TIME;
    ok(judged(&c, by_old, NULL) == 0, "but where no dates are judged");
    c = client_config(narrow, "host.test");
    ok(judged(&c, by_narrow, NULL) == IST_TLS_CONSTRAINED, "an anchor's name constraints hold");
    c.server_name = "host.narrow.test";
    ok(judged(&c, below, NULL) == 0, "and permit what lies within");
    c = client_config(shallow, "host.test");
    ok(judged(&c, cross, NULL) == IST_TLS_NOT_CA, "an anchor's path length holds");
    c = client_config(ca, "host.test");
    ok(judged(&c, swapped, NULL) == 0, "the authorities in between may come in any order");
    c.trust = two;
    ok(judged(&c, cross, NULL) == 0, "of two ways, one of which is refused, the other is taken");
    c.trust = ca;
    c.server_name = "end.test";
    ok(judged(&c, cross, NULL) == IST_TLS_NAME_MISMATCH, "and the name is still checked");
    ist_tls_trust_free(old);
    ist_tls_trust_free(narrow);
    ist_tls_trust_free(shallow);
    ist_tls_trust_free(two);
    const struct ist_tls_identity *ids[] = { by_old, by_narrow, below, swapped, cross };
    for (unsigned i = 0; i < sizeof ids / sizeof *ids; i++)
        ist_tls_identity_free((void *)(uintptr_t)ids[i]);
}

/* A certificate may be shown to servers only when it is for clients. */
static void client_purpose(void)
{
    static const struct made rows[] = { { "ekuclient", "for clients", 0 }, { "ekuserver", "for servers only", IST_TLS_KEY_USAGE } };

    for (unsigned i = 0; i < 2; i++) {
        char chain[32], key[32];
        const struct ist_tls_identity *id;
        struct ist_tls_config c = client_config(ca, "host.test"), s = server_config(&host);
        struct pair p;
        snprintf(chain, sizeof chain, "%s.pem", rows[i].file);
        snprintf(key, sizeof key, "%s.key", rows[i].file);
        id = identity_of(chain, key);
        c.identities = &id;
        c.n_identities = 1;
        s.flags = IST_TLS_VERIFY_PEER;
        s.trust = ca;
        p = pair_new(&c, &s);
        pump(&p);
        ok(detail_of(p.server).reason == rows[i].reason, "a client's certificate %s: %s", rows[i].what, rows[i].reason ? "refused" : "accepted");
        pair_free(&p);
        ist_tls_identity_free((void *)(uintptr_t)id);
    }
}

static const char script[] =
    "root ca ec; root otherca ec; root rsaca rsa2048\n"
    "leaf host ec ca 'DNS:host.test,DNS:192.0.2.7'; leaf wild ec ca 'DNS:*.wild.test,DNS:*.test,DNS:a*.part.test'\n"
    "leaf address ec ca IP:192.0.2.7,IP:2001:db8::7; leaf byrsa ec rsaca DNS:host.test\n"
    "middle m1 rsa2048 ca; middle m2 ec384 m1; leaf end ec m2 DNS:host.test; cat end.pem m2.pem m1.pem >deep.pem; cat end.pem m2.pem >gap.pem\n"
    "middle mw rsa1024 ca; leaf weak ec mw DNS:host.test; cat weak.pem mw.pem >weakchain.pem\n"
    "leaf byleaf ec host DNS:host.test; cat byleaf.pem host.pem >byleafchain.pem\n"
    "leaf me ec ca DNS:client.test; leaf stranger ec otherca DNS:client.test\n"
    /* rules */
    "n=$'\\n'; h=\"subjectAltName=DNS:host.test\"\n"
    "signed ekuserver ec ca \"$h${n}extendedKeyUsage=serverAuth\"; signed ekuany ec ca \"$h${n}extendedKeyUsage=anyExtendedKeyUsage\"\n"
    "signed ekuclient ec ca \"$h${n}extendedKeyUsage=clientAuth\"; signed ekucritical ec ca \"$h${n}extendedKeyUsage=critical,serverAuth\"\n"
    "authority() { signed $1 ec $2 \"basicConstraints=critical,CA:TRUE${n}keyUsage=critical,keyCertSign$n$3\"; }\n"
    "under() { authority $1m ca \"$2\"; signed $1 ec $1m \"$3\"; cat $1m.pem >>$1.pem; }\n"
    "under ekumiddle extendedKeyUsage=clientAuth \"$h\"\n"
    "signed signs ec ca \"$h${n}keyUsage=digitalSignature,keyCertSign\"; signed unknown ec ca \"$h${n}1.2.3.4=critical,ASN1:NULL\"\n"
    "key version1 ec; openssl req -new -key version1.key -subj /CN=host.test -out v.csr; openssl x509 -req -in v.csr -CA ca.pem -CAkey ca.key -out version1.pem\n"
    "key zero ec; openssl req -new -key zero.key -subj /CN=zero -out z.csr; echo \"$h\" >z.ext\n"
    "openssl x509 -req -in z.csr -CA ca.pem -CAkey ca.key -set_serial 0 -extfile z.ext -out zero.pem\n"
    "under ncin 'nameConstraints=critical,permitted;DNS:host.test' \"$h,DNS:a.host.test\"\n"
    "under ncout 'nameConstraints=critical,permitted;DNS:host.test' \"$h,DNS:ahost.test\"\n"
    "under ncexcluded 'nameConstraints=excluded;DNS:bad.test' \"$h,DNS:very.BAD.test\"\n"
    "under ncelse 'nameConstraints=critical,excluded;DNS:bad.test' \"$h,DNS:other.test\"\n"
    "under ncwild 'nameConstraints=critical,excluded;DNS:bad.wild.test' \"$h,DNS:*.wild.test\"\n"
    "under ncip 'nameConstraints=critical,permitted;IP:192.0.2.0/255.255.255.0' \"$h,IP:192.0.3.1\"\n"
    "under ncipin 'nameConstraints=critical,permitted;IP:192.0.2.0/255.255.255.0' \"$h,IP:192.0.2.1\"\n"
    "under ncuri 'nameConstraints=critical,permitted;URI:host.test' \"$h,URI:http://host.test/\"\n"
    "mail() { under $1 \"nameConstraints=critical,$2\" \"$h${3:+,email:$3}\"; }\n"
    "mail ncmail 'permitted;email:host.test' me@HOST.test; mail ncmailsub 'permitted;email:host.test' me@sub.host.test\n"
    "mail ncmaildomain 'permitted;email:.host.test' me@sub.Host.test; mail ncmailtop 'permitted;email:.host.test' me@host.test\n"
    "mail ncmailbox 'permitted;email:Me@host.test' Me@host.TEST; mail ncmailcase 'permitted;email:Me@host.test' me@host.test\n"
    "mail ncmailstar 'permitted;email:*@host.test' me@host.test; mail ncmailno 'excluded;email:host.test' me@HOST.test\n"
    "mail ncmailelse 'excluded;email:host.test' me@ahost.test; mail ncmailodd 'excluded;email:other.test' 'me(x)@host.test'\n"
    "mail ncmailtwo 'permitted;email:host.test' me@x@host.test; mail ncmailbad 'permitted;email:a@b@host.test' me@host.test\n"
    "subject() { mail $1 \"$2\"; openssl req -new -key $1.key -subj \"/C=DE/CN=$1/emailAddress=$3\" -out $1.csr\n"
    "  openssl x509 -req -in $1.csr -CA $1m.pem -CAkey $1m.key -set_serial 9 -days 365 -extfile $1.ext -out $1.pem; cat $1m.pem >>$1.pem; }\n"
    "subject ncsubject 'excluded;email:host.test' me@host.test; subject ncsubjectin 'permitted;email:host.test' me@host.test\n"
    "under ncdir \"nameConstraints=critical,excluded;dirName:d$n[d]${n}C=DE${n}O=  isthmus\" \"$h\"\n"
    "signed ncleaf ec ca \"$h${n}nameConstraints=permitted;DNS:host.test\"\n"
    /* anchors */
    "key old ec; openssl req -x509 -new -key old.key -out old.pem -days 1 -subj /CN=old\n"
    "signed byold ec old \"$h\"\n"
    "limited() { key $1 ec; openssl req -x509 -new -key $1.key -out $1.pem -days 3650 -subj /CN=$1 -config /dev/stdin <<E\n"
    "[req]\ndistinguished_name=d\nx509_extensions=x\n[d]\n[x]\nsubjectKeyIdentifier=hash\nbasicConstraints=critical,CA:TRUE$2\n$3\nE\n}\n"
    "limited narrow '' 'nameConstraints=critical,permitted;DNS:narrow.test'; signed bynarrow ec narrow \"$h\"; leaf below ec narrow DNS:host.narrow.test\n"
    "limited shallow ,pathlen:0 ''\n"
    "cat end.pem m1.pem m2.pem >swapped.pem\n"
    /* m1 certified by another authority too, one that may have nothing below it */
    "openssl x509 -req -in m1.csr -CA shallow.pem -CAkey shallow.key -set_serial 77 -days 365 -extfile m1.ext -out m1x.pem\n"
    "cat end.pem m1x.pem m2.pem m1.pem >cross.pem; cat shallow.pem ca.pem >two.pem\n";

int main(void)
{
    struct ist_tls_config c;

    pki_make(script);
    ca = trust_of("ca.pem");
    other_ca = trust_of("otherca.pem");
    rsa_ca = trust_of("rsaca.pem");
    leaf_as_anchor = trust_of("host.pem");
    host = identity_of("host.pem", "host.key");
    wild = identity_of("wild.pem", "wild.key");
    address = identity_of("address.pem", "address.key");
    deep = identity_of("deep.pem", "end.key");
    gap = identity_of("gap.pem", "end.key");
    by_rsa = identity_of("byrsa.pem", "byrsa.key");
    weak = identity_of("weakchain.pem", "weak.key");
    not_ca = identity_of("byleafchain.pem", "byleaf.key");
    me = identity_of("me.pem", "me.key");
    stranger = identity_of("stranger.pem", "stranger.key");
    names();
    chains();
    dates();
    rules();
    anchors();
    client_purpose();
    clients("required", IST_TLS_VERIFY_PEER);
    clients("optional", IST_TLS_VERIFY_PEER_IF_SHOWN);
    c = client_config(ca, "host.test");
    ok(judged(&c, host, NULL) == 0, "and after all that a good one is accepted still");
    struct ist_tls_trust *trusts[] = { ca, other_ca, rsa_ca, leaf_as_anchor };
    const struct ist_tls_identity *all[] = { host, wild, address, deep, gap, by_rsa, weak, not_ca, me, stranger };
    for (unsigned i = 0; i < 4; i++)
        ist_tls_trust_free(trusts[i]);
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
        ist_tls_identity_free((void *)(uintptr_t)all[i]);
    return tap_done();
}
