/*
 * packet.h - what the link reads in packets: whose they are, what TCP says, and checksums made to fit
 */
#ifndef SIM_PACKET_H
#define SIM_PACKET_H

#include <stdbool.h>
#include <stdint.h>

bool packet_is_ip(const uint8_t *p, uint32_t len);

/* To 10.0.0.@last or fd00::@last, or to a group. */
bool packet_is_to(const uint8_t *p, uint32_t len, uint8_t last);

/* A whole segment: its flags, and how many bytes it carries. */
bool packet_tcp(const uint8_t *p, uint32_t len, uint32_t *flags, uint32_t *n);

/* A whole UDP datagram that is not in fragments: what it carries, and to which port; NULL if not. */
const uint8_t *packet_udp(const uint8_t *p, uint32_t len, uint16_t *port, uint32_t *n);

/* The checksums of IPv4, TCP, UDP and ICMPv6 are made to fit what the packet says now. */
void checksums_repair(uint8_t *p, uint32_t len);

#endif
