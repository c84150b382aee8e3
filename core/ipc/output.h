/*
 * output.h: the output of a streamed run on its way from the executor to the worker.
 *
 * Where RUN asks for it (stream), the executor makes a pair of SEQPACKET sockets and hands one end
 * over with the message STREAM. It writes packets of a fixed head and at most SG_OUTPUT_CHUNK
 * bytes into its own end, and reads nothing from it, ever. A packet goes whole or not at all, so
 * neither side is ever in the middle of one. The kernel's buffer of the socket is the bound: when
 * it is full the executor stops reading from the program.
 *
 *     int ends[2];
 *     sg_output_pair(ends);                                          // ends[0] stays, ends[1] goes
 *     sg_output_send(ends[0], SG_OUTPUT_STDOUT, "hello\n", 6);       // executor
 *     struct sg_output_packet p;
 *     while ((n = sg_output_recv(fd, &p)) > 0) ...                   // worker: n bytes of p.data
 */
#ifndef SG_IPC_OUTPUT_H
#define SG_IPC_OUTPUT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SG_OUTPUT_CHUNK 16384u
/* Most that is left of a stream when its run has ended, and goes with RESULT: far more than what
   pipes and an Engine's buffers hold. */
#define SG_OUTPUT_REST_MAX (16u << 20)

enum sg_output_stream { SG_OUTPUT_STDOUT, SG_OUTPUT_STDERR, SG_OUTPUT_STREAMS };

struct sg_output_packet {
    uint32_t stream; /* enum sg_output_stream */
    char data[SG_OUTPUT_CHUNK];
};

/* Both ends are the caller's; nothing can be sent from ends[1] to ends[0]. 0 or -errno. */
int sg_output_pair(int ends[2]);

/* Sends 1 to SG_OUTPUT_CHUNK bytes, without waiting: 0; -EAGAIN: there is no room now; -EPIPE: the
   reader has gone; -errno. */
int sg_output_send(int sock, enum sg_output_stream stream, const void *data, size_t n);

/* Takes one packet, without waiting: its number of bytes, 0 at the end, -EAGAIN when there is none
   yet, -EPROTO when it is none of ours, -errno. */
ssize_t sg_output_recv(int sock, struct sg_output_packet *ret);

#endif
