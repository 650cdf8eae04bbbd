/*
 * harm.h - what can go wrong in a world
 */
#ifndef SIM_HARM_H
#define SIM_HARM_H

#include "world.h"

enum { OVER_TCP = 1, OVER_TLS = 2, OVER_UDP = 4, OVER_DNS = 8, OVER_ALL = 15, OVER_SCARCE = 16, OVER_MANY = 32 };

struct harm {
    const char *name, *what;
    uint32_t protocols;
    uint64_t bytes_most;               /* of a conversation: more would take too long */
    void (*before)(void);              /* before the stacks start; may be NULL */
    void (*after)(void);               /* when the conversations are planned; may be NULL */
};

extern const struct harm harms[];      /* ends with a name of NULL */
extern const struct harm *harm;        /* of this world */

/* Whether what is sent once may not arrive. */
bool harm_loses(void);

#endif
