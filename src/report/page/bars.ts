import type { Bar, LaneKind, Tone } from '../../page/model.ts';
import { printable } from '../../printable.ts';
import { renderStep } from '../../sequence/render.ts';
import { type Observation, statusChange, type Trace } from '../../trace/observation.ts';
import { observationText } from '../../trace/observation-text.ts';

/** A bar that its lane has not given a row yet. */
type Unplaced = Omit<Bar, 'row'>;
export type Lanes = Map<string, { of: LaneKind; bars: Unplaced[] }>;

/** What stands in which lane. What has no end in the trace lasts to the trace's end, and is marked `open`. */
export function openBars(trace: Trace, endUs: number): Lanes {
  const lanes: Lanes = new Map();
  const [opened] = trace;
  const steps = opened?.kind === 'opened' ? opened.sequence.steps : [];
  const commands = new Map<string, Unplaced>();
  const requests = new Map<number, Unplaced>();
  const jobs = new Map<string, Unplaced>();
  let step: Unplaced | undefined;
  let lastReplyUs = 0;

  for (const [line, seen] of trace.entries()) {
    const { us } = seen;
    const begun = (tone: Tone, text: string): Unplaced => ({
      fromUs: us,
      toUs: endUs,
      line,
      tone,
      text: printable(text),
    });
    const moment = (tone: Tone): Unplaced => ({
      ...begun(tone, observationText(seen) ?? seen.kind),
      toUs: us,
    });
    switch (seen.kind) {
      case 'step': {
        end(step, us, line);
        const what = steps[seen.step];
        step = begun('step', `${seen.step + 1}. ${what ? renderStep(what) : 'step'}`);
        put('steps', 'steps', step);
        break;
      }
      case 'phase':
        end(step, us, line);
        step = undefined;
        break;
      case 'command': {
        const bar = begun('open', `${seen.name} ${short(seen.args)}`);
        commands.set(JSON.stringify(seen.id), bar);
        put('monitor', 'monitor', bar);
        break;
      }
      case 'raw-sent':
        put('monitor', 'monitor', moment('own'));
        break;
      case 'reply': {
        const bar = commands.get(JSON.stringify(seen.id));
        // The handler ran after the reply before, and before its own.
        if (bar) bar.hiddenFromUs = Math.max(bar.fromUs, lastReplyUs);
        lastReplyUs = us;
        end(bar, us, line);
        if (bar) bar.tone = seen.error ? 'error' : isOwn(trace[bar.line]) ? 'own' : 'ok';
        if (bar && seen.error) bar.text += printable(` -> ${seen.error.class}: ${seen.error.desc}`);
        break;
      }
      case 'event': {
        const change = statusChange(seen);
        if (!change) {
          put('events', 'events', moment('event'));
          break;
        }
        end(jobs.get(change.id), us, line);
        jobs.delete(change.id);
        if (change.status === 'null') break;
        const bar = begun(`job-${change.status}`, change.status);
        jobs.set(change.id, bar);
        put(printable(`job ${change.id}`), 'job', bar);
        break;
      }
      case 'guest-begin': {
        const { op } = seen;
        const where = op.op === 'flush' ? '' : ` ${op.lengthBytes} at ${op.offsetBytes}`;
        const bar = begun('open', `${seen.request}: ${op.op}${where}`);
        requests.set(seen.request, bar);
        put(printable(`guest ${seen.disk}`), 'guest', bar);
        break;
      }
      case 'guest-end': {
        const bar = requests.get(seen.request);
        end(bar, us, line);
        if (bar) bar.tone = seen.result === 'ok' ? 'ok' : 'error';
        if (bar && seen.result !== 'ok')
          bar.text += printable(` -> ${seen.result} ${seen.text ?? ''}`.trimEnd());
        break;
      }
      case 'fault':
        put('faults', 'faults', {
          ...moment('fault'),
          text: printable(`${renderStep(seen.fault)}: ${seen.outcome}`),
        });
        break;
      case 'served':
        put('faults', 'faults', moment('event'));
        break;
      case 'exit':
      case 'disconnect':
      case 'restarted':
      case 'stderr':
      case 'foreign':
      case 'expired':
      case 'leftover':
        put('QEMU', 'qemu', moment(seen.kind === 'stderr' || seen.kind === 'restarted' ? 'event' : 'end'));
        break;
      case 'image':
      case 'content':
      case 'boot':
      case 'space':
      case 'bitmap':
      case 'stored-bitmaps':
      case 'past':
        put('QEMU', 'qemu', moment('own'));
        break;
      case 'opened':
      case 'greeting':
      case 'await':
      case 'process':
      case 'repeated':
      case 'points':
      case 'closed':
        break;
      default:
        // A newer mirrorfuzz' trace may hold kinds that this one does not know: they are lines, and no bars.
        seen satisfies never;
    }
  }
  return lanes;

  function put(name: string, of: LaneKind, bar: Unplaced): void {
    const lane = lanes.get(name);
    if (lane) lane.bars.push(bar);
    else lanes.set(name, { of, bars: [bar] });
  }
}

function end(bar: Unplaced | undefined, us: number, line: number): void {
  if (!bar) return;
  bar.toUs = us;
  bar.endLine = line;
}

const isOwn = (command: Observation | undefined): boolean =>
  command?.kind === 'command' && command.step === undefined;

function short(args: object): string {
  const text = JSON.stringify(args);
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
}
