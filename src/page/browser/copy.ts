import { h } from './dom.ts';

/** A button that puts a text on the clipboard, and says whether it did. */
export function copyButton(name: string, text: string): HTMLElement {
  const said = h('span', { class: 'said', role: 'status' });
  const copy = async (): Promise<void> => {
    said.textContent = (await written(text)) ? 'copied' : 'the browser refuses: select the text below';
  };
  return h(
    'span',
    { class: 'copy' },
    h('button', { type: 'button', onclick: () => void copy() }, `Copy ${name}`),
    said,
  );
}

/** A page from file:// may have no clipboard but the old one. */
async function written(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h('textarea', { 'aria-hidden': 'true', class: 'offscreen' });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}
