/*
 * mail_name.c - addresses of mail against name constraints
 *
 * RFC 5280 4.2.1.10: a constraint is a mailbox, a host whose mailboxes all are meant, or a domain with a leading dot: those of all hosts in it.
 * An empty one means every mailbox, as for DNS names. 7.5: the part before the @ is compared byte by byte, the host without regard to case.
 *
 * Only what has one spelling can be compared. Quoted local parts, comments and address literals have several: they are refused.
 */
#include <string.h>
#include "tls/parts.h"

static size_t length(const struct ist__der *e)
{
    return (size_t)(e->end - e->at);
}

/* Labels of letters, digits, hyphens, underscores; none is empty. */
static int host_valid(const struct ist__der *host)
{
    size_t label = 0;

    for (const uint8_t *p = host->at; p < host->end; p++) {
        uint8_t c = *p;
        int in_label = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (c == '.' ? label == 0 : !in_label)
            return 0;
        label = c == '.' ? 0 : label + 1;
    }
    return label != 0;
}

/* `local@host`; 0: it is not of this form */
static int split(const struct ist__der *mail, struct ist__der *local, struct ist__der *host)
{
    const uint8_t *at = length(mail) ? memchr(mail->at, '@', length(mail)) : NULL;

    if (!at || at == mail->at)
        return 0;
    *local = (struct ist__der){ mail->at, at };
    *host = (struct ist__der){ at + 1, mail->end };
    for (const uint8_t *p = local->at; p < at; p++)
        if (*p <= ' ' || *p > '~' || strchr("\"(),:;<>[\\]", *p))
            return 0;
    return host_valid(host);
}

int ist__mail_valid(const struct ist__der *mail)
{
    struct ist__der local, host;

    return split(mail, &local, &host);
}

int ist__mail_base_valid(const struct ist__der *base)
{
    struct ist__der host = *base;

    if (length(base) == 0 || ist__mail_valid(base))
        return 1;
    host.at += *host.at == '.';
    return host_valid(&host);
}

int ist__mail_within(const struct ist__der *mail, const struct ist__der *base)
{
    struct ist__der local, host, base_local, base_host = *base;
    size_t n, b;

    if (!split(mail, &local, &host))
        return 0;
    if (split(base, &base_local, &base_host) &&
        (length(&local) != length(&base_local) || memcmp(local.at, base_local.at, length(&local)) != 0))
        return 0;
    n = length(&host);
    b = length(&base_host);
    if (b && *base_host.at == '.')
        return n > b && ist__same_text(host.end - b, base_host.at, b);
    return b == 0 || (n == b && ist__same_text(host.at, base_host.at, b));
}
