/** A guest that stays connected to its disk: bash functions of reproducers (helpers.ts). */
export const guestHelpers = {
  guest_connect: `\
guest_connect() { # guest_connect DISK: qemu-io on the disk's export, with a pipe to it and one from it
  local in out
  rm -f "$1.in" "$1.out"
  mkfifo "$1.in" "$1.out"
  qemu-io -f raw "nbd+unix:///$1?socket=nbd.sock" <"$1.in" >"$1.out" 2>&1 &
  exec {in}>"$1.in" {out}<"$1.out"
  to[$1]=$in from[$1]=$out owes[$1]=1
  prompted "$1" || cannot "no guest can be connected to $1"
}`,
  prompted: `\
prompted() { # reads qemu-io's prompt: the request before is done, or well under way
  [ \${owes[$1]} = 0 ] || IFS= read -r -t \${PATIENCE:-10} -d '>' -u \${from[$1]} answer && owes[$1]=0
}`,
  guest_send: `guest_send() { prompted "$1" && echo "$2" >&\${to[$1]} && owes[$1]=1; } # guest_send DISK REQUEST`,
  guest: `\
guest() { # the same, and waits for its end
  guest_send "$@"
  prompted "$1" || ! lives || STUCK "the guest's request does not end: $2 on $1"
}`,
};
