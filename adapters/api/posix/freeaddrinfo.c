/*
 * freeaddrinfo.c - give a list of getaddrinfo() back, or the rest of one
 */
#include <stdlib.h>
#include <netdb.h>

void freeaddrinfo(struct addrinfo *list)
{
    while (list) {
        struct addrinfo *next = list->ai_next;
        free(list->ai_canonname);
        free(list);
        list = next;
    }
}
