#!/usr/bin/env bash
# device_del of a drive whose backup is pending: SIGSEGV in blockdev_mark_auto_del
# Seen: SIGSEGV
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
must_hmp() { must "$1"; [[ $reply == *'"OK'* ]] || cannot "$1: $reply"; }
qmp() { # sends a command and waits for its reply
  printf '%s\n' "${1%\}}, \"id\": \"#${2-}\"}" >&3
  while IFS= read -r -t ${PATIENCE:-10} reply <&4 || { [ $? -le 128 ] && sleep 0.1 && return 1; cannot "no reply: $1"; }; do
    echo "$reply" >>log
    [[ $reply != *"\"id\": \"#${2-}\""* ]] || return 0
  done
}
ended() { timeout $1 cat <&4 >>log; } # whether QEMU ends in so many seconds

truncate -s 65536 src.raw || cannot "no image: $(<errors)"
mkfifo monitor said
MALLOC_PERTURB_=165 qemu-system-x86_64 -machine pc -accel tcg -m 16 -S -nodefaults -display none -qmp stdio <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
must_hmp '{"execute": "human-monitor-command", "arguments": {"command-line": "drive_add 0 \"if=none,id=drive-src,format=raw,file=src.raw,node-name=src\""}}'
must '{"execute": "device_add", "arguments": {"driver": "usb-ehci", "id": "controller-src", "addr": "3"}}'
must '{"execute": "device_add", "arguments": {"driver": "usb-storage", "id": "guest-src", "drive": "drive-src", "bootindex": 0, "bus": "controller-src.0", "rerror": "report", "werror": "report"}}'
# 1. drive-backup: src -> b0.qcow2 sync=full auto-finalize=false
qmp '{"execute": "drive-backup", "arguments": {"device": "drive-src", "sync": "full", "target": "b0.qcow2", "auto-finalize": false}}'
# 2. device_del id=guest-src
qmp '{"execute": "device_del", "arguments": {"id": "guest-src"}}'
ended 2 || echo '{"execute": "quit"}' >&3
ended 20 || cannot "QEMU does not quit"
wait $pid; code=$?
[ $code -gt 128 ] && [ $code -ne 137 ] || absent
[ $code -eq 139 ] || cannot "QEMU died, but by signal $((code - 128))"
shows "QEMU was killed by signal $((code - 128)): $(tail -n 1 stderr)"
