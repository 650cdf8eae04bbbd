/*
 * tcp_info.c - TCP_INFO as Linux lays it out; a field that the stack does not count is 0
 */
#include <string.h>
#include <netinet/tcp.h>
#include "option.h"

#define CA_OPEN     0
#define CA_RECOVERY 3
#define CA_LOSS     4
#define HAS_TIMESTAMPS 1
#define HAS_SACK       2
#define HAS_SCALE      4
#define SSTHRESH_NONE  0x7fffffffu

static uint8_t state_of(uint32_t state)
{
    static const uint8_t states[] = {
        [IST_TCP_CLOSED] = TCP_CLOSE, [IST_TCP_LISTEN] = TCP_LISTEN, [IST_TCP_SYN_SENT] = TCP_SYN_SENT,
        [IST_TCP_SYN_RECEIVED] = TCP_SYN_RECV, [IST_TCP_ESTABLISHED] = TCP_ESTABLISHED, [IST_TCP_FIN_WAIT_1] = TCP_FIN_WAIT1,
        [IST_TCP_FIN_WAIT_2] = TCP_FIN_WAIT2, [IST_TCP_CLOSE_WAIT] = TCP_CLOSE_WAIT, [IST_TCP_CLOSING] = TCP_CLOSING,
        [IST_TCP_LAST_ACK] = TCP_LAST_ACK, [IST_TCP_TIME_WAIT] = TCP_CLOSE    /* the socket of Linux is gone by then */
    };

    return states[state];
}

/* Linux counts in segments what we have in bytes. */
static uint32_t segments(uint32_t bytes, uint32_t mss)
{
    return mss ? (uint32_t)(((uint64_t)bytes + mss - 1) / mss) : 0;
}

int ist__tcp_info_get(struct ist__fd *f, struct tcp_info *out)
{
    struct ist_tcp_info i;
    int32_t r;

    ist_wait(NULL, 0, IST_NO_WAIT);
    r = ist_tcp_info(f->handle, &i);
    if (r < 0)
        return -ist__errno(r);
    memset(out, 0, sizeof *out);
    out->tcpi_state = state_of(i.state);
    if (i.state == IST_TCP_LISTEN) {
        out->tcpi_unacked = i.waiting;
        out->tcpi_sacked = i.backlog;
        return 0;
    }
    out->tcpi_ca_state = i.recovering == 2 ? CA_LOSS : i.recovering ? CA_RECOVERY : CA_OPEN;
    out->tcpi_retransmits = out->tcpi_backoff = (uint8_t)i.retransmits;
    out->tcpi_probes = (uint8_t)i.probes;
    out->tcpi_options = (uint8_t)((i.has_timestamps ? HAS_TIMESTAMPS : 0) | (i.has_sack ? HAS_SACK : 0) | (i.has_scale ? HAS_SCALE : 0));
    out->tcpi_snd_wscale = i.scale_send & 15;
    out->tcpi_rcv_wscale = i.scale_receive & 15;
    out->tcpi_rto = i.rto_us;
    out->tcpi_rtt = i.rtt_us;
    out->tcpi_rttvar = i.rtt_var_us;
    out->tcpi_snd_mss = i.mss;
    out->tcpi_rcv_mss = out->tcpi_advmss = i.mss_receive;
    out->tcpi_unacked = segments(i.in_flight, i.mss);
    out->tcpi_snd_cwnd = segments(i.cwnd, i.mss);
    out->tcpi_snd_ssthresh = i.ssthresh == UINT32_MAX ? SSTHRESH_NONE : segments(i.ssthresh, i.mss);
    out->tcpi_rcv_space = i.receive_window;
    out->tcpi_notsent_bytes = i.unsent;
    out->tcpi_snd_wnd = i.send_window;
    return 0;
}
