import { nowhere, type Place } from '../trace/place.ts';
/**
 * Why a rule could not decide, and how people are told. `blind`: from there on nothing of that kind can be followed any
 * more, so a trace with one of these was not judged in full; the others concern single rulings.
 */
export const whyUndecided = {
  'raw bytes': { says: 'raw bytes before it may have carried any command', blind: true },
  'HMP line': { says: 'an HMP line before it may have done anything to jobs', blind: true },
  'another monitor': {
    says: 'commands by another monitor before it may have done anything to jobs',
    blind: true,
  },
  'command not followed': {
    says: 'a command before it ends or pauses jobs as a side effect, which is not followed',
    blind: true,
  },
  dialect: { says: 'the client spoke a dialect, whose events do not tell what this rests on', blind: true },
  'dialect across a restart': {
    says: 'QEMU was started again under a client that spoke a dialect',
    blind: true,
  },
  "other QEMU's images": { says: 'the images are as another QEMU left them', blind: true },
  'graph unknown': { says: 'something before it changed the block graph in a way not followed', blind: true },
  'images unknown': { says: 'something before it changed images in a way not followed', blind: true },
  'no schema': { says: "the QEMU's schema is not at hand", blind: true },
  'killed by others': { says: 'QEMU was killed by SIGKILL, not by us', blind: true },
  'after a crash': { says: 'QEMU crashed before it', blind: true },
  'cut off': { says: 'the trace is cut off', blind: true },
  'QEMU ends': { says: 'QEMU was told to end before it, or killed, which ends jobs', blind: false },
  'trace ends': { says: 'the run was over before it could be seen', blind: false },
  version: { says: 'the rule does not hold for this version of QEMU', blind: false },
  race: { says: 'it came while something changed: more than one answer is right', blind: false },
  'several answers': { says: 'QEMU may do either, by what is known of the job', blind: false },
  'start unseen': { says: 'what the job was started with was not seen, or is not readable', blind: false },
  'several requests': { says: 'the job was asked for more than one thing', blind: false },
  unanswered: { says: 'a command that it rests on was not answered', blind: false },
  grouped: { says: 'the job ends together with others', blind: false },
  'several jobs': { says: 'there was more than one job', blind: false },
  'out of band': { says: 'commands were sent out of band', blind: false },
  'others write': { says: 'a guest or another job may write meanwhile', blind: false },
  touched: { says: 'something else touched the job or its nodes', blind: false },
  'error met': { says: 'a request of the job failed', blind: false },
  'error unknown': { says: 'which error the job met is not known', blind: false },
  'other causes': { says: 'something else than the injected errors may have failed requests', blind: false },
  'write errors': { says: 'writing out the image may have met errors', blind: false },
  'server trouble': { says: 'a storage server was in trouble', blind: false },
  throttled: { says: 'a disk is throttled', blind: false },
  'held back': { says: 'something may hold the job back', blind: false },
  'waits behind another': { says: 'a command before it was not answered either', blind: false },
  'too short': { says: 'the wait was too short for this host', blind: false },
  clocks: { says: "the host's clock and ours do not agree", blind: false },
  'not settled': { says: 'the session did not settle, so what is left is expected', blind: false },
  'part of the graph': { says: 'the surroundings of a node are not known', blind: false },
  'digits lost': { says: 'the digits of a number are not kept in a trace', blind: false },
  'beyond its schema': { says: 'the command takes members beyond its schema', blind: false },
  'too many bytes': { says: 'more raw bytes than were tried', blind: false },
  'content unknown': { says: 'what the image holds is not promised by anything that was seen', blind: false },
  'too small': { says: 'what differs is so short that other content may look like it', blind: false },
  'not written out': { says: 'QEMU may not have come to write the image out', blind: false },
  'earlier sequences': { says: 'earlier sequences of the same QEMU may have left it', blind: false },
  'image not read': { says: 'the image could not be read or checked', blind: false },
} as const satisfies Record<string, { says: string; blind: boolean }>;

export type WhyUndecided = keyof typeof whyUndecided;

/** From this place on something can't be decided any more; Infinity for nowhere. */
export type Cause = { from: Place; why: WhyUndecided };

export const noCause = (why: WhyUndecided): Cause => ({ from: nowhere, why });

/** Which of several causes comes first. */
export const earliest = (...causes: readonly Cause[]): Cause =>
  causes.reduce((first, each) => (each.from < first.from ? each : first));
