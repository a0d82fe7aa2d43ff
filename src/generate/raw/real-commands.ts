import type { JsonObject } from '../../sequence/json-object.ts';
import type { Situation } from '../situation.ts';

/** Commands as text, some of which would do something; none names a file, and no damage can make one of it. */
export function realCommands({ jobs, nodes, binary }: Situation): [string, ...string[]] {
  const job = jobs[0]?.id ?? 'none';
  const node = nodes.find(({ disk }) => disk !== undefined)?.name ?? 'none';
  const commands: [string, JsonObject][] = [
    ['query-jobs', {}],
    ['query-block-jobs', {}],
    ['query-blockstats', { 'query-nodes': true }],
    ['job-pause', { id: job }],
    ['job-resume', { id: job }],
    ['job-cancel', { id: job }],
    ['block-job-set-speed', { device: job, speed: 65_536 }],
    ['block-job-cancel', { device: job, force: false }],
    [
      'blockdev-mirror',
      { 'job-id': 'r0', device: node, target: 'no-such-node', sync: 'full', 'buf-size': 0 },
    ],
    ['block-dirty-bitmap-add', { node, name: 'r0', granularity: 65_536, persistent: false }],
    ['transaction', { actions: [{ type: 'abort', data: {} }], properties: { 'completion-mode': 'grouped' } }],
  ];
  const known = commands.filter(([name]) => binary.schema.commands.has(name));
  return [
    '{"execute": "query-version", "id": "raw"}\n',
    ...known.map(
      ([execute, args], i) =>
        `${JSON.stringify({ execute, arguments: args, id: i % 2 ? 'raw' : { raw: i } })}\n`,
    ),
  ];
}
