/*
 * service.h - requests to what the host grants by name (private)
 */
#ifndef IST_LINK_SERVICE_H
#define IST_LINK_SERVICE_H

#include <stdint.h>

/*
 * ist__service_ask() - one request, one answer
 * @service:  "signer": the word of the grant's line `service=signer NAME`
 * @name:     the rest of that line
 * @operation: what to do; a service's own numbers
 * @answer:   out; uint8_t[@cap], what follows id and operation
 * @timeout_ns: at most this long
 *
 * Returns: bytes of the answer
 * Errors:  IST_ENONAME   no link grants this service
 *          IST_EMSGSIZE  the request is longer than the link carries
 *          IST_ETIMEDOUT, IST_ENOLINK: closed, IST_ENOMEM, IST_ESTATE: the stack is not started
 *          IST_EPROTO    the host broke the protocol, or the answer is longer than @cap
 *          IST_EDEADLK   the host cannot wait, and did not answer in the same call
 * Waits:   until @timeout_ns has passed; nothing else is served meanwhile
 * Owner:   caller keeps all
 */
int32_t ist__service_ask(const char *service, const char *name, uint8_t operation, const uint8_t *request, uint32_t len, uint8_t *answer,
                         uint32_t cap, uint64_t timeout_ns);

#endif
