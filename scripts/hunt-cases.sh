#!/bin/sh
# Which of some public bug reports do hunts find? One hunt after the other, each of the properties that the defect is
# about, on a version that has it: scripts/hunt-cases.sh [SECONDS] [CASE...]
# It prints a line a case: found (with the finding's id and when), or not. Worth running on an idle machine only.
set -u
cd "$(dirname "$0")/.." || exit 2
seconds=${1:-600}
[ $# -eq 0 ] || shift
out=$(mktemp -d)

# case; QEMU that has it; properties; what the finding's rule and title must match
cases='
drive-backup-refused-in-transaction  debian:bullseye  transactions,refusals           hang/|guest-request|settle
guest-request-never-ends             debian:bullseye  transactions,refusals,one-request  hang/guest-request
mirror-above-a-filter-after-resize   debian:trixie    filters,flows                   state/|validation/|graph/|claim/
migrate-while-a-backup-runs          debian:bullseye  migration                       crash/
nbd-client-leaves-disk-in-iothread   7.2.22           iothreads                       crash/.*nbd_blockdev_client_closed
commit-in-a-loop-under-guest-io      7.2.22           iothreads,flows                 crash/
snapshot-with-memory-then-mirror     debian:trixie    migration                       graph/|state/|validation/
'

echo "$cases" | while read -r name qemu properties pattern; do
  [ -n "$name" ] || continue
  [ $# -eq 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
  bin/mirrorfuzz hunt --qemu "$qemu" --properties "$properties" --time "${seconds}s" --seed 21 \
    --findings "$out/$name" --corpus "$out/$name-corpus" --json "$out/$name.json" --quiet </dev/null >"$out/$name.txt" 2>&1
  node_modules/.bin/node -e '
    const { readFileSync } = require("node:fs");
    const [name, qemu, pattern, file] = process.argv.slice(1);
    const { findings, sequences } = JSON.parse(readFileSync(file, "utf8"));
    const met = findings.filter(({ rule, title }) => new RegExp(pattern).test(`${rule} ${title}`));
    const words = met.map(({ id, rule, title, firstSeenMs }) =>
      `${id.slice(0, 12)} after ${Math.round(firstSeenMs / 1000)} s (${rule}: ${title})`);
    console.log(`${name} on ${qemu}: ${words.join("; ") || `not found in ${sequences} sequences, ${findings.length} findings of other kinds`}`);
  ' "$name" "$qemu" "$pattern" "$out/$name.json" || tail -2 "$out/$name.txt"
done
rm -rf "$out"
