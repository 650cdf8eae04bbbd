/*
 * keylog.c - the secrets of a connection for the host's capture, where the grant says keylog=yes
 *
 * One line of the NSS key log goes to the host as a note, before the first record that it opens: a reader of the capture that goes
 * through it once needs the secret ahead of the records. The engine also runs in programs without the stack: the stack's names are
 * weak here, and there is nobody to tell then.
 */
#include <string.h>

#include "link/link.h"
#include "tls/engine.h"

#define LABEL "CLIENT_RANDOM "

extern struct ist__links ist__links __attribute__((weak));
const char *ist__grant_find(const char *text, const char *key, uint32_t *i, uint32_t *len) __attribute__((weak));
int32_t ist__link_exchange(struct ist__link *link, uint64_t deadline, bool listen) __attribute__((weak));
int32_t ist_note(const char *text) __attribute__((weak));

/* The link that notes go with, which is the first, if its grant wants the secrets; NULL: tell nobody. */
static struct ist__link *wanted(void)
{
    if (!&ist__links || !ist_note || !ist__grant_find || !ist__link_exchange)
        return NULL;
    for (uint32_t i = 0; i < ist__links.n; i++) {
        uint32_t first = 0, len;
        const char *value;

        if (!ist__links.at[i])
            continue;
        value = ist__grant_find(ist__links.at[i]->text, "keylog", &first, &len);
        return value && len == 3 && memcmp(value, "yes", 3) == 0 ? ist__links.at[i] : NULL;
    }
    return NULL;
}

static char *put_hex(char *at, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        *at++ = digits[bytes[i] >> 4];
        *at++ = digits[bytes[i] & 15];
    }
    return at;
}

void ist__tls_keylog(const br_ssl_engine_context *eng, uint32_t *told)
{
    char line[sizeof LABEL + 2 * sizeof eng->client_random + 1 + 2 * sizeof eng->session.master_secret], *at = line;
    struct ist__link *link;
    uint32_t mark;

    memcpy(&mark, eng->session.master_secret, sizeof mark);
    if (mark == *told)
        return;
    *told = mark;
    link = wanted();
    if (!link)
        return;
    if (link->note_len + sizeof line > IST__NOTE_CAP)        /* a line that came in two parts would be none */
        ist__link_exchange(link, IST_LINK_NO_WAIT, false);
    if (link->closed || link->note_len + sizeof line > IST__NOTE_CAP)
        return;
    memcpy(at, LABEL, sizeof LABEL - 1);
    at = put_hex(at + sizeof LABEL - 1, eng->client_random, sizeof eng->client_random);
    *at++ = ' ';
    at = put_hex(at, eng->session.master_secret, sizeof eng->session.master_secret);
    *at = '\0';
    ist_note(line);
    ist__wipe(line, sizeof line);
}
