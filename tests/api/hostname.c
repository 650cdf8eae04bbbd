/* gethostname. */
#include "tap.h"

int main(void)
{
    char name[256] = "", small[1];

    ok(gethostname(name, sizeof name) == 0 && name[0], "it has a name");
    fails(gethostname(small, sizeof small), ENAMETOOLONG, "a short room is ENAMETOOLONG");
    return done();
}
