/* An Ethernet without a DHCP server: the first packet waits five seconds for an address, then there is no way out. */
#include <time.h>
#include "../tap.h"

int main(void)
{
    struct sockaddr_in far = at4(0x08080808, 53), a;
    int u = socket(AF_INET, SOCK_DGRAM, 0), own;

    own = udp_bound(&a);
    ok(sendto(u, "x", 1, 0, (struct sockaddr *)&a, sizeof a) == 1, "the own loopback needs no address");
    fails(sendto(u, "x", 1, 0, (struct sockaddr *)&far, sizeof far), ENETUNREACH, "without one the world is ENETUNREACH");
    fails(connect(u, (struct sockaddr *)&far, sizeof far), ENETUNREACH, "so says connect");
    close(own);
    return done();
}
