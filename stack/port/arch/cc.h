/*
 * cc.h - what lwIP asks of the compiler: clang, little-endian, no stdio
 */
#ifndef IST_ARCH_CC_H
#define IST_ARCH_CC_H

#include <stdint.h>
#include <sys/types.h>

#ifndef BYTE_ORDER
#define BYTE_ORDER LITTLE_ENDIAN
#endif
#define LWIP_NO_CTYPE_H  1
#define LWIP_NO_UNISTD_H 1
#ifndef SSIZE_MAX
#define SSIZE_MAX INT32_MAX
#endif

#define lwip_htons(x) ((uint16_t)__builtin_bswap16((uint16_t)(x)))
#define lwip_htonl(x) ((uint32_t)__builtin_bswap32((uint32_t)(x)))

#define PACK_STRUCT_STRUCT __attribute__((packed))

uint32_t ist__lwip_random(void);
#define LWIP_RAND() ist__lwip_random()

/* lwIP never prints. A broken assertion of its own is a trap; the sanitizer build says which one before that. */
#define LWIP_PLATFORM_DIAG(x) do { } while (0)
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
_Noreturn void ist__assertion_failed(const char *message, const char *file, int line);
#define LWIP_PLATFORM_ASSERT(x) ist__assertion_failed(x, __FILE__, __LINE__)
#endif
#endif
#ifndef LWIP_PLATFORM_ASSERT
#define LWIP_PLATFORM_ASSERT(x) __builtin_trap()
#endif

#endif
