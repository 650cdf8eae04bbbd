/*
 * der.c - elements of DER, read strictly
 *
 * Only what X.509 uses: definite lengths in the shortest form, tags of one byte. What is refused here reaches no further check.
 */
#include "tls/parts.h"

int ist__der_next(struct ist__der *in, uint32_t *tag, struct ist__der *value)
{
    const uint8_t *p = in->at;
    size_t left = (size_t)(in->end - p), len;

    if (left < 2 || (p[0] & 0x1f) == 0x1f)
        return 0;
    *tag = p[0];
    len = p[1];
    p += 2;
    left -= 2;
    if (len & 0x80) {
        size_t n = len & 0x7f;
        if (n == 0 || n > 3 || n > left || p[0] == 0)   /* 3 bytes: 16 MiB, more than a TLS message holds */
            return 0;
        len = 0;
        for (size_t i = 0; i < n; i++)
            len = len << 8 | p[i];
        if (len < 0x80)
            return 0;
        p += n;
        left -= n;
    }
    if (len > left)
        return 0;
    value->at = p;
    value->end = in->at = p + len;
    return 1;
}

int ist__der_take(struct ist__der *in, uint32_t tag, struct ist__der *value)
{
    struct ist__der copy = *in, contents;
    uint32_t found;

    if (!ist__der_next(&copy, &found, &contents) || found != tag)
        return 0;
    *in = copy;
    *value = contents;
    return 1;
}

/* Days from 1970-01-01 to the first day of a month, by the Gregorian calendar. */
static int64_t days_to_month(int32_t year, int32_t month)
{
    static const int16_t before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
    int32_t y = year - 1;
    int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return (int64_t)y * 365 + y / 4 - y / 100 + y / 400 + before[month - 1] + (leap && month > 2) - 719162;
}

/* RFC 5280 4.1.2.5: YYMMDDHHMMSSZ until 2049, YYYYMMDDHHMMSSZ from then on; nothing else. */
int ist__der_time(uint32_t tag, const struct ist__der *value, int64_t *s)
{
    static const int8_t month_days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int32_t field[7];
    size_t len = (size_t)(value->end - value->at), n = len / 2;

    if ((tag == IST__DER_UTC_TIME ? len != 13 : tag != IST__DER_TIME || len != 15) || value->at[len - 1] != 'Z')
        return 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t a = value->at[2 * i], b = value->at[2 * i + 1];
        if (a < '0' || a > '9' || b < '0' || b > '9')
            return 0;
        field[i + 7 - n] = (a - '0') * 10 + (b - '0');
    }
    if (n == 6)
        field[1] += field[1] < 50 ? 2000 : 1900;
    else
        field[1] += field[0] * 100;
    if (field[1] < 1 || field[2] < 1 || field[2] > 12 || field[3] < 1 || field[3] > month_days[field[2] - 1] || field[4] > 23 ||
        field[5] > 59 || field[6] > 59)
        return 0;
    *s = (days_to_month(field[1], field[2]) + field[3] - 1) * 86400 + field[4] * 3600 + field[5] * 60 + field[6];
    return 1;
}
