/*
 * note.c - lines to the host (rule 12)
 *
 * They go with the next exchange of the first link. What does not fit any more makes an exchange of its own, unless one is under way
 * on the call stack: then it is cut.
 */
#include <string.h>

#include "link/link.h"

static struct ist__link *note_link(void)
{
    for (uint32_t i = 0; i < ist__links.n; i++)
        if (ist__links.at[i])
            return ist__links.at[i];
    return NULL;
}

static uint32_t note_append(struct ist__link *link, const char *text, size_t len)
{
    uint32_t n = IST__NOTE_CAP - link->note_len;

    if (len < n)
        n = (uint32_t)len;
    memcpy(link->note + link->note_len, text, n);
    link->note_len += n;
    return n;
}

int32_t ist_note(const char *text)
{
    struct ist__link *link = note_link();
    size_t len = strlen(text);

    if (!ist__started() || !link)
        return IST_ESTATE;
    for (;;) {
        uint32_t n = note_append(link, text, len);
        text += n;
        len -= n;
        if (!len)
            break;
        if (ist__link_exchange(link, IST_LINK_NO_WAIT, false) != 0)
            return IST_ENOLINK;
    }
    if (link->note_len < IST__NOTE_CAP)
        note_append(link, "\n", 1);
    return 0;
}

void ist__note_core(const char *text)
{
    struct ist__link *link = note_link();

    if (!link)
        return;
    note_append(link, "isthmus: ", 9);
    note_append(link, text, strlen(text));
    note_append(link, "\n", 1);
}

void ist__note_link(uint32_t index, const char *text)
{
    struct ist__link *link = note_link();
    char number[3] = { (char)('0' + index / 10), (char)('0' + index % 10), 0 };

    if (!link)
        return;
    note_append(link, "isthmus: link ", 14);
    note_append(link, index < 10 ? number + 1 : number, index < 10 ? 1 : 2);
    note_append(link, ": ", 2);
    note_append(link, text, strlen(text));
    note_append(link, "\n", 1);
}
