/*
 * main_native.c - the guest and the host in C as one program; with an argument, the host cannot wait
 */
#include "far_side.h"

#include <isthmus/link.h>
#include <stdlib.h>

#include "guest.h"

void run(void);
void ist_pump(void);

static void pump(void *guest)
{
    (void)guest;
    ist_pump();
}

int main(int argc, char **argv)
{
    struct isthmus_host *host = far_side_init();

    (void)argv;
    host->no_wait = argc > 1;
    ist_link_host(isthmus_host_exchange, host);
    run();
    if (host->no_wait)
        far_side_loop(pump, NULL);
    far_side_release();
    free(g);
    return 0;
}
