#!/usr/bin/env bash
# a guest read, device_add: never answered
# Seen: device_add was not answered in 1062 ms
# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.
if [ $# -gt 0 ]; then PATH=$(cd "$1" && pwd):$PATH; [ -x "$1/qemu-system-x86_64" ] || { echo "could not tell: there is no qemu-system-x86_64 in $1" >&2; exit 2; }; fi

cannot() { echo "could not tell: $*" >&9; exit 2; }
known() { while IFS= read -r line; do [[ $line != *@('"CommandNotFound"'|' is unexpected"'|' does not accept value '|'Invalid parameter '\'''|'Unknown driver ')* ]] || cannot "this QEMU lacks what it takes: $line"; done <log; }
shows() { known; printf '%s\n' 'expected: Every command is answered in bounded time while no fault holds QEMU or its storage.' "the defect shows: $*"; exit 1; }
absent() { known; echo "the defect does not show"; exit 0; }
dir=$(mktemp -d) && cd "$dir" || exit 2
trap 'kill -KILL $(jobs -p); wait; cd /; rm -rf "$dir"' EXIT
exec 9>&2 2>errors; trap '' PIPE; ulimit -c 0 # bash reports there how QEMU ends, too
lives() { kill -0 $pid; }
must() { qmp "$@"; [[ $reply == *'"return"'* ]] || cannot "$1: ${reply:-$(<stderr)}"; }
boots() { # waits until the guest says that it runs
  local said=''
  until [ "$said" = '!' ]; do
    IFS= read -r -d '' -n 1 -t ${PATIENCE:-30} -u $from_guest said || cannot "no guest boots: $(<stderr)"
  done
  ordered=0; : >answers; carry_out <orders >>answers &
}
order() { echo "$*" >&$orders; ((ordered += 1)); } # order r|w DRIVE SECTOR COUNT [BYTE]
done_all() { # waits until the guest has done all that it was told; $answer: how the last ended, and what a read found
  local i lines
  for ((i = 0; i < ${PATIENCE:-10} * 50; i++)); do
    mapfile -t lines <answers; answer=${lines[ordered - 1]-}
    [[ $answer == *. ]] && return
    lives || return
    sleep 0.02
  done
  cannot "the guest's request does not end"
}
carry_out() { # each order by messages of 34 bytes, for 64 sectors at most; says how it ended, and of a read each sector's byte
  local op drive first count byte at now from unit message
  LC_ALL=C
  while read -r op drive first count byte; do
    printf -v unit '\\x%02x' ${byte:-0}; for now in 1 2 3 4; do unit+=$unit; done
    printf ok
    for ((at = 0; at < count; at += 64)); do
      now=$((count - at < 64 ? count - at : 64)) from=$((first + at))
      printf -v message '\\x%02x' $drive 16 0 $now 0 0 0 0 16 $((from & 255)) $((from >> 8 & 255)) $((from >> 16 & 255)) $((from >> 24)) 0 0 0 0
      printf "$op$message$unit" >&$to_guest
      hear; [ $code = 43 ] || { hear; printf ' error %02x' $code; break; }
      [ $op = w ] || while ((now--)); do sector; done
    done
    echo .
  done
}
sector() { # of one that repeats 16 bytes these come, after "="; else all 512, after "#"
  local kind first i
  hear; kind=$code; hear; first=$code
  for ((i = kind == 61 ? 15 : 511; i > 0; i--)); do hear; [ $code = $first ] || kind=0; done
  [ $kind != 0 ] && printf ' %d' $first || printf ' mixed'
}
hear() { # one byte of the guest, as a number
  IFS= read -r -d '' -n 1 -u $from_guest code
  printf -v code %d "'$code"; code=$((code & 255))
}
qmp() { # sends a command and waits for its reply
  printf '%s\n' "${1%\}}, \"id\": \"#${2-}\"}" >&3
  while IFS= read -r -t ${PATIENCE:-10} reply <&4 || { [ $? -le 128 ] && sleep 0.1 && return 1; shows "no reply: $1"; }; do
    echo "$reply" >>log
    [[ $reply != *"\"id\": \"#${2-}\""* ]] || return 0
  done
}

# The guest: a boot sector that carries out the orders of a serial port. mirrorfuzz's guest/boot-sector.asm is its source.
base64 -d >boot-sector <<'END' || cannot "$(<errors)"
+jHAjtiOwI7QvAB8+/y6+gOwx+6wIegaAb8AfrkiAOgkAari+qAAfjx3dBE8c3QNPHJ0PTxjdHe0AenUACxzPAFmGe1m9924ABCO
wDH/ixYEfrsgAL4SfrkIAPOlS3X1ZgEuGn5KdeqOwrRD6JgA66i0QuiRAIsWBH64ABCO2I7AMduJ3o1/ELn4APOnid65EACwPXQF
uQACsCPolQDoiwCBwwACSnXbjtqOwulq/7RC6GwAcltmix5TfWaLLld9iw4EfsHhB7gAEI7YMfZmrWYBw2YB3eL2jtlmiR5TfWaJ
Lld9Zg+3BgR+ZgEGCn5m/w4SfnW5sCvoOAC+U325CADoKADpEv/oFgByBLAr6yNZiOOwLegbAIjY6BYA6fn+MMCKFgF+vgJ+zRPD
rOgDAOL6w1KIxLr9A+yoIHT7uvgDiODuWsO6/QPsqAF0+7r4A+zDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAVao=
END
cp boot-sector boot-sector.raw; truncate -s 516096 boot-sector.raw
truncate -s 65536 src.raw || cannot "no image: $(<errors)"
mkfifo monitor said
mkfifo serial.in serial.out orders; exec {to_guest}<>serial.in {from_guest}<>serial.out {orders}<>orders
qemu-system-x86_64 -machine pc -accel tcg -m 16 -S -nodefaults -display none --blockdev driver=raw,node-name=src,file.driver=file,file.filename=src.raw,file.node-name=src-file,file.discard=ignore --blockdev driver=raw,node-name=mirrorfuzz-guest-boot-disk,read-only=on,file.driver=file,file.filename=boot-sector.raw,file.read-only=on -qmp stdio -chardev pipe,id=serial,path=serial -serial chardev:serial <monitor >said 2>stderr & pid=$!
exec 3>monitor 4<said
must '{"execute": "qmp_capabilities"}'
must '{"execute": "device_add", "arguments": {"driver": "virtio-blk-pci", "id": "guest-mirrorfuzz-guest-boot-disk", "drive": "mirrorfuzz-guest-boot-disk", "addr": "3", "rerror": "report", "werror": "report"}}'
must '{"execute": "device_add", "arguments": {"driver": "virtio-blk-pci", "id": "guest-src", "drive": "src", "addr": "4", "rerror": "report", "werror": "report"}}'
must '{"execute": "cont"}'
boots
# 1. guest read src 64k at 0
order r 129 0 128
done_all
# 2. device_add
qmp '{"execute": "device_add"}'
lives || cannot "QEMU died: $(tail -n 1 stderr)"
absent
