/* dialect.h - what the guests of tests/compose share: an import of preview1, and a check that ends the program */
#ifndef DIALECT_H
#define DIALECT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMPORT(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name))) int name
#define CHECK(what) do { if (!(what)) { printf("line %d: %s\n", __LINE__, #what); exit(1); } } while (0)
#define SAY(...) (printf(__VA_ARGS__), fflush(stdout))

#endif
