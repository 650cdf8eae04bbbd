/*
 * tls_server.c - a server before a hostile client: tls_records.h
 */
#define ROLE 1u     /* IST_TLS_SERVER */
#include "tls_records.h"
