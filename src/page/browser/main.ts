import { readPages } from './data.ts';
import { h } from './dom.ts';
import { findingView } from './finding-view.ts';
import { overview } from './overview.ts';

/** One list of what there is, or one finding: what stands after # says which, so that back and links work. */
const pages = readPages();
const root = document.getElementById('root') as HTMLElement;
const views = h('main', { id: 'main', tabindex: -1 });
// In the place of the first picture, which stands in the file.
root.replaceChildren(
  h(
    'a',
    {
      class: 'skip',
      href: '#main',
      onclick: (event) => {
        event.preventDefault();
        views.focus();
      },
    },
    'Skip to content',
  ),
  header(),
  views,
);

/** Made when it is first looked at: a link may lead to a finding. */
let list: HTMLElement | undefined;
let lastScroll = 0;
show();
window.addEventListener('hashchange', () => {
  show();
  window.scrollTo(0, views.firstChild === list ? lastScroll : 0);
  if (views.firstChild !== list) views.focus({ preventScroll: true });
});

function show(): void {
  const id = /^#finding-(.+)$/.exec(location.hash)?.[1];
  const head = pages.flatMap(({ findings }) => findings).find((finding) => finding.id === id);
  if (list && views.firstChild === list) lastScroll = window.scrollY;
  if (!head) list ??= h('div', {}, ...pages.map(overview));
  views.replaceChildren(head ? findingView(head) : (list as HTMLElement));
}

function header(): HTMLElement {
  return h(
    'header',
    { class: 'top' },
    h('a', { class: 'brand', href: '#' }, 'mirrorfuzz'),
    h('span', { class: 'muted' }, pages.map(({ title }) => title).join(', ')),
  );
}

// Printed on white, whatever the screen is.
window.addEventListener('beforeprint', () => {
  document.documentElement.classList.add('printing');
  window.dispatchEvent(new Event('repaint'));
});
window.addEventListener('afterprint', () => {
  document.documentElement.classList.remove('printing');
  window.dispatchEvent(new Event('repaint'));
});
