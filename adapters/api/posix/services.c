/*
 * services.c - the services known by name (IANA's port numbers)
 */
#include <string.h>
#include "names.h"

static const struct ist__service services[] = {
    { "echo", NULL, 7, 1, 1 }, { "discard", "sink", 9, 1, 1 }, { "daytime", NULL, 13, 1, 1 }, { "ftp-data", NULL, 20, 1, 0 },
    { "ftp", NULL, 21, 1, 0 }, { "ssh", NULL, 22, 1, 0 }, { "telnet", NULL, 23, 1, 0 }, { "smtp", "mail", 25, 1, 0 },
    { "time", NULL, 37, 1, 1 }, { "domain", NULL, 53, 1, 1 }, { "bootps", NULL, 67, 0, 1 }, { "bootpc", NULL, 68, 0, 1 },
    { "tftp", NULL, 69, 0, 1 }, { "http", "www", 80, 1, 0 }, { "kerberos", "kerberos5", 88, 1, 1 }, { "pop3", "pop-3", 110, 1, 0 },
    { "nntp", NULL, 119, 1, 0 }, { "ntp", NULL, 123, 0, 1 }, { "imap2", "imap", 143, 1, 0 }, { "snmp", NULL, 161, 1, 1 },
    { "ldap", NULL, 389, 1, 1 }, { "https", NULL, 443, 1, 1 }, { "submissions", "smtps", 465, 1, 0 }, { "syslog", NULL, 514, 0, 1 },
    { "submission", NULL, 587, 1, 0 }, { "ipp", NULL, 631, 1, 0 }, { "ldaps", NULL, 636, 1, 1 }, { "domain-s", NULL, 853, 1, 1 },
    { "imaps", NULL, 993, 1, 0 }, { "pop3s", NULL, 995, 1, 0 }, { "socks", NULL, 1080, 1, 0 }, { "mqtt", NULL, 1883, 1, 0 },
    { "mysql", NULL, 3306, 1, 0 }, { "sip", NULL, 5060, 1, 1 }, { "xmpp-client", NULL, 5222, 1, 0 }, { "mdns", NULL, 5353, 0, 1 },
    { "postgresql", "postgres", 5432, 1, 0 }, { "redis", NULL, 6379, 1, 0 }, { "http-alt", "webcache", 8080, 1, 0 },
    { "secure-mqtt", NULL, 8883, 1, 0 },
};

const struct ist__service *ist__service_find(const char *name, uint16_t port, const char *protocol)
{
    int tcp = !protocol || !strcmp(protocol, "tcp"), udp = !protocol || !strcmp(protocol, "udp");

    for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
        const struct ist__service *s = &services[i];
        if (!((tcp && s->tcp) || (udp && s->udp)))
            continue;
        if (name ? !strcmp(name, s->name) || (s->alias && !strcmp(name, s->alias)) : port == s->port)
            return s;
    }
    return NULL;
}
