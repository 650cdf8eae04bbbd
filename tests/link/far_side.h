/*
 * far_side.h - the far side of the links under check, for the host in C (see far.h)
 */
#ifndef FAR_SIDE_H
#define FAR_SIDE_H

#include "../../adapters/host/c/host.h"

/* Makes a host with the links of far.h, and prints the guest's notes. Exits with a message when it cannot. */
struct isthmus_host *far_side_init(void);
void far_side_release(void);

/* Drives a guest on a host that cannot wait: calls pump() as docs/link.md says, until the guest has said its last note. */
void far_side_loop(void (*pump)(void *), void *guest);

#endif
