const disk = '{ "name": "src", "format": "qcow2", "sizeBytes": 1048576 }';

/** A file whose arena stands on line 3 and whose steps begin on line 5, one a line. */
export function file({
  schema = '1',
  title = '"a title"',
  arena = `{ "disks": [${disk}] }`,
  steps = [] as string[],
  rest = '',
} = {}): string {
  return `{ "schema": ${schema},\n"title": ${title},\n"arena": ${arena},\n"steps": [\n${steps.join(',\n')}\n]${rest} }`;
}

const withArgs = (args: string): string => file({ steps: [`{ "qmp": "x", "args": ${args} }`] });
const withDisks = (...disks: string[]): string => file({ arena: `{ "disks": [\n${disks.join(',\n')}] }` });
const withAfter = (after: string): string => file({ rest: `,\n"after": ${after}` });

/** Every slip that a file can hold, and what must be said about it. */
export const mistakes: [what: string, text: string, complaint: string][] = [
  ['text that is not JSON', '{ "schema": 1,\n"title": }', 'a.json:2:10: not JSON: '],
  ['an empty file', '', 'a.json:1:1: not JSON: '],
  ['a comment', '// mine\n{}', 'a.json:1:1: not JSON: '],
  ['a list', '[]', 'a.json:1: the file: a sequence is a JSON object'],
  [
    'a file without schema',
    '{ "title": "x" }',
    'a.json:1: schema: this version reads schema 1, the file has none',
  ],
  [
    'another schema number',
    file({ schema: '2' }),
    'a.json:1: schema: this version reads schema 1, the file has 2',
  ],
  [
    'a schema in quotes',
    file({ schema: '"1"' }),
    'a.json:1: schema: this version reads schema 1, the file has "1"',
  ],
  ['an empty title', file({ title: '""' }), 'a.json:2: title: '],
  ['a title of the wrong type', file({ title: '7' }), 'a.json:2: title: expected string'],
  ['no steps', '{ "schema": 1, "title": "x", "arena": { "disks": [] } }', 'a.json:1: steps: '],
  ['an unknown field', file({ rest: ',\n"step": []' }), 'a.json:1: the file: Unrecognized key: "step"'],
  ['an unknown field of a disk', withDisks('{ "name": "a", "fromat": "raw" }'), 'a.json:4: arena.disks[0]'],
  [
    'a member that stands twice',
    file({ rest: ',\n"title": "b"' }),
    'a.json:7: title: this member stands twice',
  ],
  [
    'a member that stands twice within args',
    withArgs('{ "a": 1, "a": 2 }'),
    'a.json:5: steps[0].args.a: this member stands twice',
  ],
  ['a member called __proto__', withArgs('{ "__proto__": {} }'), 'a.json:5: steps[0].args.__proto__: '],
  [
    'nesting beyond reason',
    withArgs(`{ "a": ${'['.repeat(99_999)}${']'.repeat(99_999)} }`),
    'a.json: nested too deeply',
  ],

  [
    'a step of no kind',
    file({ steps: ['{ "pause": 1 }', '{ "qpm": "quit" }'] }),
    'a.json:6: steps[1]: a step is an object with one of qmp, raw, guest, fault, await, pause',
  ],
  ['a step that is no object', file({ steps: ['"quit"'] }), 'a.json:5: steps[0]: a step is an object'],
  [
    'a step of two kinds',
    file({ steps: ['{ "qmp": "x", "raw": "y" }'] }),
    'a.json:5: steps[0]: Unrecognized key: "raw"',
  ],
  [
    'an unknown field of a step',
    file({ steps: ['{ "qmp": "x", "arguments": {} }'] }),
    'a.json:5: steps[0]: Unrecognized key: "arguments"',
  ],
  [
    'a wrong type within a step',
    file({ steps: ['{ "qmp": "x",\n"wait": true }'] }),
    'a.json:6: steps[0].wait: expected false',
  ],
  ['args that are a list', withArgs('[1]'), 'a.json:5: steps[0].args: expected record, received array'],
  [
    'an expectation there is not',
    file({ steps: ['{ "qmp": "x", "expect": "good" }'] }),
    'a.json:5: steps[0].expect: expected "ok" or "error" or object',
  ],
  [
    'a fault there is not',
    file({ steps: ['{ "fault": "injekt" }'] }),
    'a.json:5: steps[0].fault: expected "inject" or "lift"',
  ],
  [
    'an error number there is not',
    file({ steps: ['{ "fault": "inject", "disk": "src", "errno": "EFOO" }'] }),
    'a.json:5: steps[0].errno: expected "EIO" or "ENOSPC" or "EPERM"',
  ],
  [
    'a wait of more than a minute',
    file({ steps: ['{ "await": "READY", "deadlineMs": 60001 }'] }),
    'a.json:5: steps[0].deadlineMs: ',
  ],
  [
    'a guest write of nothing',
    file({ steps: ['{ "guest": "write", "disk": "src", "lengthBytes": 0 }'] }),
    'a.json:5: steps[0].lengthBytes: ',
  ],
  [
    'base64 that is none',
    file({ steps: ['{ "raw": { "base64": "§" } }'] }),
    'a.json:5: steps[0].raw.base64: ',
  ],

  [
    'a number that JavaScript would round',
    withArgs('{ "speed": 9223372036854775807 }'),
    'a.json:5: steps[0].args.speed: 9223372036854775807 can\'t be kept exactly, write {"number": "9223372036854775807"}',
  ],
  ['a number beyond all numbers', withArgs('{ "speed": 1e400 }'), 'a.json:5: steps[0].args.speed: 1e400'],
  [
    'a number reference without digits',
    withArgs('{ "speed": { "number": "many" } }'),
    'a.json:5: steps[0].args.speed: number is written',
  ],
  [
    'a new file with a slash',
    withArgs('{ "deep": [0, { "newFile": "a/b" }] }'),
    'a.json:5: steps[0].args.deep[1]: "a/b" is no plain file name',
  ],
  [
    'a new file above its directory',
    withArgs('{ "f": { "newFile": ".." } }'),
    'a.json:5: steps[0].args.f: ".." is no plain file name',
  ],
  [
    'a path with a slash',
    withArgs('{ "f": { "path": "../../etc/passwd" } }'),
    'a.json:5: steps[0].args.f: "../../etc/passwd" is no plain file name',
  ],
  [
    'a new disk whose name is no node name',
    withArgs('{ "t": { "newDisk": "9lives" } }'),
    'a.json:5: steps[0].args.t: "9lives" is not a name: ',
  ],
  [
    'a new disk of a format there is not',
    withArgs('{ "t": { "newDisk": "d", "format": "vmdk" } }'),
    'a.json:5: steps[0].args.t: newDisk is written',
  ],
  [
    'a new disk with a slip in its fields',
    withArgs('{ "t": { "newDisk": "d", "size": 512 } }'),
    'a.json:5: steps[0].args.t: newDisk is written',
  ],
  [
    'a new disk over a backing that is not there',
    withArgs('{ "t": { "newDisk": "d", "backing": "b" } }'),
    'a.json:5: steps[0].args.t: the arena has no disk "b"',
  ],
  [
    'a new qcow2 disk of odd size',
    withArgs('{ "t": { "newDisk": "d", "format": "qcow2", "sizeBytes": 513 } }'),
    'a.json:5: steps[0].args.t: a qcow2 image is a multiple of 512',
  ],

  [
    'two disks of one name',
    withDisks(disk, disk),
    'a.json:5: arena.disks[1].name: there are two disks "src"',
  ],
  [
    'a disk name with a slash',
    withDisks('{ "name": "../a", "format": "raw", "sizeBytes": 1 }'),
    'a.json:4: arena.disks[0].name: a name: ',
  ],
  [
    'a backing that stands later',
    withDisks('{ "name": "top", "format": "qcow2", "sizeBytes": 512, "backing": "src" }', disk),
    'a.json:4: arena.disks[0].backing: no disk "src" stands before this one',
  ],
  [
    'a raw disk with a backing',
    withDisks(disk, '{ "name": "top", "format": "raw", "sizeBytes": 512, "backing": "src" }'),
    'a.json:5: arena.disks[1].backing: a raw image has no backing file',
  ],
  [
    'a qcow2 disk of odd size',
    withDisks('{ "name": "a", "format": "qcow2", "sizeBytes": 513 }'),
    'a.json:4: arena.disks[0].sizeBytes: a qcow2 image is a multiple of 512',
  ],
  [
    'a negative size',
    withDisks('{ "name": "a", "format": "raw", "sizeBytes": -1 }'),
    'a.json:4: arena.disks[0].sizeBytes: ',
  ],
  [
    'a fill there is not',
    withDisks('{ "name": "a", "format": "raw", "sizeBytes": 1, "fill": "random" }'),
    'a.json:4: arena.disks[0].fill: expected "empty" or "seeded" or "full" or object',
  ],
  [
    'clusters that are no power of two',
    withDisks('{ "name": "a", "format": "qcow2", "sizeBytes": 512, "clusterBytes": 1000 }'),
    'a.json:4: arena.disks[0].clusterBytes: a power of two',
  ],
  [
    'clusters of a raw disk',
    withDisks('{ "name": "a", "format": "raw", "sizeBytes": 512, "clusterBytes": 512 }'),
    'a.json:4: arena.disks[0].clusterBytes: a raw image has no clusters',
  ],
  [
    'a node over a disk that is not there',
    file({
      arena: `{ "disks": [${disk}], "nodes": [{ "node-name": "n", "driver": "throttle", "file": "dst" }] }`,
    }),
    'a.json:3: arena.nodes[0].file: no open disk "dst", nor a node of that name, stands before this one',
  ],
  [
    "a node with a disk's name",
    file({
      arena: `{ "disks": [${disk}], "nodes": [{ "node-name": "src", "driver": "compress", "file": "src" }] }`,
    }),
    'a.json:3: arena.nodes[0].node-name: "src" is the name of a disk, of one of its nodes, or of a node before',
  ],
  [
    'a throttle group that is not there',
    file({
      arena: `{ "disks": [${disk}], "nodes": [{ "node-name": "n", "driver": "throttle", "throttle-group": "g", "file": "src" }] }`,
    }),
    'a.json:3: arena.nodes[0].throttle-group: the arena has no throttle group "g"',
  ],
  [
    'a guest by way of a node that is not there',
    withDisks('{ "name": "a", "format": "raw", "sizeBytes": 1, "frontend": "nbd", "through": "n" }'),
    'a.json:4: arena.disks[0].through: the arena has no node "n"',
  ],
  [
    'an iothread that is not there',
    withDisks('{ "name": "a", "format": "raw", "sizeBytes": 1, "iothread": "io0" }'),
    'a.json:4: arena.disks[0].iothread: the arena has no iothread "io0"',
  ],
  [
    'two iothreads of one name',
    file({ arena: '{ "iothreads": ["io0", "io0"], "disks": [] }' }),
    'a.json:3: arena.iothreads[1]: there are two iothreads "io0"',
  ],
  [
    "a guest's own device in no machine",
    withDisks('{ "name": "a", "format": "raw", "sizeBytes": 512, "frontend": "virtio" }'),
    'a.json:4: arena.disks[0].frontend: virtio wants `"machine": "pc"`',
  ],
  [
    'an iothread of a device that can have none',
    `{ "schema": 1, "title": "t",
  "arena": { "machine": "pc", "iothreads": ["io"], "disks": [
    { "name": "a", "format": "raw", "sizeBytes": 512, "frontend": "nvme", "iothread": "io" }
  ] }, "steps": [] }`,
    'a.json:3: arena.disks[0].iothread: only virtio and scsi have iothreads, nvme has none',
  ],
  [
    'a drive below what is no device',
    withDisks('{ "name": "a", "format": "raw", "sizeBytes": 512, "legacyDrive": true }'),
    'a.json:4: arena.disks[0].legacyDrive: only a device has that',
  ],
  [
    'a bootable disk that the BIOS finds too small',
    withDisks('{ "name": "a", "format": "raw", "sizeBytes": 65536, "bootable": true }'),
    'a.json:4: arena.disks[0].bootable: the BIOS boots from 516096 bytes on',
  ],

  [
    'a claim about a disk that is not there',
    withAfter('[{ "same": ["src", "dts"] }]'),
    'a.json:7: after[0].same[1]: no disk "dts" is in the arena or made by a step',
  ],
  [
    'a guest that should boot from a disk that is not there',
    withAfter('[{ "boots": "dts" }]'),
    'a.json:7: after[0].boots: no disk "dts" is in the arena or made by a step',
  ],
  [
    'a claim about a file elsewhere',
    withAfter('[{ "check": { "file": "../../x", "format": "raw" } }]'),
    'a.json:7: after[0].check.file: "../../x" is no plain file name',
  ],
];
