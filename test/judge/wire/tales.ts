import { about, type Tale } from '../tale.ts';

const resync = '~ raw-sent base64=/w== sizeBytes=1';
const stray = 'error={"class":"GenericError","desc":"stray"}';

/** A text as a member of a story's line may have it. */
const quoted = (text: string): string =>
  `"${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '\\u0022')}"`;
const raw = (text: string, sizeBytes = text.length): string =>
  `~ raw-sent text=${quoted(text)} sizeBytes=${sizeBytes}`;
const foreign = (what: string, text: string, sizeBytes = text.length): string =>
  `~ foreign what=${what} text=${quoted(text)} sizeBytes=${sizeBytes}`;

/** Messages as they must be, and as they must not. */
export const protocolTales: readonly Tale[] = [
  ...about('protocol/one-reply', {
    broken: {
      'a command is answered twice': `
        > query-jobs
        < []
        ~ reply id=m1 return=[]`,
      'a command is answered before it is sent': `
        ~ reply id=m1 return=[]
        > query-jobs`,
      'nobody has sent the id': '~ reply id=m9 return={}',
      'the reply lacks the id': `
        > query-jobs
        ~ reply return=[]`,
      'raw bytes were sent, and not with that id': `
        > query-jobs
        < []
        ${raw('{"execute":"query-jobs","id":1}')}
        ~ reply id=m1 return=[]`,
    },
    kept: {
      'each command is answered once, two of them late': `
        > query-jobs
        > query-version
        < []
        < {"qemu":{"micro":22,"minor":2,"major":7},"package":""}`,
      'raw bytes may have carried any id': `
        ${raw('{"execute":"query-jobs","id":"m9"}')}
        ~ reply id=m9 return=[]`,
      'raw bytes carried the id of a command once more': `
        > query-jobs
        < []
        ${raw('{"execute":"query-jobs","id":"m1"}')}
        ~ reply id=m1 return=[]`,
      'raw bytes are answered without an id': `
        ${raw('}')}
        ~ reply ${stray}`,
      'the command is JSON that QEMU does not read, half a surrogate pair': `
        > job-pause id="\\ud800"
        ~ reply ${stray}`,
      'the quit that ends the session is not in the trace': `
        ~ phase phase=teardown
        ~ reply id=2 return={}`,
      'a command is not answered any more': '> quit',
    },
  }),

  ...about('protocol/foreign', {
    broken: {
      'a line is not JSON': `${foreign('unparsable', '{"return":}')}`,
      'a line is JSON and no message': `${foreign('not-a-message', '{"id":1}')}`,
      'a line does not end': `${foreign('overlong', '{"return":', 67108864)}`,
      'an id is inf, and no number that large was sent': `
        ${raw('{"execute":"query-version","id":1e40}')}
        ${foreign('unparsable', '{"return":{},"id":inf}')}`,
    },
    kept: {
      'an id is inf, as 1e400 is echoed': `
        ${raw('{"execute":"query-version","id":1e400}')}
        ${foreign('unparsable', '{"return":{},"id":inf}')}`,
      'the last line of a process that was killed is cut short': `
        ${foreign('truncated', '{"ret')}
        ~ exit code=null signal=SIGKILL asked=true`,
    },
  }),

  ...about('protocol/error-shape', {
    broken: {
      'an error has no description': `${foreign('not-a-message', '{"id":"m1","error":{"class":"GenericError"}}')}`,
      'an error comes with a success': `${foreign('not-a-message', '{"return":{},"error":{"class":"GenericError","desc":""}}')}`,
    },
    kept: {
      'an error has both': `
        > job-pause j0
        < GenericError: Job not found`,
    },
  }),

  ...about('protocol/error-class', {
    broken: {
      'the class is an invention': `
        > job-pause j0
        < JobNotFound: Job not found`,
      'a parse error has a class of its own': `
        ${raw('}')}
        ~ reply error={"class":"CommandNotFound","desc":"JSON\u0020parse\u0020error,\u0020expecting\u0020value"}`,
    },
    kept: {
      'every class is known': `
        > nope
        < CommandNotFound: The command nope has not been found
        > block-job-pause j0
        < DeviceNotActive: Block job 'j0' not found
        > block-commit device=x
        < DeviceNotFound: Device 'x' not found
        > balloon value=1
        < KVMMissingCap: no
        ${raw('}')}
        ~ reply error={"class":"GenericError","desc":"1:2:\u0020JSON\u0020parse\u0020error"}`,
    },
  }),

  ...about('protocol/malformed-answered', {
    broken: {
      '0xFF is swallowed': `
        ${resync}
        > query-version
        < {"qemu":{"micro":22,"minor":2,"major":7},"package":""}`,
      'only 0xFF is answered, not the number before it': `
        ${raw('5')}
        ${resync}
        > query-jobs
        ~ reply ${stray}
        < []`,
      'an object without execute is not answered': `
        ${raw('{"id":1}')}
        ${resync}
        > query-jobs
        ~ reply ${stray}
        < []`,
      'a closing brace is not answered, the second time': `
        ${raw('}')}
        ${resync}
        > query-jobs
        ~ reply ${stray}
        ~ reply ${stray}
        < []
        ${raw('}')}
        ${resync}
        > query-jobs
        ~ reply ${stray}
        < []`,
    },
    kept: {
      'bad input and 0xFF are answered, and the monitor goes on': `
        ${raw('}')}
        ${resync}
        > query-jobs
        ~ reply ${stray}
        ~ reply ${stray}
        < []`,
      'an object without execute is answered under its id': `
        ${raw('{"id":1}')}
        ${resync}
        > query-jobs
        ~ reply id=1 ${stray}
        ~ reply ${stray}
        < []`,
      'what 0xFF cuts off gives one error with it': `
        ${raw('{"execute')}
        ${resync}
        > query-jobs
        ~ reply ${stray}
        < []`,
      'a closing brace may close what raw bytes before it have opened': `
        ${raw('{"a":')}
        ${raw('}')}
        ${resync}
        > query-jobs
        ~ reply ${stray}
        < []`,
      'more input than is judged': `
        ${raw('}', 5000)}
        ${resync}
        > query-jobs
        < []`,
      'out of band the monitor reads ahead': {
        story: `
        ${resync}
        > query-jobs
        < []`,
        steps: [{ qmp: 'query-jobs', oob: true }],
      },
      'QEMU was gone before it could answer': `
        ${raw('}')}
        ${resync}
        > query-jobs
        ~ exit code=0 signal=null asked=true`,
    },
  }),

  ...about('protocol/greeting-once', {
    broken: {
      'a second greeting': `
        ~ greeting message={"QMP":{}}
        ~ greeting message={"QMP":{}}`,
      'a greeting after something else': `
        ! j0 created
        ~ greeting message={"QMP":{}}`,
    },
    kept: { 'one greeting, before anything else': '~ greeting message={"QMP":{}}' },
  }),

  ...about('protocol/before-capabilities', {
    broken: {
      'an event before capabilities': `
        ~ greeting message={"QMP":{}}
        ! j0 created
        > qmp_capabilities
        < ok`,
      'a command succeeds before capabilities': `
        ~ greeting message={"QMP":{}}
        > query-jobs
        < []
        > qmp_capabilities
        < ok`,
      'a command is refused, in the wrong class': `
        ~ greeting message={"QMP":{}}
        > query-jobs
        < GenericError: not now`,
      'capabilities were refused, and a command succeeds': `
        ~ greeting message={"QMP":{}}
        > qmp_capabilities enable=["x"]
        < GenericError: Invalid parameter 'x'
        > query-jobs
        < []`,
    },
    kept: {
      'commands before capabilities are not found, afterwards they are': `
        ~ greeting message={"QMP":{}}
        > query-jobs
        < CommandNotFound: Expecting capabilities negotiation with 'qmp_capabilities'
        > qmp_capabilities
        < ok
        ! j0 created
        > query-jobs
        < []`,
      'raw bytes may have negotiated': `
        ~ greeting message={"QMP":{}}
        ${raw('{"execute":"qmp_capabilities"}')}
        ~ reply return={}
        > query-jobs
        < []`,
    },
  }),

  ...about('protocol/reply-conforms', {
    broken: {
      'a member is missing': `
        > query-jobs
        < [{"id":"j0","type":"mirror","status":"running","current-progress":0}]`,
      'a member is of the wrong type': `
        > query-version
        < {"qemu":{"micro":"22","minor":2,"major":7},"package":""}`,
      'a status is none': `
        > query-jobs
        < [{"id":"j0","type":"mirror","status":"busy","current-progress":0,"total-progress":1}]`,
      'a command that returns nothing returns something': `
        > job-pause j0
        < {"done":true}`,
      'a member is unknown': `
        > query-version
        < {"qemu":{"micro":22,"minor":2,"major":7},"package":"","more":1}`,
    },
    kept: {
      'an optional member is there': `
        > query-jobs
        < [{"id":"j0","type":"mirror","status":"concluded","current-progress":0,"total-progress":1,"error":"x"}]`,
      'the binary has no such command': `
        > nope
        < {"what":1}`,
      'what raw bytes asked for is not known': `
        ${raw('{"execute":"query-version"}')}
        ~ reply return={"what":1}`,
    },
  }),

  ...about('protocol/event-conforms', {
    broken: {
      'the binary knows no such event': '! JOB_STARTED id=j0',
      'a status is none': '! j0 busy',
      'a member is missing': '! BLOCK_JOB_PENDING id=j0',
      'a member is unknown': '! BLOCK_JOB_PENDING id=j0 type=mirror device=j0',
    },
    kept: {
      'an optional member is there, or is not': `
        ! COMPLETED j0 1/1 error=x
        ! COMPLETED j0 1/1`,
    },
  }),
];
