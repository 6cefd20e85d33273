/* A fleet behind a TUN device: answers ICMP echo after a delay, loses some, has dead addresses.
 *
 *   fleetsim DEVICE DELAY_US JITTER_US LOSS_PPM DEAD_PER_MILLE LOG
 *
 * LOG (or -) gets 8 bytes per reply, address and true dwell time in us (both host order), flushed
 * when SIGUSR1 truncates it or SIGTERM ends us. An address is dead by a hash of itself, so that
 * the benchmark knows the truth: dead if (address * 2654435761 >> 7) % 1000 < DEAD_PER_MILLE.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define MOST 262144
#define SIZE 128

struct packet { int64_t due, came; uint16_t length; uint8_t bytes[SIZE]; };
static struct packet pool[MOST];
static int32_t heap[MOST], spare[MOST];
static int waiting, unused;
static uint32_t (*entries)[2];
static size_t logged, room;
static volatile sig_atomic_t flush_now, end_now;
static uint64_t seed = 88172645463325252ull;

static void on_flush(int s) { (void)s; flush_now = 1; }
static void on_end(int s) { (void)s; end_now = 1; }
static int64_t now_ns(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000ll + t.tv_nsec; }
static uint64_t dice(void) { seed ^= seed << 13; seed ^= seed >> 7; seed ^= seed << 17; return seed; }

static void push(int32_t id) {
  int at = waiting++;
  while (at && pool[heap[(at - 1) / 2]].due > pool[id].due) { heap[at] = heap[(at - 1) / 2]; at = (at - 1) / 2; }
  heap[at] = id;
}
static int32_t pop(void) {
  int32_t top = heap[0], last = heap[--waiting];
  int at = 0;
  for (;;) {
    int child = 2 * at + 1;
    if (child >= waiting) break;
    if (child + 1 < waiting && pool[heap[child + 1]].due < pool[heap[child]].due) child++;
    if (pool[heap[child]].due >= pool[last].due) break;
    heap[at] = heap[child]; at = child;
  }
  heap[at] = last;
  return top;
}
static void write_log(const char *path) {
  FILE *f = fopen(path, "wb");
  if (f) { fwrite(entries, 8, logged, f); fclose(f); }
  logged = 0;
}

int main(int argc, char **argv) {
  if (argc != 7) { fprintf(stderr, "usage: fleetsim DEVICE DELAY_US JITTER_US LOSS_PPM DEAD_PER_MILLE LOG\n"); return 2; }
  int64_t delay = atoll(argv[2]) * 1000, jitter = atoll(argv[3]) * 1000;
  uint64_t loss = strtoull(argv[4], 0, 10), dead = strtoull(argv[5], 0, 10);
  int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  struct ifreq request; memset(&request, 0, sizeof request);
  strncpy(request.ifr_name, argv[1], IFNAMSIZ - 1);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (tun < 0 || ioctl(tun, TUNSETIFF, &request) < 0) { perror("tun"); return 1; }
  prctl(PR_SET_TIMERSLACK, 1000, 0, 0, 0);
  signal(SIGUSR1, on_flush); signal(SIGTERM, on_end);
  room = 1 << 22; entries = malloc(room * 8);
  for (unused = 0; unused < MOST; unused++) spare[unused] = unused;
  puts("ready"); fflush(stdout);
  while (!end_now) {
    if (flush_now) { flush_now = 0; write_log(argv[6]); puts("flushed"); fflush(stdout); }
    int64_t now = now_ns();
    for (int many = 0; many < 64 && unused; many++) {
      struct packet *p = &pool[spare[unused - 1]];
      ssize_t length = read(tun, p->bytes, SIZE);
      if (length <= 0) break;
      if (length < 28 || p->bytes[0] >> 4 != 4 || p->bytes[9] != 1) continue;
      int head = (p->bytes[0] & 15) * 4;
      if (length < head + 8 || p->bytes[head] != 8) continue;
      uint32_t address; memcpy(&address, p->bytes + 16, 4); address = ntohl(address);
      if ((uint32_t)(address * 2654435761u >> 7) % 1000 < dead) continue;
      if (loss && dice() % 1000000 < loss) continue;
      p->came = now_ns(); p->length = length;
      p->due = p->came + delay + (jitter ? (int64_t)(dice() % (uint64_t)jitter) : 0);
      push(spare[--unused]);
    }
    now = now_ns();
    while (waiting && pool[heap[0]].due <= now) {
      int32_t id = pop();
      struct packet *p = &pool[id];
      int head = (p->bytes[0] & 15) * 4;
      uint8_t source[4]; memcpy(source, p->bytes + 12, 4);
      memcpy(p->bytes + 12, p->bytes + 16, 4); memcpy(p->bytes + 16, source, 4);
      p->bytes[head] = 0;
      uint32_t sum = ((p->bytes[head + 2] << 8) | p->bytes[head + 3]) + 0x0800;
      sum = (sum & 0xffff) + (sum >> 16);
      p->bytes[head + 2] = sum >> 8; p->bytes[head + 3] = sum;
      uint32_t address; memcpy(&address, p->bytes + 12, 4);
      int64_t left = now_ns();
      if (write(tun, p->bytes, p->length) == p->length && logged < room) {
        entries[logged][0] = ntohl(address); entries[logged++][1] = (left - p->came) / 1000;
      }
      spare[unused++] = id;
    }
    struct pollfd fd = { tun, POLLIN, 0 };
    int64_t wait = waiting ? pool[heap[0]].due - now_ns() : 100000000;
    if (wait > 0) { struct timespec t = { wait / 1000000000, wait % 1000000000 }; ppoll(&fd, 1, &t, 0); }
  }
  write_log(argv[6]);
  return 0;
}
