/*
 * far.h - the commands that the far side of the links obeys (docs/link.md, "Checking a host")
 *
 * A request on link 0 is u32 id, u8 op, and four u32: link, a, b, ms; all little-endian. The far side acts ms after it,
 * and answers at once, within the same call: u32 id, u8 op, and FAR_WORDS u32.
 */
#ifndef FAR_H
#define FAR_H

#define FAR_ECHO     1  /* answers link, a, b, ms */
#define FAR_INJECT   2  /* b frames of a bytes arrive on a link; byte k of the j-th frame ever is 31 j + k */
#define FAR_LIMIT    3  /* the link takes a bytes more at most; 0xffffffff = any number */
#define FAR_CLOSE    4  /* the link closes */
#define FAR_GRANT    5  /* its grant becomes a bytes of text: "x=", letters a, newline; and b the mtu, 0 = as it was */
#define FAR_UP       6  /* the link is up (a = 1) or down (a = 0) */
#define FAR_INSTANCE 7  /* the host draws a new `instance` */
#define FAR_WAKE     8  /* the host has a reason of its own to end one wait */
#define FAR_COUNT    9  /* answers frames, bytes and FNV-1a sum of all taken; dropped oversize frames in, out */
#define FAR_CLOCK    10 /* the host's clock steps back by a ms */
#define FAR_ENTROPY  11 /* the host has entropy (a = 1) or none (a = 0) */

#define FAR_WORDS    5
#define FAR_NOW      0u
#define FAR_ANY      0xffffffffu

/* The links. frame_max is mtu but for Ethernet (18 more), UDP (20) and SERVICE (5). */
enum { L_SERVICE, L_ETHERNET, L_IP, L_UDP, L_BIG, L_HELD, L_IDLE, L_COUNT };
#define FAR_FRAME_MAX 1029u     /* L_SERVICE: SERVICE, mtu 1024 */
#define ETHERNET_MAX  1518u     /* L_ETHERNET: mtu 1500 */
#define IP_MAX        1400u     /* L_IP: mtu 1400 */
#define UDP_MAX       1492u     /* L_UDP: mtu 1472 */
#define BIG_MAX       65535u    /* L_BIG, L_HELD: IP, mtu 65535; L_HELD is closed with frames left in it */
#define FAR_QUEUE     (1024u * 1024) /* bytes that a link holds for the guest at least */

#endif
