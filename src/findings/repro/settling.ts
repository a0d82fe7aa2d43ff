/** Ends whatever jobs are left, as the last steps of every run do. */
export const settling = `\
# Resumes, cancels by force and dismisses whatever job is left; fails when one does not end.
settle() {
  local job end=$((SECONDS + 2 * patience))
  while [ $alive = yes ]; do
    while hear 0.05; do :; done
    left=''
    for job in "\${!status[@]}"; do
      case \${status[$job]} in
      null) continue ;;
      concluded) qmp settle job-dismiss "{\\"id\\": \\"$job\\"}" ;;
      *)
        qmp settle block-job-set-speed "{\\"device\\": \\"$job\\", \\"speed\\": 0}"
        qmp settle job-resume "{\\"id\\": \\"$job\\"}"
        qmp settle job-cancel "{\\"id\\": \\"$job\\"}"
        ;;
      esac
      left+=" $job"
    done
    [ -n "$left" ] || return 0
    [ $SECONDS -lt $end ] || return 1
    await 200 never
  done
}`;
