/*
 * What mirrorfuzz links into a QEMU that it hunts in, so that the edges that a sequence reached feed its corpus. The files
 * to watch are compiled with -fsanitize-coverage=trace-pc, by gcc or clang; instrument/edges-cc does both.
 *
 * An edge is a step from one basic block to the next in the same call of a function. The frame says which call it is, so
 * a switch between coroutines in between makes no edge. Counts go to the file that MIRRORFUZZ_EDGES names, where it is
 * there; mirrorfuzz reads it and sets it to zero after each sequence (src/target/process/edge-map.ts).
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAP_BITS = 16, MAP_BYTES = 1 << MAP_BITS }; /* edge-map.ts has the same */

/* Flags of a link reach this file, too. */
#define NOT_WATCHED __attribute__((no_profile_instrument_function, no_sanitize_address))

NOT_WATCHED void __sanitizer_cov_trace_pc(void);

extern const char __ehdr_start __attribute__((visibility("hidden"))); /* by the linker: where the program is loaded */

static unsigned char unread[MAP_BYTES];
unsigned char *mirrorfuzz_edges = unread; /* mirrorfuzz knows a build by this name */

static __thread uintptr_t last_frame, last_block;

NOT_WATCHED __attribute__((constructor)) static void open_map(void)
{
    const char *file = getenv("MIRRORFUZZ_EDGES");
    struct stat stat;
    void *map = MAP_FAILED;
    int fd = file ? open(file, O_RDWR | O_CLOEXEC) : -1;

    if (fd < 0) {
        return;
    }
    if (fstat(fd, &stat) == 0 && stat.st_size == MAP_BYTES) {
        map = mmap(NULL, MAP_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
    close(fd);
    if (map != MAP_FAILED) {
        mirrorfuzz_edges = map;
    }
}

/* Called at the start of each basic block. Threads may lose a count of each other, but never an edge for good. */
void __sanitizer_cov_trace_pc(void)
{
    uintptr_t block = (uintptr_t)__builtin_return_address(0) - (uintptr_t)&__ehdr_start;
    uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
    uint64_t edge = block + (frame == last_frame ? last_block << 32 : 0);
    unsigned char *count = &mirrorfuzz_edges[(edge * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - MAP_BITS)];

    if (*count < UINT8_MAX) {
        ++*count;
    }
    last_frame = frame;
    last_block = block;
}
