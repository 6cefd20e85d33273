/* The baseline: the same system calls as the engine, in C, with nothing around them.
 *
 *   cping BASE COUNT
 *
 * For each line on standard input: one sweep over COUNT addresses from BASE (IPv4), as fast as
 * answers are read; prints wall seconds, CPU seconds and answers. Datagram socket, else raw with
 * a filter for replies.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64
#define READ 512
static double now(clockid_t c) { struct timespec t; clock_gettime(c, &t); return t.tv_sec + t.tv_nsec / 1e9; }

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  uint32_t base = ntohl(inet_addr(argv[1])); int count = atoi(argv[2]), raw = 0, one = 1, size = 16 << 20;
  int fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
  if (fd < 0) { fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP); raw = 1; }
  if (fd < 0) { perror("socket"); return 1; }
  if (raw) {
    struct sock_filter code[] = {{0xB1,0,0,0},{0x50,0,0,0},{0x15,0,1,0},{0x06,0,0,0x40000},{0x06,0,0,0}};
    struct sock_fprog program = { 5, code };
    setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
  }
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size)) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
  static struct sockaddr_in to[BATCH], from[READ];
  static uint8_t out[BATCH][24], in[READ][96], control[READ][64];
  static struct iovec out_part[BATCH], in_part[READ];
  static struct mmsghdr send_now[BATCH], read_now[READ];
  for (int i = 0; i < BATCH; i++) {
    out_part[i] = (struct iovec){ out[i], 24 };
    send_now[i].msg_hdr = (struct msghdr){ &to[i], sizeof to[i], &out_part[i], 1, 0, 0, 0 };
    to[i].sin_family = AF_INET;
  }
  char line[64]; uint16_t sequence = 0;
  int64_t *sent = malloc(8 * (size_t)count); uint32_t *rtt = malloc(4 * (size_t)count);
  while (fgets(line, sizeof line, stdin)) {
    double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    int next = 0, answered = 0, idle = 0; sequence++;
    memset(rtt, 0, 4 * (size_t)count);
    while (answered < count && idle < 500) {
      for (int group = 0; group < 6 && next < count; group++) {
        int many = count - next < BATCH ? count - next : BATCH;
        double t = now(CLOCK_REALTIME);
        for (int i = 0; i < many; i++) {
          uint32_t index = next + i, inverse = ~index; uint16_t s = htons(sequence);
          memset(out[i], 0, 8); out[i][0] = 8; memcpy(out[i] + 4, "\x12\x34", 2); memcpy(out[i] + 6, &s, 2);
          memcpy(out[i] + 16, &index, 4); memcpy(out[i] + 20, &inverse, 4);
          uint32_t sum = 0; for (int b = 0; b < 24; b += 2) sum += (out[i][b] << 8) | out[i][b + 1];
          while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
          out[i][2] = ~sum >> 8; out[i][3] = ~sum;
          to[i].sin_addr.s_addr = htonl(base + index); sent[index] = (int64_t)(t * 1e9);
        }
        int left = sendmmsg(fd, send_now, many, MSG_DONTWAIT);
        if (left > 0) next += left; else break;
      }
      for (;;) {
        for (int i = 0; i < READ; i++) {
          in_part[i] = (struct iovec){ in[i], 96 };
          read_now[i].msg_hdr = (struct msghdr){ &from[i], sizeof from[i], &in_part[i], 1, control[i], 64, 0 };
        }
        int got = recvmmsg(fd, read_now, READ, MSG_DONTWAIT, 0);
        if (got <= 0) { idle += next >= count; break; }
        idle = 0;
        for (int i = 0; i < got; i++) {
          uint8_t *p = in[i] + (raw ? 20 : 0); uint32_t index, inverse; uint16_t s;
          memcpy(&index, p + 16, 4); memcpy(&inverse, p + 20, 4); memcpy(&s, p + 6, 2);
          if (p[0] || ntohs(s) != sequence || index != ~inverse || index >= (uint32_t)count || rtt[index]) continue;
          if (ntohl(from[i].sin_addr.s_addr) != base + index) continue;
          struct cmsghdr *c = CMSG_FIRSTHDR(&read_now[i].msg_hdr); struct timespec t = {0, 0};
          if (c) memcpy(&t, CMSG_DATA(c), sizeof t);
          int64_t took = t.tv_sec * 1000000000ll + t.tv_nsec - sent[index];
          rtt[index] = took > 1000 ? took / 1000 : 1; answered++;
        }
        if (got < READ) break;
      }
      if (next >= count && answered < count) usleep(1000);
    }
    printf("%.6f %.6f %d\n", now(CLOCK_MONOTONIC) - wall, now(CLOCK_PROCESS_CPUTIME_ID) - cpu, answered);
    fflush(stdout);
  }
  return 0;
}
