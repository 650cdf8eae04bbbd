/* No network was granted. */
#include <netdb.h>
#include "../tap.h"

int main(void)
{
    struct addrinfo *to;

    fails(socket(AF_INET, SOCK_STREAM, 0), ENETDOWN, "socket is ENETDOWN");
    fails(socket(AF_INET, SOCK_STREAM, 0), ENETDOWN, "again");
    ok(getaddrinfo("localhost", "80", NULL, &to) != 0, "getaddrinfo fails");
    ok(close(300) == -1 && errno == EBADF, "other calls are the host's");
    return done();
}
