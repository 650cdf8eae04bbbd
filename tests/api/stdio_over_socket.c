/* FILE streams over sockets. */
#include "tap.h"

int main(void)
{
    int p[2];
    char line[64];
    FILE *in, *out;

    tcp_pair(p);
    out = fdopen(p[0], "w");
    in = fdopen(p[1], "r");
    ok(out && in, "fdopen takes sockets");
    ok(fprintf(out, "line %d\nline two\n", 1) > 0 && fflush(out) == 0, "fprintf and fflush send");
    ok(fgets(line, sizeof line, in) && strcmp(line, "line 1\n") == 0, "fgets reads a line");
    ok(fgets(line, sizeof line, in) && strcmp(line, "line two\n") == 0, "and the next");
    ok(fclose(out) == 0, "fclose closes the socket");
    ok(fgets(line, sizeof line, in) == NULL && feof(in), "and the other side reads the end");
    fclose(in);
    return done();
}
