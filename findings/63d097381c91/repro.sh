#!/usr/bin/env bash
# drive-backup with format=qcow2 sync=none, the storage server cut: abort in qemu_aio_coroutine_enter
# Seen: SIGABRT: qemu_aio_coroutine_enter: Co-routine was already scheduled in 'qemu_co_sleep_ns'
echo 'could not tell: src is served by nbdkit, which this script can'\''t set up; run: mirrorfuzz replay 63d097381c91' >&2
exit 2
