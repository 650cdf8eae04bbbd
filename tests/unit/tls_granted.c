/*
 * Trust anchors that the host grants in lines authority=BASE64
 */
#include "core.h"
#include "tls_help.h"

/* The certificate of a PEM file as a line of the grant. */
static char *line_of(const char *name)
{
    struct text pem = pki_read(name);
    char *line = calloc(1, pem.len + 16), *to = line + sprintf(line, "authority=");

    for (const char *at = strchr(pem.at, '\n'); *at != '-'; at++)
        if (*at != '\n')
            *to++ = *at;
    *to = '\n';
    free(pem.at);
    return line;
}

static int32_t with(const char *grant0, const char *grant1, struct ist_tls_trust_report *report, int32_t reason, const char *name)
{
    struct ist_tls_trust *trust = NULL;
    struct ist_tls_detail why;
    int32_t r;

    far[0].grant = grant0;
    far[1].grant = grant1;
    if (far_start() < 0)
        abort();
    r = ist_tls_trust_by_host(&trust, report, &why);
    ok(why.reason == reason && (r == 0) == (trust != NULL), "%s", name);
    ist_tls_trust_free(trust);
    ist_stop();
    return r;
}

int main(void)
{
    struct ist_tls_trust_report report;
    struct ist_tls_trust *trust;
    char *one, *two, text[16384];

    pki_make("root one ec; root two rsa2048");
    one = line_of("one.pem");
    two = line_of("two.pem");
    ok(ist_tls_trust_by_host(&trust, NULL, NULL) == IST_ESTATE, "none before the stack has started");
    far_link(0, IST_LINK_KIND_IP, 1500, "");
    far_link(1, IST_LINK_KIND_IP, 1500, "");
    n_far = 2;

    ok(with("address=10.0.0.1/24\n", "address=10.0.1.1/24\nauthority\n", &report, IST_TLS_NO_ANCHOR, "a host that grants no authority") == IST_ETLS &&
       report.n_anchors == 0, "is told as IST_ETLS");
    snprintf(text, sizeof text, "%saddress=10.0.0.1/24\n%s", one, two);
    with(text, "address=10.0.1.1/24\n", &report, IST_TLS_OK, "two authorities of one link");
    ok(report.n_anchors == 2 && report.n_skipped == 0, "both are anchors");
    with(one, two, &report, IST_TLS_OK, "one of each link");
    ok(report.n_anchors == 2 && report.n_skipped == 0, "both are anchors");
    snprintf(text, sizeof text, "authority=\nauthority=!!\nauthority=AAAA\nauthority=-----END CERTIFICATE-----\n%s", one);
    text[strlen(text) - 1] = 0;
    with(text, "address=10.0.1.1/24\n", &report, IST_TLS_OK, "an authority behind lines that are none, at the end of the grant");
    ok(report.n_anchors == 1 && report.n_skipped >= 4, "the others are skipped");
    ok(with("authority=!!\n", "authority=AAAA\n", NULL, IST_TLS_PEM_GARBAGE, "lines that are no certificates") == IST_ETLS, "are told as IST_ETLS");
    free(one);
    free(two);
    return tap_done();
}
