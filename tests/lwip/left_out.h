/*
 * left_out.h - the tests of lwIP that cannot hold here, each with its reason
 *
 * main.c fails when one of them is not there. LWIP_TESTS=all build/test/lwip/unit runs them too: who makes one of them pass takes it out.
 */
#define LEFT_OUT(X) \
    X(test_udp_broadcast_rx_with_2_netifs, "SO_REUSE_RXTOALL: a broadcast goes to every socket that shares the port, as on Linux") \
    X(test_tcp_rto_rexmit_wraparound,      "counts ticks until an RTO of 3 s; ours is 1 s (RFC 6298)") \
    X(test_tcp_tx_full_window_lost_from_unsent, "counts ticks until a closed window is probed; ours is probed after an RTO") \
    X(test_tcp_persist_split,              "the same") \
    X(test_tcp_retx_add_to_sent,           "expects output at each tick; there are none, and who switches Nagle's algorithm off calls tcp_output()") \
    X(test_tcp_new_max_num,                "there is no pool of 5 connections, memory is the limit") \
    X(test_tcp_new_max_num_remove_TIME_WAIT, "the same") \
    X(test_dhcp,                           "expects ARP probes for the address offered; LWIP_DHCP_DOES_ACD_CHECK is 0") \
    X(test_dhcp_nak,                       "the same")
