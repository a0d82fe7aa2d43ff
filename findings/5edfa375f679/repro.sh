#!/usr/bin/env bash
# HMP qemu-io write -z on a disk in an iothread: assertion in aio_poll
# Seen: SIGABRT: qemu-system-x86_64: ../../util/aio-posix.c:620: aio_poll: Assertion `in_aio_context_home_thread(ctx == iohandler_get_aio_context() ? qemu_get_aio_context() : ctx)' failed.
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.
if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/qemu-system-x86_64" ] || { echo "could not tell: there is no qemu-system-x86_64 in $1" >&2; exit 2; }; fi

cannot() { echo "could not tell: $*" >&9; exit 2; }
known() { while IFS= read -r line; do [[ $line != *@('"CommandNotFound"'|' is unexpected"'|' does not accept value '|'Invalid parameter '\'''|'Unknown driver ')* ]] || cannot "this QEMU lacks what it takes: $line"; done <log; }
shows() { known; printf '%s\n' 'expected: No command, however wrong, ends QEMU by a signal.' "the defect shows: $*"; exit 1; }
absent() { known; echo "the defect does not show"; exit 0; }
dir=$(mktemp -d) && cd "$dir" || exit 2
trap 'kill -KILL $(jobs -p); wait; cd /; rm -rf "$dir"' EXIT
exec 9>&2 2>errors; trap '' PIPE; ulimit -c 0 # bash reports there how QEMU ends, too
must() { qmp "$@"; [[ $reply == *'"return"'* ]] || cannot "$1: ${reply:-$(<stderr)}"; }
qmp() { # sends a command and waits for its reply
  printf '%s\n' "${1%\}}, \"id\": \"#${2-}\"}" >&3
  while IFS= read -r -t ${PATIENCE:-10} reply <&4 || { [ $? -le 128 ] && sleep 0.1 && return 1; cannot "no reply: $1"; }; do
    echo "$reply" >>log
    [[ $reply != *"\"id\": \"#${2-}\""* ]] || return 0
  done
}
ended() { timeout $1 cat <&4 >>log; } # whether QEMU ends in so many seconds

truncate -s 65536 src2.raw || cannot "no image: $(<errors)"
mkfifo monitor said
qemu-system-x86_64 -machine pc -accel tcg -m 16 -S -nodefaults -display none --object iothread,id=io0 --blockdev driver=raw,node-name=src2,file.driver=file,file.filename=src2.raw,file.node-name=src2-file,file.discard=ignore -qmp stdio <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
must '{"execute": "device_add", "arguments": {"driver": "virtio-scsi-pci", "id": "controller-src2", "addr": "3", "iothread": "io0"}}'
must '{"execute": "device_add", "arguments": {"driver": "scsi-hd", "id": "guest-src2", "drive": "src2", "bootindex": 0, "bus": "controller-src2.0", "rerror": "report", "werror": "report"}}'
# 1. guest zero src2 64k at 0
qmp '{"execute": "human-monitor-command", "arguments": {"command-line": "qemu-io -d guest-src2 \"write -q -z 0 65536\""}}'
ended 2 || echo '{"execute": "quit"}' >&3
ended 20 || cannot "QEMU does not quit"
wait $pid; code=$?
[ $code -gt 128 ] && [ $code -ne 137 ] || absent
[[ $(<stderr) == *'aio_poll: Assertion `in_aio_context_home_thread(ctx == iohandler_get_aio_context() ? qemu_get_aio_context() : ctx)'\'' failed'* ]] || cannot "QEMU died of something else: $(tail -n 1 stderr)"
shows "QEMU was killed by signal $((code - 128)): $(tail -n 1 stderr)"
