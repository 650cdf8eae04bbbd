/*
 * __typedef_sigset_t.h - a signal set with a bit for each signal; libc's has eight
 */
#ifndef __wasilibc___typedef_sigset_t_h
#define __wasilibc___typedef_sigset_t_h

typedef unsigned long long sigset_t;

#endif
