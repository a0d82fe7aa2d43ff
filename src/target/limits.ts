/** Decisions of target/, each with its reason. */
export const limits = {
  /** QEMU maps far more than it uses (TCG's buffer, thread stacks); 8 GiB lets a mirror's largest legal buffers in. */
  qemuAddressSpaceBytes: 8 * 2 ** 30,
  /** Sparse images count by their length: an arena's largest disk is 1 TiB, and what a job writes may lie behind it. */
  qemuFileSizeBytes: 2 ** 41,
  /** A session holds some dozen; a descriptor leak meets this limit long before it hurts the host. */
  qemuOpenFiles: 1024,
  /** What QEMU takes of a datagram (CHR_READ_BUF_LEN, chardev/char.h). */
  datagramBytesMax: 4096,
  /** For messages that nobody has read yet, some thousand of them; a machine may allow less. */
  datagramRoomBytes: 4 * 2 ** 20,
  /** From spawn to greeting: 15 ms alone on a machine; a loaded one was seen to take seconds. */
  sessionStartDeadlineMs: 20_000,
  /** After `quit`, or after the pipe is cut, until SIGKILL; an idle QEMU is gone in 10 ms. */
  quitGraceMs: 2_000,
  /** An instrumented QEMU looks for leaks, or writes its counters, before it ends: a second or two. */
  quitGraceFactor: 10,
  /** stderr kept of one session: assertion texts come first, floods of warnings are cut. */
  stderrKeptBytes: 64 * 2 ** 10,
  /** Templates held, in memory or as files on tmpfs: some hundred disks of 1 MiB, seeded, and a few large ones. */
  templatesBytesMax: 32 * 2 ** 20,
  /** Templates without content cost next to nothing each, but their number is the generator's to choose. */
  templatesMax: 4096,
  /** A larger template stays a file: copying it costs far more than reading it again. */
  templateInMemoryBytes: 16 * 2 ** 20,
  /** Piece in which large images are written: fits the processor's cache. */
  copyChunkBytes: 2 ** 20,
  /** Piece in which images are read, classified and hashed: fits the processor's cache, and takes half a millisecond. */
  readPieceBytes: 2 ** 20,
  /** A raw file up to this is read from end to end, sooner than qemu-img would list its holes. */
  readWholeBytes: 16 * 2 ** 20,
  /** A gap between extents that is cheaper read as zeroes than begun anew behind. */
  readOverBytes: 64 * 2 ** 10,
  /** Content that is nobody's is held back until its end is seen, and read byte by byte: 256 KiB take some 10 ms. */
  mixedBytesMax: 2 ** 18,
  /** qemu-img takes 5 ms on a small image and about a second a full GiB; only one that hangs meets this. */
  imageToolDeadlineMs: 120_000,
  /** qemu-img names the trouble in a line or two; `check` of a wrecked image prints thousands. */
  imageToolErrorChars: 500,
  /** Shared memory is the machine's memory: below 1 GiB free the disk is the better place. */
  sharedMemoryFreeBytesMin: 2 ** 30,
  /** Below this not even a handful of 1 MiB disks, their mirrors and the logs find room. */
  runFreeBytesMin: 64 * 2 ** 20,
  /** A run root without its owner file was made this moment, or its maker was killed within that moment. */
  ownerlessGraceMs: 10 * 60_000,
  /** sun_path of a unix socket holds 108 bytes, the last one zero. */
  socketPathBytesMax: 107,
  /** Room for the longest socket name used below a session directory. */
  socketNameBytesMax: 24,
  /** `--version` and `-L help` take 20 ms, 50 ms through a fetched loader; a cold disk takes seconds. */
  versionDeadlineMs: 20_000,
  /** A sandbox with nothing in it is up in 15 ms; a loaded machine was seen to take seconds. */
  confinementTrialMs: 20_000,
  /** How often a second process looks whether the first has fetched the suite. */
  fetchLockPollMs: 300,
  /** Opening an export is four messages; only a frozen QEMU takes longer than a moment. */
  guestOpenDeadlineMs: 5_000,
  /** Until a client that found the server's queue full comes again: greeting another takes a millisecond. */
  guestConnectAgainMs: 2,
  /** Power-on to greeting takes 50 to 100 ms under TCG; a loaded machine was seen to take half a second. */
  guestBootDeadlineMs: 5_000,
  /** Reading and summing up takes a guest some 10 ms a MiB, on a loaded machine some 100. */
  guestSumsDeadlineMs: 10_000,
  /** Closing waits for what is in flight, and faults are lifted by then. */
  guestCloseDeadlineMs: 2_000,
  /** A served qcow2 file can't grow as a local one does: a snapshot and some bitmaps shall fit into the smallest. */
  servedRoomBytesMin: 4 * 2 ** 20,
  /** All clusters allocated, and an eighth for tables: clusters of 512 bytes need 2 % for theirs, and snapshots copy them. */
  servedRoomRatio: 9 / 8,
  /** Loop devices of a session: a source and a target. All processes of a machine share some eight. */
  loopDevices: 2,
  /** A storage server takes connections after 5 to 30 ms; a loaded machine was seen to take seconds. */
  serverStartDeadlineMs: 20_000,
  /** A server's whole trial, all that can be the matter with it included: 50 to 300 ms, on a loaded machine seconds. */
  serverTrialDeadlineMs: 10_000,
  /** How often it is asked whether it does. */
  serverStartPollMs: 2,
  /** QEMU's monitor takes one client and queues one more; whoever comes then asks again. */
  busyMonitorPollMs: 5,
  /** A slow server's each request: a mirror of 1 MiB in pieces of 64 KiB takes a third of a second, time for some steps. */
  slowServerDelayMs: 20,
  /** nbdkit's rate filter, with as much effect: 3 MiB a second, and no burst to get a small disk through at once. */
  slowServerBitsPerSecond: 3 * 2 ** 23,
  slowServerBurstSeconds: 0.02,
  /** An NFS server's last writes to an image take a moment; longer than a start. */
  nfsOrderDeadlineMs: 30_000,
  /** Requests that an iSCSI server has in flight; its own 16 threads for each image take longer to start than they save. */
  tgtdThreads: 4,
  /** Until none of a unit's requests is in flight: a busy guest was seen to leave such a gap within 20 ms. */
  tgtdIdleDeadlineMs: 5_000,
} as const;
