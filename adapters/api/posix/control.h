/*
 * control.h - control messages of recvmsg() and sendmsg() (private)
 */
#ifndef IST_POSIX_CONTROL_H
#define IST_POSIX_CONTROL_H

#include "posix.h"

/* Bits of struct ist__fd.tell. */
#define IST_TELL_PACKET4 1u
#define IST_TELL_TTL4    2u
#define IST_TELL_PACKET6 4u
#define IST_TELL_TTL6    8u
#define IST_TELL_TOS4    16u
#define IST_TELL_TOS6    32u

/* The bit that a socket option sets; 0: it is none of these, or none for this socket. */
uint8_t ist__control_option(const struct ist__fd *f, int level, int name);
/* Fills msg_control with what was asked for, sets msg_controllen, and MSG_CTRUNC when there was no room. */
void ist__control_put(const struct ist__fd *f, struct msghdr *m, const struct ist_datagram *d);

/* Reads what sendmsg() was given: *used is 1 where *out says something of the datagram. 0 or -errno. */
int ist__control_get(const struct ist__fd *f, const struct msghdr *m, struct ist_sending *out, int *used);

#endif
