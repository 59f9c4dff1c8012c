/** What `cloudflare:workers` exports in the tests that run in workerd. */
declare namespace Cloudflare {
  interface Env extends import('../env.ts').Env {}
  interface GlobalProps {
    mainModule: typeof import('../index.ts');
  }
}
