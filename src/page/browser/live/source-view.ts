import type { LiveSource, LiveWorker, QueueRow } from '../../live-model.ts';
import { h } from '../dom.ts';
import { curveView } from './curve-view.ts';

export type SourceView = { element: HTMLElement; show(source: LiveSource): void };

/** A hunt or a campaign. What is in it changes in place, so that what is selected or folded stays so. */
export function sourceView(): SourceView {
  const mark = h('span', { 'aria-hidden': 'true' });
  const title = h('span');
  const words = h('p', { class: 'state' });
  const bar = h('progress');
  const doing = h('span', { class: 'muted' });
  const howFar = h('p', { class: 'how-far' }, doing, bar);
  const figures = h('dl', { class: 'figures' });
  const curves = h('div', { class: 'curves' });
  const drawn: ReturnType<typeof curveView>[] = [];
  const workersHead = h('summary');
  const workers = h('tbody');
  const queuesHead = h('summary');
  const queues = h('tbody');
  const ofWorkers = folded(workersHead, ['worker', 'does', 'for', 'so far'], workers, 'Workers');
  const ofQueues = folded(
    queuesHead,
    ['queue', 'waiting', 'with workers', 'later', 'failed'],
    queues,
    'Queues',
  );
  const notes = h('ul', { class: 'notes' });
  const rest = h('details', {}, h('summary', {}, 'What it did'));
  const element = h('section', {}, h('h2', {}, mark, ' ', title), words, rest);
  const body = [howFar, curves, figures, ofWorkers, ofQueues, notes];
  let was: LiveSource['is'] | undefined;
  return { element, show };

  function show(source: LiveSource): void {
    element.className = `source ${source.is}`;
    if (was !== source.is) place(source.is);
    was = source.is;
    mark.textContent = marks[source.is];
    title.textContent = source.title;
    words.textContent = source.words;
    showProgress(source.progress);
    curves.hidden = source.curves.length === 0;
    showFigures(figures, source.figures);
    for (const [i, curve] of source.curves.entries()) {
      const view = drawn[i] ?? curveView();
      if (!drawn[i]) {
        drawn.push(view);
        curves.append(view.element);
      }
      view.show(curve);
    }
    const alive = source.workers.filter(({ isAlive }) => isAlive).length;
    const gone = source.workers.length - alive;
    ofWorkers.hidden = source.workers.length === 0 || (source.is !== 'running' && alive === 0);
    workersHead.textContent = `${alive} worker${alive === 1 ? '' : 's'}${gone > 0 && source.is === 'running' ? `, ${gone} gone` : ''}`;
    workers.replaceChildren(...source.workers.flatMap((worker) => workerRows(worker, source.is)));
    const waiting = source.queues.reduce((sum, queue) => sum + queue.waiting + queue.delayed, 0);
    ofQueues.hidden = source.queues.length === 0;
    queuesHead.textContent = `${waiting} waiting in ${source.queues.length} queue${source.queues.length === 1 ? '' : 's'}`;
    queues.replaceChildren(...source.queues.map(queueRow));
    notes.hidden = source.notes.length === 0;
    notes.replaceChildren(...source.notes.map((note) => h('li', {}, note)));
  }

  function showProgress(progress: LiveSource['progress']): void {
    howFar.hidden = !progress;
    if (!progress) return;
    const { doing: part, done, of } = progress;
    doing.textContent = `${part}: ${done} of ${of}`;
    [bar.max, bar.value] = [of, done];
    bar.setAttribute('aria-label', part);
  }

  /** What runs is wide open, the rest folded. */
  function place(is: LiveSource['is']): void {
    rest.hidden = is === 'running';
    if (is === 'running') rest.before(...body);
    else rest.append(...body);
  }
}

const marks = { running: '▶', ended: '■', silent: '⚠' };

function folded(head: HTMLElement, columns: readonly string[], body: HTMLElement, name: string): HTMLElement {
  return h(
    'details',
    { open: true },
    head,
    h(
      'div',
      { class: 'frame', tabindex: 0, role: 'region', 'aria-label': name },
      h(
        'table',
        {},
        h('thead', {}, h('tr', {}, ...columns.map((each) => h('th', { scope: 'col' }, each)))),
        body,
      ),
    ),
  );
}

/** The same names in the same order, as a rule: then only the values change. */
function showFigures(list: HTMLElement, figures: LiveSource['figures']): void {
  const names = [...list.querySelectorAll('dt')].map(({ textContent }) => textContent);
  if (names.join() !== figures.map(([name]) => name).join())
    list.replaceChildren(...figures.map(([name]) => h('div', {}, h('dt', {}, name), h('dd'))));
  const values = list.querySelectorAll('dd');
  for (const [i, [, value]] of figures.entries())
    if (values[i] && values[i].textContent !== value) values[i].textContent = value;
}

function workerRows({ name, isAlive, lanes, facts }: LiveWorker, is: LiveSource['is']): HTMLElement[] {
  const isGone = !isAlive && is === 'running';
  return (lanes.length > 0 ? lanes : [{ doing: 'nothing', words: '' }]).map(({ doing, words }, i) =>
    h(
      'tr',
      { class: isGone ? 'gone' : '' },
      h('th', { scope: 'row' }, i === 0 ? name : '', isGone && i === 0 && ' ✗ gone'),
      h('td', {}, doing),
      h('td', { class: 'number' }, words),
      h('td', { class: 'muted' }, i === 0 ? facts : ''),
    ),
  );
}

const queueRow = ({ name, waiting, active, delayed, failed }: QueueRow): HTMLElement =>
  h(
    'tr',
    {},
    h('th', { scope: 'row' }, h('code', {}, name)),
    ...[waiting, active, delayed, failed].map((jobs) => h('td', { class: 'number' }, `${jobs}`)),
  );
