/*
 * tls_client.c - a client before a hostile server: tls_records.h
 */
#define ROLE 0u     /* IST_TLS_CLIENT */
#include "tls_records.h"
