/*
 * ip_text.h - IP addresses as text, without scopes (private; inet_ntop() of the POSIX face uses it too)
 *
 * Pure functions that need nothing of the stack, so a program that only converts does not contain it.
 */
#ifndef IST_RESOLVE_IP_TEXT_H
#define IST_RESOLVE_IP_TEXT_H

#include <stdint.h>

#define IST__IP_TEXT_MAX 46u     /* the longest, with its NUL */

/* Four decimal numbers, no leading zeros (which some read as octal). Bytes read, or 0. */
uint32_t ist__ipv4_parse(const char *text, uint8_t ip[4]);
/* RFC 4291 2.2: groups, one "::" for a run of at least one zero group, IPv4 at the end. Bytes read, or 0. */
uint32_t ist__ipv6_parse(const char *text, uint8_t ip[16]);

/* These write without a NUL and return the end. */
char *ist__number_format(char *p, uint32_t value);
char *ist__ipv4_format(char *p, const uint8_t ip[4]);
char *ist__ipv6_format(char *p, const uint8_t ip[16]);   /* RFC 5952 */

#endif
