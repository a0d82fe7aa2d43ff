/** Exchanges the token, typed in or found after #, for a cookie that no script can read. */
const form = document.getElementById('login') as HTMLFormElement;
const field = document.getElementById('token') as HTMLInputElement;
const said = document.getElementById('said') as HTMLElement;

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void show(field.value.trim());
});

const [, given] = /^#token=([\x21-\x7e]+)$/.exec(location.hash) ?? [];
if (given !== undefined) {
  // Neither the history nor a link that somebody copies is to have it.
  history.replaceState(null, '', location.pathname);
  void show(given);
}

async function show(token: string): Promise<void> {
  const isSendable = /^[\x21-\x7e]+$/.test(token);
  try {
    const answer = isSendable && (await fetch('session', { headers: { authorization: `Bearer ${token}` } }));
    if (answer !== false && answer.ok) location.reload();
    else said.textContent = 'That is not the token.';
  } catch {
    said.textContent = 'The server does not answer.';
  }
}
