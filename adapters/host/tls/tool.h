/*
 * tool.h - what tls-client and tls-server share: options, and one connection over a socket of the system
 */
#ifndef TLS_TOOL_H
#define TLS_TOOL_H

#include <isthmus/tls_engine.h>

/* How both programs end. */
enum { DONE = 0, FAILED_TLS = 1, BAD_USAGE = 2, FAILED_NETWORK = 3 };

/* Where the data of a connection goes. */
enum mode { RELAY, ECHO, HTTP };

#define IDENTITIES_MAX 16

struct tool {
    const char *program, *usage;
    struct ist_tls_config config;
    const struct ist_tls_identity *identities[IDENTITIES_MAX];
    const char *certificate;   /* of a --cert whose --key is still to come */
    enum mode mode;
    int is_server, wait, quiet;
    int64_t time_s;            /* --time; -1 = now */
    long count;                /* --count; 0 = no end */
};

/* Says why, and ends with BAD_USAGE. */
_Noreturn void tool_refuse(const struct tool *tool, const char *what, const char *why);

/* Reads the options; gives the index of the first argument after them. Ends with BAD_USAGE. */
int tool_options(struct tool *tool, int argc, char **argv);

/* One connection on @fd from the handshake to its end; closes @fd. Gives the exit status, and has said why on stderr. */
int tool_connection(const struct tool *tool, int fd);

#endif
