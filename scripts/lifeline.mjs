// Loaded into wrangler's process ahead of wrangler (`node --import`). The channel to its parent closes
// when the parent dies, also by SIGKILL; then nobody is left to stop wrangler, the bundler and workerd,
// which together are one process group led by this process.
if (process.channel) {
  process.once('disconnect', () => {
    if (process.platform === 'win32') process.exit(1);
    else process.kill(-process.pid, 'SIGKILL');
  });
  process.channel.unref();
}
