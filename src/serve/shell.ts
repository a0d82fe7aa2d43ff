/** The two pages there are: everything in them is drawn by their script, from data that it takes for text. */
const page = (title: string, script: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="live.css">
<title>${title}</title>
<script src="${script}" defer></script>
</head>
<body>
<noscript>This page draws itself by its script, which this browser does not run. "mirrorfuzz report" prints a summary.</noscript>
${body}
</body>
</html>
`;

export const livePage = page('mirrorfuzz: live', 'live.js', '<div id="root"></div>');

export const loginPage = page(
  'mirrorfuzz: token',
  'login.js',
  `<main id="main" class="login">
<h1>mirrorfuzz</h1>
<form id="login">
<label>Token <input id="token" type="password" autocomplete="current-password" required></label>
<button>Show the page</button>
</form>
<p id="said" role="status">The token that <code>mirrorfuzz serve</code> was started with.</p>
</main>`,
);
