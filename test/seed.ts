/** Where one commit must give one answer, properties draw the same values each time. People's own runs draw others, and find more. */
if (process.env['CI']) {
  const { configureGlobal } = await import('fast-check');
  configureGlobal({ seed: 20261122 });
}
