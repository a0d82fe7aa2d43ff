import type { FindingsChange, LiveNow } from '../../live-model.ts';
import type { Detail, FindingHead } from '../../model.ts';
import { h } from '../dom.ts';
import { openFindingList } from '../finding-list.ts';
import { findingView } from '../finding-view.ts';
import { listen } from './connection.ts';
import { coverageView } from './coverage-view.ts';
import { type SourceView, sourceView } from './source-view.ts';

/** What goes on now, and below it what was found; or one finding, which what stands after # says. */
const heads = new Map<string, FindingHead>();
const sources = new Map<string, SourceView>();
let isFirst = true;
let going = 0;
let lastScroll = 0;
let shown: { id: string; as: FindingHead } | undefined;

const link = h('span', { class: 'link', role: 'status' }, 'connecting…');
const store = h('span', { class: 'muted' });
const summary = h('h1', {}, 'Looking…');
const asOf = h('p', { class: 'muted' });
const said = h('p', { class: 'offscreen', role: 'status' });
const running = h('div');
const list = openFindingList('Nothing was found yet.');
/** What came while this page was open. */
const fresh = new Set<string>();
const coverage = coverageView();
const notes = h('ul', { class: 'notes' });
const changed = h(
  'p',
  { class: 'note', hidden: true },
  'This finding has changed since. ',
  h('button', { onclick: showView }, 'Show it as it is now'),
);
const everything = h(
  'div',
  { class: 'overview' },
  h('section', { class: 'verdict' }, summary, asOf),
  running,
  h('section', { 'aria-label': 'Findings' }, h('h2', {}, 'Findings'), list.element),
  coverage.element,
  notes,
);
const main = h('main', { id: 'main', tabindex: -1 }, everything);
const root = document.getElementById('root') as HTMLElement;
root.append(
  h('a', { class: 'skip', href: '#main', onclick: skip }, 'Skip to content'),
  h('header', { class: 'top' }, h('a', { class: 'brand', href: '#' }, 'mirrorfuzz'), store, link),
  said,
  main,
);
window.addEventListener('hashchange', showView);
listen({ now: showNow, findings: showFindings, coverage: coverage.show, beat: showTime }, showLink);

function showNow(now: LiveNow): void {
  store.textContent = now.store;
  showTime(now.at);
  notes.replaceChildren(...now.notes.map((note) => h('li', {}, note)));
  const keys = new Set(now.sources.map(({ key }) => key));
  for (const [key, view] of sources) {
    if (keys.has(key)) continue;
    view.element.remove();
    sources.delete(key);
  }
  for (const [i, source] of now.sources.entries()) {
    const view = sources.get(source.key) ?? sourceView();
    sources.set(source.key, view);
    if (running.children[i] !== view.element) running.insertBefore(view.element, running.children[i] ?? null);
    view.show(source);
  }
  going = now.sources.filter(({ is }) => is === 'running').length;
  showSummary();
}

/** What was not there a moment ago is marked, and said to those who do not look. */
function showFindings({ changed: news, order }: FindingsChange): void {
  const added = isFirst ? [] : news.filter(({ id }) => !heads.has(id));
  for (const { id } of added) fresh.add(id);
  for (const head of news) heads.set(head.id, head);
  const ids = new Set(order);
  for (const id of [...heads.keys()]) if (!ids.has(id)) heads.delete(id);
  list.show(
    order.flatMap((id) => heads.get(id) ?? []),
    fresh,
  );
  if (added.length > 0) said.textContent = `New: ${added.map(({ title }) => title).join('; ')}`;
  showSummary();
  isFirst = false;
  if (shown) changed.hidden = heads.get(shown.id) === shown.as;
  else showView();
}

function showSummary(): void {
  const runs = going === 0 ? 'nothing runs' : `${going} running`;
  summary.textContent = `${counted(heads.size, 'finding')}, ${runs}`;
}

function showView(): void {
  const id = /^#finding-(.+)$/.exec(location.hash)?.[1];
  const head = id === undefined ? undefined : heads.get(id);
  if (!shown && main.firstChild === everything) lastScroll = window.scrollY;
  if (!head && !shown) return;
  shown = head ? { id: head.id, as: head } : undefined;
  changed.hidden = true;
  if (head)
    main.replaceChildren(
      changed,
      findingView(head, () => detailOf(head.id)),
    );
  else main.replaceChildren(everything);
  window.scrollTo(0, head ? 0 : lastScroll);
  main.focus({ preventScroll: true });
}

async function detailOf(id: string): Promise<Detail> {
  const answer = await fetch(`findings/${encodeURIComponent(id)}`);
  if (!answer.ok) throw new Error(`Its detail is not to be had: ${(await answer.text()).trim()}`);
  return (await answer.json()) as Detail;
}

function showTime(at: string): void {
  asOf.textContent = `as of ${new Date(at).toLocaleTimeString()}`;
}

function showLink(is: 'open' | 'lost' | 'refused'): void {
  link.className = `link ${is}`;
  link.textContent = {
    open: '● live',
    lost: '○ connection lost; trying again',
    refused: '○ the server takes another token: load the page again',
  }[is];
}

function skip(event: Event): void {
  event.preventDefault();
  main.focus();
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
